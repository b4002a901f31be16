"""Which sentence is told of several failures, by what was seen of each. No program runs here."""

from __future__ import annotations

import pytest

from conformance.contract.catalog import load
from conformance.verdict.causes import common
from conformance.verdict.model import Attempt, Blame, Outcome, Verdict, order_of
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.transcript import Entry, Transcript
from conformance.verdict.violation import Kind

STREAMING = load()["streaming-time"]
CLAUSES = {clause.number: clause for clause in STREAMING.contract.clauses}


def lost(
    number: str,
    sign: Sign | None = None,
    actual: str = "",
    came: tuple[float, ...] = (),
    others: tuple[tuple[float, ...], ...] = (),
    kind: Kind = Kind.FORM,
    **facts: str | int,
) -> Verdict:
    """A clause that failed; `came`: when the lines of the stream did, and those of `others`."""
    symptom = Symptom(sign, facts=facts) if sign else None
    streams = {"server": came} | {f"server to client {n}": each for n, each in enumerate(others, 2)}
    said = Transcript(
        tuple(Entry(at, who, "a line\n") for who, times in streams.items() for at in times)
    )
    attempt = Attempt(Outcome.FAILED, said, actual=actual, kind=kind, symptom=symptom)
    return Verdict(CLAUSES[number], CLAUSES[number].level, attempt)


def behind(numbers: str, *others: str) -> list[Verdict]:
    attempt = Attempt(Outcome.NOT_RUN, blame=Blame.PROGRAM, behind=others)
    return [Verdict(CLAUSES[n], CLAUSES[n].level, attempt) for n in numbers.split()]


def told(*verdicts: Verdict) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.name, each.clauses) for each in common(verdicts, STREAMING.causes)]


AT_ONCE = lost("2.3", Sign.RHYTHM, came=(15.0, 15.0, 15.01))
IN_PAIRS = lost("2.3", Sign.RHYTHM, came=(1.0, 1.0, 3.0, 3.0))
FAST = (0.1, 0.55, 1.05, 1.55, 2.04)
SLOW = (0.1, 2.1, 4.1, 6.1)
TURN = ((1.0, 2.0), (2.0, 3.0), (4.0, 5.0))
BESIDE = ((1.0, 2.0), (1.5, 2.5), (4.0, 5.0, 6.0))
GOES_ON = lost("2.5", None, "19 lines, and no end")


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("ends at its start", [lost("1.1", Sign.ENDED), *behind("1.2 2.1", "1.1")]),
        ("no port", [lost("1.1", Sign.NO_PORT), *behind("1.2 2.1", "1.1")]),
        ("another protocol", [lost("1.1", Sign.OTHER_PROTOCOL), *behind("1.2 2.1", "1.1")]),
        ("accepts nobody", [lost("1.1", Sign.NOT_ACCEPTED), *behind("1.2 2.1", "1.1")]),
        ("keeps silent", [lost("2.1", Sign.NOTHING), *behind("2.2 2.3 2.5", "2.1")]),
        ("hangs up without a line", [lost("2.1", Sign.CLOSED), *behind("2.2 2.5", "2.1")]),
        (
            "answers the client",
            [lost("2.1", Sign.NOTHING), lost("2.5"), *behind("2.2 2.3", "2.5")],
        ),
        ("hangs up early", [lost("2.5", Sign.CLOSED, lines=1), *behind("2.2 2.6", "2.5")]),
        ("no flush", [AT_ONCE, *behind("2.1", "2.3")]),
        ("no pause", [AT_ONCE, *behind("2.4", "2.3")]),
        ("too fast", [lost("2.3", Sign.RHYTHM, came=FAST), *behind("2.4", "2.3")]),
        (
            "too slow",
            [lost("2.3", Sign.RHYTHM, came=SLOW, kind=Kind.LATE), *behind("2.4", "2.3")],
        ),
        ("no end", [GOES_ON, *behind("2.6", "2.5")]),
        ("ends with a client", [lost("3.1", Sign.ENDED), *behind("3.2", "3.1")]),
        ("one stream for all", [lost("3.1", Sign.CLOSED), *behind("3.2", "3.1")]),
        (
            "one client at a time",
            [lost("3.3", Sign.LATE, came=TURN[0], others=TURN[1:]), *behind("3.4", "3.3")],
        ),
        (
            "one count for all",
            [
                lost("3.2", Sign.CLOSED),
                lost("3.3", Sign.CLOSED, came=BESIDE[0], others=BESIDE[1:]),
                *behind("3.4", "3.3"),
            ],
        ),
    ],
)
def test_what_shows_it_is_enough(name: str, verdicts: list[Verdict]) -> None:
    numbers = tuple(sorted((verdict.clause.number for verdict in verdicts), key=order_of))
    assert told(*verdicts) == [(name, numbers)]


