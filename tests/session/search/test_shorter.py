"""Making a conversation shorter, with a server that is a function."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from conformance.contract.state_model import Act, StateModel, Turn
from conformance.session.search.shorter import Turns, shortest
from conformance.verdict.model import Parameters


class Anything(StateModel):
    kinds = ("line",)

    def lines(self, who: int) -> Mapping[str, Sequence[str]]:
        return {"line": ("plain", "odd", "longer")}


def come(who: int) -> Turn:
    return Turn(who, Act.COMES)


def say(who: int, text: str = "plain") -> Turn:
    return Turn(who, Act.SAYS, text)


def shortened(turns: Turns, is_wrong: Callable[[Turns], bool]) -> Turns:
    """The shortest conversation that is wrong; it is over as soon as it is. Each that is tried must
    be possible."""
    kept = [turns]

    async def breaks(tried: Turns) -> Turns | None:
        model = Anything(Parameters({}))
        for at, turn in enumerate(tried):
            assert model.allows(turn)
            model.after(turn)
            if is_wrong(tried[: at + 1]):
                kept.append(tried[: at + 1])
                return kept[-1]
        return None

    asyncio.run(shortest(turns, breaks, lambda: Anything(Parameters({}))))
    return kept[-1]


def test_whatever_is_not_needed_goes() -> None:
    talk = (
        *(come(0), come(1), say(1), say(0), come(2), say(2, "odd"), say(0, "longer")),
        *(Turn(1, Act.LEAVES), say(2), say(0, "odd"), say(0), say(2, "odd")),
    )
    wrong = shortened(talk, lambda turns: [t.text for t in turns if t.who == 2].count("odd") == 2)
    assert wrong == (come(2), say(2, "odd"), say(2, "odd"))


def test_a_visit_goes_as_a_whole() -> None:
    talk = (come(0), say(0), come(1), say(0), say(1), Turn(0, Act.LEAVES), come(0), say(0, "odd"))
    wrong = shortened(talk, lambda turns: turns[-1] == say(0, "odd") and turns.count(come(1)) == 1)
    assert wrong == (come(1), come(0), say(0, "odd"))


def test_lines_become_the_plainest_of_their_kind() -> None:
    talk = (come(0), say(0, "odd"), say(0, "longer"), say(0, "odd"))
    assert shortened(talk, lambda turns: len(turns) == 3) == (come(0), say(0), say(0))


def test_a_line_that_must_come_twice_becomes_plainer_in_both_places() -> None:
    talk = (come(0), say(0, "longer"), say(0, "longer"))
    twice = shortened(talk, lambda turns: len(turns) == 3 and turns[1] == turns[2])
    assert twice == (come(0), say(0), say(0))


def test_a_line_in_two_pieces_becomes_one() -> None:
    talk = (come(0), come(1), Turn(0, Act.BEGINS, "odd"), say(1), Turn(0, Act.ENDS, "odd"))
    wrong = shortened(talk, lambda turns: turns[-1].text == "odd" and turns[-1].act != Act.BEGINS)
    assert wrong == (come(0), say(0, "odd"))


def test_pieces_stay_where_they_matter() -> None:
    talk = (come(0), come(1), say(1), Turn(0, Act.BEGINS, "odd"), Turn(0, Act.LEAVES), say(1))
    wrong = shortened(talk, lambda turns: turns[-2:-1] == (Turn(0, Act.BEGINS, "odd"),))
    assert wrong == (come(0), Turn(0, Act.BEGINS, "odd"), Turn(0, Act.LEAVES))
