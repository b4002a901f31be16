# Lab: orchestra
# Pretends: to listen. It ends when somebody comes.

import socket

server = socket.create_server(("", 2205))
server.accept()
