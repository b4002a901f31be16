"""Work is known by its files, whatever it is called, and what differs is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.reports.receipts.work_files import MAX_NAMED, differences, files_of


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with three files and a link."""
    work = tmp_path / "ann"
    (work / "src").mkdir(parents=True)
    for name in ("a.py", "src/b.py", "src/c.py"):
        (work / name).write_text(name)
    (work / "link").symlink_to("/etc/passwd")
    return work


def test_files_are_listed_by_their_names_and_links_are_not_followed(work: Path) -> None:
    listed = {each.name: each for each in files_of(work)}
    assert [*listed] == ["a.py", "link", "src/b.py", "src/c.py"]
    assert listed["link"].size == 0
    before = listed["link"].sha256
    (work / "link").unlink()
    (work / "link").symlink_to("/etc/group")
    assert {each.name: each for each in files_of(work)}["link"].sha256 != before


def test_the_folder_may_be_called_otherwise(work: Path) -> None:
    before = files_of(work)
    moved = work.rename(work.with_name("ann (1)"))
    assert differences(before, files_of(moved)) == []


def test_each_difference_is_named(work: Path) -> None:
    before = files_of(work)
    (work / "a.py").write_text("another")
    (work / "src/b.py").unlink()
    (work / "src/d.py").write_text("new")
    assert differences(before, files_of(work)) == [
        "a.py differs", "src/b.py is missing", "src/d.py is new",
    ]  # fmt: skip


def test_of_many_differences_some_are_named(work: Path) -> None:
    before = files_of(work)
    for number in range(MAX_NAMED + 3):
        (work / f"{number}.txt").touch()
    told = differences(before, files_of(work))
    assert len(told) == MAX_NAMED + 1
    assert told[-1] == "and 3 more"


def test_a_file_and_a_folder_are_no_more_compared(work: Path) -> None:
    told = differences(files_of(work / "a.py"), files_of(work))
    assert told == ["one is a file, the other a folder"]


def test_a_pipe_is_not_opened(work: Path) -> None:
    os.mkfifo(work / "pipe")
    assert "" in {each.sha256 for each in files_of(work)}


def test_names_move_no_cursor(work: Path) -> None:
    before = files_of(work)
    (work / "\x1b[2J\n").touch()
    assert differences(before, files_of(work)) == ["\\u{1B}[2J⏎ is new"]
