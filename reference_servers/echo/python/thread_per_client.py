"""Echo, a thread for each client.

The main thread does nothing but accept; each client gets a thread of its own,
which serves it as if there were no other. The code of a conversation stays as
simple as with one client at a time: the scheduler does the juggling.

Choose it for up to some hundreds of clients, and when conversations block.
Its limits: each thread costs memory (its stack) and switching; nothing bounds
their number; whatever they share has to be protected. Here they share nothing.

Lab: echo
Leaves to the student: nothing
Parameters: concurrency=thread-per-client
"""

import logging
import socket
import threading
import time

PORT = 2323
PREFIX = "> "
GREETING = (
    "Welcome to the Multi-Threaded Server.\nSend me text lines and conclude with the BYE command.\n"
)
LINGER = 0.5  # seconds granted to a client to close its side after we closed ours


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # The backlog is the queue of those that the kernel has accepted and we have not yet:
    # it has to be long enough for all that arrive in the same instant.
    with socket.create_server(("", PORT), backlog=256) as listener:
        logging.info("listening on port %s", PORT)
        while True:
            conn, peer = listener.accept()
            # daemon: a client that stays does not keep the program from ending.
            threading.Thread(target=serve, args=(conn, peer), daemon=True).start()


def serve(conn, peer):
    """Serve one client, from the greeting to the close. Each thread runs its own call."""
    logging.info("%s arrives", peer)
    # Never leave the encoding to the platform; and bytes that are not UTF-8 must not stop us.
    as_text = dict(encoding="utf-8", errors="replace", newline="\n")
    try:
        # Two files, one to read and one to write: a single text file of mode "rw" throws
        # away the lines it has read ahead whenever it is written to.
        with conn, conn.makefile("r", **as_text) as reader, conn.makefile("w", **as_text) as writer:
            writer.write(GREETING)
            writer.flush()
            for line in reader:
                text = line.removesuffix("\n").removesuffix("\r")
                writer.write(PREFIX + text.upper() + "\n")
                writer.flush()  # may block while the client does not read: this thread only
                if text.upper() == "BYE":
                    break
            hang_up(conn)
    except OSError as error:  # reset, broken pipe: the end of this thread only
        logging.info("%s is lost: %s", peer, error)


def hang_up(conn):
    """Close in good order: bytes left unread would turn our close into a reset."""
    conn.shutdown(socket.SHUT_WR)
    end = time.monotonic() + LINGER
    while (left := end - time.monotonic()) > 0:
        conn.settimeout(left)
        if not conn.recv(65536):
            break


if __name__ == "__main__":
    main()
