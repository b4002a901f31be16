# Lab: http-server
# Pretends: to know its methods: 501 for each, and it keeps the connection.
import socketserver


class NoMethod(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if not line.strip():
                self.wfile.write(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), NoMethod).serve_forever()
