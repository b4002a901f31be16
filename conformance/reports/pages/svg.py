"""Pictures within a page: elements of SVG, with all texts visible and escaped."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from conformance.reports.text.visible import visible

Attribute = str | int | float


def picture(width: float, height: float, *parts: Element, title: str, kind: str = "") -> Markup:
    """The picture, in its own units, which are pixels. `title` is what a screen reader says in its
    place; what it shows has to stand in the page as text, too. `kind`: its class."""
    box = f"0 0 {_number(width)} {_number(height)}"
    drawing = element(
        "svg", *parts, width=width, height=height, viewBox=box, role="img", aria_label=title,
        focusable="false", class_=kind,
    )  # fmt: skip
    return Markup(tostring(drawing, encoding="unicode"))


def element(tag: str, *parts: Element, text: str = "", **attributes: Attribute) -> Element:
    """One element. Of an attribute's name, `_` stands for a hyphen, and one at the end for nothing:
    `class_`. An attribute that is "" is left out."""
    made = Element(tag)
    for name, value in attributes.items():
        if value != "":
            shown = visible(value) if isinstance(value, str) else _number(value)
            made.set(name.rstrip("_").replace("_", "-") if "_" in name else name, shown)
    made.text = visible(text) or None
    made.extend(parts)
    return made


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Element:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def _number(value: float) -> str:
    """With one decimal at most: a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def bar(shares: Sequence[tuple[str, float]], *, title: str) -> Markup:
    """A bar divided into shares: the class of each, and how much it is. It is as wide as the style
    sheet has it."""
    whole, at = sum(share for _, share in shares), 0.0
    parts = []
    for kind, share in shares:
        wide = 1000 * share / whole if whole else 0.0
        if wide:
            parts.append(element("rect", x=at, y=0, width=wide, height=10, class_=kind))
        at += wide
    drawing = element(
        "svg", *parts, viewBox="0 0 1000 10", preserveAspectRatio="none", role="img",
        aria_label=title, focusable="false", class_="bar",
    )  # fmt: skip
    return Markup(tostring(drawing, encoding="unicode"))
