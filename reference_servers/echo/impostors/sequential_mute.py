# Lab: echo-sequential
# Pretends: that it listens: it reads whatever comes, and never says a word.
import socketserver


class Mute(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            pass


class Server(socketserver.TCPServer):
    allow_reuse_address = True


Server(("", 2424), Mute).serve_forever()
