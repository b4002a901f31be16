# Lab: http-server
# Pretends: that it listens: it reads whatever comes, and never says a word.
import socketserver


class Mute(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), Mute).serve_forever()
