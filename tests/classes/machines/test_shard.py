"""A shard: what arrives is what was sent, and nothing leads out of its folder."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.grading.outdated import Due, Terms, Why, what_is_wanted
from conformance.classes.machines.fitness import common_terms
from conformance.classes.machines.shard import UnpackedShard, bytes_of, pack_shard, unpack_shard
from conformance.classes.model import Class, HandIn, LabPlan, Student
from conformance.contract.catalog import load
from conformance.sandbox import Tier
from conformance.verdict.model import WrongCall
from kit.desk import CHECK_SECONDS, Desk
from kit.small_class import CATALOG, TERMS, SmallClass


def sent(graded: Class, folder: Path, terms: Terms = TERMS) -> UnpackedShard:
    """All of a class as one shard, unpacked in another place."""
    catalog = load(terms.labs) if terms.labs else CATALOG
    wanted, _ = what_is_wanted(graded, catalog, terms, Tier.FULL)
    due = [Due(each, wanted[each.author, each.lab], Why.NEW) for each in graded.hand_ins]
    common = common_terms(graded, catalog, terms, Tier.FULL, measured=True)
    shard = pack_shard("shard-1", folder, due, common)
    assert shard.size == shard.archive.stat().st_size
    with shard.archive.open("rb") as stream:
        return unpack_shard(stream, folder / "there")


def class_of(path: Path) -> Class:
    return Class("c", (Student("ann"),), (LabPlan("echo"),), (HandIn("ann", "echo", path),))


def a_file(folder: Path) -> Path:
    path = folder / "ann.py"
    path.write_text("print()")
    path.chmod(0o754)
    os.utime(path, (1e9, 1e9))
    return path


def a_folder(folder: Path) -> Path:
    path = folder / "ann and öthers"
    (path / "src" / "empty").mkdir(parents=True)
    (path / "src" / "run.sh").write_text("#!/bin/sh\n")
    (path / "src" / "run.sh").chmod(0o700)
    (path / "link").symlink_to("src/run.sh")
    (path / "nowhere").symlink_to("/no/such/place")
    (path / "out").symlink_to(Path("..", "..", "etc"))
    os.mkfifo(path / "pipe")
    (path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"\0" * 9)
    (path / f"{'long' * 50}.txt").touch()
    (path / "src").chmod(0o711)
    return path


def a_link(folder: Path) -> Path:
    path = folder / "ann"
    path.symlink_to(a_folder(folder))
    return path


@pytest.mark.parametrize("make", [a_file, a_folder, a_link])
def test_what_was_handed_in_is_the_same_there(make: Callable[[Path], Path], tmp_path: Path) -> None:
    (tmp_path / "entries").mkdir()
    graded = class_of(make(tmp_path / "entries"))
    there = sent(graded, tmp_path)
    [hand_in] = there.graded.hand_ins
    assert hand_in.path is not None
    assert hand_in.path.is_relative_to(tmp_path / "there")
    wanted, _ = what_is_wanted(there.graded, CATALOG, there.manifest.terms, Tier.FULL)
    assert wanted == there.wanted
    assert there.called == {("ann", "echo"): graded.hand_ins[0].path}
    if make is a_file:
        assert hand_in.path.stat().st_mtime == 1e9
        assert hand_in.path.stat().st_mode & 0o777 == 0o754


def test_only_what_the_shard_needs_of_the_class_goes_along(tmp_path: Path) -> None:
    small = SmallClass(tmp_path)
    ann = next(each for each in small.graded.hand_ins if each.author == "ann")
    due = [one for one in small.due() if one.hand_in == ann]
    common = common_terms(small.graded, CATALOG, TERMS, Tier.FULL, measured=True)
    shard = pack_shard("shard-1", tmp_path, due, common)
    with shard.archive.open("rb") as stream:
        there = unpack_shard(stream, tmp_path / "there")
    assert [student.id for student in there.graded.students] == ["ann"]
    assert [plan.name for plan in there.graded.labs] == [ann.lab]
    assert there.manifest.terms == TERMS
    assert there.manifest.labs.keys() == {ann.lab}


def test_labs_that_the_class_brings_go_along(desk: Desk, tmp_path: Path) -> None:
    labs = tmp_path / "labs"
    made = desk.call("new-lab", "adder", "--into", labs)
    assert made.status == 0, made.stderr
    (labs / "adder" / ".git").mkdir()
    (labs / "secret.txt").write_text("of the teacher")
    (labs / "linked.md").symlink_to(tmp_path / "none")
    path = a_file(tmp_path)
    graded = replace(
        class_of(path), labs=(LabPlan("adder"),), hand_ins=(HandIn("ann", "adder", path),)
    )
    terms = replace(TERMS, labs=(labs,))
    there = sent(graded, tmp_path, terms)
    assert [entry.name for entry in there.lab_folders[0].iterdir()] == ["adder"]
    assert not (there.lab_folders[0] / "adder" / ".git").exists()
    assert there.manifest.labs == {}
    assert there.manifest.terms.labs == (labs,), "commands in reports name the teacher's folder"
    wanted, _ = what_is_wanted(there.graded, load(there.lab_folders), terms, Tier.FULL)
    assert wanted == there.wanted


def test_what_cannot_be_packed_leaves_no_archive(tmp_path: Path) -> None:
    graded = class_of(a_file(tmp_path))
    due = [Due(graded.hand_ins[0], "f", Why.NEW)]
    common = common_terms(graded, CATALOG, TERMS, Tier.FULL, measured=True)
    (tmp_path / "ann.py").unlink()
    with pytest.raises(OSError, match=r"ann\.py"):
        pack_shard("shard-1", tmp_path, due, common)
    assert not list(tmp_path.glob("*.tar"))


def test_what_is_too_deep_to_be_packed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded = class_of(a_folder(tmp_path))
    due = [Due(graded.hand_ins[0], "f", Why.NEW)]
    common = common_terms(graded, CATALOG, TERMS, Tier.FULL, measured=True)

    def too_deep(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("conformance.classes.machines.shard._add_tree", too_deep)
    with pytest.raises(WrongCall, match="too many folders"):
        pack_shard("shard-1", tmp_path, due, common)
    assert not list(tmp_path.glob("*.tar"))


def test_what_vanishes_while_it_is_measured_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("aaa")
    monkeypatch.setattr(os, "walk", lambda _: [(str(tmp_path), [], ["a", "gone"])])
    assert bytes_of(tmp_path) == 3


def test_how_large_something_is_counts_files_and_follows_nothing(tmp_path: Path) -> None:
    assert bytes_of(a_file(tmp_path)) == len("print()")
    assert 0 < bytes_of(a_folder(tmp_path)) < 1_000
    assert bytes_of(tmp_path / "none") == 0


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mode = kind, link, 0o755
    return found


FOLDER, LINK = tarfile.DIRTYPE, tarfile.SYMTYPE
HOSTILE = {
    "above": [member("work", FOLDER), member("work/../../out")],
    "absolute": [member("/out")],
    "beside": [member("out")],
    "through a link": [member("work", FOLDER), member("work/a", LINK, "/"), member("work/a/out")],
    "a device": [member("work", FOLDER), member("work/null", tarfile.CHRTYPE)],
    "a hard link": [member("work", FOLDER), member("work/a", tarfile.LNKTYPE, "../out")],
    "no manifest": [member("work", FOLDER)],
    "an empty manifest": [member("shard.json")],
    "nothing": [],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_that_is_no_shard_is_refused(
    members: list[tarfile.TarInfo], tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for each in members:
            tar.addfile(each, io.BytesIO())
    packed.seek(0)
    with pytest.raises((WrongCall, OSError)):
        unpack_shard(packed, tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_stream_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    graded = class_of(a_file(tmp_path))
    sent(graded, tmp_path)
    packed = (tmp_path / "shard-1.tar").read_bytes()
    with pytest.raises(WrongCall, match="no shard"):
        unpack_shard(io.BytesIO(packed[:1500]), tmp_path / "cut")
    with pytest.raises(WrongCall, match="no shard"):
        unpack_shard(io.BytesIO(b"hello\n" * 200), tmp_path / "text")


def test_whose_caller_died_while_it_started_ends_at_once(desk: Desk) -> None:
    """It would wait for its part, or grade all of it, and nobody would hear of it."""
    (given, kept), (heard, told) = os.pipe(), os.pipe()
    os.close(heard)
    try:
        command = [sys.executable, "-m", "conformance", "shard"]
        ended = subprocess.run(
            command, stdin=given, stdout=told, stderr=subprocess.PIPE,
            env=desk.environment, timeout=CHECK_SECONDS, text=True,
        )  # fmt: skip
    finally:
        for fd in (given, kept, told):
            os.close(fd)
    assert (ended.returncode, ended.stderr) == (3, "")
