# Lab: http-server
# Pretends: to answer: a status line, and nothing behind it.
import socketserver


class StatusLine(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.rfile.read()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), StatusLine).serve_forever()
