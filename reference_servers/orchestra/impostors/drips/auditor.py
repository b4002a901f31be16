# Lab: orchestra
# Pretends: to be about to answer, with one bracket after another.

import socket
import time

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    with client:
        try:
            while True:
                client.sendall(b"[")
                time.sleep(0.2)
        except OSError:
            pass
