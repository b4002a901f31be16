# Lab: orchestra
# Pretends: to play and to answer, and prints all of it on its own console.

import socket

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    print("[]", flush=True)
    client.close()
