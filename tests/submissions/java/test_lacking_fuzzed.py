"""Whatever a source and a compiler say, looking for what is lacking ends, and raises nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conformance.submissions import lacking, missing
from conformance.submissions.java import class_files
from conformance.submissions.java import newer as java_newer
from conformance.submissions.java.syntax import Syntax
from conformance.submissions.python import newer as python_newer

FOLDER = Path(__file__).with_name("javac17")
SIGNS = "{}()<>;:\"'\\@_^,.-\n\t\0é "
ROUNDS = 400
"""Of each seed: a second or two."""


def spoilt(text: str, draw: random.Random, others: list[str]) -> str:
    """A text with a few things wrong."""
    signs = list(text)
    for _ in range(draw.randrange(1, 12)):
        at = draw.randrange(len(signs) + 1)
        what = draw.randrange(3)
        if what == 0:
            del signs[at : at + draw.randrange(40)]
        elif what == 1:
            signs.insert(at, draw.choice(SIGNS))
        else:
            signs[at:at] = draw.choice(others)[: draw.randrange(200)]
    return "".join(signs)


@pytest.mark.parametrize("seed", [1, 2])
def test_spoilt_sources_and_errors(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    sources = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.java")}
    said = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))]
    texts = [*sources.values(), *said]
    for _ in range(ROUNDS):
        name = draw.choice(sorted(sources))
        (tmp_path / name).write_text(spoilt(sources[name], draw, texts), encoding="utf-8")
        output = spoilt(draw.choice(said), draw, texts)
        told = java_newer.explanation(output, tmp_path, draw.choice((11, 17, 21, 25)))
        assert told == "" or told.startswith("it needs ")
        missing.explanation(output, 127, tmp_path)
        (tmp_path / name).unlink()


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_classes(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(ROUNDS):
        pool = bytes(draw.randrange(22) for _ in range(draw.randrange(300)))
        asked = class_files.read(b"\xca\xfe\xba\xbe\0\0\0\x41" + pool)
        assert asked.version in (0, 65)


@pytest.mark.parametrize("source", ["(" * 9999, "class A { void f() { " + "x(" * 9999, "<" * 9999])
def test_a_deep_source(source: str) -> None:
    """Deeper than Python's own stack."""
    syntax = Syntax(source)
    assert not syntax.right
    assert syntax.late_mains == []


@pytest.mark.parametrize("said", ["\n" * 99_999, " " * 99_999, 'File "' + "/" * 99_999])
def test_a_long_output(said: str, tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("import tkinter, asyncio, itertools\ntype A = int\n")
    assert lacking.missed(said, python_newer.lacks(tmp_path, (3, 11)), started=False) == ""
