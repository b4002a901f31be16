"""What a verdict rests on, by its parts: the work, the lab, the suite, how it was asked for, and
the machine. It stands in the events of a run, so that whoever compares two runs can say what has
changed in between.

A fingerprint says only whether anything has changed, and is what decides about a regrading.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from conformance.classes.results.fingerprint import lab_digest, suite_digest, work_digest
from conformance.contract.budget import BUDGET
from conformance.contract.catalog import Catalog
from conformance.run.machine import this_machine
from conformance.run.plan import Request
from conformance.verdict.events import Event
from conformance.verdict.model import WrongCall

EVENT = "basis"
"""The event's name. It comes right after the `run` event."""


@dataclass(frozen=True)
class Basis:
    """What the verdicts of one run rest on. A digest is "" where it is not known."""

    work: str = ""
    """A digest of what was handed in."""
    name: str = ""
    """The name that it was handed in under, which is part of the digest."""
    lab: str = ""
    """A digest of the lab's files."""
    suite: str = ""
    """A digest of the suite's sources, as far as verdicts depend on them."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """How it was asked for: parameters, clauses, seed, …"""
    machine: Mapping[str, str] = field(default_factory=dict)
    """The machine, its kernel and its tools."""

    @property
    def is_known(self) -> bool:
        return bool(self.suite)

    @property
    def event(self) -> Event:
        return {"event": EVENT, **msgspec.to_builtins(self)}


def work_of_request(request: Request) -> str:
    """The digest of what is to be checked; "" where that is a server that runs already, or it
    cannot be read. To be asked before the check begins."""
    if request.path is None:
        return ""
    with contextlib.suppress(OSError, RecursionError):
        return work_digest(_placed(request.path))
    return ""


def basis_of(request: Request, catalog: Catalog, began: Event, work: str) -> Basis:
    """The basis of a run that began with this event. `work`: the digest of what is checked."""
    lab = ""
    with contextlib.suppress(OSError, KeyError):
        file = Path(catalog.labs[str(began["lab"])].file)
        lab = lab_digest(file, request.path)
    machine = {"tier": str(began["tier"]), **this_machine(str(began.get("language", "")))}
    if request.stretch != 1.0:
        machine["deadlines stretched"] = f"{request.stretch:g} times"
    return Basis(
        work=work,
        name=_placed(request.path).name if request.path is not None else "",
        lab=lab,
        suite=suite_digest(),
        settings=settings_of(request),
        machine=machine,
    )


def _placed(path: Path) -> Path:
    """The path with the name of what it leads to, also of ".."; links are not followed."""
    return Path(os.path.abspath(path))


def settings_of(request: Request) -> Mapping[str, Any]:
    """How the check was asked for, as JSON: all with which it can be asked for again."""
    failed = request.failed
    return {
        "settings": dict(request.settings),
        "arguments": list(request.arguments),
        "network": str(request.network),
        "only": request.only,
        "without": request.without,
        "failed": None if failed is None else {lab: list(of) for lab, of in failed.items()},
        "must": request.must,
        "strict": request.strict,
        "counts": list(request.counts),
        "seed": request.seed,
        "scale": request.scale,
        "budget": request.budget,
        "fetch": request.fetch,
        "unattended": request.unattended,
    }


def basis_in(events: Iterable[Event]) -> Basis:
    """The basis in the events of a run; one that knows nothing if an older suite wrote them. Raises
    ValueError or TypeError if it is damaged."""
    for event in events:
        if event["event"] == EVENT:
            return msgspec.convert(event, Basis)
    return Basis()


@dataclass(frozen=True)
class AskedFor:
    """How a run was asked for, as `settings_of` wrote it."""

    settings: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    network: str = ""
    only: str = ""
    without: str = ""
    failed: dict[str, tuple[str, ...]] | None = None
    must: bool = False
    strict: bool = False
    counts: tuple[str, ...] = ()
    seed: int | None = None
    """None where it is not told."""
    scale: float = 1.0
    budget: float = BUDGET
    fetch: bool = False
    unattended: bool = False


def asked_for_in(basis: Basis) -> AskedFor:
    """How the run of this basis was asked for. Raises WrongCall if that is not recorded, or makes
    no sense."""
    if not basis.is_known:
        raise WrongCall("an older suite did not record how the run was asked for")
    try:
        asked = msgspec.convert(basis.settings, AskedFor)
    except ValueError as error:
        raise WrongCall(f"how the run was asked for cannot be read: {error}") from None
    if not (0.1 <= asked.scale <= 100 and 1 <= asked.budget < 1e6):
        raise WrongCall("how the run was asked for makes no sense: its deadlines")
    return asked
