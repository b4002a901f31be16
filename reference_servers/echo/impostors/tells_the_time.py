# Lab: echo
# Pretends: that it echoes: whatever line comes, it answers with the time of day.
import socketserver
import time


class TellsTheTime(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            self.wfile.write(time.strftime("%H:%M:%S\n").encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2323), TellsTheTime).serve_forever()
