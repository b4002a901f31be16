# Lab: presence-udp
# Pretends: that it can be found: its beacon is sent, and nothing that comes is ever read.
import socket
import time

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
while True:
    sock.sendto(b"PRESENCE 9907", ("239.255.22.5", 9908))
    time.sleep(1)
