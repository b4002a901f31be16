"""Mistakes about which no clause holds a conversation: references with a few lines changed. They
are listed in `tests/search/LAB.toml`."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kit.desk import REFERENCES

LISTS = Path(__file__).resolve().parents[1] / "search"
LABS = sorted(path.stem for path in LISTS.glob("*.toml"))


@dataclass(frozen=True)
class HiddenMutant:
    name: str
    program: Path
    breaks: tuple[str, ...]
    """The clauses that a search may name."""


def planted(lab: str, into: Path, names: tuple[str, ...] = ()) -> Iterator[HiddenMutant]:
    """The mutants of a lab (or those of these names), each in a folder of its own."""
    for listed in tomllib.loads((LISTS / f"{lab}.toml").read_text(encoding="utf-8"))["mutant"]:
        if names and listed["name"] not in names:
            continue
        reference = REFERENCES / lab / listed["file"]
        source = reference.read_text(encoding="utf-8")
        for old, new in listed["edits"]:
            assert source.count(old) == 1, f"{listed['name']}: {old!r}"
            source = source.replace(old, new)
        folder = into / listed["name"]
        folder.mkdir()
        if (makefile := reference.with_name("Makefile")).exists():
            shutil.copy(makefile, folder)
        (folder / reference.name).write_text(source, encoding="utf-8")
        yield HiddenMutant(listed["name"], folder, tuple(listed["breaks"]))
