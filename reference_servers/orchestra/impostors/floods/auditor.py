# Lab: orchestra
# Pretends: to say a lot: it pours arrays over whoever connects, and plays a hundred times a second.

import socket
import threading


def pour(client):
    try:
        while True:
            client.sendall(b"[1, 2, 3],\n" * 1000)
    except OSError:
        pass


server = socket.create_server(("", 2205))
while True:
    threading.Thread(target=pour, args=(server.accept()[0],), daemon=True).start()
