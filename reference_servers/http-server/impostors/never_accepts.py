# Lab: http-server
# Pretends: that it listens. It never accepts anybody.
import socket
import time

listener = socket.create_server(("", 8080), backlog=128)
while True:
    time.sleep(60)
