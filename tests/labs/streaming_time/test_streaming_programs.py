"""Whole programs that are asked to stream the time. Those that do nothing of it get next to
nothing, whatever they do instead; one that does all but one thing loses that."""

from __future__ import annotations

import pytest

from kit.desk import Checked, Desk

LINES, PERIOD = 5, 0.5
SETTINGS = ("--strict", "--set", f"lines={LINES}", "--set", f"period={PERIOD}")

PROGRAM = """
import os, socket, threading, time

EXAMPLE = b"{'time' : 'Sun Nov 22 09:20:%d UTC 2016'}\\n"

def now():
    return time.strftime("%a %b %d %H:%M:%S %Z %Y").encode()

def line():
    return b"{'time' : '" + now() + b"'}\\n"

def stream(say, count=__COUNT__):
    for number in range(count):
        time.sleep(__PERIOD__ if number else 0)
        say(line())

def serve(client):
    say = client.sendall
__BODY__

def one(client):
    try:
        serve(client)
    except OSError:
        pass
    client.close()

listening = socket.create_server(("", 2205), backlog=50)
while True:
    client, _ = listening.accept()
    __SERVE__
"""

THREAD = "threading.Thread(target=one, args=(client,), daemon=True).start()"
ONCE = "one(client); os._exit(0)"
CRASH = "one(client); raise RuntimeError('the end')"


def check(desk: Desk, body: str, serve: str = THREAD) -> Checked:
    source = PROGRAM.replace("__BODY__", "\n".join(f"    {part}" for part in body.split("\n")))
    for word, value in (("COUNT", LINES), ("PERIOD", PERIOD), ("SERVE", serve)):
        source = source.replace(f"__{word}__", str(value))
    checked = desk.check(desk.program(source), *SETTINGS, lab="streaming-time")
    assert "Traceback" not in checked.stderr
    return checked


def share(checked: Checked) -> float:
    worth = sum(verdict["max_points"] for verdict in checked.run["verdicts"])
    assert worth == 25
    return float(sum(verdict["points"] or 0 for verdict in checked.run["verdicts"]) / worth)


BY_CR = {
    "a word by CR": r'while True: say(b"x\r"); time.sleep(0.1)',
    "a word by CR, slowly": r'while True: say(b"tick\r"); time.sleep(0.5)',
    "a word without any end": r'while True: say(b"hello "); time.sleep(0.1)',
    "NUL bytes": r'while True: say(b"\0"); time.sleep(0.1)',
    "empty braces": r'while True: say(b"{}"); time.sleep(0.1)',
    "markup": r'while True: say(b"<time>x</time>"); time.sleep(0.2)',
    "a word by CR, and the end": r'for n in range(4): say(b"x\r"); time.sleep(0.1)',
}
"""A word for ever, or nearly so, in which there is no line, and no time."""

OTHERS = {
    "mute": "time.sleep(600)",
    "closes at once": "pass",
    "a constant line": r'while True: say(b"hello\n"); time.sleep(0.5)',
    "a constant date": "while True: say(EXAMPLE % 28); time.sleep(0.5)",
    "the examples, and the end": "for n in (28, 29, 30): say(EXAMPLE % n)",
    "a banner": r'say(b"Welcome\n"); time.sleep(600)',
    "one right line": "say(line()); time.sleep(600)",
    "a web server": r'client.recv(999); say(b"HTTP/1.0 400 Bad\r\nDate: " + now() + b"\r\n\r\n{}")',
    "random bytes": "while True: say(os.urandom(999)); time.sleep(0.01)",
    "a right line and random bytes": (
        "say(line())\nwhile True: say(os.urandom(999)); time.sleep(0.01)"
    ),
    "a byte a second": "while True:\n    for byte in line(): say(bytes([byte])); time.sleep(1)",
    "a word for ever, or once": (
        r'say(b"x\r\n"); since = time.time(); client.recv(99); early = time.time() - since < 4'
        "\n"
        r'while True: early and time.sleep(600); say(b"x\r\n"); time.sleep(0.1)'
    ),
    "an echo": 'for said in client.makefile("rb"): say(b"> " + said)',
}  # fmt: skip


@pytest.mark.parametrize("name", [*BY_CR, *OTHERS])
def test_what_does_nothing_of_it_has_next_to_no_points(desk: Desk, name: str) -> None:
    checked = check(desk, {**BY_CR, **OTHERS}[name])
    assert share(checked) <= 0.15, checked.stdout
    assert checked.status == 1, checked.stdout
    if name in BY_CR:
        assert {"2.2", "2.5"} <= {*checked.those("failed")}


THROUGH = {
    "conforms": ("stream(say)", []),
    "no end of line": ("stream(lambda line: say(line[:-1]))", ["2.2"]),
    "no end and no braces": ("stream(lambda line: say(now()))", ["2.2"]),
    "CR only": (r'stream(lambda line: say(line[:-1] + b"\r"))', ["2.2"]),
    "NUL bytes": (r'stream(lambda line: say(line + b"\0"))', ["2.2"]),
    "two bytes a character": (
        'stream(lambda line: say(line.decode().encode("utf-16-be")))', ["2.2"]
    ),
    "a banner first": (r'say(b"Welcome\n"); stream(say)', ["2.2"]),
    "double quotes": (r"""stream(lambda line: say(line.replace(b"'", b'"')))""", ["2.2"]),
    "one too few": (f"stream(say, {LINES - 1})", ["2.5"]),
    "one too many": (f"stream(say, {LINES + 1})", ["2.5"]),
    "stays open": ("stream(say); time.sleep(600)", ["2.6"]),
    "waits for a word": ("client.recv(99); stream(say)", ["2.1"]),
    "the date of its start": (
        "first = line(); stream(lambda line: say(line.replace(b'20', b'19')))", ["2.7"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", THROUGH)
def test_one_fault_costs_one_clause(desk: Desk, name: str) -> None:
    body, costs = THROUGH[name]
    checked = check(desk, body)
    assert checked.those("failed") == costs, checked.stdout
    assert checked.those("not_run") == [], checked.stdout
    assert checked.status == (1 if costs else 0)


@pytest.mark.parametrize("serve", [ONCE, CRASH])
def test_who_serves_one_client_and_ends_has_all_that_must_be(desk: Desk, serve: str) -> None:
    checked = check(desk, "stream(say)", serve)
    assert checked.those("failed") == ["3.1"], checked.stdout
    assert checked.those("not_run") == ["3.2"]


def test_who_speaks_no_more_when_spoken_to_is_found_out(desk: Desk) -> None:
    """Also where nothing has come before the client speaks."""
    body = (
        "client.settimeout(0.4)\ntry:\n    client.recv(99)\nexcept TimeoutError:\n    stream(say)"
    )
    assert check(desk, body).those("failed") == ["2.8"]
