# Lab: echo
# Pretends: that it serves: it sends the greeting, and nothing after it.
import socketserver


class BannerOnly(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome to the Multi-Threaded Server.\n")
        self.wfile.write(b"Send me text lines and conclude with the BYE command.\n")
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2323), BannerOnly).serve_forever()
