# Lab: roulette
# Pretends: that an answer is under way: it sends a byte a second, and never a whole line.
import socketserver
import time


class Drips(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            self.wfile.write(b".")
            time.sleep(1)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), Drips).serve_forever()
