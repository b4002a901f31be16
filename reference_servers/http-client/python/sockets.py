#!/usr/bin/env python3
"""A client that says what it likes to a web server, and prints the answer.

What to look at:
  * sendall() sends all of the request, and nothing stays in a buffer;
  * one recv() gives what has come so far. The answer is over when recv() gives
    nothing at all: the server has closed the connection;
  * bytes are decoded when all of them are there: a character of UTF-8 may come in two
    pieces.

Lab: http-client
Leaves to the student: nothing
"""

import socket
import sys

HOST = "www.heig-vd.ch"
PORT = 80
REQUEST = "Hello, sorry, but I don't speak HTTP...\r\n\r\n"


def read_to_the_end(connection):
    """All that the server sends, and what ended it if that was no regular end."""
    received, problem = b"", None
    try:
        while piece := connection.recv(1024):
            received += piece
    except OSError as reset:
        problem = reset
    return received, problem


def main():
    try:
        with socket.create_connection((HOST, PORT)) as connection:
            connection.sendall(REQUEST.encode("utf-8"))
            received, problem = read_to_the_end(connection)
    except OSError as error:
        sys.exit(f"cannot talk to {HOST}, port {PORT}: {error}")
    print(received.decode("utf-8", "replace"))
    if problem:
        sys.exit(f"the answer ended early: {problem}")


if __name__ == "__main__":
    main()
