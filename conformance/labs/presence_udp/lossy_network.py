"""What an unreliable network does to datagrams: loses some, doubles some, swaps some. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance import Draw

Sender = TypeVar("Sender")

LOST = 1 / 3
DOUBLED = 1 / 5
SWAPPED = 1 / 5


@dataclass(frozen=True)
class Passage(Generic[Sender]):
    """One datagram, and how often it arrives."""

    sender: Sender
    text: str
    times: int  # 0: it is lost; 2: it is doubled


def disorder(planned: Sequence[tuple[Sender, str]], draw: Draw) -> list[Passage[Sender]]:
    """The passages of the datagrams that are `planned` (sender and text), as they arrive: a third
    is lost, but never two in a row of one sender, so that whatever is said twice arrives; a
    fifth is doubled; and some neighbours change places."""
    passages: list[Passage[Sender]] = []
    lost_last: list[Sender] = []
    for sender, text in planned:
        lost = draw.chance(LOST) and sender not in lost_last
        lost_last = [other for other in lost_last if other != sender] + [sender] * lost
        passages.append(Passage(sender, text, 0 if lost else 1 + draw.chance(DOUBLED)))
    for index in range(len(passages) - 1):
        if draw.chance(SWAPPED):
            passages[index : index + 2] = passages[index + 1], passages[index]
    return passages
