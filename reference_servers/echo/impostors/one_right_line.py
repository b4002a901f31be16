# Lab: echo
# Pretends: that it has begun: each client gets one line of the right form, and nothing
#     after it.
import socketserver


class OneRightLine(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"> HELLO\n")
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2323), OneRightLine).serve_forever()
