"""Which sentence is told of several failures, by what was seen of each. No program runs here."""

from __future__ import annotations

import pytest

from conformance.contract.catalog import load
from conformance.verdict.causes import common
from conformance.verdict.model import Attempt, Blame, Outcome, Verdict, order_of
from conformance.verdict.symptoms import Sign, Symptom

ECHO = load()["echo"]
CLAUSES = {clause.number: clause for clause in ECHO.contract.clauses}


def lost(
    number: str, sign: Sign | None = None, expected: str = "", actual: str = "", **facts: str | int
) -> Verdict:
    named = {name.replace("_", " "): fact for name, fact in facts.items()}
    symptom = Symptom(sign, facts=named) if sign else None
    attempt = Attempt(Outcome.FAILED, expected=expected, actual=actual, symptom=symptom)
    return Verdict(CLAUSES[number], CLAUSES[number].level, attempt)


def behind(numbers: str, *others: str) -> list[Verdict]:
    attempt = Attempt(Outcome.NOT_RUN, blame=Blame.PROGRAM, behind=others)
    return [Verdict(CLAUSES[n], CLAUSES[n].level, attempt) for n in numbers.split()]


def told(*verdicts: Verdict) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.name, each.clauses) for each in common(verdicts, ECHO.causes)]


CHUNK = lost("3.4", Sign.FORM, "> 2 HANGD", "2 HANGD")
PIECE = lost("3.5", Sign.EXTRA, "nothing before the newline", "> V")
SPACES = lost("3.9", Sign.FORM, ">   WORD", "> WORD")
ACCENTS = lost("3.8", Sign.ENCODING, encoding="ASCII")
WORDS = (
    lost("3.3", Sign.NOTHING),
    lost("3.8", Sign.CUT, "> WORD HÉLLO", "> WORD"),
    lost("3.9", Sign.FORM),
)
LEAK = lost("6.5", None, "growth of open files over 200 clients: at most 5", "300")


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("ends at its start", [lost("1.1", Sign.ENDED), *behind("1.2 3.1", "1.1")]),
        ("no port", [lost("1.1", Sign.NO_PORT), *behind("1.2 3.1", "1.1")]),
        ("another protocol", [lost("1.1", Sign.OTHER_PROTOCOL), *behind("1.2 3.1", "1.1")]),
        ("accepts nobody", [lost("1.1", Sign.NOT_ACCEPTED), *behind("1.2 3.1", "1.1")]),
        ("no answers", [lost("3.1", Sign.NOTHING), *behind("3.2 3.3", "3.1")]),
        ("ends with a client", [lost("4.4", Sign.ENDED), *behind("4.5 6.1", "4.4")]),
        ("ends at a goodbye", [lost("4.4", Sign.ENDED), *behind("4.5", "4.4")]),
        ("one goodbye for all", [lost("4.4", Sign.CLOSED), *behind("4.5", "4.4")]),
        ("ends when a client leaves", [lost("6.1", Sign.ENDED), lost("6.2", Sign.ENDED)]),
        ("ends after many clients", [lost("5.4", Sign.ENDED), lost("6.5", Sign.ENDED)]),
        ("stops after many clients", [lost("5.4", Sign.NOTHING), lost("6.5", Sign.NOTHING)]),
        ("one client at a time", [lost("5.1", Sign.NOTHING), *behind("5.2 5.4", "5.1")]),
        ("replies to others", [lost("5.2", Sign.OTHERS), lost("5.4", Sign.NOTHING)]),
        ("replies to others", [lost("5.2", Sign.NOTHING, came_to="b"), *behind("5.4", "5.2")]),
        ("mixed lines", [lost("5.2", Sign.NOTHING, mixed_with="b"), lost("5.3", Sign.FORM)]),
        (
            "few clients at once",
            [lost("5.2", Sign.NOTHING, served=4, unserved=16), *behind("5.4", "5.2")],
        ),
        ("no flush", [lost("3.2", Sign.AT_END), *behind("2.1", "3.2")]),
        ("answers at the end", [lost("3.2", Sign.AT_END), *behind("2.1 4.1 4.2", "3.2")]),
        ("hangs up after a line", [lost("3.3", Sign.CLOSED), *behind("3.4 4.1", "3.3")]),
        ("answers the first line", [lost("3.3", Sign.NOTHING), *behind("3.4 4.3", "3.3")]),
        ("chunks for lines", [CHUNK, PIECE]),
        ("words for lines", [*WORDS, lost("3.10", Sign.CUT)]),
        ("parts of lines", [PIECE, *behind("3.10", "3.5")]),
        (
            "last line of several",
            [lost("3.4", Sign.LOST, line=1, instead=10), lost("4.5", Sign.FORM)],
        ),
        ("encoding", [ACCENTS, *behind("3.11", "3.8")]),
        ("takes spaces away", [SPACES, lost("4.3", Sign.CLOSED, "> BYE BYE")]),
        ("no hanging up", [lost("4.1", Sign.OPEN), *behind("4.2", "4.1")]),
        ("connections left open", [lost("6.3", Sign.OPEN), LEAK]),
    ],
)
def test_what_shows_it_is_enough(name: str, verdicts: list[Verdict]) -> None:
    numbers = tuple(sorted((verdict.clause.number for verdict in verdicts), key=order_of))
    assert told(*verdicts) == [(name, numbers)]


