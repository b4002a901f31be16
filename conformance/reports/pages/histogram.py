"""The distribution of grades as a picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from markupsafe import Markup

from conformance.reports.classes.figures import Bin
from conformance.reports.pages.svg import element, line, picture
from conformance.reports.text.visible import cut, visible

WIDTH = 320
"""Pixels: it fits on a small telephone as it is."""

ROW = 22
LETTER = 7.5
"""About the width of a letter."""

MAX_LABEL = 14
"""Letters of the label of a bin."""

MAX_BINS = 40
"""A scale of letters may have any number."""

NUMBER = 34
"""Pixels for the number behind a bar."""


def histogram(bins: Sequence[Bin]) -> Markup:
    """A bar for each bin, from the first, with its number. A table has to say the same."""
    shown = [(cut(visible(label), MAX_LABEL), number) for label, number in bins[:MAX_BINS]]
    left = max(len(label) for label, _ in shown) * LETTER + 10
    longest = max(max(number for _, number in shown), 1)
    told = ", ".join(f"{label}: {number}" for label, number in shown)
    height = len(shown) * ROW
    parts = [
        part
        for place, (label, number) in enumerate(shown)
        for part in _bar(place * ROW, left, label, number, (WIDTH - left - NUMBER) / longest)
    ]
    axis = line(left, 0, left, height, "axis")
    return picture(
        WIDTH, height, *parts, axis, title=f"Students by grade: {told}", kind="histogram"
    )


def _bar(top: float, left: float, label: str, number: int, each: float) -> Iterator[Element]:
    middle = top + ROW / 2 + 4.5
    yield element("text", text=label, x=left - 8, y=middle, text_anchor="end")
    if number:
        yield element(
            "rect",
            x=left,
            y=top + 3,
            width=max(number * each, 1.5),
            height=ROW - 6,
            class_="column",
        )
    after = left + number * each + 6
    yield element("text", text=str(number), x=after, y=middle, class_="count")
