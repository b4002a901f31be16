# Lab: presence-udp
# Pretends: that it listens: the port is open, and nothing is ever read from it.
import socket
import time

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
while True:
    time.sleep(3600)
