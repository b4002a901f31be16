# Lab: presence-udp
# Pretends: that it understands: whatever comes, it answers `Ann is in the room.`
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
while True:
    _, address = sock.recvfrom(2000)
    sock.sendto(b"Ann is in the room.", address)
