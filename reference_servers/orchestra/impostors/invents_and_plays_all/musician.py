import socket
import time

stage = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    stage.sendto(b"ti-ta-ti pouet trulu gzi-gzi boum-boum", ("239.255.22.5", 9907))
    time.sleep(1.0)
