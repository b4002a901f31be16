# Lab: roulette
# Pretends: that it serves: the program ends when the first line comes.
import os
import socketserver


class Ends(socketserver.StreamRequestHandler):
    def handle(self):
        self.rfile.readline()
        os._exit(0)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), Ends).serve_forever()
