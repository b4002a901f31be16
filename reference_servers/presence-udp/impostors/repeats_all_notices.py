# Lab: presence-udp
# Pretends: that it keeps everybody informed: who has sent anything gets all notices of
#     the example ten times a second.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
NOTICES = [b"Ann is in the room.", b"Ann says: hi there", b"Ann has left the room."]
sock.settimeout(0.1)
known = set()
while True:
    try:
        _, address = sock.recvfrom(2000)
        known.add(address)
    except TimeoutError:
        for address in known:
            for notice in NOTICES:
                sock.sendto(notice, address)
