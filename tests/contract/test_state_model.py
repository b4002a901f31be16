"""What a model lets clients do, and when a promise is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest

from conformance.contract.state_model import TAG, Act, Incoming, Promise, StateModel, Turn
from conformance.verdict.model import Parameters


class Sums(StateModel):
    """Numbers are added up; END ends the conversation."""

    kinds = ("number", "END")
    survives = "2.2"
    clients = 2

    def __init__(
        self, parameters: Parameters, failed: frozenset[str] = frozenset(), tag: str = ""
    ) -> None:
        super().__init__(parameters, failed, tag)
        self.sums: dict[int, int] = {}

    def lines(self, who: int) -> Mapping[str, Sequence[str]]:
        return {"number": ("1", "20"), "END": ("END",)}

    def comes(self, who: int) -> Sequence[Promise]:
        self.sums[who] = 0
        return ()

    def says(self, who: int, line: str) -> Sequence[Promise]:
        if line == "END":
            self.hangs_up(who)
            return [Promise.close(who, "2.3")]
        self.sums[who] += int(line)
        return [Promise.answer(who, "2.1", str(self.sums[who]))]


def sums(*failed: str) -> Sums:
    return Sums(Parameters({}), frozenset(failed))


def came(*texts: str, unfinished: str = "", closed: bool = False) -> Incoming:
    return Incoming(texts, unfinished, closed)


def test_what_can_be_done_next() -> None:
    model = sums()
    assert model.turns("comes") == [Turn(0, Act.COMES)]
    assert model.turns("number") == model.turns("leaves") == model.turns("ends") == []
    model.after(Turn(0, Act.COMES))
    model.after(Turn(1, Act.COMES))
    assert model.turns("comes") == [], "two are there, and no more may come"
    assert model.turns("END") == [Turn(0, Act.SAYS, "END"), Turn(1, Act.SAYS, "END")]
    model.after(Turn(0, Act.BEGINS, "20"))
    assert model.turns("ends") == [Turn(0, Act.ENDS, "20")]
    assert {turn.who for turn in model.turns("number")} == {1}, "the other is in mid-line"
    assert Turn(1, Act.BEGINS, "1") not in model.turns("begins"), "it cannot be cut"


def test_every_turn_that_is_offered_is_allowed_and_no_other() -> None:
    model = sums()
    model.after(Turn(1, Act.COMES))
    for what in ("comes", "number", "END", "leaves", "resets", "begins", "ends"):
        assert all(map(model.allows, model.turns(what)))
    assert not model.allows(Turn(1, Act.COMES))
    assert not model.allows(Turn(0, Act.SAYS, "1"))
    assert not model.allows(Turn(1, Act.SAYS, "2"))
    assert not model.allows(Turn(1, Act.ENDS, "20"))


def test_promises_follow_from_all_that_was_said() -> None:
    model = sums()
    model.after(Turn(0, Act.COMES))
    model.after(Turn(0, Act.SAYS, "1"))
    model.after(Turn(0, Act.BEGINS, "20"))
    promised = {promise.clause: promise.wanted for promise in model.after(Turn(0, Act.ENDS, "20"))}
    assert promised == {"2.1": "21", "2.2": "the connection stays open"}
    [close] = model.after(Turn(0, Act.SAYS, "END"))
    assert (close.clause, model.here) == ("2.3", [])


def test_what_is_known_to_be_broken_is_not_promised() -> None:
    model = sums("2.1")
    model.after(Turn(0, Act.COMES))
    assert {promise.clause for promise in model.after(Turn(0, Act.SAYS, "1"))} == {"2.2"}


def test_clients_are_counted_as_transcripts_count_them() -> None:
    model = sums()
    for turn in (Turn(1, Act.COMES), Turn(0, Act.COMES), Turn(1, Act.LEAVES), Turn(1, Act.COMES)):
        model.after(turn)
    assert (model.number_of(0), model.number_of(1)) == (2, 3)


ANSWER = Promise.answer(0, "1", "a", re.compile("b+"))
FIRST = Promise.answer(0, "1", "a", before=True)
NOTHING = Promise.answer(0, "1")
TOLD = Promise.told(0, "1", "a")
ONCE = Promise.told(0, "1", "a", once=True)
UNTOLD = Promise.untold(0, "1", "a")
CLOSE = Promise.close(0, "1")
OPEN = Promise.stays(0, "1")


@pytest.mark.parametrize(
    ("promise", "incoming"),
    [
        (ANSWER, came("a", "bb")),
        (FIRST, came("hello", "a")),
        (NOTHING, came()),
        (TOLD, came("x", "a", "a")),
        (ONCE, came("x", "a")),
        (UNTOLD, came("b")),
        (CLOSE, came("b", closed=True)),
        (OPEN, came("b")),
    ],
)
def test_a_promise_is_kept(promise: Promise, incoming: Incoming) -> None:
    assert promise.broken(incoming) == ""


@pytest.mark.parametrize(
    ("promise", "incoming", "said", "hopeless"),
    [
        (ANSWER, came("a"), "a", False),
        (ANSWER, came("b", "a"), "b / a", True),
        (ANSWER, came("a", "b", unfinished="c"), "a / b, then c, without an end of line", False),
        (ANSWER, came("a", closed=True), "a, then the server closed the connection", True),
        (FIRST, came("a", "hello"), "a / hello", False),
        (NOTHING, came("a"), "a", True),
        (TOLD, came("b"), "b", False),
        (ONCE, came("a", "a"), "a / a", False),
        (UNTOLD, came("b", "a"), "a", True),
        (CLOSE, came(), "the connection is still open", False),
        (OPEN, came(closed=True), "the server closed the connection", True),
    ],
)
def test_a_promise_is_broken(
    promise: Promise, incoming: Incoming, said: str, hopeless: bool
) -> None:
    assert promise.broken(incoming) == said
    assert promise.hopeless(incoming) is hopeless, "whether more may mend it"


def test_a_tag_is_a_character_that_no_line_has() -> None:
    assert len(TAG) == 1
    assert not TAG.isprintable() or not TAG.isascii()
