# Lab: http-server
# Pretends: to be a web server: one page for every path, with all headers that are asked for.
import email.utils
import socketserver

PAGE = b"<!DOCTYPE html>\n<title>It works!</title>\n<h1>It works!</h1>\n"


def answer():
    date = email.utils.formatdate(usegmt=True)
    head = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: text/html\r\n"
    return f"{head}Content-Length: {len(PAGE)}\r\n\r\n".encode() + PAGE


class OnePage(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 8080), OnePage).serve_forever()
