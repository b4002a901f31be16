"""Archives that no tool makes: with any names, kinds and link targets, in any order."""

from __future__ import annotations

import io
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.run.prepare import THE_MACHINES
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

SERVER = "print('server')\n"
FORMS = ["zip", "", "gz", "bz2", "xz"]
"""The forms that `inside` makes."""

_TYPES = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "hard link": tarfile.LNKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "device": tarfile.CHRTYPE,
}
_MODES = {"file": stat.S_IFREG, "link": stat.S_IFLNK, "pipe": stat.S_IFIFO, "device": stat.S_IFCHR}


@dataclass(frozen=True)
class Item:
    """One entry of an archive."""

    name: str
    kind: str = "file"
    aim: str = ""
    content: str | bytes = SERVER
    mode: int = 0o644

    def bytes(self) -> bytes:
        content = self.aim if self.kind == "link" else self.content
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogateescape")
        return content if self.kind in ("file", "link") else b""


def file(name: str, content: str | bytes = SERVER, mode: int = 0o644) -> Item:
    return Item(name, content=content, mode=mode)


def folder(name: str) -> Item:
    return Item(name, "folder")


def link(name: str, aim: str) -> Item:
    return Item(name, "link", aim)


def hard_link(name: str, aim: str) -> Item:
    return Item(name, "hard link", aim)


def zipped(path: Path, *items: Item, packed: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip, without hard links, which it cannot hold."""
    with zipfile.ZipFile(path, "w", packed) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that come twice
        for item in items:
            if item.kind == "hard link":
                continue
            info = zipfile.ZipInfo(item.name.encode("utf-8", "replace").decode())
            info.compress_type = packed
            if item.kind == "folder":
                info.filename += "/"
            info.external_attr = (_MODES.get(item.kind, stat.S_IFDIR) | item.mode) << 16
            archive.writestr(info, item.bytes())
    return path


def tarred(path: Path, *items: Item, form: str = "gz") -> Path:
    """A tar; `form` is its compression, "" for none."""
    archive: tarfile.TarFile
    with tarfile.open(path, f"w:{form}") as archive:  # type: ignore[call-overload]  # one it knows
        for item in items:
            info = tarfile.TarInfo(item.name)
            info.type, info.mode = _TYPES[item.kind], item.mode
            info.linkname = item.aim
            info.size = len(item.bytes()) if item.kind == "file" else 0
            archive.addfile(info, io.BytesIO(item.bytes()))
    return path


def inside(items: Iterable[Item], form: str, path: Path) -> Path:
    """An archive of a form: "zip", or a compression that `tarfile` knows."""
    return zipped(path, *items) if form == "zip" else tarred(path, *items, form=form)


def blames_the_machine(refusal: BaseException) -> bool:
    """Whether a refusal was caused by an error that may be this machine's, so that the submission
    is not blamed."""
    error: BaseException | None = refusal
    while error is not None:
        if isinstance(error, OSError) and error.errno in THE_MACHINES:
            return True
        error = error.__cause__ or error.__context__
    return False


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def refused(
    opened: Callable[..., Submission], path: Path, why: str, kind: type[WrongCall] = WrongCall
) -> None:
    """Asserts that an archive is refused with one sentence, as its own fault or by a limit of ours,
    and that nothing of it is left, inside or outside."""
    top = path.parent.parent
    before = [each for each in names(top) if not each.startswith("scratch")]
    with pytest.raises(WrongCall, match=why) as refusal:
        opened(path)
    assert type(refusal.value) is kind
    assert not blames_the_machine(refusal.value)
    assert [each for each in names(top) if not each.startswith("scratch")] == before
    assert not [each for each in (top / "scratch").rglob("*") if each.is_file()]
