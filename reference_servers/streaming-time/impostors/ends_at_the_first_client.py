# Lab: streaming-time
# Pretends: that it serves: the program ends when the first client has come.
import os
import socketserver


class Ends(socketserver.StreamRequestHandler):
    def handle(self):
        os._exit(0)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2205), Ends).serve_forever()
