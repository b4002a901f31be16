"""What machines tell: nothing is read but messages."""

from __future__ import annotations

import json

import pytest

from conformance.classes.machines import messages
from conformance.classes.machines.messages import (
    MAX_LINE_BYTES,
    MAX_TEXT,
    PIECE_BYTES,
    ClauseJudged,
    EvidencePiece,
    HandInBegun,
    HandInEnded,
    HandInTrouble,
    Message,
    Nonsense,
    RunEvent,
    ShardEnded,
    from_message_line,
    to_message_line,
)
from kit.scripted_engine import facts

ANY: list[Message] = [
    facts(),
    HandInBegun("ann", "echo"),
    ClauseJudged("ann", "echo"),
    RunEvent("ann", "echo", {"event": "note", "text": "é \udc80 \0"}),
    EvidencePiece("ann", "echo", "1.1-listens-1.pcapng", b"\x00\xff" * 9),
    HandInEnded("ann", "echo", "f", 3, {"1.1-listens-1.pcapng": 18}),
    HandInTrouble("ann", "echo", "it cannot be read", refused=True),
    ShardEnded(),
]


@pytest.mark.parametrize("message", ANY, ids=lambda message: type(message).__name__)
def test_it_comes_back_as_it_was(message: Message) -> None:
    line = to_message_line(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert from_message_line(line) == from_message_line(line.rstrip()) == message


def piece(name: object, data: str = "AAAA") -> bytes:
    told = {"tells": "evidence", "author": "ann", "lab": "echo", "name": name, "data": data}
    return json.dumps(told).encode()


HOSTILE = {
    "nothing": b"",
    "no JSON": b"Traceback (most recent call last):",
    "cut off": to_message_line(ANY[4])[:-20],
    "no message": b'{"event": "verdict"}',
    "no object": b"[1, 2]",
    "of no kind": b'{"tells": "grade", "author": "ann", "lab": "echo"}',
    "with too much": b'{"tells": "begun", "author": "ann", "lab": "echo", "points": 9}',
    "with too little": b'{"tells": "begun", "author": "ann"}',
    "of another type": b'{"tells": "begun", "author": 7, "lab": "echo"}',
    "no ASCII": b'{"tells": "begun", "author": "\xc3\xa9", "lab": "echo"}',
    "nested": b'{"tells": "event", "author": "a", "lab": "b", "event": ' + b"[" * 100_000,
    "no base64": piece("a.pcapng", "%%%"),
    "too large a piece": piece("a.pcapng", "A" * (PIECE_BYTES * 2)),
    "out of the folder": piece("../../runs/bob/echo.jsonl"),
    "below it": piece("a/b"),
    "absolute": piece("/etc/passwd"),
    "hidden": piece(".bashrc"),
    "the folder": piece("."),
    "without a name": piece(""),
    "with a NUL": piece("a\0b"),
    "with a line": piece("a\n"),
    "an option": piece("-rf"),
    "long": piece("a" * 300),
    "listed out of the folder": b'{"tells": "ended", "author": "a", "lab": "b", "fingerprint": "f",'
    b' "events": 1, "evidence": {"../a": 1}}',
    "a long sentence": to_message_line(HandInTrouble("a", "b", "x" * (MAX_TEXT + 1))),
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_whatever_else_is_told_is_nonsense(line: bytes) -> None:
    with pytest.raises(Nonsense) as raised:
        from_message_line(line)
    assert len(str(raised.value)) < 200


def test_a_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_LINE_BYTES >= 2 * PIECE_BYTES
    monkeypatch.setattr(messages, "MAX_LINE_BYTES", 100)
    with pytest.raises(Nonsense, match="more than 100 bytes"):
        from_message_line(b" " * 101)
