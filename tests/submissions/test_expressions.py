"""No regular expression of ours runs away on what a student wrote, or a program says.

Each is tried on sixty kilobytes of what it could go back over: made from the expression
itself, of what it repeats and what leads there. One that looks through a text twice for each
of its letters takes seconds for that; the others take milliseconds.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from conformance.submissions.apart import Enter, Raised, Step, each_apart

PACKAGE = Path(__file__).resolve().parents[2] / "conformance"
CALLS = {"compile", "search", "match", "fullmatch", "sub", "findall", "finditer", "split"}
SIZE = 60_000
WITHIN = Step("it runs away", within=4.0)

OURS = {
    *("markdown.py", "doctor.py", "proc.py", "exhaustion.py", "references", "registries.py"),
    *("counters.py", "maven_settings.py"),
}
"""Modules and packages that read what is the suite's or the machine's own."""

SHORT = {
    "classes/hand_ins/sites.py": 255,  # names of files
    "classes/hand_ins/beside_the_work.py": 2_000,  # `beside_the_work.START`
    "submissions/intake/clutter.py": 255,
    "labs/streaming_time/dates.py": 500,  # `dates.MAX_DATE_TEXT`
    "session/not_listening.py": 8_000,  # `not_listening.LOOKED_AT`
    "submissions/python/python.py": 1000,  # what is read of a module's beginning
}
"""Characters of what is read at the most, where it is less."""

CLOSED = "<dependency>.*?</dependency>"
"""Asked of XML that was read: there each is closed."""


@dataclass(frozen=True)
class Expression:
    """One that is written out in a module."""

    place: str
    line: int
    text: str
    flags: int
    call: str
    """What is done with it."""

    def tried(self, text: str, enter: Enter) -> object:
        pattern = re.compile(self.text, self.flags)
        text = text[: SHORT.get(self.place, 2 * SIZE)]
        if self.call in ("match", "fullmatch", "search"):
            return bool(getattr(pattern, self.call)(text))
        return sum(1 for _ in pattern.finditer(text))


def modules() -> Iterator[str]:
    """Those with expressions, by their paths in the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if not OURS & {path.name, path.parent.name, place} and b"re." in path.read_bytes():
            yield place


def expressions(place: str) -> Iterator[Expression]:
    """Of one module, each once for each thing that it is asked there."""
    tree = ast.parse((PACKAGE / place).read_text(encoding="utf-8"))
    names = _named(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        if not of_re or node.func.attr not in CALLS or not node.args:
            continue
        words = " | ".join(map(ast.unparse, (*node.args[1:], *node.keywords)))
        flags = sum(int(getattr(re, flag)) for flag in re.findall(r"\bre\.([A-Z]+)\b", words))
        written = node.args[0]
        if isinstance(written, ast.Constant) and isinstance(written.value, str | bytes):
            text = written.value
            text = text if isinstance(text, str) else text.decode("latin-1")
            asked = {node.func.attr}
            if asked == {"compile"}:
                name = names.get(node.lineno, "")
                asked = _asked(place if name.startswith("_") else "").get(name) or asked
            for call in sorted(asked) if text != CLOSED else ():
                yield Expression(place, node.lineno, text, flags, call)


def _named(tree: ast.Module) -> dict[int, str]:
    """The names that a module gives what it compiles, by the line where that is done."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.value.lineno] = node.targets[0].id
    return found


@cache
def _asked(place: str = "") -> dict[str, set[str]]:
    """What is asked of the names of one module; of all together without `place`."""
    found: dict[str, set[str]] = {}
    for path in [PACKAGE / place] if place else PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.setdefault(node.value.id, set()).add(node.attr)
    return {name: calls & CALLS for name, calls in found.items()}


def sample(tree: Any, draw: random.Random) -> str:
    """A text that a part of an expression takes."""
    return "".join(_sample(op, value, draw) for op, value in tree)


def _sample(op: Any, value: Any, draw: random.Random) -> str:
    if op is sre.LITERAL:
        return chr(value)
    if op is sre.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if op is sre.ANY:
        return draw.choice("a1 .")
    if op is sre.IN:
        return _of_set(value, draw)
    if op is sre.BRANCH:
        return sample(draw.choice(value[1]), draw)
    if op is sre.SUBPATTERN:
        return sample(value[3], draw)
    if op is sre.ATOMIC_GROUP:
        return sample(value, draw)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        least, most, body = value
        times = draw.randint(least, min(most, least + 1))
        return "".join(sample(body, draw) for _ in range(times))
    return ""


def _of_set(items: Any, draw: random.Random) -> str:
    wanted = re.compile("[" + "".join(map(_item, items)) + "]")
    letters = "".join(map(chr, range(32, 127))) + "\n\té"
    return draw.choice([letter for letter in letters if wanted.match(letter)] or ["a"])


CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _item(item: Any) -> str:
    op, value = item
    if op is sre.NEGATE:
        return "^"
    if op is sre.LITERAL:
        return re.escape(chr(value))
    if op is sre.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return CATEGORIES[value]


def repeats(tree: Any, before: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    """What is repeated without a bound, and what leads there."""
    for place, (op, value) in enumerate(tree):
        lead = [*before, *list(tree)[:place]]
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            if value[1] > 1000:
                yield lead, value[2]
            yield from repeats(value[2], lead)
        elif op is sre.SUBPATTERN:
            yield from repeats(value[3], lead)
        elif op is sre.ATOMIC_GROUP:
            yield from repeats(value, lead)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from repeats(branch, lead)


def attacks(expression: Expression) -> Iterator[str]:
    tree = _parser.parse(expression.text, expression.flags)
    draw = random.Random(ascii(expression.text))
    for lead, body in repeats(tree, []):
        for _ in range(4):
            start, again = sample(lead, draw), sample(body, draw) or "a"
            yield start + again * (SIZE // len(again)) + "\0"
            both = start + again * draw.choice((1, 2, 9))
            yield both * (SIZE // len(both))
            yield (start or again) * (SIZE // len(start or again))
            mixed = "".join(sample(body, draw) for _ in range(100)) or "a"
            yield start + mixed * (SIZE // len(mixed))
    for letters in (" ", "\n", "a", "1", '"', "\\", "\\'", "/*", "a.", "[", "\r\n", ": "):
        yield letters * (SIZE // len(letters)) + "\0"


def test_they_are_found() -> None:
    assert sum(1 for place in modules() for _ in expressions(place)) > 60


@pytest.mark.parametrize("place", list(SHORT))
def test_what_is_known_of_a_module_is_of_one_that_is_there(place: str) -> None:
    assert (PACKAGE / place).is_file()


@pytest.mark.parametrize("place", list(modules()))
def test_none_runs_away(place: str) -> None:
    tried = [(each, text) for each in expressions(place) for text in attacks(each)]
    outcomes = each_apart([partial(each.tried, text) for each, text in tried], WITHIN)
    for (expression, text), outcome in zip(tried, outcomes, strict=True):
        assert not isinstance(outcome, Raised), (expression, text[:80], str(outcome.error))


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (r'"""(?:\\.|.)*?"""', re.DOTALL),
        (r"/\*.*?\*/", re.DOTALL),
        (r"\bimport\s*\(?\s*x", 0),
        (r"(a+)+$", 0),
    ],
)
def test_one_that_does_is_seen(text: str, flags: int) -> None:
    expression = Expression("here", 0, text, flags, "findall")
    works = [partial(expression.tried, attack) for attack in attacks(expression)]
    soon = Step("it runs away", within=0.5)
    assert any(isinstance(outcome, Raised) for outcome in each_apart(works, soon))
