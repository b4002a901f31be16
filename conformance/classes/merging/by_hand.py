"""What was said by hand of parts of a class, and belongs to all of it: corrections, what took them
back, and notes on symptoms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from conformance.classes.model import Override, SymptomNote
from conformance.classes.results.class_log import CLASS_FILE
from conformance.classes.results.ledger import Ledger
from conformance.verdict.events import Event, from_lines
from conformance.verdict.model import WrongCall

_OF = ("student", "lab", "clause")
KINDS = {"override": _OF, "withdrawal": _OF, "symptom-note": ("lab", "symptom")}
"""The kinds of events, and what each is about."""


def take_over(folders: Sequence[Path], into: Ledger) -> None:
    """Records what was said in these folders, where it is not on record yet, and nothing later is
    on the same thing. Raises OSError, WrongCall."""
    known = list(_said(into.folder))
    latest: dict[tuple[str, ...], str] = {}
    for event in known:
        latest[_about(event)] = max(latest.get(_about(event), ""), str(event["at"]))
    found: list[Event] = []
    for event in (event for folder in folders for event in _said(folder)):
        if event not in known and event not in found:
            found.append(event)
    for event in sorted(found, key=itemgetter("at")):
        if event["at"] >= latest.get(_about(event), ""):
            _record(event, into)


def _said(folder: Path) -> Iterator[Event]:
    try:
        with (folder / CLASS_FILE).open(encoding="ascii") as lines:
            yield from (event for event in from_lines(lines) if event["event"] in KINDS)
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError) as error:
        raise WrongCall(f"{folder / CLASS_FILE} cannot be read: {error}") from None


def _about(event: Event) -> tuple[str, ...]:
    return tuple(str(event[name]) for name in KINDS[event["event"]])


def _record(event: Event, into: Ledger) -> None:
    told = {name: value for name, value in event.items() if name != "event"}
    if event["event"] == "override":
        into.correct(Override(**told))
    elif event["event"] == "symptom-note":
        into.note(SymptomNote(**told))
    else:
        given = Override(told["student"], told["lab"], told["clause"], 0, "", "")
        into.withdraw(given, told["because"], told["at"])