def test_each_cause_is_one_of_those_above() -> None:
    mark = test_what_shows_it_is_enough.pytestmark[0]  # type: ignore[attr-defined]
    tried = {name for name, _ in mark.args[1]}
    assert {cause.name for cause in STREAMING.causes} == tried


@pytest.mark.parametrize(
    "verdicts",
    [
        [lost("1.1", Sign.OTHER_PORT, port=2250), lost("1.2", Sign.ONE_ADDRESS)],
        [lost("2.1", Sign.NOTHING), lost("2.7", Sign.WRONG_TIME)],  # it comes when asked for
        [lost("2.1", Sign.LATE), *behind("2.2 2.5", "2.1")],
        [lost("2.1", Sign.NOTHING), lost("2.5"), lost("2.2", Sign.FORM)],
        [lost("2.5", Sign.CLOSED, lines=14), lost("2.6", Sign.OPEN)],
        [lost("2.5", Sign.CLOSED), *behind("2.6", "2.5")],  # nobody knows after how many
        [IN_PAIRS, *behind("2.1", "2.3")],
        [IN_PAIRS, *behind("2.4", "2.3")],
        [lost("2.3", Sign.RHYTHM), *behind("2.4", "2.3")],
        [
            lost("2.3", Sign.RHYTHM, came=(0.0, 1.0, 2.0, 5.0), kind=Kind.LATE),
            *behind("2.4", "2.3"),
        ],
        [lost("2.3", Sign.RHYTHM, came=(0.0, 1.0, 1.5, 2.5)), *behind("2.4", "2.3")],
        [lost("2.3", Sign.RHYTHM, came=FAST), lost("2.4")],
        [AT_ONCE, lost("2.1", Sign.NOTHING)],
        [AT_ONCE, *behind("2.1 2.4", "2.3")],  # were they written one after another?
        [lost("2.3", Sign.LATE, came=(15.0, 15.0)), *behind("2.1", "2.3")],
        [lost("2.5", None, "9 in 40 s, and they tell no time"), *behind("2.6", "2.5")],
        [GOES_ON, lost("2.6", Sign.OPEN)],
        [lost("3.1", Sign.ENDED), lost("3.2", Sign.ENDED)],
        [lost("3.1", Sign.NOTHING), *behind("3.2", "3.1")],
        [lost("3.3", Sign.LATE, came=BESIDE[0], others=BESIDE[1:]), *behind("3.4", "3.3")],
        [lost("3.3", Sign.LATE, came=TURN[0]), *behind("3.4", "3.3")],  # it never came
        [lost("3.3", Sign.LATE, came=TURN[0], others=TURN[1:]), lost("3.4")],
        [lost("3.3", Sign.CLOSED, came=TURN[0], others=TURN[1:]), *behind("3.4", "3.3")],
    ],
)
def test_what_nearly_shows_it_is_not(verdicts: list[Verdict]) -> None:
    assert told(*verdicts) == []


def test_of_a_stream_that_breaks_off_it_is_told_when() -> None:
    verdicts = [lost("2.5", Sign.CLOSED, lines=1), *behind("2.2 2.6", "2.5")]
    [found] = common(verdicts, STREAMING.causes)
    assert found.told == "It hangs up early: 1 of the lines had come (2.2, 2.5, 2.6)."
