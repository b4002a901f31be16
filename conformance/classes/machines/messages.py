"""What a machine tells of its shard: one line of JSON for each message.

A shard tells first what machine it is on. Of each hand-in it tells that it has begun, each clause
that was judged, and, when it has ended, all of its run: the events as they are stored, its evidence
in pieces, and a last message that closes it. What was not closed does not count.

Whoever reads takes nothing on trust: a line is bounded, and is one of these messages or nonsense.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from conformance.verdict.events import to_line

MAX_LINE_BYTES = 64 * 2**20
"""Bytes of a line at most. The longest is an event, with the conversations of all attempts."""

PIECE_BYTES = 512 * 1024
"""Bytes of a file of evidence that one line carries."""

MAX_TEXT = 4_000
"""Characters of a sentence."""

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}", re.ASCII)
"""Names of files of evidence, as `session/evidence_files` makes them."""


class Nonsense(Exception):  # noqa: N818 - it describes the line
    """A line that no shard tells, or not this one now. The message is a sentence for a teacher."""


class _ShardMessage(msgspec.Struct, frozen=True, tag_field="tells", forbid_unknown_fields=True):
    pass


class MachineFacts(_ShardMessage, frozen=True, tag="machine"):
    """What a machine is, as far as it matters to a grading."""

    host: str
    """The name that the machine has for itself."""
    tier: str
    cores: int
    """Those that a shard may use."""
    memory: int
    """Bytes that are free."""
    suite: str
    """The digest of the suite's sources (see `results/fingerprint`)."""
    labs: Mapping[str, str]
    """The digest of each lab that is installed there, by its name."""
    slowness: float
    """How many times as long as an ordinary laptop it takes."""
    reason: str = ""
    """Why its tier is not better."""


class HandInBegun(_ShardMessage, frozen=True, tag="begun"):
    author: str
    lab: str


class ClauseJudged(_ShardMessage, frozen=True, tag="judged"):
    """One more clause was judged, for whoever shows the progress."""

    author: str
    lab: str


class RunEvent(_ShardMessage, frozen=True, tag="event"):
    """One event of a run that has ended, as it is stored. A capture is named by its file alone."""

    author: str
    lab: str
    event: Mapping[str, Any]


class EvidencePiece(_ShardMessage, frozen=True, tag="evidence"):
    """The next bytes of a file of evidence. Pieces of one file come in their order."""

    author: str
    lab: str
    name: str
    data: bytes
    """Base64 in the line."""


class HandInEnded(_ShardMessage, frozen=True, tag="ended"):
    """Closes a run: it is whole."""

    author: str
    lab: str
    fingerprint: str
    """Of what was judged, as the machine has reckoned it."""
    events: int
    """How many were told."""
    evidence: Mapping[str, int]
    """The name and the bytes of each file."""


class HandInTrouble(_ShardMessage, frozen=True, tag="trouble"):
    """Closes a hand-in of which there is no run."""

    author: str
    lab: str
    text: str
    refused: bool = False
    """Whether the hand-in could not be taken in or recognised: then no other machine can, either.
    """


class ShardEnded(_ShardMessage, frozen=True, tag="done"):
    """All has been told. `trouble`: why nothing could be judged; "" if it was."""

    trouble: str = ""


Message = (
    MachineFacts
    | HandInBegun
    | ClauseJudged
    | RunEvent
    | EvidencePiece
    | HandInEnded
    | HandInTrouble
    | ShardEnded
)

OfHandIn = HandInBegun | ClauseJudged | RunEvent | EvidencePiece | HandInEnded | HandInTrouble


def to_message_line(message: Message) -> bytes:
    """The message as a line of ASCII, with its end."""
    return to_line(msgspec.to_builtins(message)).encode("ascii")


def from_message_line(line: bytes) -> Message:
    """The message of a line, with or without its end. Raises Nonsense if it is none."""
    if len(line) > MAX_LINE_BYTES:
        raise Nonsense(f"a line of more than {MAX_LINE_BYTES:,} bytes")
    try:
        # Not by msgspec, which refuses the lone surrogates that a program's output may hold.
        message: Message = msgspec.convert(json.loads(line.decode("ascii")), Message)
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"a line that is no message ({_short(str(error))})") from None
    if isinstance(message, EvidencePiece):
        _check_piece(message)
    if isinstance(message, HandInEnded):
        for name in message.evidence:
            _check_name(name)
    if isinstance(message, HandInTrouble | ShardEnded):
        told = message.text if isinstance(message, HandInTrouble) else message.trouble
        if len(told) > MAX_TEXT:
            raise Nonsense(f"a sentence of more than {MAX_TEXT:,} characters")
    return message


def _check_piece(piece: EvidencePiece) -> None:
    _check_name(piece.name)
    if len(piece.data) > PIECE_BYTES:
        raise Nonsense(f"a piece of evidence of more than {PIECE_BYTES:,} bytes")


def _check_name(name: str) -> None:
    """Evidence lies flat in the folder of its hand-in: its name is no path."""
    if not _FILE_NAME.fullmatch(name):
        raise Nonsense(f"evidence with the name {_short(name)!r}")


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
