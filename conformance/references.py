"""The reference servers, and the mutants of them: what the suite itself is tested with.

`reference_servers/<lab>/<language>/<entry>`: an entry is a source file, or a folder of
them. Its first comment says what it is, in lines that are read here::

    Lab: echo
    Leaves to the student: 5.4 (a pool of ten cannot serve two hundred at once)
    Parameters: concurrency=thread-pool

`reference_servers/<lab>/mutants.toml` lists edits of them, and the clauses that each
must fail. Whatever is wrong with any of it is told at once, in a WrongCall.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.catalog import Catalog
from conformance.lab import Lab
from conformance.model import Level, WrongCall

VARIABLE = "CONFORMANCE_REFERENCES"
"""Names the folder of reference servers, where --references does not."""

FOLDER = "reference_servers"
MUTANTS = "mutants.toml"

_SOURCES = (".py", ".java", ".js", ".mjs", ".c")
_LAB, _LEAVES, _PARAMETERS = "Lab", "Leaves to the student", "Parameters"
_TEXTS = ("name", "file", "old", "new", "idea")
"""Keys of a mutant; beside them there is `fails`, a list."""


@dataclass(frozen=True)
class Reference:
    """A server that conforms to its lab."""

    name: str
    """Language and entry: `python/thread_per_client`."""
    group: str
    """The folder that it stands in, which is that of its lab."""
    path: Path
    """The file, or the folder, as a student would hand it in."""
    variant: str
    """The lab, or the variant, that it speaks."""
    settings: Mapping[str, str]
    """The parameters that it is run with, where they are not the defaults."""
    leaves: Mapping[str, str]
    """SHOULD clauses that it leaves to the student: number -> why."""

    @property
    def language(self) -> str:
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Mutant:
    """A reference with one edit, as a student might have written it."""

    name: str
    reference: Reference
    file: Path
    """The edited file, relative to the reference's path; `.` where that is the file."""
    old: str
    new: str
    fails: tuple[str, ...]
    """The clauses that it must fail."""
    idea: str
    """What the student had in mind."""

    def plant(self, folder: Path) -> Path:
        """Puts an edited copy of the reference into the folder; returns its path."""
        copy = folder / self.reference.path.name
        if self.reference.path.is_dir():
            shutil.copytree(self.reference.path, copy)
        else:
            shutil.copy(self.reference.path, copy)
        target = copy / self.file
        text = target.read_text(encoding="utf-8")
        target.write_text(text.replace(self.old, self.new), encoding="utf-8")
        return copy


@dataclass
class Library:
    """All references and mutants, in the order of their folders and files."""

    references: list[Reference] = field(default_factory=list)
    mutants: list[Mutant] = field(default_factory=list)


def reference_folder(given: Path | None = None) -> Path:
    """Where the reference servers are. Raises WrongCall where they are not.

    They are no part of the installed package: they stand beside it in a checkout.
    """
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    folder = named or Path(__file__).resolve().parent.parent / FOLDER
    if not folder.is_dir():
        advice = (
            "the reference servers are not part of the installed package: name their folder in a"
            f" checkout of the project with --references DIR, or in {VARIABLE}"
        )
        raise WrongCall(f"there is no folder {folder}" + ("" if named else f"; {advice}"))
    return folder


def read_library(folder: Path, catalog: Catalog, labs: Sequence[str] = ()) -> Library:
    """The references and mutants of the labs (or variants) named; of all when none is.

    Raises WrongCall, with every complaint about them.
    """
    wanted = [catalog[name] for name in labs]
    library, complaints = Library(), _Complaints()
    for group in sorted(path for path in folder.iterdir() if _is_visible_folder(path)):
        if wanted and group.name not in {lab.name for lab in wanted}:
            continue
        if group.name not in catalog.labs:
            complaints.append(f"{group.name}: there is no lab of that name")
            continue
        before = len(complaints)
        references = list(_references(group, catalog, complaints))
        if len(complaints) > before:
            continue  # what its mutants lack is then no news
        mutants = list(_mutants(group, references, catalog, complaints))
        library.references += [r for r in references if not labs or _asked(r, labs, catalog)]
        library.mutants += [m for m in mutants if not labs or _asked(m.reference, labs, catalog)]
    complaints.hand_in(folder)
    if not library.references:
        raise WrongCall(f"{folder} holds no reference server" + _of(labs))
    return library


def _of(labs: Sequence[str]) -> str:
    return f" for {' or '.join(labs)}" if labs else ""


def _asked(reference: Reference, labs: Sequence[str], catalog: Catalog) -> bool:
    """A lab's name asks for all its variants, a variant's for itself only."""
    return bool({reference.variant, catalog[reference.variant].name} & set(labs))


class _Complaints(list[str]):
    def hand_in(self, folder: Path) -> None:
        """Raises a WrongCall of all complaints, where there are any."""
        if self:
            several = "\n  ".join(["", *self]) if len(self) > 1 else self[0]
            raise WrongCall(f"the reference servers in {folder} are not in order: {several}")


# -- references -----------------------------------------------------------------------


