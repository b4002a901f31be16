"""Which receipts a class has given out: DIR/receipts.jsonl. A receipt proves nothing by itself,
for whoever changes it can write new digests into it; but its class knows the real one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from conformance.classes.model import HandIn
from conformance.verdict.events import from_lines, to_line
from conformance.verdict.model import WrongCall

RECEIPTS = "receipts.jsonl"


def issued(folder: Path) -> frozenset[str]:
    """The SHA-256 of each receipt that was made from this class. Raises WrongCall if the file
    cannot be read."""
    path = folder / RECEIPTS
    try:
        with path.open(encoding="ascii") as lines:
            return frozenset(str(event["sha256"]) for event in from_lines(lines))
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise WrongCall(f"cannot read {path}: {error.strerror}") from None
    except (WrongCall, ValueError, KeyError) as error:
        raise WrongCall(f"{path} is damaged: {error}") from None


def note_issued(folder: Path, sha256: str, hand_in: HandIn, at: str, *, for_student: bool) -> None:
    """Notes that a receipt is given out; one that was before is not noted again. Raises OSError
    and WrongCall."""
    if sha256 in issued(folder):
        return
    told = {"student": hand_in.author, "lab": hand_in.lab, "for_student": for_student}
    with (folder / RECEIPTS).open("a", encoding="ascii") as file:
        file.write(to_line({"event": "receipt", "at": at, **told, "sha256": sha256}))
        file.flush()
        os.fsync(file.fileno())


def take_over(folders: Sequence[Path], into: Path) -> None:
    """Notes in the folder `into` which receipts were given out from these. Raises OSError and
    WrongCall."""
    known = issued(into)
    new: dict[str, str] = {}
    for folder in folders:
        if issued(folder) - known:
            with (folder / RECEIPTS).open(encoding="ascii") as lines:
                new |= {str(event["sha256"]): to_line(event) for event in from_lines(lines)}
    lines_of_new = [line for sha256, line in new.items() if sha256 not in known]
    if lines_of_new:
        with (into / RECEIPTS).open("a", encoding="ascii") as file:
            file.write("".join(lines_of_new))
            file.flush()
            os.fsync(file.fileno())
