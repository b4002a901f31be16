"""The search that follows the clauses: what it is told of, and what it takes to be believed."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalog import load
from conformance.contract.state_model import TAG, Act, Turn
from conformance.run.plan import Prepared, Request
from conformance.run.prepare import plan
from conformance.run.scheduler import Wants
from conformance.run.search import TRIES, SearchPhase, sentence
from conformance.sandbox import Isolation, Tier
from conformance.session.search.scenarios import LEAVES, NUMBER, turns_to_json
from conformance.submissions import Program
from conformance.verdict.model import Attempt, Level, Outcome, Verdict, WrongCall
from conformance.verdict.violation import Fault
from kit.fake_sessions import Sessions

CATALOG = load()
ECHO = CATALOG["echo"]
PASSED = Attempt(Outcome.PASSED, waited=0.0)
WRONG = Attempt(Outcome.FAILED, expected="> A", actual="> B", fault=Fault.WRONG, waited=0.0)
ABSENT = replace(WRONG, fault=Fault.ABSENT)

TALK = (Turn(0, Act.COMES), Turn(0, Act.SAYS, "a"), Turn(0, Act.SAYS, "a"))
BROKEN = {"at": 2, "clause": "3.3", "client": 1, "wanted": "> A", "actual": "nothing within 5 s"}


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


Begin = Callable[..., SearchPhase]


@pytest.fixture
def begin(tmp_path: Path, sessions: Sessions) -> Iterator[Begin]:
    with selectors.DefaultSelector() as selector:

        def begin_after(*failed: str, **asked: Any) -> SearchPhase:
            program = Program(tmp_path, ("./echo",))
            prepared = Prepared("echo", "ann", program=program)
            request = Request(Path("ann"), lab="echo", seed=7, search=20.0, **asked)
            made = plan(request, CATALOG, Isolation(Tier.NONE), tmp_path, prepared)
            verdicts = [
                Verdict(clause, Level.MUST, WRONG if clause.number in failed else PASSED)
                for clause in ECHO.contract.clauses
            ]
            return SearchPhase(made, verdicts, selector, sessions)

        yield begin_after


def found(search: SearchPhase, sessions: Sessions, talk: tuple[Turn, ...] = TALK) -> None:
    """Its session has found that conversation."""
    assert search.wants is Wants.START
    search.start()
    told = {"held": 30, "once": 0, "seconds": 9.0, "turns": turns_to_json(talk)}
    sessions.last.find(NUMBER, PASSED, dialect={LEAVES: told})
    search.step()


def shown(search: SearchPhase, sessions: Sessions, attempt: Attempt, **left: Any) -> None:
    """It is held again, on a fresh server that has the machine to itself."""
    assert search.wants is Wants.EXCLUSIVE
    search.start()
    left = {} if attempt is PASSED else {LEAVES: {**BROKEN, **left}}
    sessions.last.find(NUMBER, attempt, dialect=left)
    search.step()


def test_what_shows_twice_more_is_told(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions)
    shown(search, sessions, WRONG)
    assert search.busy
    shown(search, sessions, WRONG)
    assert not search.busy
    verdict = search.found.verdict
    assert verdict is not None
    assert (verdict.clause.number, verdict.level, verdict.points) == ("3.3", Level.INFO, 0)
    assert verdict.possible == 0
    assert search.found.again == "conformance check ann --lab echo --search 20s --seed 7"
    assert "a, a: the server says: nothing within 5 s; it should say: > A" in search.found.sentence
    assert search.found.conversations == 30


def test_nothing_found_is_the_end_of_it(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions, talk=())
    assert (search.busy, search.found.verdict, search.found.reason) == (False, None, "")


def test_what_does_not_show_again_accuses_nobody(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions)
    shown(search, sessions, WRONG)
    shown(search, sessions, PASSED)
    assert not search.busy
    assert search.found.verdict is None
    assert "1 times in 2" in search.found.reason


def test_another_clause_is_no_proof(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions)
    shown(search, sessions, WRONG)
    shown(search, sessions, WRONG, clause="5.2")
    assert (search.busy, search.found.verdict) == (False, None)


def test_a_clause_that_there_is_not_accuses_nobody(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions)
    shown(search, sessions, WRONG, clause="9.9")
    shown(search, sessions, WRONG, clause="9.9")
    assert (search.busy, search.found.verdict) == (False, None)
    assert "'9.9'" in search.found.reason


def test_what_a_busy_machine_may_explain_is_tried_again(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions)
    shown(search, sessions, replace(ABSENT, waited=2.0))
    shown(search, sessions, replace(PASSED, outcome=Outcome.INCONCLUSIVE))
    shown(search, sessions, ABSENT)
    shown(search, sessions, ABSENT)
    assert search.found.verdict is not None


def test_it_is_not_tried_for_ever(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    found(search, sessions)
    for _ in range(TRIES):
        shown(search, sessions, replace(ABSENT, waited=None))
    assert (search.busy, search.found.verdict) == (False, None)
    assert "too busy" in search.found.reason


def test_there_is_no_search_without_what_it_needs(begin: Begin) -> None:
    search = begin("3.1", "5.1")
    assert (search.busy, search.wants) == (False, Wants.NOTHING)
    assert search.found.reason.startswith("3.1 did not pass")


def test_other_failures_are_left_out_of_it(begin: Begin, sessions: Sessions) -> None:
    search = begin("4.1")
    assert search.wants is Wants.START


def test_a_session_that_dies_is_ours(begin: Begin, sessions: Sessions) -> None:
    search = begin()
    search.start()
    sessions.last.end(done=False, trouble="MemoryError")
    search.step()
    assert (search.busy, search.found.verdict) == (False, None)
    assert "worker failed: MemoryError" in search.found.reason


@pytest.mark.parametrize(
    "asked", [{"connect": "localhost:2323", "path": None}, {"lab": "streaming-time"}]
)
def test_what_cannot_be_searched_is_refused(asked: dict[str, Any], tmp_path: Path) -> None:
    request = replace(Request(Path("ann"), lab="echo", search=20.0), **asked)
    prepared = Prepared(request.lab or "", "ann")
    with pytest.raises(WrongCall, match="--search"):
        plan(request, CATALOG, Isolation(Tier.NONE), tmp_path, prepared)


def test_a_sentence_of_a_conversation_that_stayed_long() -> None:
    talk = (Turn(0, Act.COMES), *(Turn(0, Act.SAYS, f"line {n}") for n in range(40)))
    told = sentence(talk, 1, "> A", "> B")
    assert told.startswith("line 0, line 1, line 2, line 3, line 4, line 5, … 28 more …, line 34,")
    assert told.endswith("line 39: the server says: > B; it should say: > A")


def test_a_sentence_of_several_clients() -> None:
    talk = (
        *(Turn(1, Act.COMES), Turn(0, Act.COMES), Turn(1, Act.SAYS, f"HELLO {TAG}Ann")),
        *(Turn(0, Act.BEGINS, "WHO"), Turn(1, Act.RESETS), Turn(0, Act.ENDS, "WHO")),
        *(Turn(0, Act.SAYS, ""), Turn(2, Act.COMES), Turn(2, Act.LEAVES)),
    )
    assert sentence(talk, 2, "Bob", "Ann") == (
        "client: HELLO Ann, client 2 begins to say WHO, client resets its connection,"
        " client 2 ends that line, client 2: an empty line, client 3 connects, client 3 leaves:"
        " the server says to client 2: Ann; it should say: Bob"
    )
