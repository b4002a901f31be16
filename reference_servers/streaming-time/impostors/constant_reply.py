# Lab: streaming-time
# Pretends: that it answers: whatever line comes, it sends a line of the example.
import socketserver


class ConstantReply(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            self.wfile.write(b"{'time' : 'Sun Nov 22 09:20:28 UTC 2026'}\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2205), ConstantReply).serve_forever()