def test_each_cause_is_one_of_those_above() -> None:
    mark = test_what_shows_it_is_enough.pytestmark[0]  # type: ignore[attr-defined]
    tried = {name for name, _ in mark.args[1]}
    assert {cause.name for cause in ECHO.causes} == tried


@pytest.mark.parametrize(
    "verdicts",
    [
        [lost("1.1", Sign.OTHER_PORT, port=2324), lost("1.2", Sign.ONE_ADDRESS)],
        [lost("3.1", Sign.FORM), *behind("3.2 3.3", "3.1")],
        [lost("4.4", Sign.ENDED), lost("6.1", Sign.NOTHING), *behind("4.5", "4.4")],
        [lost("4.4", Sign.NOTHING), *behind("4.5", "4.4")],
        [lost("6.1", Sign.ENDED), lost("6.2", Sign.NOTHING)],
        [lost("5.4", Sign.NOTHING), lost("6.5", Sign.ENDED)],
        [lost("5.4", Sign.ENDED), lost("6.5", Sign.ENDED), lost("5.2", Sign.ENDED)],
        [lost("5.1", Sign.LATE), *behind("5.2 5.4", "5.1")],  # it came while the first was there
        [lost("5.1", Sign.CLOSED), *behind("5.2 5.4", "5.1")],
        [lost("5.1", Sign.NOTHING), *behind("5.2", "5.1"), lost("3.1", Sign.FORM)],
        [lost("5.2", Sign.NOTHING), *behind("5.4", "5.2")],
        [lost("5.2", Sign.NOTHING, served=1, unserved=19), *behind("5.4", "5.2")],
        [lost("5.2", Sign.NOTHING, served=20, unserved=0), *behind("5.4", "5.2")],
        [lost("5.2", Sign.OTHERS), lost("5.4", Sign.ENDED)],
        [lost("5.2", Sign.NOTHING, mixed_with="b"), lost("5.3", Sign.NOTHING)],
        [lost("3.2", Sign.LATE), *behind("2.1", "3.2")],
        [lost("3.3", Sign.CLOSED), *behind("5.3", "3.3")],  # after some lines
        [lost("3.3", Sign.NOTHING), *behind("4.3", "3.3")],
        [*WORDS[1:], lost("3.3", Sign.CUT)],  # it drops the others
        [WORDS[0], WORDS[2], lost("3.8", Sign.CUT, "> WORD HÉLLO", "> WORD HÉ")],
        [lost("3.4", Sign.NOTHING, "> 2 HANGD", "nothing within 5 s"), PIECE],
        [lost("3.4", Sign.FORM, "> 2 HANGD", ""), PIECE],
        [lost("3.4", Sign.OVERTAKEN, "> 1 IGZU", "> 2 HANGD"), PIECE],
        [lost("3.5", Sign.EXTRA, "one reply, and nothing more"), *behind("3.10", "3.5")],
        [lost("3.5", Sign.NOTHING), *behind("3.10", "3.5")],
        [lost("3.4", Sign.LOST, line=3, instead=5), lost("4.5", Sign.FORM)],
        [lost("3.8", Sign.ENCODING, encoding="in pieces"), *behind("3.11", "3.8")],
        [lost("3.8", Sign.FORM), *behind("3.11", "3.8")],
        [SPACES, lost("4.3", Sign.CLOSED, "> GOODBYE")],  # not at the space
        [lost("3.9", Sign.FORM, "> A   B", "> A B"), lost("4.3", Sign.CLOSED, "> BYE BYE")],
        [lost("4.1", Sign.CLOSED), *behind("4.2", "4.1")],
        [lost("6.3", Sign.OPEN), lost("6.5", None, "growth of threads: at most 5", "200")],
        [lost("6.3", Sign.OPEN), lost("6.5", Sign.ENDED)],
    ],
)
def test_what_nearly_shows_it_is_not(verdicts: list[Verdict]) -> None:
    assert told(*verdicts) == []


def test_chunks_with_their_spaces_taken_away_are_two_faults() -> None:
    both = [CHUNK, PIECE, SPACES, *behind("3.10", "3.5"), lost("4.3", Sign.CLOSED, "> BYE BYE")]
    assert told(*both) == [
        ("chunks for lines", ("3.4", "3.5", "3.10")),
        ("takes spaces away", ("3.9", "4.3")),
    ]


def test_a_pool_says_of_how_many() -> None:
    verdicts = [lost("5.2", Sign.NOTHING, served=4, unserved=16), *behind("5.4", "5.2")]
    [found] = common(verdicts, ECHO.causes)
    assert found.told == "It serves 4 clients at once: the others wait (5.2, 5.4)."
