"""How each reference serves its clients, as echo 5.5 and presence 5.4 see it from outside: on a
quiet machine, and beside busy loops. What is said must be what the reference's header says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.contract.catalog import load
from conformance.selfcheck.references import read_library, reference_folder
from conformance.selfcheck.references.library import Reference

from .machine import busy
from .tables import Sizes, Table, say

TRIES = 5
LOOPS = 2
CLAUSES = {"echo": "5.5", "presence": "5.4"}
WITHIN = 120.0
"""Seconds for one check: a bound, many times what it takes."""

UNCLEAR = "cannot be told"


@dataclass(frozen=True)
class Said:
    """What one check said."""

    sentence: str
    """How the server serves its clients."""
    counts: str
    """With 0, 1, 5 and 20 clients."""
    passed: bool

    @property
    def right(self) -> bool:
        """The clause is a MUST here, and fails where the header says something else."""
        return self.passed and bool(self.sentence) and UNCLEAR not in self.sentence


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    tries, loops = sizes.of(TRIES), sizes.busy(LOOPS)
    known = read_library(reference_folder(), load(()))
    rows = []
    for reference in _some_of_each(known.references, tries):
        name = f"{reference.group} {reference.name}"
        say(f"serving: {name}, {tries} times on the quiet machine, {tries} times beside loops")
        quiet = [_check(reference, folder) for _ in range(tries)]
        with busy(loops):
            loaded = [_check(reference, folder) for _ in range(tries)]
        first = quiet[0]
        found = [_right(quiet, first), _right(loaded, first)]
        rows.append([name, first.sentence, first.counts, *found])
    yield Table(
        "How the reference servers serve their clients",
        ["reference", "what is said of it", "in all, with 0, 1, 5 and 20 clients", "right, quiet",
         f"right, beside {loops} busy loops"],
        rows,
        ["Threads are all that the program has, those of its runtime among them."],
    )  # fmt: skip


def _some_of_each(references: Sequence[Reference], tries: int) -> Iterator[Reference]:
    """The references of each lab; with fewer tries than usual, as many."""
    for lab in CLAUSES:
        own = [reference for reference in references if reference.group == lab]
        yield from own if tries >= TRIES else own[:tries]


def _right(found: Sequence[Said], first: Said) -> str:
    """How often it was right, and the same."""
    same = sum(said.right and said.sentence == first.sentence for said in found)
    return f"{same} of {len(found)}"


def _check(reference: Reference, folder: Path) -> Said:
    """One check of the clause alone."""
    clause, result = CLAUSES[reference.group], folder / "run.json"
    result.unlink(missing_ok=True)  # an earlier one would be taken for this one
    chosen = [f"--set={name}={value}" for name, value in reference.settings.items()]
    subprocess.run(
        [sys.executable, "-m", "conformance", "check", str(reference.path),
         "--lab", reference.variant, *chosen, "--only", clause, "--json", str(result)],
        capture_output=True, timeout=WITHIN, check=False,
    )  # fmt: skip
    verdicts = json.loads(result.read_text(encoding="utf-8"))["verdicts"]
    verdict = next(one for one in verdicts if one["clause"] == clause)
    note = next((note for note in verdict["notes"] if " clients: " in note), "")
    sentence, _, counted = note.rpartition(". ")
    found = re.match(r"(\w+) with [^:]*: (.*)\.$", counted)
    counts = f"{found[1].lower()}: {found[2]}" if found else ""
    return Said(sentence, counts, verdict["outcome"] == "passed")
