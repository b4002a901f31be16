import socketserver


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self.wfile.write(f"> {text.upper()}\n".encode())
            if text.upper() == "BYE":
                break


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2323), Echo).serve_forever()
