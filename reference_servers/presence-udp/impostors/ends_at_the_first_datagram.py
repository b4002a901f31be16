# Lab: presence-udp
# Pretends: that it serves: the program ends when the first datagram comes.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 9907))
sock.recvfrom(2000)
