"""A Java source by the newest grammar that we have: which parts are newer than a release of Java,
and whether all of it is valid.

For a program of a later release javac may report a missing bracket. A parser of the later grammar
can tell whether one is really missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter
import tree_sitter_java

MAX_SOURCE_BYTES = 1 << 18
"""Bytes of a source that is parsed: nonsense of that size takes the parser some seconds."""

SINCE = {
    "record_pattern": (21, "a record pattern"),
    "type_pattern": (21, "a pattern in a switch"),
    "guard": (21, "a guard (when) in a switch"),
    "underscore_pattern": (22, "an unnamed variable (_)"),
    "record_declaration": (16, "a record"),
    "permits": (17, "a sealed type"),
    "switch_rule": (14, "a switch with arrows"),
    "yield_statement": (14, "a switch with yield"),
    "multiline_string_fragment": (15, "a text block"),
    "template_expression": (21, "a string template (a preview, in 21 and 22 only)"),
}
"""The parts of the grammar that came with a release, and what students call them."""
COMPACT = (25, "a main method outside of a class")
MODULE_IMPORT = (25, "import module")
EARLY = (25, "statements before super(…) or this(…)")

MODULE = re.compile(rb"^([ \t]*)import[ \t]+module[ \t]+[\w.]+[ \t]*;", re.MULTILINE)
EXPLICIT = re.compile(rb"(?<![\w.])(?:super|this)(?=[ \t]*\()")
TYPES = (
    "class_declaration", "interface_declaration", "enum_declaration", "record_declaration",
    "annotation_type_declaration",
)  # fmt: skip
OF_A_FILE = frozenset({
    *TYPES, "import_declaration", "package_declaration", "module_declaration", "line_comment",
    "block_comment", ";",
})  # fmt: skip
OF_A_COMPACT_FILE = frozenset({"method_declaration", "local_variable_declaration",
                               "field_declaration"})  # fmt: skip
UNNAMED = frozenset({
    "variable_declarator", "formal_parameter", "inferred_parameters", "catch_formal_parameter",
    "enhanced_for_statement", "lambda_expression", "resource", "record_pattern_component",
    "type_pattern", "pattern", "underscore_pattern",
})  # fmt: skip
"""Where `_` may stand for an unused name; elsewhere it is read, which no release allows."""


@dataclass(frozen=True)
class Construct:
    """A part of the language that a release added, and the lines (from 1) where a source has it."""

    release: int
    what: str
    first: int
    last: int


@dataclass(frozen=True)
class DeclaredType:
    """A type of a source, and what it extends and implements."""

    name: str
    above: tuple[str, ...]


class Syntax:
    def __init__(self, text: str) -> None:
        source = text.encode()[:MAX_SOURCE_BYTES]
        imported = [source.count(b"\n", 0, m.start(0)) + 1 for m in MODULE.finditer(source)]
        # Replaces two things that the parser does not know yet by others of the same length.
        plain = MODULE.sub(lambda m: b" " * len(m.group()), source)
        plain = EXPLICIT.sub(lambda m: b"x" + m.group()[1:], plain)
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_java.language()))
        self._tree = parser.parse(plain)
        self._source = plain
        self.constructs = [Construct(*MODULE_IMPORT, line, line) for line in imported]
        self.constructs += self._found()

    @property
    def right(self) -> bool:
        """Whether the whole source is valid in the newest grammar."""
        root = self._tree.root_node
        allowed = OF_A_FILE | OF_A_COMPACT_FILE if self.compact else OF_A_FILE
        return not root.has_error and all(child.type in allowed for child in root.children)

    @property
    def compact(self) -> bool:
        """Whether it is a source without a class around its main method."""
        return any(
            child.type == "method_declaration" and self._name(child) == "main"
            for child in self._tree.root_node.children
        )

    @property
    def late_mains(self) -> list[str]:
        """The classes that Java 25 starts and no earlier release does, because their main method is
        not static, or takes nothing. "" stands for a source without a class around it."""
        found = [""] if self.compact else []
        for node in self._nodes():
            if node.type != "class_declaration":
                continue
            body = node.child_by_field_name("body")
            methods = body.named_children if body is not None else []
            if any(self._is_main(m) for m in methods if m.type == "method_declaration"):
                found.append(self._name(node))
        return found

    def _is_main(self, method: tree_sitter.Node) -> bool:
        modifiers = next((c for c in method.children if c.type == "modifiers"), None)
        kept = modifiers is None or "private" not in self._text(modifiers).split()
        takes = method.child_by_field_name("parameters")
        plain = takes is not None and re.fullmatch(
            r"\( ?((final )?String ?(\[ ?\]|\.\.\.) ?\w+( ?\[ ?\])?)? ?\)",
            " ".join(self._text(takes).split()),
        )
        returns = method.child_by_field_name("type")
        void = returns is not None and self._text(returns) == "void"
        return kept and bool(plain) and void and self._name(method) == "main"

    @property
    def types(self) -> list[DeclaredType]:
        """The types that it declares, nested ones included."""
        found = []
        for node in self._nodes():
            if node.type in TYPES:
                above = [
                    self._text(each)
                    for child in node.children
                    if child.type in ("superclass", "super_interfaces", "extends_interfaces")
                    for each in walk(child)
                    if each.type == "type_identifier"
                ]
                found.append(DeclaredType(self._name(node), tuple(above)))
            elif node.type == "object_creation_expression":  # an anonymous class
                made = node.child_by_field_name("type")
                if made is not None and any(c.type == "class_body" for c in node.children):
                    found.append(DeclaredType("", (re.sub(r"<.*", "", self._text(made)),)))
        return found

    @property
    def methods(self) -> set[str]:
        """The names of the methods that it declares."""
        return {self._name(n) for n in self._nodes() if n.type == "method_declaration"}

    def newer(self, installed: int) -> list[Construct]:
        """The parts of it that are newer than that release."""
        return [each for each in self.constructs if each.release > installed]

    def names_nothing(self, line: int, column: int) -> bool:
        """Whether the `_` there is an unused name, and not one that is read."""
        node = self._at(line, column)
        if node is None or self._text(node) != "_":
            return False
        parent = node.parent
        return parent is not None and (node.type == "underscore_pattern" or parent.type in UNNAMED)

    def called_with(self, line: int, column: int) -> str:
        """The method or constructor that is called with the argument at that place; "" if none."""
        node = self._at(line, column)
        while node is not None and node.parent is not None:
            call = node.parent.parent
            if node.parent.type == "argument_list" and node.is_named and call is not None:
                made = call.child_by_field_name("type")
                return re.sub(r"<.*", "", self._text(made)) if made else self._name(call)
            if node.type in ("block", "lambda_expression"):
                return ""
            node = node.parent
        return ""

    def begins_late(self, line: int) -> bool:
        """Whether a constructor calls super(…) or this(…) in that line, in its own block."""
        return any(each.what == EARLY[1] and each.first == line for each in self.constructs)

    def _nodes(self) -> Iterator[tree_sitter.Node]:
        return walk(self._tree.root_node)

    def _found(self) -> Iterator[Construct]:
        root = self._tree.root_node
        if self.compact:
            lines = [child.start_point[0] + 1 for child in root.children
                     if child.type in OF_A_COMPACT_FILE]  # fmt: skip
            yield Construct(*COMPACT, min(lines), root.end_point[0] + 1)
        for node in self._nodes():
            first, last = node.start_point[0] + 1, node.end_point[0] + 1
            if node.type == "type_pattern" and not _in_a_switch(node):
                yield Construct(16, "a pattern in instanceof", first, last)
            elif known := SINCE.get(node.type):
                yield Construct(*known, first, last)
            elif node.type == "instanceof_expression" and node.child_by_field_name("name"):
                yield Construct(16, "a pattern in instanceof", first, last)
            elif node.type == "identifier" and self._text(node) == "_" and node.parent is not None:
                if node.parent.type in UNNAMED:
                    yield Construct(*SINCE["underscore_pattern"], first, last)
            elif node.type == "method_invocation" and self._begins(node):
                yield Construct(*EARLY, first, last)

    def _begins(self, node: tree_sitter.Node) -> bool:
        """Whether it is a super(…) or this(…) that is not the first statement of a constructor."""
        if self._name(node) not in ("xuper", "xhis") or node.child_by_field_name("object"):
            return False
        statement = node.parent
        block = statement.parent if statement is not None else None
        if statement is None or block is None or block.type != "constructor_body":
            return False
        before = [c for c in block.named_children if c.end_byte <= statement.start_byte]
        return any("comment" not in child.type for child in before)

    def _at(self, line: int, column: int) -> tree_sitter.Node | None:
        """The smallest node at a place; `column` counts characters, the parser bytes."""
        lines = self._source.split(b"\n")
        if not 0 < line <= len(lines) or column < 0:
            return None
        before = len(lines[line - 1].decode(errors="replace")[:column].encode())
        place = (line - 1, before)
        return self._tree.root_node.descendant_for_point_range(place, place)

    def _name(self, node: tree_sitter.Node) -> str:
        name = node.child_by_field_name("name")
        return self._text(name) if name is not None else ""

    def _text(self, node: tree_sitter.Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode(errors="replace")


def walk(top: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """A node and all below it, however deep."""
    queue = [top]
    while queue:
        node = queue.pop()
        yield node
        queue.extend(reversed(node.children))


def _in_a_switch(node: tree_sitter.Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type == "pattern":
        parent = parent.parent
    return parent is not None and parent.type == "switch_label"
