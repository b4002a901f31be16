"""What a report shows of a conversation: the entries around what the verdict rests on.

What proves the failure is never left out, nor the client's line before it, which provoked it.
Around it are a few lines of the clients concerned; what other clients said, their coming and their
leaving, are one piece each.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from conformance.reports.text.comparison import MAX_LINES_AT_ONCE
from conformance.reports.text.visible import (
    lines_of,
    visible,
)
from conformance.verdict.model import Attempt
from conformance.verdict.proof import FIRST, is_parting, is_sent, marked, whose
from conformance.verdict.transcript import Entry, overheard
from conformance.verdict.violation import Fault

BESIDE_A_PICTURE = 10
"""The same at the most, where a picture of the rhythm stands above it."""

SHORT = 13
"""Rows of a conversation that is shown as it is: as many as the surroundings of one line take."""

CONTEXT = 5
"""Rows before and after what proves a failure."""

AT_THE_END = 10
"""Rows shown of the end of a conversation of which nothing is known to prove anything."""

FEW = 2
"""So many clients come or go in a row each; more, in one row together."""

MAX_LINES = 3
"""Lines shown of one entry that proves nothing."""

_LEFT_OUT = re.compile(r"… (\d+) more entries left out here …")
"""The remark in place of entries of a long conversation that were not stored."""


@dataclass(frozen=True)
class Piece:
    """What may be one row: an entry, or words of the suite's own."""

    at: float
    client: str
    """Whose it is; "" where it is none's."""
    entry: Entry | None = None
    words: str = ""
    """In place of an entry: a silence, or what several entries have in common."""
    proof: bool = False
    kept: bool = False
    """Shown wherever it stands."""
    missing: int = 0
    """So many entries were not stored; this remark stands for them."""

    @property
    def rows(self) -> int:
        """About how many rows it takes."""
        lines = lines_of(self.entry.what) if self.entry and not self.entry.is_remark else []
        return max(1, min(len(lines), self.most))

    @property
    def most(self) -> int:
        """How many lines are shown of it, unless all are asked for."""
        return MAX_LINES_AT_ONCE if self.proof else MAX_LINES


def pieces_of(held: Attempt) -> list[Piece]:
    """All entries and the silences that prove something, in the order of time."""
    entries = held.transcript.entries
    proof = marked(held)
    pieces = [
        Piece(entry.at, whose(entry), entry, proof=index in proof.entries, missing=_missing(entry))
        for index, entry in enumerate(entries)
    ]
    if not any(piece.client == FIRST and not _is_from_the_server(piece) for piece in pieces):
        # The first client had a name, which an older suite did not say.
        pieces = [replace(p, client="") if p.client == FIRST else p for p in pieces]
    others = {overheard(entry.who) for entry in entries}
    several = len({piece.client for piece in pieces if piece.client}) > 1
    for silence in proof.silences:
        words = f"… {silence.seconds:.2f} s of silence …"
        if silence.broken:
            words = f"… nothing from the server for {silence.seconds:.2f} s …"
        if several and silence.client:
            whom = f"{'from' if silence.client in others else 'to'} {visible(silence.client)}"
            words = f"… nothing {whom} for {silence.seconds:.2f} s …"
        piece = Piece(silence.until, silence.client, words=words, proof=True)
        pieces.insert(silence.before + len(pieces) - len(entries), piece)
    return pieces


def _missing(entry: Entry) -> int:
    found = _LEFT_OUT.fullmatch(entry.what) if entry.is_remark else None
    return int(found[1]) if found else 0


def excerpt(pieces: list[Piece], held: Attempt, most: int) -> list[Piece]:
    """The pieces around the proof, in `most` rows if that is possible; for the others, how many
    they are."""
    pieces = _with_arrivals_together(_with_departures_together(pieces))
    if _rows_of(pieces) <= min(SHORT, most):
        return pieces
    concerned = {piece.client for piece in pieces if piece.proof and piece.client}
    concerned |= set(filter(None, [held.client]))
    if not any(piece.proof for piece in pieces):
        last = min(AT_THE_END, most)
        ending = [i for i, p in enumerate(pieces) if not (p.kept or p.missing)][-last:]
        return _with_gaps(pieces, {*ending, *_kept(pieces)}, concerned)
    drawn = held.transcript.series and (held.timed or held.fault is Fault.ABSENT)
    most = min(BESIDE_A_PICTURE, most) if drawn else most
    shown: list[Piece] = []
    for context in range(CONTEXT, -1, -1):
        near = {*_kept(pieces), *_near_the_proof(pieces, concerned, context)}
        shown = _with_gaps(pieces, near, concerned)
        if _rows_of(shown) <= most:
            break
    return shown


def _kept(pieces: Sequence[Piece]) -> set[int]:
    return {index for index, piece in enumerate(pieces) if piece.kept}


def _near_the_proof(
    pieces: Sequence[Piece], concerned: Collection[str], context: int
) -> Iterator[int]:
    """The proof, the last line that was sent before each part of it, and so many pieces of the
    clients concerned before and after it."""
    theirs = [
        index
        for index, piece in enumerate(pieces)
        if not piece.missing
        and (piece.proof or not (concerned and piece.client) or piece.client in concerned)
    ]
    sent: list[int] = []  # the last one
    for place, index in enumerate(theirs):
        if pieces[index].proof:
            yield from [*sent, *theirs[max(0, place - context) : place + context + 1]]
        if _is_a_line_sent(pieces[index]):
            sent = [index]


def _is_a_line_sent(piece: Piece) -> bool:
    entry = piece.entry
    return entry is not None and not entry.is_remark and is_sent(entry)


