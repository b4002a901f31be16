"""A shard: a part of a class that one machine grades, as an archive that it is sent.

Hand-ins travel as they are, with their names, modes, times and links, so that their fingerprints
are the same there. With them go the labs that the class brought along, and how all is judged.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from conformance.classes.grading.outdated import Due, Terms
from conformance.classes.model import Class
from conformance.classes.results.class_json import class_from_json, class_to_json
from conformance.classes.results.class_log import Key
from conformance.sandbox import Tier
from conformance.submissions.intake.below import Below
from conformance.verdict.model import WrongCall

MANIFEST = "shard.json"
WORK, LABS = "work", "labs"
"""Folders in an archive: of what was handed in, a numbered one each; of labs, too."""

MAX_MANIFEST = 64 * 2**20
"""Bytes of a manifest at most."""


@dataclass(frozen=True)
class Shard:
    """A shard, ready to be sent."""

    name: str
    """Of letters, digits and "-"; no two of one grading have the same."""
    archive: Path
    """A tar, which `unpack_shard` reads."""
    size: int
    """Its bytes."""


@dataclass(frozen=True)
class CommonTerms:
    """What all shards of a grading have in common."""

    graded: Class
    """The whole class."""
    terms: Terms
    tier: Tier
    """The tier that the fingerprints of results name. No machine may have a lower one."""
    measured: bool
    """Whether each machine stretches deadlines as it is slow itself: no scale was chosen."""
    suite: str
    """The digest of the suite."""
    labs: Mapping[str, str]
    """The digests of the labs that a machine must have itself."""


class ShardManifest(msgspec.Struct, frozen=True):
    """What stands in an archive beside the files."""

    graded: dict[str, Any]
    """The class, cut to these hand-ins, with paths in the archive."""
    terms: Terms
    tier: Tier
    measured: bool
    suite: str
    labs: dict[str, str]
    wanted: list[tuple[str, str, str]]
    """Author, lab, and the fingerprint that a result must have."""
    called: list[tuple[str, str, str]]
    """Author, lab, and how reports call the path of what was handed in."""


@dataclass(frozen=True)
class UnpackedShard:
    """A shard on the machine that grades it."""

    manifest: ShardManifest
    graded: Class
    """With paths on this machine."""
    lab_folders: tuple[Path, ...]
    """On this machine."""

    @property
    def wanted(self) -> dict[Key, str]:
        return {(author, lab): of for author, lab, of in self.manifest.wanted}

    @property
    def called(self) -> dict[Key, Path]:
        return {(author, lab): Path(path) for author, lab, path in self.manifest.called}


# -- packing ------------------------------------------------------------------------------


def pack_shard(name: str, folder: Path, due: Sequence[Due], common: CommonTerms) -> Shard:
    """Writes the archive of a shard into the folder. Raises OSError if something cannot be read,
    and WrongCall if it cannot travel."""
    archive = folder / f"{name}.tar"
    try:
        with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
            for top in (WORK, LABS):
                _add_folder(tar, top)
            places = [_add_hand_in(tar, number, one) for number, one in enumerate(due, 1)]
            for number, labs in enumerate(common.terms.labs):
                _add_folder(tar, f"{LABS}/{number}")
                for path in _of_labs(labs):
                    # A link is followed: it may lead out of the folder.
                    place = f"{LABS}/{number}/{path.relative_to(labs).as_posix()}"
                    _add(tar, place, Path(os.path.realpath(path)))
            _add_bytes(tar, MANIFEST, _manifest(due, places, common))
    except RecursionError:
        archive.unlink(missing_ok=True)
        raise WrongCall("too many folders in one another") from None
    except BaseException:
        archive.unlink(missing_ok=True)
        raise
    return Shard(name, archive, archive.stat().st_size)


def bytes_of(path: Path) -> int:
    """About how many bytes it has to be sent for what was handed in. What cannot be read counts
    nothing: packing it says why."""
    path = Path(os.path.realpath(path))
    if not path.is_dir():
        return _bytes_of_file(path)
    files = (Path(parent, name) for parent, _, names in os.walk(path) for name in names)
    return sum(map(_bytes_of_file, files))


def _bytes_of_file(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _manifest(due: Sequence[Due], places: Sequence[str], common: CommonTerms) -> bytes:
    authors = {one.hand_in.author for one in due}
    names = {one.hand_in.lab for one in due}
    whole = common.graded
    cut = replace(
        whole,
        students=tuple(s for s in whole.students if whole.author_of(s) in authors),
        labs=tuple(plan for plan in whole.labs if plan.name in names),
        hand_ins=tuple(
            replace(one.hand_in, path=Path(place)) for one, place in zip(due, places, strict=True)
        ),
        warnings=(),
        grants=(),
        unowned=(),
    )
    keys = [(one.hand_in.author, one.hand_in.lab) for one in due]
    manifest = ShardManifest(
        graded=class_to_json(cut),
        terms=common.terms,
        tier=common.tier,
        measured=common.measured,
        suite=common.suite,
        labs={name: common.labs[name] for name in names & common.labs.keys()},
        wanted=[(*key, one.fingerprint) for key, one in zip(keys, due, strict=True)],
        called=[(*key, str(one.hand_in.path)) for key, one in zip(keys, due, strict=True)],
    )
    return json.dumps(msgspec.to_builtins(manifest, enc_hook=str), ensure_ascii=True).encode()


def _add_hand_in(tar: tarfile.TarFile, number: int, due: Due) -> str:
    """Adds what was handed in; returns its place. An entry that is a link is followed, and its
    fingerprint holds both names."""
    path = due.hand_in.path
    assert path is not None, "what is due was handed in"
    place = f"{WORK}/{number}/{path.name}"
    _add_folder(tar, f"{WORK}/{number}")
    if path.is_symlink():
        target = Path(os.path.realpath(path))
        _add_folder(tar, f"{WORK}/{number}-linked")
        _add_tree(tar, f"{WORK}/{number}-linked/{target.name}", target)
        link = tarfile.TarInfo(place)
        link.type, link.linkname = tarfile.SYMTYPE, f"../{number}-linked/{target.name}"
        tar.addfile(link)
    else:
        _add_tree(tar, place, path)
    return place


def _add_tree(tar: tarfile.TarFile, place: str, path: Path) -> None:
    _add(tar, place, path)
    if stat.S_ISDIR(path.lstat().st_mode):
        for entry in sorted(path.iterdir()):
            _add_tree(tar, f"{place}/{entry.name}", entry)


def _add(tar: tarfile.TarFile, place: str, path: Path) -> None:
    found = path.lstat()
    member = tarfile.TarInfo(place)
    member.mode, member.mtime = stat.S_IMODE(found.st_mode), found.st_mtime
    if stat.S_ISLNK(found.st_mode):
        member.type, member.linkname = tarfile.SYMTYPE, os.readlink(path)
        tar.addfile(member)
    elif stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
    elif stat.S_ISREG(found.st_mode):
        with path.open("rb") as file:
            member.size = os.fstat(file.fileno()).st_size
            tar.addfile(member, file)
    elif stat.S_ISFIFO(found.st_mode):
        member.type = tarfile.FIFOTYPE
        tar.addfile(member)
    else:
        raise WrongCall(f"{path.name} is no file, and cannot be sent to another machine")


def _add_folder(tar: tarfile.TarFile, place: str) -> None:
    member = tarfile.TarInfo(place)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    tar.addfile(member)


def _add_bytes(tar: tarfile.TarFile, place: str, data: bytes) -> None:
    member = tarfile.TarInfo(place)
    member.size, member.mode = len(data), 0o644
    tar.addfile(member, BytesIO(data))


def _of_labs(folder: Path) -> Iterator[Path]:
    """What a folder of labs holds of labs: modules and contracts in it, and folders named after
    their lab. Each folder comes before what it holds. Nothing else that may lie there."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".py", ".md"):
            yield path
        elif all((path / f"{path.name}{suffix}").is_file() for suffix in (".py", ".md")):
            yield path
            for below in sorted(path.rglob("*")):
                left = any(map(_is_left, below.relative_to(path).parts))
                if not left and (below.is_file() or below.is_dir()):
                    yield below


