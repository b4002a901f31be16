"""What is laid for a program: nothing is written where a program's links lead."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from conformance.contract.draw import Draw
from conformance.contract.laid import Laid, laid_for
from conformance.session import laying
from conformance.verdict.model import Parameters


def test_files_links_and_folders(tmp_path: Path) -> None:
    laid = {
        "www/a/héllo b.txt": Laid(b"hello", modified=1_000_000_000),
        "www/large": Laid(b"head", size=2**30),
        "www/out": Laid(link="../secret"),
        "www/none": Laid(folder=True),
        "cgi-bin/run": Laid(b"#!/bin/sh\n", executable=True),
    }
    former = os.umask(0o077)
    try:
        laying.lay(tmp_path, laid)
    finally:
        os.umask(former)
    hello, large = tmp_path / "www/a/héllo b.txt", tmp_path / "www/large"
    assert (hello.read_bytes(), hello.stat().st_mtime) == (b"hello", 1_000_000_000)
    assert stat.S_IMODE(hello.stat().st_mode) == 0o644
    assert large.stat().st_size == 2**30
    assert large.stat().st_blocks * 512 < 2**20
    assert os.readlink(tmp_path / "www/out") == "../secret"
    assert list((tmp_path / "www/none").iterdir()) == []
    assert os.access(tmp_path / "cgi-bin/run", os.X_OK)


def test_what_was_handed_in_under_these_names_is_taken_away(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "kept").mkdir(parents=True)
    work = tmp_path / "work"
    (work / "www" / "mine").mkdir(parents=True)
    (work / "other").symlink_to(outside)
    (work / "third").write_text("mine")
    laying.clear(work, {"www/a": Laid(), "other/b": Laid(), "third/c": Laid()})
    assert list(work.iterdir()) == []
    assert (outside / "kept").is_dir()


@pytest.mark.parametrize("link", ["www", "www/a"])
def test_no_link_is_followed(tmp_path: Path, link: str) -> None:
    outside, work = tmp_path / "outside", tmp_path / "work"
    outside.mkdir()
    (work / link).parent.mkdir(parents=True)
    (work / link).symlink_to(outside)
    with pytest.raises(OSError, match="Not a directory"):
        laying.lay(work, {"www/a/b": Laid(b"x")} if link == "www/a" else {"www/b": Laid(b"x")})
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("start", ["src", "src/sub"])
def test_a_link_on_the_way_to_the_start_is_not_followed(tmp_path: Path, start: str) -> None:
    outside, work = tmp_path / "outside", tmp_path / "work"
    for kept in (outside / "www", outside / "sub" / "www"):
        kept.mkdir(parents=True)
    work.mkdir()
    (work / "src").symlink_to(outside)
    laid = {"www/a": Laid(b"x")}
    with pytest.raises(OSError, match="Not a directory"):
        laying.clear(work, laid, start)
    with pytest.raises(OSError, match="Not a directory"):
        laying.lay(work, laid, start=start)
    assert sorted(path.name for path in outside.rglob("*")) == ["sub", "www", "www"]


def test_what_lies_below_the_start_is_laid_there(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "www" / "mine").mkdir(parents=True)
    laid = {"www/a": Laid(b"x")}
    laying.clear(tmp_path, laid, "a/b")
    laying.lay(tmp_path, laid, start="a/b")
    assert [path.name for path in (tmp_path / "a" / "b" / "www").iterdir()] == ["a"]


def test_a_link_in_place_of_a_file_is_replaced(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("kept")
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "a").symlink_to(secret)
    laying.lay(tmp_path, {"www/a": Laid(b"new")})
    assert (secret.read_text(), (tmp_path / "www/a").read_bytes()) == ("kept", b"new")


def test_a_folder_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "www" / "a").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        laying.lay(tmp_path, {"www/a": Laid(b"new")})


@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "a//b", "a/./b", ""])
def test_a_lab_lays_below_the_programs_folder_only(path: str) -> None:
    with pytest.raises(ValueError, match="no path below"):
        laid_for(lambda parameters, draw: {path: Laid()}, Parameters({}), 1)


def test_one_seed_lays_the_same(tmp_path: Path) -> None:
    def lays(parameters: Parameters, draw: Draw) -> dict[str, Laid]:
        return {draw.word(): Laid(draw.data(20))}

    once, again, other = (laid_for(lays, Parameters({}), seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other
