from __future__ import annotations

import html
import re
from xml.etree import ElementTree

from kit.picture import PICTURE, PICTURED, draw


def texts(svg: str) -> str:
    """What the picture says, without the shapes."""
    root = ElementTree.fromstring(svg)
    said = [element.text or "" for element in root.iter() if element.tag.endswith("}text")]
    return re.sub(r"\s+", " ", html.unescape(" ".join(said)))


def test_the_picture_says_what_the_report_says() -> None:
    told = texts(draw())
    for part in ("keeps spaces", "expected", "actual", "conversation", "see it yourself"):
        assert part in told
    assert PICTURED.submission in told


def test_the_picture_in_the_readme_is_up_to_date() -> None:
    told = texts(PICTURE.read_text(encoding="utf-8"))
    assert told == texts(draw()), "draw it again: python tests/kit/picture.py"
