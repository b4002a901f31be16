"""Clause 2.8 is tried beside 2.1 to 2.7, on one launch, where that disturbs nobody; and what a
program is found to do wrong is the same as where each has a server of its own."""

from __future__ import annotations

import pytest

from kit.desk import Checked, Desk

SETTINGS = ("--strict", "--only", "1,2", "--set", "lines=5", "--set", "period=0.5")

PROGRAM = """
import os, queue, socket, threading, time

def line():
    return b"{'time' : '" + time.strftime("%a %b %d %H:%M:%S %Z %Y").encode() + b"'}\\n"

def stream(client, spoken=lambda data: None):
    client.setblocking(False)
    start = time.monotonic()
    for number in range(5):
        time.sleep(max(0, start + 0.5 * number - time.monotonic()))
        client.sendall(line())
        try:
            spoken(client.recv(1000))
        except BlockingIOError:
            pass

def one(client):
    try:
        stream(client)
    except OSError:
        pass
    client.close()

def beside(what, *given):
    threading.Thread(target=what, args=given, daemon=True).start()

listening = socket.create_server(("", 2205), backlog=50)
"""

THREADS = """
while True:
    client, _ = listening.accept()
    beside(one, client)
"""
IN_TURN = """
while True:
    client, _ = listening.accept()
    one(client)
"""
WAITING_ROOM = """
room = queue.Queue()
def serve():
    while True:
        one(room.get())
beside(serve)
while True:
    client, _ = listening.accept()
    room.put(client)
    del client
"""
"""Accepts everybody at once, and serves one after another."""

RIGHT = {"threads": THREADS, "in turn": IN_TURN, "a waiting room": WAITING_ROOM}

HELD_OPEN = """
def quietly(client):
    stream(client)
while True:
    client, _ = listening.accept()  # the last one is held until the next one comes
    beside(quietly, client)
"""
ANSWERS = """
def talks(client):
    stream(client, lambda data: client.sendall(line()))
    client.close()
while True:
    client, _ = listening.accept()
    beside(talks, client)
"""
CRASHES = """
def falls(client):
    stream(client, lambda data: data and os._exit(3))
    client.close()
while True:
    client, _ = listening.accept()
    beside(falls, client)
"""
ONE_COUNT = """
left = 5
def counted(client):
    global left
    while left > 0:
        left -= 1
        client.sendall(line())
        time.sleep(0.5)
    left = 5
    client.close()
while True:
    client, _ = listening.accept()
    beside(counted, client)
"""

SLOW = """
def slowly(client):
    for _ in range(5):
        client.sendall(line())
        time.sleep(0.9)
    client.close()
while True:
    client, _ = listening.accept()
    beside(slowly, client)
"""

WRONG = {
    "comes too slowly": (SLOW, {"2.3"}),
    "is hung up on when the next one comes": (HELD_OPEN, {"2.6"}),
    "is answered": (ANSWERS, {"2.8"}),
    "ends the program by a word": (CRASHES, {"2.8"}),
}


def check(desk: Desk, source: str) -> Checked:
    return desk.check(desk.program(PROGRAM + source), *SETTINGS, lab="streaming-time")


def clients(checked: Checked, number: str) -> int:
    """How many clients there were in the conversation of a clause."""
    entries = checked.verdicts[number]["transcript"]
    return len({entry["who"] for entry in entries if entry["who"].startswith("server")})


@pytest.mark.parametrize("kind", RIGHT)
def test_a_right_server_passes_however_it_serves(desk: Desk, kind: str) -> None:
    assert not check(desk, RIGHT[kind]).those("failed")


def test_both_are_held_on_one_launch_where_clients_are_taken_at_any_time(desk: Desk) -> None:
    checked = check(desk, THREADS)
    assert clients(checked, "2.1") == clients(checked, "2.8") == 2


def test_nobody_waits_in_the_queue_of_a_server_that_is_busy(desk: Desk) -> None:
    checked = check(desk, IN_TURN)
    assert clients(checked, "2.1") == clients(checked, "2.8") == 1


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_found_where_it_is(desk: Desk, what: str) -> None:
    source, fails = WRONG[what]
    checked = check(desk, source)
    assert set(checked.those("failed")) == fails
    assert not checked.those("inconclusive")


def test_what_goes_wrong_with_two_clients_costs_nothing_that_is_about_one(desk: Desk) -> None:
    checked = check(desk, ONE_COUNT)
    assert not {f"2.{number}" for number in range(1, 8)} & set(checked.those("failed"))
    assert clients(checked, "2.5") == 1
