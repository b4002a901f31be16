# Lab: presence-udp
# Pretends: that it listens: it reads whatever comes, and never answers.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
while True:
    sock.recvfrom(2000)
