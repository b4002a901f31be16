"""A client's stream compared with that of one which was the first and alone, and the hint where
only this one is wrong. Pure."""

from __future__ import annotations

from collections.abc import Callable

from conformance import Kind, Violation

from .stream import Stream
from .streaming_time import has_rhythm
from .why import NONE_LEFT, SPOKEN_TO, TOO_EARLY, WOKEN

Question = Callable[[Stream], Violation | None]


def compared(
    heard: Stream, usual: Stream, ask: Question, *, spoke: bool = False
) -> Violation | None:
    """What is wrong with the stream, and not with the usual one. `spoke`: whether the client had
    said something of its own accord."""
    wrong = heard.beside(usual, ask)
    if wrong is None or wrong.kind is not Kind.FORM:
        return wrong
    if ask == Stream.rhythm and _is_in_rhythm(usual):
        wrong.hint = {"another rhythm": WOKEN if spoke else TOO_EARLY}
    if ask == Stream.number_of_lines and spoke and len(heard.told) > len(usual.told):
        wrong.hint = SPOKEN_TO
    return wrong


def _is_in_rhythm(usual: Stream) -> bool:
    return has_rhythm(usual.parameters) and usual.is_one and usual.off_rhythm() is None


def next_begins(heard: Stream, first: Stream, within: float) -> Violation | None:
    """What is wrong with the first line of the client that came after the first one."""
    wrong = heard.first_line(within)
    all_came = len(first.told) == first.parameters.lines and not first.cut
    if wrong is not None and wrong.kind is Kind.CLOSED and not heard.told and all_came:
        wrong.hint = {"closed too early": NONE_LEFT}
    return wrong
