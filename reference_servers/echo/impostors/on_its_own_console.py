# Lab: echo
# Pretends: that it echoes: it prints the right answers, but on its own console.
import socketserver


class OnItsOwnConsole(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            print(">", line.decode(errors="replace").rstrip("\r\n").upper(), flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2323), OnItsOwnConsole).serve_forever()
