"""Attacks that take: processes, threads, memory, disk, sockets, the reader's patience."""

from __future__ import annotations

import json
import resource
from typing import Any

import pytest

from conformance.sandbox import ROOM_FILES
from kit.arena import SOME, Neighbour, User, in_c, in_java, loot, stopped, submission, unharmed
from kit.desk import Checked, Desk

MIB = 2**20
PROCESSES = "processes and threads"


def attacked(desk: Desk, user: User, attack: str, *arguments: object, **given: Any) -> Checked:
    server = submission(desk, attack, **given)
    return desk.check(server, *(arguments or SOME), command=user.words)


@pytest.mark.heavy
def test_a_fork_bomb(desk: Desk, user: User, neighbour: Neighbour) -> None:
    stopped(desk.check(in_c(desk, "fork_bomb"), *SOME, command=user.words), PROCESSES)
    neighbour.is_unharmed()


@pytest.mark.heavy
def test_a_thread_bomb(desk: Desk, user: User, neighbour: Neighbour) -> None:
    stopped(attacked(desk, user, "thread_bomb"), PROCESSES)
    neighbour.is_unharmed()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("user", "what"), [("root", "threads"), ("an ordinary user", "memory")], indirect=["user"]
)
def test_a_jvm_that_takes_all(desk: Desk, user: User, neighbour: Neighbour, what: str) -> None:
    checked = desk.check(in_java(desk, "Hog", what), *SOME, command=user.words)
    if what == "threads":
        stopped(checked, PROCESSES)
    else:  # the JVM keeps to a heap of its own measure, and then tells the program
        # … unless the kernel refuses before: then it ends, and says why itself.
        refused = "insufficient memory" in checked.stdout
        assert "failed" not in checked.outcomes.values() or refused, checked.stdout
        assert checked.status in (0, 3) or refused
    neighbour.is_unharmed()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("user", "how", "pause"),
    [
        ("root", "private", 0),
        ("an ordinary user", "private", 0.02),
        ("an ordinary user", "shared", 0),
        ("an ordinary user", "file", 0),
        ("root", "in_children", 0),
    ],
    indirect=["user"],
)
def test_more_memory_than_one_may(
    desk: Desk, user: User, neighbour: Neighbour, how: str, pause: float
) -> None:
    stopped(attacked(desk, user, "memory_hog", how=how, pause=pause), "GiB of memory")
    neighbour.is_unharmed()


@pytest.mark.parametrize("how", ["large", "removed", "empty", "deep"])
def test_more_disk_than_one_may(desk: Desk, user: User, neighbour: Neighbour, how: str) -> None:
    """The kernel refuses it, which is no fault: the server goes on serving."""
    checked = attacked(desk, user, "disk_filler", how=how)
    unharmed(checked)
    assert loot(checked) == []
    full = "the program filled its disk: beside its own files it may write 256 MiB"
    assert full in checked.verdicts["1.1"]["notes"][0]
    assert f"{ROOM_FILES:,} files" in " ".join(checked.stdout.split())
    neighbour.is_unharmed()


@pytest.mark.parametrize(("stream", "text"), [(1, "x"), (2, "all is well\n")])
def test_a_gigabyte_of_output(
    desk: Desk, user: User, neighbour: Neighbour, stream: int, text: str
) -> None:
    junit = desk.reports / "junit.xml"
    checked = attacked(
        desk, user, "output_flood", "--only", "1.1,3.1,3.2,4.1,4.2", "--junit", junit,
        stream=stream, text=text,
    )  # fmt: skip
    unharmed(checked)
    notes = [note for verdict in checked.run["verdicts"] for note in verdict["notes"]]
    assert any("wrote more than 16 MiB on stdout and stderr" in note for note in notes)
    assert junit.stat().st_size < MIB
    neighbour.is_unharmed()


@pytest.mark.parametrize(
    ("user", "text"), [("root", "x"), ("an ordinary user", "\n")], indirect=["user"]
)
def test_a_flood_for_the_client(desk: Desk, user: User, neighbour: Neighbour, text: str) -> None:
    """It breaks the clauses that it floods, and takes no memory of ours."""
    flood = submission(desk, "client_flood", text=text)
    words = ("--only", "1.1,3.1", "--timeout-scale", "0.2")
    desk.tries = 1  # That it keeps the machine too busy to tell is an outcome like the others.
    checked = desk.check(flood, *words, command=user.words)
    assert checked.status in (1, 3)
    assert checked.outcomes["3.1"] in ("failed", "inconclusive", "not_run")
    assert "stumbled" not in checked.stdout, checked.stdout
    assert "more came than is taken in" in json.dumps(checked.run)
    assert len(checked.stdout) < MIB
    # The greatest of all that this process has ever started, in KiB.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2048 * 1024
    neighbour.is_unharmed()


def test_ten_thousand_sockets(desk: Desk, user: User, neighbour: Neighbour) -> None:
    unharmed(attacked(desk, user, "many_sockets"))
    neighbour.is_unharmed()


def test_reads_nothing_closes_nothing_and_stays(
    desk: Desk, user: User, neighbour: Neighbour
) -> None:
    """It fails what it does not do, in a time that is bounded."""
    checked = attacked(desk, user, "never_reads", *SOME, "--timeout-scale", "0.3")
    assert checked.those("failed") == ["3.1"], checked.stdout
    assert checked.status == 1
    neighbour.is_unharmed()
