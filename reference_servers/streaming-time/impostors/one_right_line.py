# Lab: streaming-time
# Pretends: that it has begun: each client gets one line of the right form, and nothing
#     after it.
import socketserver
import time


class OneRightLine(socketserver.StreamRequestHandler):
    def handle(self):
        now = time.strftime("%a %b %d %H:%M:%S %Z %Y")
        self.wfile.write(f"{{'time' : '{now}'}}\n".encode())
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2205), OneRightLine).serve_forever()
