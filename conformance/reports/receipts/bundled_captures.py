"""The captures of a run in a bundle, and the run with their places there."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from conformance.reports.receipts.bundle import CAPTURES, MAX_BUNDLE, is_member_name
from conformance.submissions.intake.below import Below
from conformance.verdict.model import Attempt, Run, Verdict

MAX_CAPTURES = MAX_BUNDLE // 2
"""Bytes of all captures in a bundle."""

_SECTION = struct.Struct("<IIIHHqI")
"""The first block of a pcapng file, without options (draft-ietf-opsawg-pcapng, 4.1)."""

_PCAPNG, _LITTLE = 0x0A0D0D0A, 0x1A2B3C4D


def captures_of(run: Run, folder: Path) -> tuple[Mapping[str, bytes], list[str]]:
    """The captures in the folder of the run's evidence, by their names in the bundle, and what is
    to be said of those left out. They are found by their names, since the folder may have been
    moved."""
    named = dict.fromkeys(Path(attempt.capture).name for attempt in _attempts(run))
    named.pop("", None)
    found: dict[str, bytes] = {}
    missing, room = 0, MAX_CAPTURES
    for name in named:
        data = _read(folder, name, room + 1)
        if data is None or len(data) > room:
            missing += 1
            continue
        found[f"{CAPTURES}/{name}"] = data
        room -= len(data)
    told = f"{missing} of {len(named)} captures: they are missing, or too large"
    return found, [told] if missing else []


def without_seed(captures: Mapping[str, bytes], seed: int) -> Mapping[str, bytes]:
    """The captures for somebody who must not know the seed: each says at its beginning which run it
    is from. One from which it cannot be removed for certain is left out."""
    found = {}
    for name, data in captures.items():
        rest = _without_comments_on_all(data)
        if rest is not None and str(seed).encode() not in rest:
            found[name] = rest
    return found


def _without_comments_on_all(data: bytes) -> bytes | None:
    """The capture without the options of its first block; None if it is no pcapng of ours."""
    if len(data) < _SECTION.size:
        return None
    kind, length, order, major, minor, _, _ = _SECTION.unpack_from(data)
    if (kind, order) != (_PCAPNG, _LITTLE) or not _SECTION.size <= length <= len(data):
        return None
    size = _SECTION.size
    return _SECTION.pack(_PCAPNG, size, _LITTLE, major, minor, -1, size) + data[length:]


def _read(folder: Path, name: str, most: int) -> bytes | None:
    """The beginning of a capture; None if it is not there. No link is followed: a folder of a
    single run may come from anybody."""
    if not is_member_name(f"{CAPTURES}/{name}"):
        return None
    try:
        with Below(folder) as here, here.read((name,)) as file:
            return file.read(most)
    except OSError:
        return None


def _attempts(run: Run) -> Iterator[Attempt]:
    for verdict in run.verdicts:
        yield from (verdict.attempt, *verdict.earlier)


def placed_in(
    run: Run, shown: Run, captures: Mapping[str, bytes]
) -> tuple[Run, Mapping[str, bytes]]:
    """The run as its reader may see it (`shown`), with the captures' places in the bundle, and the
    captures that it still has. Where a conversation was left out, so is its capture."""
    before = {verdict.clause.number: verdict for verdict in run.verdicts}

    def moved(verdict: Verdict) -> Verdict:
        was = before[verdict.clause.number]
        pairs = zip(verdict.earlier, was.earlier, strict=False)
        return replace(
            verdict,
            attempt=_placed(verdict.attempt, was.attempt, captures),
            earlier=tuple(_placed(*pair, captures) for pair in pairs),
        )

    search = shown.search
    if search is not None and search.verdict is not None:
        search = replace(search, verdict=search.verdict.with_attempt(capture=""))
    placed = replace(shown, verdicts=tuple(map(moved, shown.verdicts)), search=search)
    theirs = {attempt.capture for attempt in _attempts(placed)}
    return placed, {name: data for name, data in captures.items() if name in theirs}


def _placed(attempt: Attempt, original: Attempt, captures: Mapping[str, bytes]) -> Attempt:
    member = f"{CAPTURES}/{Path(original.capture).name}"
    seen = member in captures and attempt.transcript == original.transcript
    return replace(attempt, capture=member if seen else "")
