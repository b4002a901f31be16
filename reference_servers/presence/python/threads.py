#!/usr/bin/env python3
"""Presence over TCP: two threads for each client, and a queue between them.

One thread reads what a person says; another one writes to that person what is
in the person's queue (the outbox). To tell the room something is to put a line
into every outbox: that never waits, so whoever does not read delays nobody.

What to look at:
  * the lock: one thing happens in the room at a time, and everybody sees the
    same things in the same order;
  * only the writer writes to a socket: lines can not be torn into one another;
  * a client that vanishes takes the same way out as one that says BYE.

Lab: presence
Leaves to the student: nothing
"""

import queue
import socket
import sys
import threading
from contextlib import suppress

PORT = 9907
ANONYMOUS = "An anonymous user"
WELCOME = "Welcome to the presence server. Commands: HELLO name, SAY message, WHO, BYE, KILL"
USAGE = "What? I only understand HELLO, SAY, WHO, BYE and KILL commands"
OUTBOX = 10_000  # lines; whoever is that far behind is disconnected


class Person:
    """One client: its connection, and the lines that it has still to be sent."""

    def __init__(self, client):
        self.client = client
        self.outbox = queue.Queue(OUTBOX)
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.writer.start()

    def send(self, line):
        """Never waits."""
        try:
            self.outbox.put_nowait(line)
        except queue.Full:
            self.disconnect()

    def write(self):
        """The writer's thread: from the outbox to the socket, until there is a None."""
        with suppress(OSError):  # nobody reads any more: the reader learns it too
            while (line := self.outbox.get()) is not None:
                self.client.sendall(f"{line}\n".encode())
            self.client.shutdown(socket.SHUT_WR)

    def hang_up(self):
        """Sends what is in the outbox, for a second at most, then closes."""
        self.send(None)
        self.writer.join(1)
        self.disconnect()
        self.client.close()

    def disconnect(self):
        with suppress(OSError):
            self.client.shutdown(socket.SHUT_RDWR)


class Room:
    """Who is there. The lock is reentrant: enter() holds it when it calls tell()."""

    def __init__(self):
        self.lock = threading.RLock()
        self.names = {}  # of each person, in the order of arrival

    def tell(self, line):
        with self.lock:
            for person in self.names:
                person.send(line)

    def enter(self, person):
        with self.lock:
            self.tell("Someone has arrived...")
            self.names[person] = ANONYMOUS
            person.send(WELCOME)

    def name(self, person, name):
        with self.lock:
            self.names[person] = name
            self.tell(f"{name} is in the room.")

    def who(self):
        with self.lock:
            names = [f" - {name}" for name in self.names.values()]
        return "\n".join(["Currently connected users:", *names])

    def leave(self, person, said_bye):
        with self.lock:
            name = self.names.pop(person)
            self.tell(f"{name} has left the room.")
        print(name, "said BYE" if said_bye else "vanished", file=sys.stderr)


room = Room()
server = socket.create_server(("", PORT))  # with SO_REUSEADDR


def converse(person):
    """Obeys one person's commands. True after a BYE, False when the connection ends without."""
    with person.client.makefile("rb") as lines:
        for line in lines:
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            command, _, rest = text.partition(" ")
            command = command.upper()
            if command == "HELLO" and rest.strip():
                room.name(person, rest.strip())
            elif command == "SAY":
                room.tell(f"{room.names[person]} says: {rest}")
            elif command == "WHO":
                person.send(room.who())
            elif command == "BYE":
                person.send("Goodbye.")
                return True
            elif command == "KILL":
                server.shutdown(socket.SHUT_RDWR)  # wakes the main thread in accept()
            else:
                person.send(USAGE)
    return False


def serve(client):
    person = Person(client)
    room.enter(person)
    try:
        said_bye = converse(person)
    except OSError:  # a reset
        said_bye = False
    room.leave(person, said_bye)
    person.hang_up()


def main():
    print(f"presence on port {PORT}", file=sys.stderr)
    with suppress(OSError):  # accept() fails after KILL
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()
    print("going down", file=sys.stderr)  # the threads are daemons: they end with us


if __name__ == "__main__":
    main()
