"""A bundle: the one file of a receipt. It is a zip without compression, whose members have no
times and a fixed order, so that the same members make the same bytes everywhere.

A bundle that is read may come from anybody. It is taken as it is, or refused: its members are
plain files, below one folder at most, and it is exactly what would be written of them.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from conformance.submissions.intake.limits import Intake
from conformance.submissions.intake.listing import MemberKind
from conformance.submissions.intake.safe_paths import judge
from conformance.submissions.intake.working_copy import pour
from conformance.submissions.intake.zips import Zip
from conformance.verdict.model import WrongCall

MAX_BUNDLE = 128 * 1024 * 1024
"""Bytes of a bundle. What takes that much are captures; more of these are left out."""

CAPTURES = "captures"
"""The folder of the captures in a bundle."""

_WRITTEN = (1980, 1, 1, 0, 0, 0)
"""The time of every member: the first that a zip can hold."""
_NAME = re.compile(rf"(?:{CAPTURES}/)?[A-Za-z0-9][A-Za-z0-9._+-]{{0,150}}", re.ASCII)
_BROKEN = (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, LookupError)
"""What Python's reader raises for bytes that are no zip, NotImplementedError included."""


def is_member_name(name: str) -> bool:
    """Whether a member of a bundle can have this name."""
    return _NAME.fullmatch(name) is not None


def packed(members: Mapping[str, bytes]) -> bytes:
    """The bundle of these members."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _WRITTEN)
            info.create_system = 3  # Unix, also where this is written on another system
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[name])
    return raw.getvalue()


def unpacked(path: Path) -> Mapping[str, bytes]:
    """The members of a bundle. Raises WrongCall if it cannot be read, is not one, or has been
    changed so that it is no longer what `packed` makes of its members."""
    what = path.name
    try:
        with path.open("rb") as raw:
            data = raw.read(MAX_BUNDLE + 1)
            if len(data) > MAX_BUNDLE:
                raise WrongCall(f"{what} is too large for a receipt")
            raw.seek(0)
            members = _members(Zip(raw, what), what)
    except _BROKEN as error:
        told = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
        raise WrongCall(f"{what} cannot be read as a receipt: {told}") from None
    if packed(members) != data:
        raise WrongCall(f"{what} was changed: these are not the bytes that a receipt is written in")
    return members


def _members(archive: Zip, what: str) -> Mapping[str, bytes]:
    """All members. Raises WrongCall for links, folders, other names, and what is packed."""
    with contextlib.closing(archive):
        entries = [*archive.entries()]
        judge(entries, what)
        for entry in entries:
            name = "/".join(entry.parts)
            if entry.kind is not MemberKind.FILE or not is_member_name(name):
                raise WrongCall(f"{what} is no receipt: it holds {entry.kind.value}, {name!a}")
        if sum(entry.size for entry in entries) > MAX_BUNDLE:
            raise WrongCall(f"{what} claims to hold more than its size: it is a bomb")
        found = {}
        intake = Intake(what)
        for content in archive.contents():
            into = io.BytesIO()
            with content.open() as reader:
                pour(reader, into, intake, content.entry.size)
            found["/".join(content.entry.parts)] = into.getvalue()
        return found


def digest(data: bytes) -> str:
    """The SHA-256 of these bytes."""
    return sha256(data).hexdigest()
