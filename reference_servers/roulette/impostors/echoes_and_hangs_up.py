# Lab: roulette
# Pretends: that it talks: each line comes back behind a `> `, and BYE ends it.
import socketserver


class EchoesAndHangsUp(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(b"> " + line)
            if line.strip() == b"BYE":
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2613), EchoesAndHangsUp).serve_forever()
