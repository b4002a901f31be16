# Lab: http-server-1
# Pretends: to be the first web server of the course: one page for every path.
import socket

PAGE = b"<h1>It works!</h1>"
listener = socket.create_server(("", 8080), backlog=128)
while True:
    client, address = listener.accept()
    with client:
        client.recv(10_000)
        client.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
