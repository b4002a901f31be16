"""A rhythm as a plot: how long after the one before each line came, against what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markupsafe import Markup

from conformance.reports.pages.sequence import NARROW, WIDE
from conformance.reports.pages.svg import element, line, picture
from conformance.reports.run.cadence import figures, gaps_that_are_off, wanted
from conformance.verdict.transcript import Series
from conformance.words import said

HEIGHT = 190
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 16, 34
"""Pixels around the plot: for the seconds, and for the numbers of the lines."""

MAX_GAPS = 120
"""Gaps that are drawn: of a longer series, its beginning."""

FEW = 30
"""Gaps up to which their dots are joined, and large."""

MAX_LABELS = 4
"""Dots with their seconds beside them."""

HEADROOM = 1.12


def rhythm(series: Series, *, narrow: bool = False) -> Markup:
    """The plot; an empty text where fewer than two lines came."""
    gaps = series.gaps[:MAX_GAPS]
    if not gaps or series.period <= 0:
        return Markup("")
    width = NARROW if narrow else WIDE
    highest = HEADROOM * max(*gaps, series.period + series.tolerance)
    missing = min(series.missing, MAX_GAPS - len(gaps))
    plot = _Plot(width, highest, len(gaps) + missing)
    parts = [*plot.ideal(series), *plot.came(series, gaps), *plot.missing(len(gaps), missing)]
    title = said(f"Plot of {wanted(series)}: {', '.join(figures(series))}.")
    return picture(width, HEIGHT, *parts, title=title, kind="drawn rhythm")


class _Plot:
    def __init__(self, width: float, highest: float, places: int) -> None:
        self.right = width - RIGHT
        self.highest = highest
        self.places = places

    def x(self, place: float) -> float:
        return LEFT + (place + 0.5) * (self.right - LEFT) / self.places

    def y(self, seconds: float) -> float:
        floor = HEIGHT - BOTTOM
        return floor - max(0.0, seconds) / self.highest * (floor - TOP)

    def ideal(self, series: Series) -> Iterator[Element]:
        """The band of what is tolerated, the ideal in it, and both axes."""
        top, bottom = (
            self.y(series.period + series.tolerance),
            self.y(series.period - series.tolerance),
        )
        ideal, floor = self.y(series.period), HEIGHT - BOTTOM
        yield element(
            "rect", x=LEFT, y=top, width=self.right - LEFT, height=max(bottom - top, 1),
            class_="tolerated",
        )  # fmt: skip
        yield line(LEFT, ideal, self.right, ideal, "ideal")
        yield line(LEFT, floor, self.right, floor, "axis")
        yield line(LEFT, TOP - 6, LEFT, floor, "axis")
        yield _label(LEFT - 6, ideal + 4, f"{series.period:g} s", "end", "ideal")
        if abs(ideal - floor) > 30:
            yield _label(LEFT - 6, floor + 4, "0 s", "end")
        yield _label(LEFT, HEIGHT - 8, f"{said(series.what)} 2", "start")
        if self.places > 1:
            yield _label(self.right, HEIGHT - 8, f"{said(series.what)} {self.places + 1}", "end")

    def came(self, series: Series, gaps: list[float]) -> Iterator[Element]:
        off = {index for index in gaps_that_are_off(series) if index < len(gaps)}
        places = [(self.x(index), self.y(gap)) for index, gap in enumerate(gaps)]
        if 1 < len(gaps) <= FEW:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            yield element("polyline", points=points, class_="course")
        for index, (x, y) in enumerate(places):
            kind = "came off" if index in off else "came"
            yield element("circle", cx=x, cy=y, r=4 if len(gaps) <= FEW else 2.5, class_=kind)
        for index in sorted(off)[:MAX_LABELS]:
            x, y = places[index]
            end = "end" if x > self.right - 40 else "middle" if x > LEFT + 30 else "start"
            above = y - 9 if y > TOP + 8 else y + 18
            yield _label(x, above, f"{gaps[index]:.2f} s", end, "off")

    def missing(self, after: int, number: int) -> Iterator[Element]:
        for place in range(after, after + number):
            x, y = self.x(place), HEIGHT - BOTTOM - 9
            yield line(x - 4, y - 4, x + 4, y + 4, "missing")
            yield line(x - 4, y + 4, x + 4, y - 4, "missing")


def _label(x: float, y: float, text: str, anchor: str, kind: str = "") -> Element:
    return element("text", x=x, y=y, text=text, text_anchor=anchor, class_=f"label {kind}".strip())
