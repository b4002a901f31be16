#!/usr/bin/env python3
"""Roulette, version 2: a thread for each client, and one store for all of them.

What to look at:
  * the lock is held while the store is changed or read, and never while a line is awaited:
    a client that types its names slowly keeps nobody else from loading;
  * the names of a LOAD are collected first, and stored when they are complete;
  * reading lines ends in two ways: with BYE, and when the client has gone.

Lab: roulette
Leaves to the student: nothing
"""

import json
import random
import socket
import sys
import threading

PORT = 2613
COMMANDS = ["HELP", "RANDOM", "LOAD", "LIST", "CLEAR", "INFO", "BYE"]
GREETING = "Hello. Online HELP is available. Will you find it?"


class Store:
    """The students, whom all clients share."""

    def __init__(self):
        self.lock = threading.Lock()
        self.students = []

    def add(self, names):
        with self.lock:
            self.students.extend(names)

    def clear(self):
        with self.lock:
            self.students.clear()

    def all(self):
        with self.lock:
            return list(self.students)


class Client:
    """One client: its connection, and the commands that it has sent."""

    def __init__(self, connection, store):
        self.connection = connection
        self.store = store
        self.lines = connection.makefile("r", encoding="utf-8", errors="replace", newline="\n")
        self.commands = 0

    def say(self, text):
        self.connection.sendall(f"{text}\n".encode())

    def tell(self, **answer):
        self.say(json.dumps(answer))

    def read(self):
        """The next line; None when the client has gone."""
        line = self.lines.readline()
        return line.rstrip("\r\n") if line else None

    def converse(self):
        self.say(GREETING)
        while (line := self.read()) is not None:
            command = line.strip().upper()
            self.commands += 1
            if command == "BYE":
                self.tell(status="success", numberOfCommands=self.commands)
                return
            self.obey(command)

    def obey(self, command):
        if command == "HELP":
            self.say(f"Commands: [{', '.join(COMMANDS)}]")
        elif command == "INFO":
            self.tell(protocolVersion="2.0", numberOfStudents=len(self.store.all()))
        elif command == "LOAD":
            self.load()
        elif command == "RANDOM":
            self.random()
        elif command == "LIST":
            self.tell(students=[{"fullname": name} for name in self.store.all()])
        elif command == "CLEAR":
            self.store.clear()
            self.say("DATASTORE CLEARED")
        else:
            self.say("Huh? please use HELP if you don't know what commands are available.")

    def load(self):
        names = []
        self.say("Send your data [end with ENDOFDATA]")
        while (name := self.read()) != "ENDOFDATA":
            if name is None:  # it left in the middle: nobody is loaded
                return
            names.append(name)
        self.store.add(names)
        self.tell(status="success", numberOfNewStudents=len(names))

    def random(self):
        students = self.store.all()
        if students:
            self.tell(fullname=random.choice(students))
        else:
            self.tell(error="There is no student, you cannot pick a random one")


def serve(connection, store):
    with connection:
        try:
            Client(connection, store).converse()
        except OSError as gone:  # a reset
            print("a client has gone:", gone, file=sys.stderr)


def main():
    store = Store()
    with socket.create_server(("", PORT)) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection, store), daemon=True).start()


if __name__ == "__main__":
    main()
