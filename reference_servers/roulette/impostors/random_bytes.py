# Lab: roulette
# Pretends: that it answers: whatever comes, random bytes go back.
import os
import socketserver


class RandomBytes(socketserver.StreamRequestHandler):
    def handle(self):
        while self.request.recv(4096):
            self.request.sendall(os.urandom(32))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), RandomBytes).serve_forever()
