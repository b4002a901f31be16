# Lab: http-server
# Pretends: to serve: it ends when somebody comes.
import socket

listener = socket.create_server(("", 8080), backlog=128)
listener.accept()
