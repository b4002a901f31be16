"""What an unreliable network does to datagrams: loses some, doubles some, swaps some. Pure."""

from typing import Any, NamedTuple

LOST, DOUBLED, SWAPPED = 1 / 3, 1 / 5, 1 / 5


class Passage(NamedTuple):
    """One datagram on its way, and how often it arrives: 0 if it is lost, 2 if it is doubled."""

    sender: Any
    text: str
    times: int


def disorder(planned, draw):
    """The passages of the `planned` datagrams (sender and text), in order of arrival. A third is
    lost, but never two in a row of one sender, so that whatever is said twice arrives; a fifth is
    doubled; and some neighbours change places."""
    passages: list[Passage] = []
    lost_last: set[Any] = set()
    for sender, text in planned:
        lost = draw.chance(LOST) and sender not in lost_last
        lost_last = lost_last | {sender} if lost else lost_last - {sender}
        passages.append(Passage(sender, text, 0 if lost else 1 + draw.chance(DOUBLED)))
    for index in range(len(passages) - 1):
        if draw.chance(SWAPPED):
            passages[index : index + 2] = passages[index + 1], passages[index]
    return passages
