import socket
import time

stage = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    stage.sendto(b"here", ("239.255.22.5", 9907))
    time.sleep(1.0)
