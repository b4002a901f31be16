# Lab: orchestra
# Pretends: to be a web server, which finds every request bad.

import socket

ANSWER = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    with client:
        client.sendall(ANSWER)
