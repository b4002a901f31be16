"""Reads `mutants.toml`: edits of a lab's references, and pairs of them that undo each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contract.catalog import Catalog
from conformance.contract.lab import Lab
from conformance.selfcheck.references.library import Library, Mutant, Reference
from conformance.verdict.model import WrongCall

MUTANTS = "mutants.toml"

_TEXTS = ("name", "file", "old", "new", "idea")
"""Keys of a mutant with a text. There are also `fails`, a list, and optionally `costs`,
`stands` and `symptom`."""


_KEPT = ("name", "old", "new", "idea", "costs", "symptom")
"""Keys that a mutant holds as they are read."""


def read_mutants(group: Path, complaints: list[str]) -> Mapping[str, Any]:
    """The content of the file in a lab's folder; nothing if it cannot be read."""
    where = f"{group.name}/{MUTANTS}"
    try:
        said = tomllib.loads((group / MUTANTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        complaints.append(f"{where} is missing")
        return {}
    except ValueError as error:  # of TOML, or of UTF-8
        complaints.append(f"{where}: {error}")
        return {}
    if unknown := set(said) - {"mutant", "cancels"}:
        complaints.append(f"{where}: unknown key {min(unknown)!r}")
    return said


def mutants(
    said: Mapping[str, Any],
    group: Path,
    references: Sequence[Reference],
    catalog: Catalog,
    complaints: list[str],
) -> Iterator[Mutant]:
    names: set[str] = set()
    for number, entry in enumerate(said.get("mutant", []), 1):
        told = entry.get("name", f"number {number}")
        try:
            if told in names:
                raise WrongCall("two mutants have this name")
            names.add(told)
            yield _mutant(entry, group, references, catalog)
        except WrongCall as wrong:
            complaints.append(f"{group.name}/{MUTANTS}: mutant {told}: {wrong}")


def cancelling(
    said: Mapping[str, Any], group: Path, mutants: Sequence[Mutant], complaints: list[str]
) -> dict[tuple[str, frozenset[str]], str]:
    """The pairs of a lab whose faults undo each other, and why (see Library)."""
    possible = {frozenset({p.one.name, p.other.name}) for p in Library([], [*mutants]).pairs()}
    known = {mutant.name for mutant in mutants}
    found: dict[tuple[str, frozenset[str]], str] = {}
    for number, entry in enumerate(said.get("cancels", []), 1):
        try:
            names, why = _cancels(entry)
            if missing := names - known:
                raise WrongCall(f"there is no mutant {min(missing)!r}")
            if names not in possible:
                raise WrongCall("the two do not edit different lines of one file: no such pair")
            if (group.name, names) in found:
                raise WrongCall("the pair is listed twice")
            found[group.name, names] = why
        except WrongCall as wrong:
            complaints.append(f"{group.name}/{MUTANTS}: cancels, number {number}: {wrong}")
    return found


def _cancels(entry: Mapping[str, Any]) -> tuple[frozenset[str], str]:
    if unknown := set(entry) - {"pair", "why"}:
        raise WrongCall(f"unknown key {min(unknown)!r}")
    pair, why = entry.get("pair"), entry.get("why")
    texts = pair if isinstance(pair, list) and all(isinstance(n, str) for n in pair) else []
    names = frozenset(texts)
    if len(names) != 2 or len(texts) != 2:
        raise WrongCall('`pair` is a list of two mutants: ["this", "that"]')
    if not isinstance(why, str) or not why:
        raise WrongCall("it has no text `why`")
    return names, why


def _mutant(
    entry: Mapping[str, Any], group: Path, references: Sequence[Reference], catalog: Catalog
) -> Mutant:
    if unknown := set(entry) - {*_TEXTS, "fails", "costs", "stands", "symptom"}:
        raise WrongCall(f"unknown key {min(unknown)!r}")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str):
            raise WrongCall(f"it has no text `{key}`")
    if "costs" in entry and not (isinstance(entry["costs"], str) and entry["costs"]):
        raise WrongCall("`costs` is a text: why it costs so much beside what it fails")
    if "symptom" in entry:
        _check_symptom(entry["symptom"], catalog[group.name])
    file = group / entry["file"]
    reference = next((r for r in references if file.is_relative_to(r.path)), None)
    if reference is None or not file.is_file():
        raise WrongCall(f"{entry['file']} is no reference server, nor a file of one")
    times = file.read_text(encoding="utf-8").count(entry["old"])
    if times != 1 or entry["old"] == entry["new"]:
        told = f"occurs {times} times, not once," if times != 1 else "is the same as `new`"
        raise WrongCall(f"its `old` text {told} in {entry['file']}: {entry['old'].strip()!r}")
    mutant = Mutant(
        reference=reference,
        file=file.relative_to(reference.path),
        fails=_declared(entry.get("fails"), catalog[reference.variant], reference),
        stands=_pieces(entry["stands"]) if "stands" in entry else None,
        **{key: entry[key] for key in _KEPT if key in entry},
    )
    for piece in mutant.stands or ():
        if not any(piece in line for line in mutant.edited().splitlines()):
            raise WrongCall(f"`stands`: no line has {piece!r} after the edit")
    return mutant


def _pieces(stands: object) -> tuple[str, ...]:
    """The pieces of source text in the key `stands`: one, or a list of them."""
    pieces = [stands] if isinstance(stands, str) else stands
    if not isinstance(pieces, list) or not all(isinstance(p, str) and p for p in pieces):
        raise WrongCall('`stands` is a piece of a line, or a list of such: ["conn.recv("]')
    return tuple(pieces)


def _check_symptom(symptom: object, lab: Lab) -> None:
    """Raises WrongCall unless it is the name of a cause that the lab knows."""
    known = ", ".join(repr(cause.name) for cause in lab.causes) or "none"
    if symptom not in [cause.name for cause in lab.causes]:
        raise WrongCall(f"`symptom` is the name of a cause of the lab, not {symptom!r}: {known}")


def _declared(fails: object, lab: Lab, reference: Reference) -> tuple[str, ...]:
    """The clauses that a mutant must fail: they exist, and are tested with its parameters."""
    if not isinstance(fails, list) or not fails or not all(isinstance(n, str) for n in fails):
        raise WrongCall('`fails` is a list of clauses, of one at least: ["4.1"]')
    parameters = lab.resolve(reference.variant, reference.settings)
    tested = [scenario.clause.number for scenario in lab.scenarios_for(parameters)]
    for number in fails:
        lab.clause(number)  # raises WrongCall: no such clause
        if number not in tested:
            raise WrongCall(f"clause {number} does not apply to {reference.variant}")
    return tuple(fails)
