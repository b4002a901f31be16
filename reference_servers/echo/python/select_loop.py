"""Echo, an event loop by hand: one thread, non-blocking sockets, one selector.

The selector (epoll, on Linux) says who can be read or written without waiting;
the loop does that little, and asks again. What a thread would keep in its local
variables and in its position in the code is kept in an object for each client.

Choose it for very many clients that are mostly silent. Its limits: one core;
whatever takes long or blocks stops everybody; the conversation is cut into
events and harder to read. (asyncio_streams.py: the same, with the plot restored.)

Lab: echo
Leaves to the student: nothing
Parameters: concurrency=event-loop
"""

import logging
import selectors
import socket
import time
from collections import deque

PORT = 2323
PREFIX = "> "
GREETING = (
    "Welcome to the Event-Driven Server.\nSend me text lines and conclude with the BYE command.\n"
)
LINGER = 0.5  # seconds granted to a client to close its side after we closed ours


class Client:
    def __init__(self, conn, peer):
        self.conn, self.peer = conn, peer
        self.incoming = b""  # the beginning of a line whose end has not come yet
        self.outgoing = bytearray(GREETING.encode("utf-8"))  # what the kernel has not taken yet
        self.leaving = False  # has said BYE, or has closed its side
        self.deadline = None  # when we shall have waited long enough, after our own close

    def read(self):
        """Read what there is; return False at the end of the stream."""
        chunk = self.conn.recv(65536)  # any number of lines, and often a part of one
        if self.deadline:
            return chunk != b""  # lines after BYE: read, so that our close is no reset; ignored
        # Lines are cut out of bytes, then decoded: a chunk may end in mid-character.
        *lines, self.incoming = (self.incoming + chunk).split(b"\n")
        if not chunk:
            lines = [self.incoming] if self.incoming else []  # a last line without its newline
            self.leaving = True
        for line in lines:
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            self.outgoing += (PREFIX + text.upper() + "\n").encode("utf-8")
            if text.upper() == "BYE":
                self.leaving = True
                break
        return True

    def write(self):
        """Hand over as much as the kernel takes, without waiting for it to take more."""
        sent = self.conn.send(self.outgoing)
        del self.outgoing[:sent]


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    lingering = deque()  # clients that we have hung up on, earliest deadline first
    listener = socket.create_server(("", PORT), backlog=256)
    with listener, selectors.DefaultSelector() as selector:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        logging.info("listening on port %s", PORT)
        while True:
            patience = max(0, lingering[0].deadline - time.monotonic()) if lingering else None
            for key, _ in selector.select(patience):  # the only place where we wait
                if key.fileobj is listener:
                    conn, peer = listener.accept()
                    logging.info("%s arrives", peer)
                    conn.setblocking(False)
                    selector.register(conn, selectors.EVENT_WRITE, Client(conn, peer))
                else:
                    advance(key.data, selector, lingering)
            while lingering and lingering[0].deadline <= time.monotonic():
                close(lingering.popleft(), selector)


def advance(client, selector, lingering):
    """Do what can be done now, then wait for the one thing that comes next.

    A client with replies to take is not read from: one that does not read cannot
    make us keep more than one chunk's worth of replies, and it delays nobody else.
    """
    try:
        alive = len(client.outgoing) > 0 or client.read()
        if client.outgoing:
            client.write()
        if client.leaving and not client.outgoing and not client.deadline:
            client.conn.shutdown(socket.SHUT_WR)
            client.deadline = time.monotonic() + LINGER
            lingering.append(client)
    except BlockingIOError:
        return  # the selector was too hopeful: ask it again
    except OSError as error:  # reset, broken pipe
        logging.info("%s is lost: %s", client.peer, error)
        alive = False
    if not alive:
        close(client, selector)
    elif client.conn.fileno() >= 0:
        awaited = selectors.EVENT_WRITE if client.outgoing else selectors.EVENT_READ
        selector.modify(client.conn, awaited, client)


def close(client, selector):
    if client.conn.fileno() >= 0:  # its deadline may come after its end
        selector.unregister(client.conn)
        client.conn.close()


if __name__ == "__main__":
    main()
