# Lab: presence-udp
# Pretends: that it tells the room: it prints the notices, but on its own console.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
names = {}
while True:
    datagram, address = sock.recvfrom(2000)
    command, _, rest = datagram.decode(errors="replace").strip().partition(" ")
    if command.upper() == "HELLO":
        names[address] = rest
        print(f"{rest} is in the room.", flush=True)
    elif command.upper() == "SAY":
        print(f"{names.get(address)} says: {rest}", flush=True)
