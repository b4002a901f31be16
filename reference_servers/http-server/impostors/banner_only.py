# Lab: http-server
# Pretends: that it greets, as servers of other labs do, and then only listens.
import socketserver


class Banner(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome to the web server.\r\n")
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), Banner).serve_forever()
