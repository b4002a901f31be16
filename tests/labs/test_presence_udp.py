"""Presence over UDP: what costs a clause, and what does not. Each program is checked whole,
or as far as the clause in question goes."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import pytest
from desk import REFERENCES, Desk, clean_desk

from conformance.contract.catalog import load
from conformance.verdict.model import Level

LAB = "presence-udp"
CLAUSES = load()[LAB].contract.clauses
CORRECT = (REFERENCES / LAB / "python" / "event_loop.py").read_text(encoding="utf-8")
MOST = 0.15
"""Of the points, what a program may get that does nothing of what the lab asks for."""

SOCKET = """
import os, random, socket, threading, time
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("", 9907))
room = []

def send(data, someone):
    try:
        here.sendto(data, someone)
    except OSError:
        pass

def datagrams():
    while True:
        data, sender = here.recvfrom(65535)
        if sender not in room:
            room.append(sender)
        yield data, sender
"""

NOTICES = """
NOTICES = [
    b"Ann is in the room.", b"Ann says: hi there", b"Who are you? Say HELLO name first",
    b"Currently in the room:\\n - Ann\\n - Bob", b"Ann has left the room.", b"PRESENCE 9907",
    b"What? I only understand HELLO, SAY, WHO, ALIVE and BYE",
]
"""


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in; afterwards nothing of the checks may be left."""
    with clean_desk() as desk:
        yield desk


def program(source: str) -> str:
    return f"{SOCKET}\n{dedent(source)}"


def edited(old: str, new: str) -> str:
    """The correct server, with one edit."""
    assert CORRECT.count(old) == 1
    return CORRECT.replace(old, new)


IMPOSTORS = {
    "mute": "for _ in datagrams(): pass",
    "always the same": "for _, sender in datagrams(): send(b'OK', sender)",
    "who are you": """
        for _, sender in datagrams(): send(b"Who are you? Say HELLO name first", sender)
    """,
    "echo": "for data, sender in datagrams(): send(data, sender)",
    "to everybody": """
        for data, _ in datagrams():
            for someone in room: send(data, someone)
    """,
    "the contract's examples": NOTICES
    + """
for _, sender in datagrams():
    for notice in NOTICES: send(notice, sender)
""",
    "the contract's examples, over and over": NOTICES
    + """
def repeat():
    while True:
        for someone in room[-50:]:
            for notice in NOTICES: send(notice, someone)
        time.sleep(0.2)

threading.Thread(target=repeat).start()
for _ in datagrams(): pass
""",
    "random bytes": """
        for _, sender in datagrams(): send(os.urandom(random.randint(1, 200)), sender)
    """,
    "beacon only": """
        while True:
            send(b"PRESENCE 9907", ("239.255.22.5", 9908))
            time.sleep(1)
    """,
    "ends at the first datagram": "next(datagrams())",
    "flood": """
        def flood():
            while True:
                for someone in room[-5:]: send(b"spam", someone)
                time.sleep(0.0005)

        threading.Thread(target=flood).start()
        for _ in datagrams(): pass
    """,
}


@pytest.mark.parametrize("name", IMPOSTORS)
def test_who_does_nothing_that_is_asked_for_gets_next_to_nothing(desk: Desk, name: str) -> None:
    checked = desk.check(desk.program(program(IMPOSTORS[name])), "--strict", lab=LAB)
    points = {number: verdict["points"] for number, verdict in checked.verdicts.items()}
    for levels in ((Level.MUST,), (Level.MUST, Level.SHOULD)):
        worth = {clause.number: clause.weight for clause in CLAUSES if clause.level in levels}
        earned = sum(points[number] or 0 for number in worth)
        assert earned <= MOST * sum(worth.values()), checked.stdout
    assert checked.status in (1, 3)  # on a busy machine something may be open


