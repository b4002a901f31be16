"""What a report shows of a mutant's fault is done by hand, with the mutant and with its reference:
what is seen must not be the same.

With EVERY_MUTANT in the environment, with all mutants; else with a fixed part of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.plan import Prepared, Request
from conformance.run.prepare import prepare
from conformance.sandbox import probe
from conformance.selfcheck.references import read_library, reference_folder
from conformance.selfcheck.references.library import Mutant
from kit.by_hand import by_hand
from kit.desk import Desk

EVERY = "EVERY_MUTANT"
PART = 40
"""Without it, every so manieth mutant is tried: some of each lab."""

TIMES = 3
"""On a busy machine a command may be over before the program has answered: tried so often."""

A_SECOND = 1
"""By so many seconds two streams may differ that begin at any moment of a second."""

CATALOG = load(())
MUTANTS = [
    mutant
    for mutant in read_library(reference_folder(None), CATALOG).mutants
    # Whose submission is a client, or several programs, is tried with more than nc.
    if CATALOG[mutant.reference.variant].plays == "server"
    and not CATALOG[mutant.reference.variant].programs
]
TRIED = MUTANTS if os.environ.get(EVERY) else MUTANTS[::PART]


@pytest.mark.slow
@pytest.mark.parametrize(
    "mutant", TRIED, ids=[f"{mutant.reference.group}-{mutant.name}" for mutant in TRIED]
)
def test_what_is_shown_is_not_seen_of_the_reference(
    mutant: Mutant, desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    played = mutant.reference
    settings = [word for pair in played.settings.items() for word in ("--set", "=".join(pair))]
    planted = mutant.plant(desk.folder)
    only = ",".join(mutant.fails)
    options = ["--only", only, "--seed", "1", "--jobs", "1", "--strict", *settings]
    checked = desk.check(planted, "--lab", played.variant, *options)
    shown = {
        number: verdict["reproduce"]
        for number, verdict in checked.verdicts.items()
        if number in mutant.fails and verdict["outcome"] == "failed"
    }
    record_property("seen by hand", (sum(map(bool, shown.values())), len(shown)))
    if not any(shown.values()):
        return
    faulty, right = (built(mutant, path, desk.folder) for path in (planted, played.path))
    for number, commands in shown.items():
        if commands:
            seen = differs(mutant, right, faulty, commands)
            assert seen, f"{number}: the reference does the same:\n{commands}"


def built(mutant: Mutant, path: Path, folder: Path) -> Prepared:
    """The program, ready to be started by hand."""
    scratch = folder / ("faulty" if path != mutant.reference.path else "right")
    scratch.mkdir()
    played = mutant.reference
    request = Request(path=path, lab=played.variant, settings=played.settings, name="server")
    return prepare(request, CATALOG, probe(), scratch)


def differs(mutant: Mutant, right: Prepared, faulty: Prepared, commands: str) -> bool:
    """Whether somebody who does what is shown sees a difference, in one of a few tries."""
    lab = CATALOG[mutant.reference.variant]
    parameters = lab.resolve(mutant.reference.variant, mutant.reference.settings)
    udp = lab.protocol == "udp"
    for _ in range(TIMES):
        seen = []
        for prepared in (right, faulty):
            assert prepared.program is not None
            port = prepared.port or int(parameters.port)
            seen.append(by_hand(prepared.program, port, commands, udp=udp))
        if not same(*seen):
            return True
    return False


CLOCK = re.compile(r"\b(\d\d):(\d\d):(\d\d)\b")


def same(one: str, other: str) -> bool:
    """Whether two screens show the same, at whatever time of the day."""
    if CLOCK.sub("", one) != CLOCK.sub("", other):
        return False
    return all(
        abs(ours - theirs) <= A_SECOND
        for ours, theirs in zip(since_the_first(one), since_the_first(other), strict=True)
    )


def since_the_first(text: str) -> list[int]:
    """The times of the day in a text, in seconds since the first."""
    times = [
        int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        for hours, minutes, seconds in CLOCK.findall(text)
    ]
    return [time - times[0] for time in times]
