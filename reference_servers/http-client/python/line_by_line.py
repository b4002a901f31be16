#!/usr/bin/env python3
"""A client that does not speak HTTP, and prints each line of the answer as it comes.

What to look at:
  * makefile() makes a file of the connection: reading it gives lines, until the server has
    closed the connection, and takes care of characters that come in two pieces;
  * what is written to it stays in a buffer until flush().

Lab: http-client
Leaves to the student: nothing
"""

import socket
import sys

HOST = "www.heig-vd.ch"
PORT = 80


def main():
    try:
        with socket.create_connection((HOST, PORT)) as connection:
            talk(connection)
    except OSError as error:
        print(f"no whole answer from {HOST}, port {PORT}: {error}", file=sys.stderr)


def talk(connection):
    with connection.makefile("rw", encoding="utf-8", newline="") as server:
        server.write("Hello, sorry, but I don't speak HTTP...\r\n\r\n")
        server.flush()
        for line in server:
            print(line, end="")


if __name__ == "__main__":
    main()
