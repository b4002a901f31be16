"""Finds the messages in the sources: what a translator is given.

A message is a text constant, or an f-string whose values became placeholders: what `f"{n} lines"`
says is `{n} lines`. Where a value is one of two constants (`{'is' if one else 'are'}`), there is a
message for each. Texts that nobody reads (patterns, keys, encodings, docstrings, errors of the
suite's own code) are left out by where they stand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeGuard

MOST_VARIANTS = 24
"""Messages made of one f-string at most; beyond them, its alternatives become placeholders."""

_WORDS = re.compile(r"[A-Za-z'’]{2}[,:;.]? +\W{0,2}[A-Za-z{]|[}`)] +[A-Za-z]{2}|[A-Za-z]{3}:? \{")
"""Two words side by side: what has none is no sentence."""

_NO_MESSAGE = re.compile(
    r"(?:printf|nc |-|conformance |https?:|SELECT|INSERT|CREATE|UPDATE |DELETE )"
    r"|(?:bold|dim) |<\?xml|[-/.\w]+\s*(?:printf|nc )"
)
"""How commands, statements, styles and XML begin."""

_SILENT_CALLS = {
    "compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer", "encode",
    "decode", "startswith", "endswith", "removeprefix", "removesuffix", "getLogger", "debug",
    "info", "warning", "exception", "open", "TypeVar", "NewType", "ContextVar", "partition",
    "rpartition", "execute", "executemany", "executescript", "strip", "rstrip", "lstrip",
    "Scenario", "isinstance", "getattr", "setattr", "hasattr", "strptime", "strftime",
}  # fmt: skip
"""Calls whose constants nobody reads."""

_INTERNAL = {
    "AssertionError", "ValueError", "TypeError", "KeyError", "RuntimeError", "NotImplementedError",
    "LookupError", "AttributeError", "IndexError", "OSError", "ConnectionError",
}  # fmt: skip
"""Errors of the suite's own code, whose texts are no messages."""

_SIMPLE = re.compile(r"\{[a-z_][a-z_ ]*\}")
"""In a plain constant, the place of a fact that is put in later."""


@dataclass(frozen=True)
class Message:
    msgid: str
    plural: str
    """What more than one thing is called; "" where nothing is counted."""
    place: str
    """`file:line`"""


@dataclass(frozen=True)
class _Hole:
    """A value in a text."""

    name: str


_Part = str | _Hole


def messages(root: Path, files: Sequence[Path]) -> Iterator[Message]:
    """The messages of these files, which lie below `root`, in their order."""
    for file in files:
        finder = _Finder(file.relative_to(root).as_posix())
        finder.visit(ast.parse(file.read_text(encoding="utf-8")))
        yield from finder.found


