# Lab: presence-udp
# Pretends: that it waits for a name: whatever comes, it asks who that is.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
while True:
    _, address = sock.recvfrom(65535)
    sock.sendto(b"Who are you? Say HELLO name first", address)
