# Lab: http-server
# Pretends: to know a better place: 301 for everything.
import socketserver


class Redirect(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        there = b"Location: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
        self.wfile.write(b"HTTP/1.1 301 Moved Permanently\r\n" + there)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), Redirect).serve_forever()
