# Lab: presence
# Pretends: that it has begun: each client gets one line of the right form, and nothing
#     after it.
import socketserver


class OneRightLine(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Ann is in the room.\n")
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), OneRightLine).serve_forever()
