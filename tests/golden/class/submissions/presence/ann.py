import socketserver

room = {}


def tell(line):
    for outbox in list(room.values()):
        outbox.write(f"{line}\n".encode())


class Room(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome to the presence server.\n")
        room[self] = self.wfile
        name = "An anonymous user"
        for line in self.rfile:
            command, _, rest = line.decode().strip().partition(" ")
            if command == "HELLO":
                name = rest
                tell(f"{name} is in the room.")
            elif command == "SAY":
                tell(f"{name} says: {rest}")
            elif command == "BYE":
                break
            else:
                self.wfile.write(b"I know no such command.\n")

    def finish(self):
        room.pop(self, None)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), Room).serve_forever()