class _Finder(ast.NodeVisitor):
    def __init__(self, name: str) -> None:
        self._name = name
        self.found: list[Message] = []

    def _take(self, node: ast.expr) -> None:
        for parts in _variants(node):
            told = "".join(_escaped(p) if isinstance(p, str) else "{" + p.name + "}" for p in parts)
            bare = " ".join(p for p in parts if isinstance(p, str))
            if _is_told(told, bare):
                self.found.append(Message(told, "", self._at(node)))

    def _inside(self, node: ast.AST) -> None:
        """The texts in the values of an f-string are texts themselves."""
        for each in ast.walk(node):
            if isinstance(each, ast.FormattedValue) and not _alternatives(each.value):
                self.visit(each.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._take(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take(node)
        self._inside(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add) and _is_text(node):
            self._take(node)
            for each in _pieces(node):
                if isinstance(each, ast.FormattedValue):
                    self._inside(each)
                elif _constant(each) is None:
                    self.visit(each)
        else:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name_of(node.func)
        if name == "ngettext":
            one, many = (ast.literal_eval(each) for each in node.args[:2])
            self.found.append(Message(one, many, self._at(node)))
            return
        if name in ("_", "heading") and (told := _constant(node.args[0])):
            self.found.append(Message(told, "", self._at(node)))
            return
        if name == "counted" and len(node.args) == 2 and (noun := _constant(node.args[1])):
            for ending in ("", "s"):
                self.found.append(Message(f"{{number}} {noun}{ending}", "", self._at(node)))
            return
        if name == "get":  # the first is a key
            for each in node.args[1:]:
                self.visit(each)
            return
        if name not in _SILENT_CALLS and name not in _INTERNAL:
            self.generic_visit(node)

    def _at(self, node: ast.expr) -> str:
        return f"{self._name}:{node.lineno}"

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """What is compared is told by whoever made it."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        """Keys are no messages, unless one is made by `_`."""
        for each in (*filter(_is_call, node.keys), *node.values):
            self.visit(each)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Of the suite's own code."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_MatchValue(self, node: ast.MatchValue) -> None:
        """Compared, too."""

    def visit_arg(self, node: ast.arg) -> None:
        """An annotation."""


def _is_told(told: str, bare: str) -> bool:
    return bool(
        (_WORDS.search(bare) or _WORDS.search(told))
        and re.search(r"[a-z]{2}", bare)
        and not _NO_MESSAGE.match(told)
    )


def _escaped(text: str) -> str:
    """The text with its braces doubled, but for those of facts that are put in later."""
    kept, at = [], 0
    for hole in _SIMPLE.finditer(text):
        kept += [text[at : hole.start()].replace("{", "{{").replace("}", "}}"), hole[0]]
        at = hole.end()
    return "".join(kept) + text[at:].replace("{", "{{").replace("}", "}}")


def _variants(node: ast.expr) -> list[tuple[_Part, ...]]:
    """The text with each of its alternatives."""
    choices = [_choices(each) for each in _pieces(node)]
    count = 1
    for each in choices:
        count *= len(each)
    if count > MOST_VARIANTS:
        choices = [each if len(each) == 1 else [_Hole("value")] for each in choices]
    variants = [_named(_merged(parts)) for parts in product(*choices)]
    return list(dict.fromkeys(variants))


def _pieces(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of a text that is put together."""
    if isinstance(node, ast.JoinedStr):
        for each in node.values:
            if isinstance(each, ast.FormattedValue) and isinstance(each.value, ast.JoinedStr):
                yield from _pieces(each.value)
            else:
                yield each
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _pieces(node.left)
        yield from _pieces(node.right)
    else:
        yield node


def _choices(node: ast.expr) -> list[_Part]:
    value = node.value if isinstance(node, ast.FormattedValue) else node
    if (constant := _constant(value)) is not None:
        return [constant]
    if found := _alternatives(value):
        return list(found)
    return [_Hole(_hole_name(value))]


def _alternatives(node: ast.expr) -> list[str]:
    """What a value may be, where all of it is constants."""
    if isinstance(node, ast.IfExp):
        sides = []
        for each in (node.body, node.orelse):
            constant = _constant(each)
            sides.append(_alternatives(each) if constant is None else [constant])
        return [*sides[0], *sides[1]] if all(sides) else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        repeated = _constant(node.left)
        return [] if repeated is None else ["", repeated]
    return []


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    merged: list[_Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def _named(parts: Sequence[_Part]) -> tuple[_Part, ...]:
    """The parts; of values with one name, the second is `name2`, and so on."""
    seen: dict[str, int] = {}
    named: list[_Part] = []
    for part in parts:
        if isinstance(part, _Hole):
            number = seen[part.name] = seen.get(part.name, 0) + 1
            part = _Hole(part.name + (str(number) if number > 1 else ""))
        named.append(part)
    return tuple(named)


def _hole_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_") or "value"
        case ast.Subscript(value=value):
            return _hole_name(value)
        case ast.Call(func=ast.Name(id="visible" | "str" | "repr"), args=[only]):
            return _hole_name(only)
        case ast.Call(func=ast.Name(id=name)):
            return name.strip("_") or "value"
        case ast.Call(func=ast.Attribute(attr="strip" | "removesuffix" | "rstrip", value=value)):
            return _hole_name(value)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name.strip("_")
    return "value"


def _constant(node: ast.expr) -> str | None:
    """The text, where it is a constant one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _is_call(node: ast.expr | None) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def _is_text(node: ast.expr) -> bool:
    """Whether a sum is one of texts."""
    return any(
        isinstance(each, ast.JoinedStr) or _constant(each) is not None for each in _pieces(node)
    )


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
