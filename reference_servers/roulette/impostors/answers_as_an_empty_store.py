# Lab: roulette
# Pretends: that it understands: each command gets the answer that is right as long as
#     nobody was loaded.
import socketserver

ANSWERS = {
    b"HELP": b"Commands: [HELP, RANDOM, LOAD, LIST, CLEAR, INFO, BYE]\n",
    b"LOAD": b"Send your data [end with ENDOFDATA]\n",
    b"ENDOFDATA": b'{"status":"success","numberOfNewStudents":0}\n',
    b"INFO": b'{"protocolVersion":"2.0","numberOfStudents":0}\n',
    b"LIST": b'{"students":[]}\n',
    b"CLEAR": b"DATASTORE CLEARED\n",
    b"BYE": b'{"status":"success","numberOfCommands":1}\n',
}


class AnswersAsAnEmptyStore(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            command = line.strip().upper()
            self.wfile.write(ANSWERS.get(command, b""))
            if command == b"BYE":
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), AnswersAsAnEmptyStore).serve_forever()