def _with_gaps(
    pieces: Sequence[Piece], near: Collection[int], concerned: Collection[str]
) -> list[Piece]:
    """The pieces that are `near`; in place of others in a row, a piece that says how many. What
    others said between those that are shown is counted behind them, where it is more than a
    little."""
    runs = [
        (is_near, [piece for _, piece in group])
        for is_near, group in groupby(enumerate(pieces), key=lambda each: each[0] in near)
    ]
    shown: list[Piece] = []
    between: list[Piece] = []
    window: list[Piece] = []
    for index, (is_near, run) in enumerate(runs):
        inside = 0 < index < len(runs) - 1 and all(_is_others(each, concerned) for each in run)
        if is_near:
            window += run
        elif inside:
            between += run
            window += run
        else:
            few = _rows_of(between) <= FEW
            shown += window if few else [piece for piece in window if piece not in between]
            shown += _gap(run if few else [*between, *run], concerned)
            window, between = [], []
    return [*shown, *_folded(window, between, concerned)]


def _is_others(piece: Piece, concerned: Collection[str]) -> bool:
    return bool(concerned and piece.client) and piece.client not in concerned


def _gap(run: Sequence[Piece], concerned: Collection[str]) -> list[Piece]:
    if len(run) == run[0].rows == 1 and not run[0].missing:
        return [*run]
    return [Piece(run[0].at, "", words=f"… {_left_out(run, concerned)} …")]


def _folded(
    window: Sequence[Piece], between: Sequence[Piece], concerned: Collection[str]
) -> list[Piece]:
    """The last pieces, those `between` only where they are few."""
    if _rows_of(between) <= FEW:
        return [*window]
    words = f"… between them {_left_out(between, concerned)} …"
    rest = [piece for piece in window if piece not in between]
    ending = len(rest) - 1 if rest[-1].kept else len(rest)
    return [*rest[:ending], Piece(rest[-1].at, "", words=words), *rest[ending:]]


def _rows_of(pieces: Sequence[Piece]) -> int:
    return sum(piece.rows for piece in pieces)


def _left_out(run: Sequence[Piece], concerned: Collection[str]) -> str:
    count = sum(piece.missing or 1 for piece in run)
    lines = f"{count:,} line{'s' * (count != 1)}"
    """How many lines they are, and whose."""
    others = [piece.client for piece in run if _is_others(piece, concerned)]
    if not others or count > len(run):
        return lines
    whom = _together(list(dict.fromkeys(others)))
    if len(others) == len(run):
        return f"{lines} of {whom}"
    return f"{lines}, {len(others):,} of them of {whom}"


def _together(clients: list[str]) -> str:
    """`client 3`, `clients 2 and 4`, `clients 3 to 9`, `Ann and Bob`, `20 clients`."""
    numbered = {client: _NUMBERED.fullmatch(client) for client in clients}
    if len(clients) == 1:
        return visible(clients[0]) if clients[0] != FIRST else f"{FIRST} 1"
    if not all(numbered.values()):
        words = [visible(client) for client in clients]
        return f"{len(clients)} clients" if len(clients) > FEW else " and ".join(words)
    numbers = sorted(int(found[1] or 1) for found in numbered.values() if found)
    if numbers[-1] - numbers[0] == len(numbers) - 1 and len(numbers) > FEW:
        return f"clients {numbers[0]} to {numbers[-1]}"
    if len(numbers) > FEW:
        return f"{len(numbers)} clients"
    return f"clients {numbers[0]} and {numbers[-1]}"


_NUMBERED = re.compile(r"client(?: (\d{1,9}))?")


def _with_arrivals_together(pieces: list[Piece]) -> list[Piece]:
    """One piece for all clients that connect, unless they are few."""
    coming = [piece for piece in pieces if _remark(piece).endswith(" connects") and not piece.proof]
    if len(coming) <= FEW:
        return pieces
    first, last = coming[0], coming[-1]
    words = f"{len(coming)} clients connected ({first.at:.3f} to {last.at:.3f} s)"
    together = Piece(first.at, "", words=words, kept=True)
    gone = {id(piece) for piece in coming[1:]}
    rest = [piece for piece in pieces if id(piece) not in gone]
    return [together if piece is first else piece for piece in rest]


def _with_departures_together(pieces: list[Piece]) -> list[Piece]:
    """One piece for how all clients leave in the end, unless they are few."""
    after = max((i for i, piece in enumerate(pieces) if piece.proof), default=-1) + 1
    begin = len(pieces)
    while begin > after and _may_be_a_departure(pieces[begin - 1]):
        begin -= 1
    while begin < len(pieces) and not _departs(pieces[begin]):
        begin += 1
    leaving = pieces[begin:]
    if len(leaving) <= FEW:
        return pieces
    gone = dict.fromkeys(piece.client for piece in leaving if _departs(piece))
    everybody = {piece.client for piece in pieces if piece.client} <= gone.keys()
    words = "everybody left" if everybody else f"{_together(list(gone))} left"
    if len(gone) == 1:  # as it is called in the rows
        words = f"{visible(next(iter(gone)))} left"
    return [*pieces[:begin], Piece(leaving[0].at, "", words=words, kept=True)]


def _departs(piece: Piece) -> bool:
    """Whether it is a client's leaving: a remark, or its BYE."""
    if piece.entry is None:
        return False
    bye = is_sent(piece.entry) and piece.entry.what.strip().upper() == "BYE"
    return bye or is_parting(piece.entry)


def _may_be_a_departure(piece: Piece) -> bool:
    """Whether it may stand among the last entries, where clients only leave."""
    return _departs(piece) or _is_from_the_server(piece)


def _is_from_the_server(piece: Piece) -> bool:
    entry = piece.entry
    return entry is not None and not (entry.is_remark or is_sent(entry))


def _remark(piece: Piece) -> str:
    return piece.entry.what if piece.entry and piece.entry.is_remark else ""
