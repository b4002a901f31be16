# Lab: http-server
# Pretends: to serve files: it answers as in the example of the contract.
import socketserver

EXAMPLE = (
    b"HTTP/1.1 200 OK\r\nDate: Tue, 01 Dec 2026 10:00:00 GMT\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 14\r\n\r\nHello, world!\n"
)


class Example(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(EXAMPLE)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), Example).serve_forever()
