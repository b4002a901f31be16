#!/usr/bin/env python3
"""Streaming time over TCP: a thread for each client.

The main thread does nothing but accept; each client has a thread that streams
to it and sleeps in between. A sleeping thread costs no time, and the clients
share no data: no lock is needed.

What to look at:
  * Thread(...).start() returns at once; a call of serve() would not;
  * start is a local variable: each client has a schedule of its own;
  * the date says which time zone it is in (ISO 8601, with the offset).

Lab: streaming-time
Leaves to the student: nothing
Parameters: concurrency=together
"""

import socket
import sys
import threading
import time
from datetime import datetime

PORT = 2205
LINES = 15
PERIOD = 1.0  # seconds


def time_line():
    """The line to send: the time that it is now, in the time zone of this host."""
    date = datetime.now().astimezone().isoformat(" ", "seconds")
    return f"{{'time' : '{date}'}}\n".encode()


def stream(client):
    """Sends one line a second, the first one at once, each on the absolute schedule."""
    start = time.monotonic()
    for number in range(LINES):
        time.sleep(max(0, start + number * PERIOD - time.monotonic()))
        client.sendall(time_line())  # straight to the kernel: nothing to flush
    discard_what_was_said(client)


def discard_what_was_said(client):
    """To close while something is unread would be a reset in place of a good-bye."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        pass  # nothing more to read


def serve(client, address):
    with client:
        try:
            stream(client)
        except OSError as problem:  # it left: a broken pipe, or a reset
            print("lost", address, problem, file=sys.stderr)


def main():
    with socket.create_server(("", PORT)) as server:
        print(f"streaming the time on port {PORT}", file=sys.stderr)
        while True:
            client, address = server.accept()
            threading.Thread(target=serve, args=(client, address), daemon=True).start()


if __name__ == "__main__":
    main()
