# Lab: roulette
# Pretends: that it serves: it welcomes each client, and says nothing after that.
import socketserver


class BannerOnly(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Hello. Online HELP is available. Will you find it?\n")
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), BannerOnly).serve_forever()
