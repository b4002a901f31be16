# Lab: orchestra
# Pretends: to play: the same word once a second.

import socket

server = socket.create_server(("", 2205))
kept = []
while True:
    kept.append(server.accept()[0])
