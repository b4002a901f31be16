"""Floods: a program that pours whatever it can over the suite is judged, in bounded time and
memory, by what it did; that kept us busy is no standstill of the machine. Nobody beside it
loses anything."""

from __future__ import annotations

import csv
import json
import resource
import shutil
from pathlib import Path

import pytest

from kit.arena import PROGRAMS, SOME, Neighbour, User, loot, submission, unharmed
from kit.desk import REFERENCES, Checked, Desk

MAX_MEMORY = 512 * 2**20
"""Bytes for a flooded session: 240 MiB were seen."""

ROOM = ("--only", "2.1", "--timeout-scale", "0.1")
"""The shortest waits: as long as anything is awaited, the flood takes a core."""


def bounded(checked: Checked) -> None:
    """It has neither filled our memory nor brought us to our knees."""
    assert "stumbled" not in json.dumps(checked.run)
    # The greatest of all that this process has ever started, in KiB.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MAX_MEMORY


def room(desk: Desk, name: str = "flood.py") -> Path:
    """The server that answers one datagram without end."""
    return Path(shutil.copy(PROGRAMS / "datagram_flood.py", desk.folder / name))


def test_datagrams_without_end(desk: Desk, user: User, neighbour: Neighbour) -> None:
    checked = desk.check(room(desk), *ROOM, lab="presence-udp", command=user.words)
    bounded(checked)
    assert checked.outcomes["2.1"] == "failed", checked.stdout
    assert "stood still" not in json.dumps(checked.run)
    assert "more came than is taken in" in json.dumps(checked.run)
    assert checked.status == 1
    neighbour.is_unharmed()


def test_a_flood_over_the_wire_beside_its_own_server(
    desk: Desk, user: User, neighbour: Neighbour
) -> None:
    """To ports that nobody talks at, and to everybody: what it serves is judged as it is."""
    checked = desk.check(submission(desk, "datagram_flood"), *SOME, command=user.words)
    bounded(checked)
    unharmed(checked)
    assert loot(checked) == []
    neighbour.is_unharmed()


@pytest.mark.parametrize(
    ("user", "text"), [("root", "x"), ("an ordinary user", "\n")], indirect=["user"]
)
def test_the_smallest_of_segments(desk: Desk, user: User, neighbour: Neighbour, text: str) -> None:
    flood = submission(desk, "client_flood", text=text, times=1)
    words = ("--only", "1.1,3.1", "--timeout-scale", "0.2")
    desk.tries = 1  # That it keeps the machine too busy to tell is an outcome like the others.
    checked = desk.check(flood, *words, command=user.words)
    bounded(checked)
    assert checked.outcomes["3.1"] != "passed"
    neighbour.is_unharmed()


@pytest.mark.slow
@pytest.mark.parametrize("user", ["an ordinary user"], indirect=True)
def test_whoever_is_graded_beside_it_loses_nothing(desk: Desk, user: User) -> None:
    """A minute of flood: for root, the neighbours of the other tests show it."""
    entries = desk.folder / "class"
    entries.mkdir(mode=0o755)
    right = REFERENCES / "presence-udp" / "python" / "event_loop.py"
    for name in ("ann", "cleo"):
        shutil.copy(right, entries / f"{name}.py")
    room(desk, "class/bob.py")
    (entries / "class.toml").write_text('[[lab]]\nname = "presence-udp"\nonly = "2.1"\n')
    out = desk.reports / "out"
    waits = ("--timeout-scale", "0.5")
    graded = desk.call("grade", entries, "--out", out, *waits, command=user.words)
    told = (out / "runs" / "bob" / "presence-udp.jsonl").read_text()
    assert "more came than is taken in" in told
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert {name: row["percent"] for name, row in rows.items()} == {
        "ann": "100.0", "bob": "0.0", "cleo": "100.0",
    }, graded.stdout  # fmt: skip
