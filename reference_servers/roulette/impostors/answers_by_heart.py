# Lab: roulette
# Pretends: that it understands: each command gets the answer that the handout's example
#     has for it, word by word.
import socketserver

ANSWERS = {
    b"HELP": b"Commands: [HELP, RANDOM, LOAD, LIST, CLEAR, INFO, BYE]\n",
    b"LOAD": b"Send your data [end with ENDOFDATA]\n",
    b"ENDOFDATA": b'{"status":"success","numberOfNewStudents":2}\n',
    b"INFO": b'{"protocolVersion":"2.0","numberOfStudents":2}\n',
    b"RANDOM": b'{"fullname":"john doe"}\n',
    b"LIST": b'{"students":[{"fullname":"olivier liechti"},{"fullname":"john doe"}]}\n',
    b"CLEAR": b"DATASTORE CLEARED\n",
    b"BYE": b'{"status":"success","numberOfCommands":7}\n',
}


class AnswersByHeart(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Hello. Online HELP is available. Will you find it?\n")
        for line in self.rfile:
            command = line.strip().upper()
            self.wfile.write(ANSWERS.get(command, b""))
            if command == b"BYE":
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), AnswersByHeart).serve_forever()
