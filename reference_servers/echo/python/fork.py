"""Echo, a process for each client.

The oldest design of Unix: the parent accepts and forks; the child inherits the
connection, serves it, and ends. Children share no memory: the crash of one, or
a leak in it, hurts nobody else, and the kernel tidies up after it.

Choose it for isolation. Its limits: a process is the dearest way to wait for a
client, and what clients should have in common (a chat room) needs pipes,
shared memory or a database.

Lab: echo
Leaves to the student: nothing
Parameters: concurrency=process-per-client
"""

import logging
import os
import signal
import socket
import time

PORT = 2323
PREFIX = "> "
GREETING = (
    "Welcome to the Multi-Process Server.\nSend me text lines and conclude with the BYE command.\n"
)
LINGER = 0.5  # seconds granted to a client to close its side after we closed ours


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # A child that has ended stays as a zombie until its parent asks for its exit status.
    # We never shall: tell the kernel so, and it forgets the children by itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("", PORT), backlog=256) as listener:
        logging.info("listening on port %s", PORT)
        while True:
            conn, peer = listener.accept()
            if os.fork() == 0:  # the child: has copies of both descriptors, needs one
                try:
                    listener.close()  # or the port stays taken for as long as the child lives
                    serve(conn, peer)
                finally:
                    os._exit(0)  # never back into the parent's loop
            conn.close()  # the parent: its copy would keep the descriptor for ever


def serve(conn, peer):
    """Serve one client, from the greeting to the close."""
    logging.info("%s arrives, process %s", peer, os.getpid())
    as_text = dict(encoding="utf-8", errors="replace", newline="\n")
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
    """Close in good order: bytes left unread would turn our close into a reset."""
    conn.shutdown(socket.SHUT_WR)
    end = time.monotonic() + LINGER
    while (left := end - time.monotonic()) > 0:
        conn.settimeout(left)
        if not conn.recv(65536):
            break


if __name__ == "__main__":
    main()
