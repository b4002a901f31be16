# Lab: presence
# Pretends: that it serves: it welcomes each client, and says nothing after that.
import socketserver


class BannerOnly(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome to the presence server.\n")
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), BannerOnly).serve_forever()
