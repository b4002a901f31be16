import socket
from datetime import datetime

PORT = 2205


class TimeServer:
    def __init__(self, port):
        self.port = port
        self.server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

    def start(self):
        # TODO: bind, listen, accept
        # TODO: send {'time' : '...'} every second, 15 times
        pass


if __name__ == "__main__":
    print("Time server started at", datetime.now())
    TimeServer(PORT).start()
