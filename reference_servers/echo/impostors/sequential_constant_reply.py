# Lab: echo-sequential
# Pretends: that it echoes: whatever line comes, it answers `> HELLO`.
import socketserver


class Constant(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            self.wfile.write(b"> HELLO\n")


class Server(socketserver.TCPServer):
    allow_reuse_address = True


Server(("", 2424), Constant).serve_forever()
