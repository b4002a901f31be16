"""Presence over UDP: what costs a clause, and what does not. Each program is checked whole,
or as far as the clause in question goes."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import pytest

from kit.desk import REFERENCES, Desk, clean_desk

LAB = "presence-udp"
CORRECT = (REFERENCES / LAB / "python" / "event_loop.py").read_text(encoding="utf-8")

SOCKET = """
import socket, time
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


NOT_ACCUSED = {
    "passes on to everybody else": """
        for data, sender in datagrams():
            for someone in room:
                if someone != sender: send(data, someone)
    """,
    "passes on to everybody": """
        for data, _ in datagrams():
            for someone in room: send(data, someone)
    """,
    "says who has sent it": """
        for data, sender in datagrams():
            for someone in room:
                if someone != sender: send(b"%d: %s" % (sender[1], data), someone)
    """,
    "echo": "for data, sender in datagrams(): send(data, sender)",
    "always the same": "for _, sender in datagrams(): send(b'OK', sender)",
    "mute": "for _ in datagrams(): pass",
    "tells others only": edited(
        "    for address in people:\n        send(address, text)",
        "    for address in [*people][:-1]:\n        send(address, text)",
    ),
    "tells of nobody who comes": edited('        tell(f"{name} is in the room.")', "        pass"),
}


@pytest.mark.slow
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


@pytest.mark.slow
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
