# Lab: streaming-time
# Pretends: that it streams: it prints the right lines, a second apart, but on its own
#     console.
import socketserver
import time


class OnItsOwnConsole(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in range(15):
            now = time.strftime("%a %b %d %H:%M:%S %Z %Y")
            print(f"{{'time' : '{now}'}}", flush=True)
            time.sleep(1)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2205), OnItsOwnConsole).serve_forever()
