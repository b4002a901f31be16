"""Whatever takes a name meanwhile, nothing is opened or made but what is below the folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.intake.below import Below

WAYS: dict[str, Callable[[Below], object]] = {
    "folder": lambda below: below.folder(("way",)),
    "read": lambda below: below.read(("way", "secret")),
    "make_folder": lambda below: below.make_folder(("way", "new")),
    "make_file": lambda below: below.make_file(("way", "new")),
    "make_file over one": lambda below: below.make_file(("way", "secret")),
    "make_link": lambda below: below.make_link(("way", "new"), "/etc"),
    "deeper": lambda below: below.make_file(("in", "way", "new")),
    "back": lambda below: below.make_file(("in", "up", "way", "new")),
}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    top = tmp_path / "top"
    (top / "in").mkdir(parents=True)
    (top / "way").symlink_to(tmp_path / "outside")
    (top / "in" / "way").symlink_to("../way")
    (top / "in" / "up").symlink_to("..")
    return top


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_through_a_link(way: str, top: Path) -> None:
    with Below(top) as below, pytest.raises(OSError, match="it changed while it was read") as error:
        WAYS[way](below)
    assert error.value.errno == errno.ESTALE
    assert [path.read_text() for path in (top.parent / "outside").iterdir()] == ["secret"]


def test_a_link_in_place_of_a_file_is_put_away(top: Path) -> None:
    (top / "file").symlink_to("../outside/secret")
    with Below(top) as below:
        with pytest.raises(OSError, match="it changed while it was read"):
            below.read(("file",))
        with below.make_file(("file",)) as writer:
            writer.write(b"ours")
    assert (top / "file").read_text() == "ours"
    assert (top.parent / "outside" / "secret").read_text() == "secret"


def test_the_folder_itself_is_no_link(top: Path) -> None:
    with pytest.raises(NotADirectoryError):
        Below(top / "way")


def test_no_descriptor_is_left(top: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    (top / "a" / "b" / "c").mkdir(parents=True)
    with Below(top) as below:
        below.make_folder(("a", "b", "c", "d"))
        below.make_folder(("in", "e"))
        below.make_file(("a", "b", "f")).close()
        for way in WAYS.values():
            with pytest.raises(OSError, match="it changed"):
                way(below)
    assert set(os.listdir("/proc/self/fd")) <= before
