# Lab: presence-udp
# Pretends: that it is a room: each datagram goes to everybody who ever sent one, as it is.
import contextlib
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
room = {}
while True:
    datagram, address = sock.recvfrom(65535)
    room[address] = True
    for other in room:
        with contextlib.suppress(OSError):
            sock.sendto(datagram, other)
