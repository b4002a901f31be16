# Lab: presence
# Pretends: that it can be talked to: each line gets the list of commands.
import socketserver


class HelpAfterEachLine(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome\n")
        for _ in self.rfile:
            self.wfile.write(b"HELLO, SAY, WHO, BYE, KILL\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 9907), HelpAfterEachLine).serve_forever()
