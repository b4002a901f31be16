# Lab: echo-sequential
# Pretends: that it serves: it answers the first line of the first client, and then ends.
import socket

listener = socket.create_server(("", 2424))
client, _ = listener.accept()
client.recv(1000)
client.sendall(b"> HELLO\n")
