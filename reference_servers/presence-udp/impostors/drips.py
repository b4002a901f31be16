# Lab: presence-udp
# Pretends: that an answer is under way: whoever has sent something gets one byte a
#     second.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
sock.settimeout(1)
known = set()
while True:
    try:
        _, address = sock.recvfrom(2000)
        known.add(address)
    except TimeoutError:
        for address in known:
            sock.sendto(b".", address)
