"""Reads a lab's contract: the suite runs from the same Markdown that students read.

A clause is one list item::

    - **4.1** MUST (3) `hangs_up_after_bye`: `BYE⏎` is answered … *Faults: never closes; exits.*

Lines indented below it belong to it. A value that a parameter decides is a link to the table of
parameters. Its text is the default value, its title the parameter (or another name that the lab
defines)::

    `crowd` clients: [200](#parameters "crowd")

So the file reads well as it is, and the suite prints the value in force. In another language than
English a clause has a title behind its scenario (see `translation`). Pure: text in, clauses out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.verdict.model import Clause, Level

_CLAUSE = re.compile(
    r"- \*\*(?P<number>\w+(?:\.\w+)+)\*\* (?P<level>MUST|SHOULD|INFO)(?: \((?P<weight>\d+)\))?"
    r" `(?P<scenario>\w+)`(?: « (?P<title>[^»\n]+) »)?: (?P<text>.*)",
    re.DOTALL,
)
_SECTION = re.compile(r"## (?P<number>\w+) (?P<title>.*)")
_FAULTS = re.compile(r"\s*\*(?:Faults|Fautes): (?P<faults>.*?)\*\s*", re.DOTALL)
_SHOWN = re.compile(r"\[(?P<text>[^\]]*)\]\(#(?:parameters|paramètres) \"(?P<name>[^\"]+)\"\)")
_PARAMETERS = ("## Parameters", "## Paramètres")
_ROW = re.compile(r"\| `(?P<name>\w+)` \| (?P<default>.*?) \|")


class ContractError(ValueError):
    """The contract is not written as the suite expects; the message names the line."""


@dataclass(frozen=True)
class Contract:
    """A lab's contract: what it is about, and its clauses in order."""

    title: str
    """The first heading, without the lab's name."""
    introduction: str
    """The first paragraph."""
    clauses: tuple[Clause, ...]
    markdown: str
    """The whole text, with the values in force."""
    shown: tuple[tuple[str, str], ...]
    """The links to parameters, as written: the name, and the default that the text shows."""
    defaults: Mapping[str, str] | None
    """The table of parameters, with the defaults as written; None without a table."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """What each clause is called, by its number, where that is written. Where it is not, as in
    English, the name of its scenario is its title."""


def read_contract(
    markdown: str, values: Mapping[str, str] | None = None, nothing: str = "nothing"
) -> Contract:
    """The contract in `markdown`, with these `values` filled in; a name without a value stays as
    written, and an empty value is the word `nothing`. Raises ContractError where a clause cannot be
    read."""
    shown = tuple((match["name"], match["text"]) for match in _SHOWN.finditer(markdown))
    known = values or {}
    markdown = _SHOWN.sub(lambda m: known.get(m["name"], m["text"]) or nothing, markdown)
    lines = markdown.splitlines()
    if not lines or not lines[0].startswith("# "):
        raise ContractError("a contract begins with a heading: # name: what it is about")
    title = lines[0].removeprefix("# ").split(": ", 1)[-1]
    clauses: list[Clause] = []
    titles: dict[str, str] = {}
    section = ""
    for item in _blocks(lines[1:]):
        if match := _SECTION.match(item):
            section = match["title"].strip()
        elif item.startswith("- **"):
            clause, called = _clause(item, section)
            clauses.append(clause)
            if called:
                titles[clause.number] = called
    numbers = [clause.number for clause in clauses]
    for number in numbers:
        if numbers.count(number) > 1:
            raise ContractError(f"clause {number} stands twice in the contract")
    introduction = next((text for text in _blocks(lines[1:]) if not text.startswith("#")), "")
    defaults = _defaults(lines)
    return Contract(title, introduction, tuple(clauses), markdown, shown, defaults, titles)


def _defaults(lines: list[str]) -> Mapping[str, str] | None:
    heading = next((at for at, line in enumerate(lines) if line in _PARAMETERS), None)
    if heading is None:
        return None
    below = lines[heading + 1 :]
    end = next((at for at, line in enumerate(below) if line.startswith("#")), len(below))
    return {row["name"]: row["default"] for line in below[:end] if (row := _ROW.match(line))}


def _clause(item: str, section: str) -> tuple[Clause, str]:
    """The clause, and its title; "" where none is written."""
    match = _CLAUSE.match(item)
    if match is None:
        raise ContractError(f"this is not how a clause is written: {item.splitlines()[0]!r}")
    text = match["text"]
    faults = _FAULTS.search(text)
    clause = Clause(
        number=match["number"],
        level=Level(match["level"]),
        weight=int(match["weight"] or 0),
        scenario=match["scenario"],
        text=_FAULTS.sub(" ", text).replace("\n  ", "\n").strip(),
        faults=" ".join(faults["faults"].split()).rstrip(".") if faults else "",
        section=section,
    )
    return clause, match["title"] or ""


def _blocks(lines: list[str]) -> list[str]:
    """Headings, paragraphs and list items, each as one text.

    Lines indented below an item belong to it, also after an empty line.
    """
    blocks: list[list[str]] = [[]]
    empty = 0
    for line in lines:
        if not line.strip():
            empty += 1
            continue
        in_item = bool(blocks[-1]) and blocks[-1][0].startswith("- ")
        belongs = in_item and line.startswith("  ")
        if line.startswith(("#", "- ")) or (empty and not belongs):
            blocks.append([])
        elif empty:
            blocks[-1].append("")
        blocks[-1].append(line)
        empty = 0
    return ["\n".join(block) for block in blocks if block]
