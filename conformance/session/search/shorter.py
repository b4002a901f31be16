"""Makes a conversation that breaks a promise shorter, and plainer: which ones to try. Pure.

Hypothesis would make its choices smaller, of which several make a turn, and holds hundreds of
conversations for that. Here whole turns go, those of a client or of a stretch together first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace

from conformance.contract.state_model import Act, StateModel, Turn

Turns = tuple[Turn, ...]

Break = Callable[[Turns], Awaitable[Turns | None]]
"""Holds a conversation: as much of it as it takes to break a promise; None where it breaks none."""


async def shortest(turns: Turns, breaks: Break, model: Callable[[], StateModel]) -> None:
    """Tries shorter conversations until none breaks a promise. `breaks` keeps the shortest."""
    smaller = True
    while smaller:
        smaller = False
        for tried in _smaller(turns, model):
            found = await breaks(tried)
            if found is not None:
                turns, smaller = found, True
                break


def _smaller(turns: Turns, model: Callable[[], StateModel]) -> Iterator[Turns]:
    """Conversations that are shorter or plainer, and possible; the smallest first."""
    tried = {turns}
    for one in (*_without_a_client(turns), *_without_a_stretch(turns), *_in_one_piece(turns)):
        if one not in tried and _is_possible(one, model()):
            tried.add(one)
            yield one
    yield from _plainer(turns, model)


def _without_a_client(turns: Turns) -> Iterator[Turns]:
    """Without all that one of the three does; then without one visit, from its coming on."""
    visits: list[tuple[int, int]] = []
    came: dict[int, int] = {}
    for turn in turns:
        came[turn.who] = came.get(turn.who, 0) + (turn.act is Act.COMES)
        visits.append((turn.who, came[turn.who]))
    for who in sorted(came):
        yield tuple(turn for turn in turns if turn.who != who)
    for visit in sorted(set(visits)):
        yield tuple(turn for turn, of in zip(turns, visits, strict=True) if of != visit)


def _without_a_stretch(turns: Turns) -> Iterator[Turns]:
    length = len(turns) // 2
    while length:
        for end in range(len(turns), length - 1, -max(1, length // 2)):
            yield turns[: end - length] + turns[end:]
        length //= 2


def _in_one_piece(turns: Turns) -> Iterator[Turns]:
    """Without the first half of a line, which then comes whole."""
    for at, turn in enumerate(turns):
        if turn.act is Act.BEGINS:
            after = [n for n in range(at, len(turns)) if turns[n].who == turn.who]
            if len(after) > 1 and turns[after[1]].act is Act.ENDS:
                whole = replace(turn, act=Act.SAYS)
                yield turns[:at] + turns[at + 1 : after[1]] + (whole,) + turns[after[1] + 1 :]


def _plainer(turns: Turns, model: Callable[[], StateModel]) -> Iterator[Turns]:
    """With the plainest line of all, or of its kind, in the place of another, wherever that is
    said; then in one place only."""
    so_far = model()
    for at, turn in enumerate(turns):
        if turn.act is Act.SAYS:
            for line in _plainer_lines(turn.text, list(so_far.lines(turn.who).values())):
                plain = replace(turn, text=line)
                each = tuple(
                    replace(other, text=line) if other.text == turn.text else other
                    for other in turns
                )
                for changed in (each, (*turns[:at], plain, *turns[at + 1 :])):
                    if _is_possible(changed, model()):
                        yield changed
        so_far.after(turn)


def _plainer_lines(line: str, kinds: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines that stand before this one: those of the first kinds are plain, and the first lines of
    each kind."""
    for lines in filter(None, kinds):
        if line != lines[0] and (lines is kinds[0] or line in lines):
            yield lines[0]
        if line in lines:
            return


def _is_possible(turns: Turns, model: StateModel) -> bool:
    """Whether the model lets clients do all that."""
    for turn in turns:
        if not model.allows(turn):
            return False
        model.after(turn)
    return bool(turns)
