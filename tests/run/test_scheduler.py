"""Who may start something next."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from conformance.run.scheduler import LOOK_EVERY, STARTING_FOR, Scheduler, Start, Wants

EXCLUSIVE, START, BUILD = Wants.EXCLUSIVE, Wants.START, Wants.BUILD


@dataclass
class Clock:
    """A steady clock that goes on when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(eq=False)
class Checked:
    """A check that wants one thing after another, and never ends anything by itself."""

    name: str
    clock: Clock
    wanted: list[Wants]
    under_way: list[Start] = field(default_factory=list)
    full: int = 0
    """The error that the machine has for whatever it starts."""
    refused: list[OSError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reading, self._writing = os.pipe()

    @property
    def wants(self) -> Wants:
        return self.wanted[0] if self.wanted else Wants.NOTHING

    def start(self) -> None:
        if self.full:
            raise OSError(self.full, os.strerror(self.full))
        self.under_way.append(Start(self.wanted.pop(0), self.clock()))

    def refuse(self, error: OSError) -> None:
        self.refused.append(error)
        self.wanted.clear()

    def fileno(self) -> int:
        return self._reading

    def say(self) -> None:
        os.write(self._writing, b"!")

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)

    def waits(self) -> None:
        """What it has started waits for clients."""
        self.under_way = [Start(each.kind, each.began, waits=True) for each in self.under_way]

    def ends(self) -> None:
        """The first thing that it has started ends."""
        del self.under_way[0]


