"""A class is graded; what has not changed is not run again."""

from __future__ import annotations

import contextlib
import sqlite3
import time

import pytest

from kit.classroom import ANSWERS_WRONG, ENDS_AT_ONCE, NEVER_LISTENS, Classroom


@pytest.fixture
def three(classroom: Classroom) -> Classroom:
    classroom.hand_in("ann")
    classroom.hand_in("bob", ANSWERS_WRONG)
    classroom.hand_in("cleo", program=ENDS_AT_ONCE)
    return classroom


def test_each_gets_the_verdicts_of_a_check(three: Classroom) -> None:
    graded = three.grade()
    assert graded.status == 1, graded.stderr
    for student in ("ann", "bob", "cleo"):
        checked = three.desk.check(three.folder / f"{student}.py", "--only", "1.1,3.1")
        assert {number: outcome for number, (outcome, _) in three.outcomes(student).items()} == (
            checked.outcomes
        )
    rows = three.gradebook()
    assert rows["ann"]["grade"] == "6.0"
    assert rows["cleo"]["grade"] == "1.0"
    assert 1.0 < float(rows["bob"]["grade"]) < 6.0


@pytest.mark.slow
def test_only_what_has_changed_is_run_again(three: Classroom) -> None:
    def run_again(*words: str) -> set[str]:
        before = three.run_files()
        three.grade(*words)
        return {name for name, found in three.run_files().items() if before[name] != found}

    first = three.grade()
    rows = three.gradebook()
    assert run_again() == set()
    assert three.grade().status == first.status
    assert three.gradebook() == rows
    (three.folder / "ann.py").touch()
    assert run_again() == set()
    assert run_again("--again", "ann") == {"ann"}
    three.hand_in("bob")
    assert run_again() == {"bob"}
    assert three.outcomes("bob")["3.1"] == ("passed", 3)
    three.describe(only="1.1,3.7")
    assert run_again() == {"ann", "bob", "cleo"}


def test_again_for_nobody_is_a_wrong_call(three: Classroom) -> None:
    graded = three.grade("--again", "zoe")
    assert (graded.status, graded.stdout) == (2, "")
    assert "zoe" in graded.stderr


def test_what_cannot_be_taken_in_is_open_and_harms_nobody(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    (classroom.folder / "bob.zip").write_bytes(b"PK\x03\x04 but no archive")
    (classroom.folder / "cleo").mkdir()
    assert classroom.grade().status == 3
    assert classroom.outcomes("ann")["3.1"] == ("passed", 3)
    rows = classroom.gradebook()
    assert "could not be started: bob.zip cannot be unpacked" in rows["bob"]["remarks"]
    assert {who: row["provisional"] for who, row in rows.items()} == {
        "ann": "",
        "bob": "yes",
        "cleo": "",
    }


def test_all_reports_are_there_and_are_rendered_again(three: Classroom) -> None:
    """From the events alone: the index too, and without the submissions."""
    graded = three.grade()
    assert "3 students" in graded.stdout
    for file in ("grades.csv", "class.xml", "class.db", "students/bob.txt", "students/bob.xml"):
        assert (three.out / file).stat().st_size, file
    page = (three.out / "students" / "bob.txt").read_text(encoding="utf-8")
    assert "3.1" in page
    assert list(three.out.glob("evidence/bob/echo/3.1*.pcapng"))
    assert not (three.out / "evidence" / "ann").exists() or not list(
        three.out.glob("evidence/ann/echo/*")
    )
    rows, index = three.gradebook(), indexed(three)
    assert index
    (three.out / "class.db").write_bytes(b"no database at all, but long enough to look at")
    (three.out / "grades.csv").unlink()
    for hand_in in three.folder.iterdir():
        hand_in.unlink()
    assert three.desk.call("report", three.out).status == 1
    assert three.gradebook() == rows
    assert indexed(three) == index


def indexed(classroom: Classroom) -> list[tuple[object, ...]]:
    ask = "SELECT author, clause, outcome, points FROM verdict ORDER BY author, clause"
    with contextlib.closing(sqlite3.connect(classroom.out / "class.db")) as database:
        return database.execute(ask).fetchall()


def test_two_graders_do_not_grade_into_one_folder(classroom: Classroom) -> None:
    classroom.hand_in("ann", program=NEVER_LISTENS)
    first = classroom.desk.start(*classroom.words("--timeout-scale", "10"))
    deadline = time.monotonic() + 60
    while not list(classroom.out.glob("runs/ann/*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    second = classroom.grade()
    assert second.status == 2
    assert "right now" in second.stderr
    first.terminate()
    first.communicate(timeout=60)
    assert first.returncode == 3


@pytest.mark.slow
def test_who_handed_in_nothing_is_in_the_gradebook_at_once(classroom: Classroom) -> None:
    lines = ["id,name", *(f"s{number:04},Student {number}" for number in range(2_000))]
    (classroom.folder / "roster.csv").write_text("\n".join(lines))
    classroom.describe(more='roster = "roster.csv"')
    for number in range(3):
        classroom.hand_in(f"s{number:04}")
    classroom.grade()
    rows = classroom.gradebook()
    assert len(rows) == 2_000
    assert rows["s0000"]["grade"] == "6.0"
    assert rows["s1999"]["grade"] == "1.0"
    assert "nothing handed in" in rows["s1999"]["remarks"]


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["--lab", "nonsense"], "nonsense"),
        (["--starts", "0"], "--starts"),
    ],
)
def test_a_wrong_call_is_one_sentence(three: Classroom, words: list[str], about: str) -> None:
    graded = three.grade(*words)
    assert graded.status == 2
    assert about in graded.stderr
    assert "Traceback" not in graded.stderr
    assert not three.out.exists()


def test_no_class_there_is_a_wrong_call(classroom: Classroom) -> None:
    graded = classroom.desk.call("grade", classroom.folder / "nowhere", "--out", classroom.out)
    assert graded.status == 2
    assert "nowhere" in graded.stderr
    reported = classroom.desk.call("report", classroom.folder)
    assert reported.status == 2
