# Lab: roulette
# Pretends: that it serves: the port is open, and nobody is ever accepted.
import socket
import time

listener = socket.create_server(("", 2613))
while True:
    time.sleep(3600)