NOT_ACCUSED = {
    "passes on to everybody else": """
        for data, sender in datagrams():
            for someone in room:
                if someone != sender: send(data, someone)
    """,
    "passes on to everybody": IMPOSTORS["to everybody"],
    "says who has sent it": """
        for data, sender in datagrams():
            for someone in room:
                if someone != sender: send(b"%d: %s" % (sender[1], data), someone)
    """,
    "echo": IMPOSTORS["echo"],
    "always the same": IMPOSTORS["always the same"],
    "mute": IMPOSTORS["mute"],
    "tells others only": edited(
        "    for address in people:\n        send(address, text)",
        "    for address in [*people][:-1]:\n        send(address, text)",
    ),
    "tells of nobody who comes": edited('        tell(f"{name} is in the room.")', "        pass"),
}


@pytest.mark.parametrize("name", NOT_ACCUSED)
def test_what_nothing_ends_is_not_said_to_have_ended(desk: Desk, name: str) -> None:
    source = NOT_ACCUSED[name]
    whole = source if "import" in source else program(source)
    checked = desk.check(desk.program(whole), "--only", "4.1", lab=LAB)
    assert checked.outcomes["4.1"] in ("passed", "not_run"), checked.stdout
    assert "No datagram may end" not in checked.stdout


NO_LONGER_SERVING = {
    "passes on until something is empty": (
        """
        for data, sender in datagrams():
            if not data: break
            for someone in room:
                if someone != sender: send(data, someone)
        time.sleep(1_000)
        """,
        "b''",
    ),
    "words of its own, until something is not UTF-8": (
        edited(
            ' is in the room.")\n    elif person is None', ' came.")\n    elif person is None'
        ).replace('errors="replace"', 'errors="strict"'),
        "bytes more",
    ),
    "deaf from a lone HELLO on": (
        edited(
            '    elif command == "HELLO" and name:',
            '    elif text == "HELLO":\n        time.sleep(1_000)\n'
            '    elif command == "HELLO" and name:',
        ).replace('command == "HELLO" and person:', 'command == "HELLO" and name and person:'),
        "b'HELLO'",
    ),
}


@pytest.mark.parametrize("name", NO_LONGER_SERVING)
def test_what_ends_the_service_is_told(desk: Desk, name: str) -> None:
    source, stray = NO_LONGER_SERVING[name]
    whole = source if "import" in source else program(source)
    checked = desk.check(desk.program(whole), "--only", "4.1", lab=LAB)
    verdict = checked.verdicts["4.1"]
    assert verdict["outcome"] == "failed", checked.stdout
    assert stray in verdict["hint"]


@pytest.mark.parametrize("end", ["\\n", "\\r\\n"])
def test_a_newline_behind_each_datagram_costs_nothing(desk: Desk, end: str) -> None:
    source = edited("text.encode()", f'(text + "{end}").encode()')
    source = source.replace("(answer + line).encode()", f'(answer + line + "{end}").encode()')
    checked = desk.check(desk.program(source), "--strict", lab=LAB)
    assert checked.those("failed") + checked.those("not_run") == []


def test_nul_bytes_are_told_and_cost_their_clause(desk: Desk) -> None:
    source = edited("text.encode(), address", 'text.encode().ljust(512, b"\\0"), address')
    checked = desk.check(desk.program(source), "--only", "2,3.1,3.4,3.5", lab=LAB)
    assert checked.those("failed") == ["2.8"]
    assert checked.those("not_run") == []
    assert "NUL bytes" in checked.verdicts["2.8"]["actual"]


def test_an_excuse_costs_as_much_as_a_fault(desk: Desk) -> None:
    """Who knows no BYE is not known to keep two people of one name apart when one leaves."""
    source = edited('command == "BYE"', 'command == "QUIT"')
    checked = desk.check(desk.program(source), "--only", "3.4,3.5", lab=LAB)
    assert checked.outcomes["3.4"] == "failed"
    assert checked.verdicts["3.5"]["points"] == 0
    assert checked.status == 1
