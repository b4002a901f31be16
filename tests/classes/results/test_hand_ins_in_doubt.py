"""What a class's entries are worth that cannot be started as they are: they are open, and say
why. No points for certain are for what was judged, does not compile, or was not handed in."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import pytest

from kit.classroom import Classroom
from kit.desk import REFERENCES

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


REFUSED = {
    "rar.rar": "rar.rar: such an archive cannot be opened here: hand in a .zip or a .tar.gz",
    "pdf/report.pdf": "pdf: only documents were handed in, and no program: report.pdf",
    "alone.pdf": "alone.pdf: only documents were handed in, and no program: alone.pdf",
    "shots/1.png": "shots: only documents were handed in, and no program: 1.png",
    "gradle/build.gradle": "gradle: Gradle projects are not supported: hand in a jar",
    "go.go": "go.go: a program in Go is not recognised by itself: add a submission.toml",
    "classes/Echo.class": "classes: only compiled .class files were found",
    "jar.jar": "jar.jar is not a jar that can be read",
    "toml/submission.toml": "toml: submission.toml is not TOML",
    "zip.zip": "zip.zip cannot be unpacked",
    "mac/.DS_Store": "mac: the folder holds no program, only what tools leave behind",
    "deep/" + "/".join("abcdefghijklmnopqrstuvwxyz") + "/x.bin": "deep: ",
}


def test_what_was_not_recognised_is_open_and_says_why(classroom: Classroom) -> None:
    for name in REFUSED:
        file = classroom.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("= what was handed in")
    leaving(classroom.folder / "tar.tar")
    graded = classroom.grade()
    assert graded.status == 3
    rows = classroom.gradebook()
    whys = {Path(name).parts[0].partition(".")[0]: why for name, why in REFUSED.items()}
    for who, why in {**whys, "tar": "tar.tar"}.items():
        row = rows[who]
        assert (row["provisional"], row["grade"], row["echo points"]) == ("yes", "", ""), who
        assert f"could not be started: {why}" in row["remarks"]
        page = " ".join((classroom.out / "students" / f"{who}.txt").read_text().split())
        assert "Still open: could not be started: " in page
        assert "cost you no point" in page
        assert "Hand in the program itself: a .py" in page
    assert f"could not be started: {len(rows)}\n" in graded.stdout
    assert f"{len(rows)} still open" in graded.stdout
    lines = [line for line in graded.stdout.splitlines() if "could not be started: rar" in line]
    assert len(lines) == 2, "as it ended, and in the summary: it was not held once more"
    assert (
        'message="open: could not be started: rar.rar' in (classroom.out / "class.xml").read_text()
    )


def leaving(path: Path) -> None:
    """An archive with an entry that would leave it: the teacher decides what that is worth."""
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("../../climbed.py")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"#"))


def test_the_teacher_decides_about_what_could_not_be_started(classroom: Classroom) -> None:
    (classroom.folder / "ann").mkdir()
    (classroom.folder / "ann" / "report.pdf").write_text("%PDF")
    classroom.grade()
    words = ("ann", "echo", "--total", "--points", "0", "--because", "a report, and no program")
    assert classroom.desk.call("override", *words, "--out", classroom.out).status == 0
    row = classroom.gradebook()["ann"]
    assert (row["provisional"], row["echo points"]) == ("", "0")
    assert "could not be started: ann: only documents were" in row["remarks"]
    assert "a report, and no program" in row["remarks"]
    graded = classroom.desk.call("report", classroom.out)
    assert graded.status == 1
    assert "could not be started:" not in graded.stdout


@pytest.mark.skipif(not shutil.which("cc"), reason="cc is not installed")
def test_no_points_for_certain_have_their_reason_beside_them(classroom: Classroom) -> None:
    classroom.describe(more='roster = "roster.csv"\n')
    (classroom.folder / "roster.csv").write_text("id\nann\nbob\ncy\n")
    (classroom.folder / "ann.c").write_text("int main(void) { return 0 }\n")
    (classroom.folder / "bob").mkdir()
    assert classroom.grade().status == 1
    rows = classroom.gradebook()
    assert {(row["provisional"], row["echo points"]) for row in rows.values()} == {("", "0")}
    assert "1.1 failed: ann.c:1:" in rows["ann"]["remarks"]
    assert rows["bob"]["remarks"] == "the folder that was handed in is empty; nothing handed in"
    assert rows["cy"]["remarks"] == "nothing handed in"
    assert "the folder that was handed in is empty" in (classroom.out / "class.xml").read_text()
    page = (classroom.out / "students" / "bob.txt").read_text()
    assert "Note: the folder that was handed in is empty" in page
    assert "Nothing handed in: no points." in page


def test_an_entry_of_nobody_leaves_open_who_handed_in_nothing(classroom: Classroom) -> None:
    classroom.describe(more='roster = "roster.csv"\nseparator = ";"\n')
    (classroom.folder / "roster.csv").write_text("id\nann\nbob\n")
    classroom.hand_in("ann")
    (classroom.folder / "x77.pdf").write_text("%PDF")
    graded = classroom.grade("--separator", ",")
    assert graded.status == 3
    rows = classroom.gradebook()
    assert (rows["ann"]["provisional"], rows["ann"]["grade"]) == ("", "6.0")
    assert (rows["bob"]["provisional"], rows["bob"]["grade"]) == ("yes", "")
    assert "hand-ins that have no owner" in rows["bob"]["remarks"]
    assert "unclear whether anything was handed in: 1" in graded.stdout
    classroom.describe(more='roster = "roster.csv"\nseparator = ";"\nignore = ["x77.pdf"]\n')
    assert classroom.grade().status == 1
    lines = (classroom.out / "grades.csv").read_text("utf-8-sig").splitlines()
    assert lines[2].split(";")[0] == "bob"
    assert lines[2].endswith(";nothing handed in")


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
