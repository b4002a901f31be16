# Lab: orchestra
# Pretends: nothing: it sends random bytes.

import os
import socket

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    with client:
        client.sendall(os.urandom(500))
