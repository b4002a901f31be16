#!/usr/bin/env python3
"""Streaming time over TCP: the design of the lecture, one client at a time.

Whoever connects while another is being served waits in the accept queue of
the kernel, and gets a whole stream of its own when its turn has come.

What to look at:
  * flush(): without it the lines wait in a buffer, and come all together;
  * the schedule: the n-th line is due at start + n seconds. A loop that just
    sleeps for a second after each line is late by a little more every time;
  * a client that leaves costs its own stream, not the server.

Lab: streaming-time
Leaves to the student: nothing
"""

import socket
import sys
import time

PORT = 2205
LINES = 15
PERIOD = 1.0  # seconds
FORM = "%a %b %d %H:%M:%S %Z %Y"  # Sun Nov 22 09:20:28 UTC 2026, as date(1) writes it


def time_line():
    """The line to send: the time that it is now, in the time zone of this host."""
    date = time.strftime(FORM)
    return f"{{'time' : '{date}'}}\n"


def stream(client):
    """Sends one line a second, the first one at once."""
    start = time.monotonic()  # a clock that nobody sets: made for measuring
    with client.makefile("w", encoding="utf-8", newline="\n") as out:
        for number in range(LINES):
            time.sleep(max(0, start + number * PERIOD - time.monotonic()))
            out.write(time_line())
            out.flush()  # now, not when the buffer is full
    discard_what_was_said(client)


def discard_what_was_said(client):
    """To close while something is unread would be a reset in place of a good-bye."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        pass  # nothing more to read


def main():
    # create_server() sets SO_REUSEADDR: the port is free again as soon as we end.
    with socket.create_server(("", PORT)) as server:
        print(f"streaming the time on port {PORT}, one client at a time", file=sys.stderr)
        while True:
            client, address = server.accept()
            print("serving", address, file=sys.stderr)
            with client:
                try:
                    stream(client)
                except OSError as problem:  # it left: a broken pipe, or a reset
                    print("lost", address, problem, file=sys.stderr)


if __name__ == "__main__":
    main()
