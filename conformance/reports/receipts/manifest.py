"""The manifest of a receipt: what the bundle is about, and the digests of all that it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from conformance.classes.model import Override
from conformance.classes.results.basis import Basis
from conformance.reports.receipts.bundle import digest
from conformance.verdict.model import WrongCall

SCHEMA = "conformance.receipt/1"
MANIFEST = "manifest.json"

TEACHER, STUDENT = "teacher", "student"
"""Whom a receipt is made for. A student's has what the class reveals, and no seed."""


@dataclass(frozen=True)
class FileDigest:
    """One file."""

    name: str
    size: int
    """Bytes."""
    sha256: str

    @classmethod
    def of(cls, name: str, data: bytes) -> FileDigest:
        return cls(name, len(data), digest(data))


@dataclass(frozen=True)
class ReceiptPoints:
    """What the run earned, corrections included."""

    earned: int
    possible: int
    provisional: bool


@dataclass(frozen=True)
class ReceiptManifest:
    reader: str
    """TEACHER or STUDENT."""
    student: str
    """Id of the student, or of the group. Of a single run: the name of the submission."""
    lab: str
    suite: str
    """Version of the suite that judged it."""
    tier: str
    started: str
    """When the run began, ISO 8601, UTC."""
    points: ReceiptPoints
    basis: Basis
    """What the verdicts rest on: digests, settings, versions."""
    renderer: str
    """A digest of the sources of the suite that wrote the reports in the bundle."""
    seed: int | None = None
    """None in a student's."""
    fingerprint: str = ""
    """The fingerprint of the run in its class. "" in a student's: the seed is part of it."""
    corrections: tuple[Override, ...] = ()
    """The teacher's corrections that count."""
    submission: tuple[FileDigest, ...] = ()
    """The files of what was handed in; its own name is "" where it is one file."""
    notes: tuple[str, ...] = ()
    """What the bundle does not have, and why."""
    members: tuple[FileDigest, ...] = field(default=(), kw_only=True)
    """What the bundle holds, but for this manifest."""

    @property
    def whose(self) -> tuple[str, str]:
        return self.student, self.lab


def written(manifest: ReceiptManifest, members: Mapping[str, bytes]) -> bytes:
    """The manifest of these members, as it stands in the bundle: with its own digest."""
    listed = tuple(FileDigest.of(name, members[name]) for name in sorted(members))
    told = {"schema": SCHEMA, **msgspec.to_builtins(replace(manifest, members=listed))}
    return _as_text({**told, "digest": digest(_as_text(told))})


def read(members: Mapping[str, bytes], what: str) -> ReceiptManifest:
    """The manifest in a bundle. Raises WrongCall if there is none, or it was changed."""
    data = members.get(MANIFEST)
    if data is None:
        raise WrongCall(f"{what} is no receipt: it holds no {MANIFEST}")
    try:
        told = json.loads(data)
        if told.get("schema") != SCHEMA:
            schema = told.get("schema")
            raise WrongCall(f"{what} is of {schema!r:.60}; this suite reads {SCHEMA!r}")
        stated = told.pop("digest")
        if digest(_as_text(told)) != stated or _as_text({**told, "digest": stated}) != data:
            raise WrongCall(f"{what} was changed: its {MANIFEST} is not as it was written")
        return msgspec.convert(told, ReceiptManifest)
    except WrongCall:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WrongCall(f"{what} is no receipt: its {MANIFEST} cannot be read: {error}") from None


def _as_text(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=True) + "\n").encode("ascii")
