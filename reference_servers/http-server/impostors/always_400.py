# Lab: http-server
# Pretends: that nobody asks rightly: 400 for everything, then it hangs up.
import socketserver


class BadRequest(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), BadRequest).serve_forever()
