# Lab: orchestra
# Pretends: to play: each datagram has all sounds, whatever the instrument.

import socket

ANSWER = b"[]\n"

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    with client:
        client.sendall(ANSWER)
