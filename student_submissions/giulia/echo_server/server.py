import socketserver

PORT = 2323
ENCODING = "iso-8859-1"  # so that accents work


class EchoServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for raw in self.rfile:
            line = raw.decode(ENCODING).rstrip("\r\n")
            answer = "> " + line.upper() + "\n"
            self.wfile.write(answer.encode(ENCODING, errors="replace"))
            if line.upper() == "BYE":
                break
