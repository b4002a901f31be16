# Lab: presence-udp
# Pretends: that it has begun: each address gets one notice of the right form, and nothing
#     after it.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
known = set()
while True:
    _, address = sock.recvfrom(2000)
    if address not in known:
        known.add(address)
        sock.sendto(b"Ann is in the room.", address)