def _is_visible_folder(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith((".", "_"))


def _references(group: Path, catalog: Catalog, complaints: _Complaints) -> Iterator[Reference]:
    for language in sorted(filter(_is_visible_folder, group.iterdir())):
        for entry in sorted(language.iterdir()):
            if not (_is_visible_folder(entry) or entry.suffix in _SOURCES):
                continue
            try:
                yield _reference(group, entry, catalog)
            except WrongCall as wrong:
                complaints.append(f"{entry.relative_to(group.parent)}: {wrong}")


def _reference(group: Path, entry: Path, catalog: Catalog) -> Reference:
    said = _header(entry)
    variant = said[_LAB]
    lab = catalog[variant]
    if lab.name != group.name:
        raise WrongCall(f"{variant} is not of the lab {group.name}, in whose folder it stands")
    pairs = [pair.strip().partition("=") for pair in said.get(_PARAMETERS, "").split(",") if pair]
    settings = {name.strip(): value.strip() for name, _, value in pairs}
    lab.resolve(variant, settings)  # which complains of what it does not know
    leaves = _left(said[_LEAVES])
    for number in leaves:
        if lab.clause(number).level is Level.MUST:
            raise WrongCall(f"clause {number} is a MUST, and cannot be left to the student")
    name = f"{entry.parent.name}/{entry.stem}"
    return Reference(name, group.name, entry, variant, settings, leaves)


def _header(entry: Path) -> dict[str, str]:
    """What the first comment says, by its keys. Raises WrongCall."""
    files = sorted(entry.iterdir()) if entry.is_dir() else [entry]
    for file in files:
        if file.suffix in _SOURCES and (said := _machine_lines(file.read_text(encoding="utf-8"))):
            break
    else:
        raise WrongCall(f"no comment in it has a line `{_LAB}: …`")
    if unknown := set(said) - {_LAB, _LEAVES, _PARAMETERS}:
        raise WrongCall(f"its header has an unknown line `{min(unknown)}: …`")
    if _LEAVES not in said:
        raise WrongCall(f"its header has no line `{_LEAVES}: nothing` (or the clauses, and why)")
    return said


def _machine_lines(text: str) -> dict[str, str]:
    """The paragraph of a comment that begins with `Lab:`; long lines may be continued."""
    said: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        words = line.strip().lstrip("*#/").strip()
        if not said and not words.startswith(f"{_LAB}:"):
            continue
        if not words or '"""' in words or line.strip().startswith("*/"):
            break
        if found := re.match(r"([A-Z][A-Za-z ]*): ?(.*)", words):
            key, words = found.groups()
        said[key] = f"{said[key]} {words}" if key in said else words
    return said


def _left(text: str) -> dict[str, str]:
    """`5.4 (why), 6.2 (why)`, or `nothing`. Raises WrongCall."""
    if text == "nothing":
        return {}
    found = re.findall(r"([\w.]+) \(([^()]+)\)(?:, |$)", text)
    if ", ".join(f"{number} ({why})" for number, why in found) != text:
        raise WrongCall(f"`{_LEAVES}` wants `nothing`, or `5.4 (why), 6.2 (why)`, not {text!r}")
    return dict(found)


# -- mutants --------------------------------------------------------------------------


def _mutants(
    group: Path, references: Sequence[Reference], catalog: Catalog, complaints: _Complaints
) -> Iterator[Mutant]:
    where = f"{group.name}/{MUTANTS}"
    if not (group / MUTANTS).is_file():
        complaints.append(f"{where} is missing")
        return
    try:
        said = tomllib.loads((group / MUTANTS).read_text(encoding="utf-8"))
    except ValueError as error:  # of TOML, or of UTF-8
        complaints.append(f"{where}: {error}")
        return
    if unknown := set(said) - {"mutant"}:
        complaints.append(f"{where}: unknown key {min(unknown)!r}")
    names: set[str] = set()
    for number, entry in enumerate(said.get("mutant", []), 1):
        told = entry.get("name", f"number {number}")
        try:
            if told in names:
                raise WrongCall("two mutants have this name")
            names.add(told)
            yield _mutant(entry, group, references, catalog)
        except WrongCall as wrong:
            complaints.append(f"{where}: mutant {told}: {wrong}")


def _mutant(
    entry: Mapping[str, Any], group: Path, references: Sequence[Reference], catalog: Catalog
) -> Mutant:
    if unknown := set(entry) - {*_TEXTS, "fails"}:
        raise WrongCall(f"unknown key {min(unknown)!r}")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str):
            raise WrongCall(f"it has no text `{key}`")
    file = group / entry["file"]
    reference = next((r for r in references if file.is_relative_to(r.path)), None)
    if reference is None or not file.is_file():
        raise WrongCall(f"{entry['file']} is no reference server, nor a file of one")
    times = file.read_text(encoding="utf-8").count(entry["old"])
    if times != 1 or entry["old"] == entry["new"]:
        told = f"occurs {times} times, not once," if times != 1 else "is the same as `new`"
        raise WrongCall(f"its `old` text {told} in {entry['file']}: {entry['old'].strip()!r}")
    return Mutant(
        name=entry["name"],
        reference=reference,
        file=file.relative_to(reference.path),
        old=entry["old"],
        new=entry["new"],
        fails=_declared(entry.get("fails"), catalog[reference.variant], reference),
        idea=entry["idea"],
    )


def _declared(fails: object, lab: Lab, reference: Reference) -> tuple[str, ...]:
    """The clauses that it must fail: known, and put to the test with its parameters."""
    if not isinstance(fails, list) or not fails or not all(isinstance(n, str) for n in fails):
        raise WrongCall('`fails` is a list of clauses, of one at least: ["4.1"]')
    parameters = lab.resolve(reference.variant, reference.settings)
    tested = [scenario.clause.number for scenario in lab.scenarios_for(parameters)]
    for number in fails:
        lab.clause(number)  # which says that there is none
        if number not in tested:
            raise WrongCall(f"clause {number} does not apply to {reference.variant}")
    return tuple(fails)
