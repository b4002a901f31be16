"""What a class's entries are worth that cannot be started as they are: nothing, where they
hold no program; open, where nothing is proven against them."""

from __future__ import annotations

import shutil

import pytest
from classroom import Classroom
from desk import REFERENCES

LISTENS = "import socket\nsocket.create_server(('', 2323))\n"
NEWER = """\
build = ["sh", "-c", "echo 'error: release version 99 not supported'; exit 1"]
command = ["sh"]
"""


def test_an_entry_with_two_servers_is_open_and_says_why(classroom: Classroom) -> None:
    (classroom.folder / "ann").mkdir()
    for name in ("echo_server.py", "time_server.py"):
        (classroom.folder / "ann" / name).write_text(LISTENS)
    graded = classroom.grade()
    assert graded.status == 3
    told = "several Python files could be the server: echo_server.py, time_server.py; hand in the"
    assert told in classroom.gradebook()["ann"]["remarks"]
    row = classroom.gradebook()["ann"]
    assert (row["provisional"], row["grade"], row["echo points"]) == ("yes", "", "")
    _, still_open = " ".join(graded.stdout.split()).split("Still open")
    assert told in still_open
    page = " ".join((classroom.out / "students" / "ann.txt").read_text().split())
    assert told in page
    assert "cost you no point" in page


def test_one_that_says_which_it_is_is_graded_then(classroom: Classroom) -> None:
    work = classroom.hand_in("ann")
    folder = classroom.folder / "ann"
    folder.mkdir()
    work.rename(folder / "echo_server.py")
    (folder / "time_server.py").write_text(LISTENS)
    classroom.grade()
    (folder / "submission.toml").write_text('command = ["python3", "echo_server.py"]\n')
    assert classroom.grade().status == 0
    assert classroom.gradebook()["ann"]["grade"] == "6.0"


def test_an_entry_without_a_program_is_not_open(classroom: Classroom) -> None:
    (classroom.folder / "ann").mkdir()
    (classroom.folder / "ann" / "lab.docx").write_bytes(b"PK\x03\x04")
    assert classroom.grade().status == 1
    row = classroom.gradebook()["ann"]
    assert (row["provisional"], row["echo points"]) == ("", "0")
    page = " ".join((classroom.out / "students" / "ann.txt").read_text().split())
    assert "actual ann: nothing that can be started was found" in page
    assert "hint Hand in the program itself: a .py" in page


def test_what_is_for_a_newer_compiler_is_open(classroom: Classroom) -> None:
    folder = classroom.folder / "ann"
    folder.mkdir()
    (folder / "submission.toml").write_text(NEWER)
    graded = classroom.grade()
    assert graded.status == 3
    assert classroom.gradebook()["ann"]["provisional"] == "yes"
    told = "another version of a tool than this machine has error: release version 99 not supported"
    assert told in " ".join(graded.stdout.split())


@pytest.mark.skipif(not shutil.which("javac"), reason="javac is not installed")
def test_a_comment_in_the_encoding_of_windows_costs_nothing(classroom: Classroom) -> None:
    source = (REFERENCES / "echo/java/ThreadPerClient.java").read_text(encoding="utf-8")
    (classroom.folder / "ann.java").write_bytes(f"/* Gruß */ {source}".encode("windows-1252"))
    assert classroom.grade().status == 0
    run = next(e for e in classroom.events("ann") if e["event"] == "run")
    assert any("compiled as windows-1252" in note for note in run["notes"])
