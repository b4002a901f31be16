# Lab: http-server
# Pretends: that all is well: 200 and no body, whatever is asked.
import socketserver


class AlwaysOk(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), AlwaysOk).serve_forever()