def _is_left(name: str) -> bool:
    """Whether a name in a lab's folder is an editor's, git's or Python's: no fingerprint counts
    it."""
    return name == "__pycache__" or name.startswith(".")


# -- unpacking ----------------------------------------------------------------------------


def unpack_shard(stream: BinaryIO, folder: Path) -> UnpackedShard:
    """Unpacks an archive into a new folder. Raises OSError, and WrongCall if it is none."""
    folder.mkdir()
    modes: list[tuple[tuple[str, ...], int]] = []
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar, Below(folder) as below:
            for member in tar:
                parts = _parts(member.name)
                if member.isdir():
                    below.make_folder(parts)
                    modes.append((parts, member.mode))
                else:
                    _make(tar, member, parts, below)
            for parts, mode in reversed(modes):  # a folder that is closed comes after its contents
                os.fchmod(below.folder(parts), mode & 0o777)
        manifest = _read_manifest(folder / MANIFEST)
        graded = class_from_json(manifest.graded)
    except (tarfile.TarError, ValueError, TypeError, KeyError, EOFError) as error:
        raise WrongCall(f"this is no shard: {error}") from None
    here = tuple(
        replace(hand_in, path=folder.joinpath(*_parts(str(hand_in.path))))
        for hand_in in graded.hand_ins
    )
    labs = tuple(folder / LABS / str(number) for number in range(len(manifest.terms.labs)))
    return UnpackedShard(manifest, replace(graded, hand_ins=here), labs)


def _make(
    tar: tarfile.TarFile, member: tarfile.TarInfo, parts: tuple[str, ...], below: Below
) -> None:
    if member.issym():
        below.make_link(parts, member.linkname)
    elif member.isfifo():
        os.mkfifo(parts[-1], member.mode & 0o777, dir_fd=below.folder(parts[:-1]))
    elif member.isfile() and (content := tar.extractfile(member)) is not None:
        with content, below.make_file(parts) as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fchmod(file.fileno(), member.mode & 0o777)
            os.utime(file.fileno(), (member.mtime, member.mtime))
    else:
        raise WrongCall(f"this is no shard: it holds {member.name!r}")


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a path in an archive, none of which leads elsewhere. Raises WrongCall."""
    parts = tuple(name.split("/"))
    if parts[0] not in (MANIFEST, WORK, LABS) or {"", ".", ".."} & {*parts}:
        raise WrongCall(f"this is no shard: it holds {str(PurePosixPath(name))[:80]!r}")
    return parts


def _read_manifest(file: Path) -> ShardManifest:
    if not file.is_file() or file.stat().st_size > MAX_MANIFEST:
        raise WrongCall("this is no shard: it has no manifest, or one that is too large")
    told = json.loads(file.read_text(encoding="ascii"))
    return msgspec.convert(told, ShardManifest, dec_hook=lambda kind, value: kind(value))
