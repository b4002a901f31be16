"""Echo, a fixed pool of threads.

Ten threads, created once, serve whoever comes; the eleventh client waits in
the executor's queue until one of the ten has finished.

Choose it to bound what the server may consume: a crowd makes it slow, never
dead. Its limit is its size: ten silent clients keep everybody else waiting,
so it suits short requests much better than long conversations like these.

Lab: echo
Leaves to the student: 5.4 (a pool of ten cannot serve two hundred at once)
Parameters: concurrency=thread-pool
"""

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor

PORT = 2323
POOL = 10
PREFIX = "> "
GREETING = (
    "Welcome to the Multi-Threaded Server.\nSend me text lines and conclude with the BYE command.\n"
)
LINGER = 0.5  # seconds granted to a client to close its side after we closed ours


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    listener = socket.create_server(("", PORT), backlog=256)
    with ThreadPoolExecutor(POOL) as pool, listener:
        logging.info("listening on port %s, %s threads", PORT, POOL)
        while True:
            conn, peer = listener.accept()
            pool.submit(serve, conn, peer)  # returns at once; the pool keeps the order


def serve(conn, peer):
    """Serve one client, from the greeting to the close."""
    logging.info("%s has its turn", peer)
    as_text = dict(encoding="utf-8", errors="replace", newline="\n")
    # An exception that escapes from here would be kept in a Future that nobody looks at:
    # in a pool, errors are silent unless they are caught where they happen.
    try:
        with conn, conn.makefile("r", **as_text) as reader, conn.makefile("w", **as_text) as writer:
            writer.write(GREETING)
            writer.flush()
            for line in reader:
                text = line.removesuffix("\n").removesuffix("\r")
                writer.write(PREFIX + text.upper() + "\n")
                writer.flush()
                if text.upper() == "BYE":
                    break
            hang_up(conn)
    except OSError as error:
        logging.info("%s is lost: %s", peer, error)


def hang_up(conn):
    """Close in good order: bytes left unread would turn our close into a reset.

    The time is short, because a thread of the pool spends it.
    """
    conn.shutdown(socket.SHUT_WR)
    end = time.monotonic() + LINGER
    while (left := end - time.monotonic()) > 0:
        conn.settimeout(left)
        if not conn.recv(65536):
            break


if __name__ == "__main__":
    main()
