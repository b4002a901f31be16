# Lab: presence
# Pretends: that it tells the room: it prints the notices, but on its own console.
import socketserver


class OnItsOwnConsole(socketserver.StreamRequestHandler):
    def handle(self):
        name = "An anonymous user"
        for line in self.rfile:
            command, _, rest = line.decode(errors="replace").rstrip("\r\n").partition(" ")
            if command.upper() == "HELLO":
                name = rest
                print(f"{name} is in the room.", flush=True)
            elif command.upper() == "SAY":
                print(f"{name} says: {rest}", flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), OnItsOwnConsole).serve_forever()
