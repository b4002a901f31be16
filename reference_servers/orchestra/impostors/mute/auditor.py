# Lab: orchestra
# Pretends: that it listens and plays. Nobody is ever told anything.

import socket

server = socket.create_server(("", 2205))
kept = []
while True:
    kept.append(server.accept()[0])
