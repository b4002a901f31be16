#!/usr/bin/env python3
"""Presence over UDP: one socket, one thread, one loop.

There is no connection: the address that a datagram comes from is all that the
server knows of a client. The loop waits for a datagram, but never beyond the
next thing that is due by the clock: a beacon, or a look at who has fallen silent.

What to look at:
  * select() has a time-out, so that things are done in time when nobody sends;
  * the beacon is due at fixed moments: traffic neither delays nor stops it;
  * "silent" is a matter of when somebody was last heard, not of a BYE;
  * one socket for everything, never connected: connected, it would hear one
    client only, and of each client that is gone (ICMP port unreachable).

Lab: presence-udp
Leaves to the student: nothing
"""

import select
import socket
import sys
import time
from dataclasses import dataclass

PORT = 9907
EXPIRY = 5.0  # seconds
GROUP = ("239.255.22.5", 9908)
BEACON_PERIOD = 1.0
CHECK_PERIOD = 0.2
LONGEST = 1400  # bytes in a datagram
PRESENCE = f"PRESENCE {PORT}"
WHO_ARE_YOU = "Who are you? Say HELLO name first"
USAGE = "What? I only understand HELLO, SAY, WHO, ALIVE and BYE"
SIGNS_OF_LIFE = ("HELLO", "SAY", "WHO", "ALIVE")


@dataclass
class Person:
    name: str
    arrived: float
    heard: float  # when the last sign of life came


people = {}  # (address, port) -> Person, in the order of arrival
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def send(address, text):
    try:
        sock.sendto(text.encode(), address)
    except OSError as problem:  # no route, say: no reason to leave the others alone
        print("could not send to", address, problem, file=sys.stderr)


def tell(text):
    for address in people:
        send(address, text)


def who(address):
    """Heading and names, in as many datagrams as it takes, each with whole lines."""
    heading = answer = "Currently in the room:"
    for person in people.values():
        line = f"\n - {person.name}"
        if len((answer + line).encode()) > LONGEST:
            send(address, answer)
            answer = heading
        answer += line
    send(address, answer)


def leave(address):
    tell(f"{people[address].name} has left the room.")
    del people[address]


def handle(datagram, address):
    text = datagram.decode("utf-8", errors="replace").rstrip("\r\n")
    command, _, rest = text.partition(" ")
    command = command.upper()
    name = rest.strip()
    person = people.get(address)
    now = time.monotonic()
    if person and command in SIGNS_OF_LIFE:
        person.heard = now

    if command == "DISCOVER":
        send(address, PRESENCE)
    elif command == "HELLO" and person:  # the first answer may have been lost
        send(address, f"{person.name} is in the room.")
    elif command == "HELLO" and name:
        people[address] = Person(name, arrived=now, heard=now)
        tell(f"{name} is in the room.")
    elif person is None:
        send(address, WHO_ARE_YOU)
    elif command == "SAY":
        tell(f"{person.name} says: {rest}")
    elif command == "WHO":
        who(address)
    elif command == "ALIVE":
        pass  # noted above; no answer
    elif command == "BYE":
        leave(address)  # who is told, too
    else:
        send(address, USAGE)


def receive():
    try:
        datagram, address = sock.recvfrom(65535)  # more than any datagram holds
    except OSError as problem:
        print("could not receive:", problem, file=sys.stderr)
        return
    handle(datagram, address)


def forget_the_silent(now):
    for address, person in list(people.items()):
        if now - person.heard > EXPIRY:
            leave(address)


def main():
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # for when all talk at once
    sock.bind(("", PORT))  # any address: broadcasts arrive too
    print(f"presence on UDP port {PORT}", file=sys.stderr)
    next_beacon = next_check = time.monotonic()
    while True:
        wait = min(next_beacon, next_check) - time.monotonic()
        ready, _, _ = select.select([sock], [], [], max(0, wait))
        if ready:
            receive()
        now = time.monotonic()
        if now >= next_beacon:
            send(GROUP, PRESENCE)
            next_beacon += BEACON_PERIOD
        if now >= next_check:
            forget_the_silent(now)
            next_check += CHECK_PERIOD


if __name__ == "__main__":
    main()
