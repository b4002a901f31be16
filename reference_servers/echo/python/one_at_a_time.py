"""Echo, one client at a time.

One loop: accept a client, serve it to its end, accept the next. There is
nothing simpler, and nothing to protect: no two clients ever share a moment.

Choose it when conversations are short, or when clients must not overlap.
Its limit: while one client is here, however silent, all others wait. They do
connect, because the kernel accepts for us and queues them (the backlog), and
what they send meanwhile is kept; but nobody speaks to them.

Lab: echo-sequential
Leaves to the student: nothing
"""

import logging
import socket
import time

PORT = 2424
PREFIX = "> "
GREETING = (
    "Welcome to the Single-Threaded Server.\n"
    "Send me text lines and conclude with the BYE command.\n"
)
LINGER = 0.5  # seconds granted to a client to close its side after we closed ours


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # "" stands for every address of this host. On Linux, create_server() also sets
    # SO_REUSEADDR: without it, a restart would fail while old connections are in TIME_WAIT.
    with socket.create_server(("", PORT), backlog=256) as listener:
        logging.info("listening on port %s", PORT)
        while True:
            conn, peer = listener.accept()
            serve(conn, peer)


def serve(conn, peer):
    """Serve one client, from the greeting to the close."""
    logging.info("%s arrives", peer)
    # Never leave the encoding to the platform; and bytes that are not UTF-8 must not stop us.
    # newline="\n": only LF ends a line; Python shall not touch CR.
    as_text = dict(encoding="utf-8", errors="replace", newline="\n")
    try:
        with conn, conn.makefile("r", **as_text) as reader, conn.makefile("w", **as_text) as writer:
            writer.write(GREETING)
            writer.flush()  # a buffer keeps what it is given until it is told otherwise
            for line in reader:  # a whole line each time, in however many pieces it came
                text = line.removesuffix("\n").removesuffix("\r")
                writer.write(PREFIX + text.upper() + "\n")
                writer.flush()  # the client waits for this reply
                if text.upper() == "BYE":
                    break
            hang_up(conn)
    except OSError as error:  # the client is gone (reset, broken pipe): its loss, not ours
        logging.info("%s is lost: %s", peer, error)


def hang_up(conn):
    """Close in good order.

    To close while unread bytes are waiting makes the kernel send a reset, and a reset
    may destroy our last reply on its way. So say that we have finished, read to the
    end of what the client had still to say, and only then close; but not for ever.
    """
    conn.shutdown(socket.SHUT_WR)
    end = time.monotonic() + LINGER
    while (left := end - time.monotonic()) > 0:
        conn.settimeout(left)
        if not conn.recv(65536):
            break


if __name__ == "__main__":
    main()
