# Lab: http-client
# Pretends: that it is about to connect: it looks the name up, and goes no further.
import socket

print("connecting to", socket.gethostbyname("www.heig-vd.ch"))
