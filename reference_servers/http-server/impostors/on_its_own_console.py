# Lab: http-server
# Pretends: to serve files: it prints the answers on its own console.
import socket

listener = socket.create_server(("", 8080), backlog=128)
while True:
    client, address = listener.accept()
    with client:
        print(client.recv(1000).decode("utf-8", "replace"))
        print("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
