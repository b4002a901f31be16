# Lab: http-server
# Pretends: to say something: random octets for each line.
import os
import socketserver


class Random(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            self.wfile.write(os.urandom(100) + b"\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), Random).serve_forever()
