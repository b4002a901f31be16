# Lab: presence
# Pretends: that it is a room: whatever somebody sends goes to everybody, behind the number
#     of its sender.
import contextlib
import socketserver

room = []


class RelaysWithANumber(socketserver.StreamRequestHandler):
    def handle(self):
        room.append(self.request)
        for line in self.rfile:
            for other in room[:]:
                with contextlib.suppress(OSError):
                    other.sendall(b"%d: " % self.request.fileno() + line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), RelaysWithANumber).serve_forever()