class Row:
    """Checks beside one another, under a scheduler."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.memory = True
        self.checks: dict[str, Checked] = {}
        self.scheduler = Scheduler[Checked](starts=2, sessions=10)

    def rules(self, *, starts: int = 2, sessions: int = 10, exclusive_waits: bool = True) -> None:
        self.scheduler = Scheduler[Checked](
            starts=starts,
            sessions=sessions,
            exclusive_waits=exclusive_waits,
            memory_left=lambda: self.memory,
            clock=self.clock,
        )

    def enter(self, name: str, *wanted: Wants) -> Checked:
        self.checks[name] = Checked(name, self.clock, list(wanted))
        self.scheduler.enter(self.checks[name])
        return self.checks[name]

    def started(self, *, others_to_come: bool = False) -> list[str]:
        """The names of those that are started now, one after another."""
        names = []
        while (check := self.scheduler.start(others_to_come=others_to_come)) is not None:
            names.append(check.name)
        return names


@pytest.fixture
def row() -> Iterator[Row]:
    made = Row()
    made.rules()
    yield made
    made.scheduler.close()
    for check in made.checks.values():
        check.close()


@pytest.fixture
def three(row: Row) -> list[Checked]:
    """Three that want to start, two of which may at a time."""
    return [row.enter(name, START) for name in "abc"]


def test_so_many_start_at_a_time_as_it_was_told(row: Row, three: list[Checked]) -> None:
    assert row.started() == ["a", "b"]
    assert row.started() == []


def test_the_next_may_when_one_waits_for_clients(row: Row, three: list[Checked]) -> None:
    row.started()
    three[1].waits()
    assert row.started() == ["c"]


def test_a_start_that_takes_long_waits_for_something_else(row: Row, three: list[Checked]) -> None:
    row.started()
    row.clock.now = STARTING_FOR - 0.01
    assert row.started() == []
    row.clock.now = STARTING_FOR
    assert row.started() == ["c"]


def test_whoever_began_first_goes_first(row: Row, three: list[Checked]) -> None:
    row.started()
    for check in three[:2]:
        check.waits()
    three[0].wanted = [START]
    assert row.started() == ["a", "c"]


def test_no_more_sessions_are_under_way_than_it_was_told(row: Row) -> None:
    row.rules(starts=5, sessions=1)
    first, _ = row.enter("a", START), row.enter("b", START)
    assert row.started() == ["a"]
    first.waits()
    assert row.started() == []
    first.ends()
    assert row.started() == ["b"]


def test_without_memory_nothing_starts_beside_others(row: Row, three: list[Checked]) -> None:
    row.memory = False
    assert row.started() == ["a"], "one alone can always run"
    three[0].waits()
    assert row.started() == []
    row.memory = True
    assert row.started() == ["b", "c"]


def test_what_has_to_be_alone_waits_until_all_else_has_ended(
    row: Row, three: list[Checked]
) -> None:
    three[2].wanted = [EXCLUSIVE]
    assert row.started() == ["a", "b"]
    row.scheduler.leave(three[0])
    assert row.started() == []
    three[1].ends()
    assert row.started(others_to_come=True) == [], "others are still to come"
    assert row.started() == ["c"]


def test_beside_what_is_alone_nothing_starts(row: Row, three: list[Checked]) -> None:
    for check in three:
        check.wanted = [EXCLUSIVE]
    assert row.started() == ["a"], "one after another"
    three[0].waits()
    three[1].wanted = [START]
    row.enter("d", BUILD)
    assert row.started() == []
    three[0].ends()
    assert row.started(others_to_come=True) == ["c"], "what else has to be alone goes first"
    three[2].ends()
    assert row.started() == ["d", "b"], "what was kept waiting goes on side by side"


def test_what_has_to_be_alone_later_waits_for_others_again(row: Row) -> None:
    alone, other = row.enter("a", EXCLUSIVE), row.enter("b", EXCLUSIVE)
    assert row.started() == ["a"]
    alone.ends()
    alone.wanted, other.wanted = [START], []
    assert row.started() == ["a"]
    other.wanted = [EXCLUSIVE]
    assert row.started() == []
    alone.ends()
    assert row.started(others_to_come=True) == []
    assert row.started() == ["b"]


def test_where_nothing_is_kept_for_the_end_what_is_alone_in_its_check_starts_in_its_turn(
    row: Row,
) -> None:
    row.rules(exclusive_waits=False)
    row.enter("a", EXCLUSIVE)
    row.enter("b", START)
    assert row.started() == ["a", "b"]


def test_a_check_that_is_gone_takes_its_sessions_along(row: Row, three: list[Checked]) -> None:
    row.started()
    row.scheduler.leave(three[0])
    assert row.started() == ["c"]


def test_one_more_check_is_of_use_only_when_nobody_stands_in_line(row: Row) -> None:
    row.rules(starts=1)
    assert row.scheduler.hungry
    check = row.enter("a", START)
    assert not row.scheduler.hungry
    row.started()
    assert row.scheduler.hungry
    check.wanted = [EXCLUSIVE]
    check.ends()
    assert row.scheduler.hungry
    assert row.scheduler.busy == 0
    row.started()
    assert not row.scheduler.hungry, "nobody may begin beside what is alone"
    assert row.scheduler.busy == 1
    other = row.enter("b", EXCLUSIVE)
    check.ends()
    assert not row.scheduler.hungry, "nor before what else has to be"
    other.wanted = []
    assert row.scheduler.hungry


def test_a_build_is_over_when_it_ends_and_no_sooner(row: Row) -> None:
    checks = [row.enter(name, BUILD) for name in "abcd"]
    assert row.started() == ["a", "b"]
    row.clock.now = 1_000.0
    assert row.started() == [], "however long it takes"
    checks[0].ends()
    assert row.started() == ["c"]


def test_sessions_start_beside_builds(row: Row) -> None:
    row.rules(starts=1)
    row.enter("a", BUILD)
    row.enter("b", START)
    row.enter("c", BUILD)
    assert row.started() == ["a", "b"]


def test_nothing_is_alone_beside_a_build(row: Row) -> None:
    build, _ = row.enter("a", BUILD), row.enter("b", EXCLUSIVE)
    assert row.started() == ["a"]
    build.ends()
    assert row.started() == ["b"]


@pytest.mark.parametrize("wants", [START, BUILD])
@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM, errno.EMFILE])
def test_who_finds_no_room_keeps_its_place_until_something_has_ended(
    row: Row, wants: Wants, number: int
) -> None:
    first = row.enter("a", START)
    assert row.started() == ["a"]
    second, _ = row.enter("b", wants), row.enter("c", wants)
    second.full = number
    assert row.started() == []
    second.full = 0
    first.waits()
    assert row.started() == [], "nothing has ended, so that there is no more room than before"
    first.ends()
    assert row.started() == ["b", "c"]
    assert second.refused == []


def test_a_check_that_is_gone_makes_room_for_who_found_none(row: Row) -> None:
    row.enter("gone")
    first, second = row.enter("a", START), row.enter("b", START)
    second.full = errno.EAGAIN
    assert row.started() == ["a"]
    second.full = 0
    row.scheduler.leave(row.checks["gone"])
    assert row.started() == ["b"]
    assert first.under_way


@pytest.mark.parametrize("wants", [START, BUILD, EXCLUSIVE])
def test_who_finds_no_room_where_nothing_goes_on_waits_for_nothing(row: Row, wants: Wants) -> None:
    check = row.enter("a", wants)
    check.full = errno.EAGAIN
    assert row.started() == ["a"]
    assert [error.errno for error in check.refused] == [errno.EAGAIN]


def test_another_error_is_no_lack_of_room(row: Row) -> None:
    row.enter("a", START)
    check = row.enter("b", START)
    check.full = errno.ENOSPC
    assert row.started() == ["a", "b"]
    assert [error.errno for error in check.refused] == [errno.ENOSPC]


def names(checks: list[Checked]) -> list[str]:
    return [check.name for check in checks]


def test_who_has_something_to_do_is_named_and_now_and_then_all_are(
    row: Row, three: list[Checked]
) -> None:
    wait: Callable[[], list[Checked]] = lambda: row.scheduler.ready(within=0)  # noqa: E731
    assert wait() == []
    three[1].say()
    assert names(wait()) == ["b"]
    row.clock.now = LOOK_EVERY + 0.01
    assert names(wait()) == ["a", "b", "c"]
    assert names(wait()) == ["b"]
