# Lab: orchestra
# Pretends: that nobody plays, whoever does, and refuses every instrument.

import socket

ANSWER = b"[]\n"

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    with client:
        client.sendall(ANSWER)
