# Lab: roulette
# Pretends: that it answers: it prints the answers, but on its own console.
import json
import socketserver

students = []


class OnItsOwnConsole(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            command = line.decode(errors="replace").strip().upper()
            if command == "INFO":
                answer = {"protocolVersion": "2.0", "numberOfStudents": len(students)}
                print(json.dumps(answer), flush=True)
            elif command == "LOAD":
                print("Send your data [end with ENDOFDATA]", flush=True)
            else:
                students.append(command)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), OnItsOwnConsole).serve_forever()
