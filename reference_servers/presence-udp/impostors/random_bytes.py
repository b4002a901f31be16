# Lab: presence-udp
# Pretends: that it answers: whatever comes, random bytes go back.
import os
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
while True:
    _, address = sock.recvfrom(2000)
    sock.sendto(os.urandom(32), address)
