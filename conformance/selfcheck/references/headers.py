"""Reads references and impostors, which are described by the first comments of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path

from conformance.contract.catalog import Catalog
from conformance.selfcheck.references.library import Impostor, Reference
from conformance.verdict.model import Level, WrongCall

IMPOSTORS = "impostors"
"""The folder of impostors, beside those of the languages."""

_SOURCES = (".py", ".java", ".js", ".mjs", ".c")
_LAB, _PARAMETERS = "Lab", "Parameters"
_LEAVES, _PRETENDS = "Leaves to the student", "Pretends"


def is_visible_folder(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith((".", "_"))


def references(group: Path, catalog: Catalog, complaints: list[str]) -> Iterator[Reference]:
    for language in sorted(filter(is_visible_folder, group.iterdir())):
        if language.name == IMPOSTORS:
            continue
        for entry in sorted(language.iterdir()):
            if not (is_visible_folder(entry) or entry.suffix in _SOURCES):
                continue
            try:
                yield _reference(group, entry, catalog)
            except WrongCall as wrong:
                complaints.append(f"{entry.relative_to(group.parent)}: {wrong}")


def impostors(group: Path, catalog: Catalog, complaints: list[str]) -> Iterator[Impostor]:
    folder = group / IMPOSTORS
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    names: set[str] = set()
    for file in (f for f in files if f.suffix in _SOURCES or is_visible_folder(f)):
        try:
            if file.stem in names:
                raise WrongCall("two impostors have this name")
            names.add(file.stem)
            yield _impostor(group, file, catalog)
        except WrongCall as wrong:
            complaints.append(f"{file.relative_to(group.parent)}: {wrong}")


def _reference(group: Path, entry: Path, catalog: Catalog) -> Reference:
    said = _header(entry, {_LAB, _LEAVES, _PARAMETERS})
    if _LEAVES not in said:
        raise WrongCall(f"its header has no line `{_LEAVES}: nothing` (or the clauses, and why)")
    variant, settings = _played(said, group, catalog)
    leaves = _left(said[_LEAVES])
    for number in leaves:
        if catalog[variant].clause(number).level is Level.MUST:
            raise WrongCall(f"clause {number} is a MUST, and cannot be left to the student")
    name = f"{entry.parent.name}/{entry.stem}"
    return Reference(name, group.name, entry, variant, settings, leaves)


def _impostor(group: Path, file: Path, catalog: Catalog) -> Impostor:
    said = _header(file, {_LAB, _PRETENDS, _PARAMETERS})
    if not said.get(_PRETENDS):
        raise WrongCall(f"its header has no line `{_PRETENDS}: …` (what it does instead)")
    variant, settings = _played(said, group, catalog)
    return Impostor(file.stem, group.name, file, variant, settings, said[_PRETENDS])


def _played(said: dict[str, str], group: Path, catalog: Catalog) -> tuple[str, dict[str, str]]:
    """The lab or variant, and its parameters. Raises WrongCall."""
    variant = said[_LAB]
    lab = catalog[variant]
    if lab.name != group.name:
        raise WrongCall(f"{variant} is not of the lab {group.name}, in whose folder it stands")
    pairs = [pair.strip().partition("=") for pair in said.get(_PARAMETERS, "").split(",") if pair]
    settings = {name.strip(): value.strip() for name, _, value in pairs}
    lab.resolve(variant, settings)  # raises WrongCall for an unknown one
    return variant, settings


def _header(entry: Path, known: Set[str]) -> dict[str, str]:
    """The values in the first comment, by key. Raises WrongCall."""
    files = sorted(entry.rglob("*")) if entry.is_dir() else [entry]
    for file in files:
        if file.suffix in _SOURCES and (said := _machine_lines(file.read_text(encoding="utf-8"))):
            break
    else:
        raise WrongCall(f"no comment in it has a line `{_LAB}: …`")
    if unknown := set(said) - known:
        raise WrongCall(f"its header has an unknown line `{min(unknown)}: …`")
    return said


def _machine_lines(text: str) -> dict[str, str]:
    """The lines of the paragraph that begins with `Lab:`, by key. Long lines may be continued."""
    said: dict[str, str] = {}
    key = mark = ""
    for line in map(str.strip, text.splitlines()):
        words = line.lstrip("*#/").strip()
        if not said and not words.startswith(f"{_LAB}:"):
            continue
        if not said and line.startswith(("#", "//")):
            mark = line[0]  # of a line comment: the next line has it, too
        if not words or '"""' in words or line.startswith("*/") or not line.startswith(mark):
            break
        if found := re.match(r"([A-Z][A-Za-z ]*): ?(.*)", words):
            key, words = found.groups()
        said[key] = f"{said[key]} {words}" if key in said else words
    return said


def _left(text: str) -> dict[str, str]:
    """Reads `5.4 (why), 6.2 (why)`, or `nothing`. Raises WrongCall."""
    if text == "nothing":
        return {}
    found = re.findall(r"([\w.]+) \(([^()]+)\)(?:, |$)", text)
    if ", ".join(f"{number} ({why})" for number, why in found) != text:
        raise WrongCall(f"`{_LEAVES}` wants `nothing`, or `5.4 (why), 6.2 (why)`, not {text!r}")
    return dict(found)
