"""A correct echo server, as a student hands it in. Tests append functions that replace these, and
then `main()`."""

# Some of these are for functions that tests append.
import os  # noqa: F401
import signal  # noqa: F401
import socket
import struct  # noqa: F401
import sys  # noqa: F401
import threading
import time  # noqa: F401

PORT = 2323


def listen():
    return socket.create_server(("", PORT), backlog=256)


def main():
    accept_from(listen())


def accept_from(listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def greet(client):
    client.sendall(b"Welcome.\nType BYE to leave.\n")


def answer(client, text):
    client.sendall(f"> {text.upper()}\n".encode())


def hang_up(client):
    client.shutdown(socket.SHUT_WR)
    client.settimeout(0.5)
    while client.recv(65536):
        pass


def serve(client):
    try:
        with client, client.makefile("r", encoding="utf-8", errors="replace", newline="\n") as f:
            greet(client)
            for line in f:
                text = line.removesuffix("\n").removesuffix("\r")
                answer(client, text)
                if text.upper() == "BYE":
                    break
            hang_up(client)
    except OSError:
        pass
