"""Whose results stand in the folder: of this class, of what is handed in now, as asked for."""

from __future__ import annotations

import time

import pytest

from kit.classroom import ANSWERS_WRONG, NEVER_LISTENS, Classroom

TWO_LABS = """
[[lab]]
name = "echo-node"
only = "1.1"
"""


def test_what_was_replaced_has_no_result_before_it_is_graded(classroom: Classroom) -> None:
    classroom.hand_in("ann", ANSWERS_WRONG)
    classroom.grade()
    classroom.hand_in("ann", program=NEVER_LISTENS)
    graded = classroom.desk.start(*classroom.words())
    deadline = time.monotonic() + 60
    while not list(classroom.out.glob("runs/ann/*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    graded.kill()
    graded.communicate()
    classroom.desk.killed = True
    reported = classroom.desk.call("report", classroom.out)
    row = classroom.gradebook()["ann"]
    assert (row["provisional"], row["grade"], reported.status) == ("yes", "", 3)
    classroom.hand_in("ann")
    classroom.grade()
    assert classroom.gradebook()["ann"]["grade"] == "6.0"


def test_a_second_entry_leaves_the_first_ones_result_open(classroom: Classroom) -> None:
    work = classroom.hand_in("ann")
    classroom.grade()
    (classroom.folder / "ann").mkdir()
    (classroom.folder / "ann" / "main.py").write_bytes(work.read_bytes())
    assert classroom.grade().status == 3
    row = classroom.gradebook()["ann"]
    assert (row["provisional"], row["grade"]) == ("yes", "")
    assert "2 entries" in row["remarks"]


def test_a_correction_is_not_for_what_is_handed_in_later(classroom: Classroom) -> None:
    classroom.hand_in("ann", ANSWERS_WRONG)
    classroom.grade()
    words = ("ann", "echo", "1.1", "--points", "0", "--because", "cheated")
    classroom.desk.call("override", *words, "--out", classroom.out)
    classroom.hand_in("ann")
    graded = classroom.grade()
    assert classroom.gradebook()["ann"]["grade"] == "6.0"
    assert "given to an earlier hand-in" in " ".join(graded.stdout.split())


def test_a_correction_while_the_class_is_graded_is_in_its_reports(classroom: Classroom) -> None:
    classroom.hand_in("ann", ANSWERS_WRONG)
    classroom.grade()
    classroom.hand_in("zoe", program=NEVER_LISTENS)
    graded = classroom.desk.start(*classroom.words())
    deadline = time.monotonic() + 60
    while not list(classroom.out.glob("runs/zoe/*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    words = ("ann", "echo", "3.1", "--points", "2", "--because", "the handout was wrong")
    assert classroom.desk.call("override", *words, "--out", classroom.out).status == 0
    graded.terminate()
    graded.communicate(timeout=60)
    assert "3.1" in classroom.gradebook()["ann"]["remarks"]


def test_one_damaged_run_is_graded_again_and_locks_nobody_out(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    classroom.hand_in("bob")
    classroom.grade()
    file = classroom.out / "runs" / "ann" / "echo.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([lines[0], lines[1][:30] + "\n", *lines[2:]]))
    assert classroom.desk.call("report", classroom.out).status == 3
    rows = classroom.gradebook()
    assert "echo.jsonl is damaged" in rows["ann"]["remarks"]
    assert rows["bob"]["grade"] == "6.0"
    before = classroom.run_files()
    graded = classroom.grade()
    assert graded.status == 0
    assert "1 changed" in graded.stderr
    assert classroom.run_files()["bob"] == before["bob"]


def test_a_seed_is_kept_and_may_be_zero(classroom: Classroom) -> None:
    def seed() -> int:
        return next(int(e["seed"]) for e in classroom.events("ann") if e["event"] == "run")

    classroom.hand_in("ann")
    classroom.grade("--seed", "7")
    classroom.grade("--again", "ann")
    assert seed() == 7
    classroom.grade("--seed", "0")
    assert seed() == 0
    classroom.grade("--again", "ann")
    assert seed() == 0


def test_one_lab_of_two_leaves_the_other(classroom: Classroom) -> None:
    (classroom.folder / "class.toml").write_text(
        f'title = "two"\n[[lab]]\nname = "echo"\nonly = "1.1"\n{TWO_LABS}'
    )
    classroom.hand_in("ann")
    classroom.grade()
    before = classroom.gradebook()["ann"]
    classroom.hand_in("ann", "UNUSED = 1")
    classroom.grade("--lab", "echo")
    after = classroom.gradebook()["ann"]
    assert after["echo points"] == before["echo points"] != ""
    assert set(after) == set(before)
    assert (after["provisional"], after["echo-node points"]) == ("yes", ""), "not run yet"


def test_fetching_dependencies_runs_nobody_again(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    classroom.grade()
    before = classroom.run_files()
    classroom.grade("--fetch-dependencies")
    assert classroom.run_files() == before


def test_reports_of_who_is_gone_go(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    classroom.hand_in("bob").unlink()
    classroom.hand_in("bob")
    classroom.grade()
    (classroom.folder / "bob.py").unlink()
    classroom.grade()
    assert sorted(file.name for file in (classroom.out / "students").iterdir()) == [
        "ann.html",
        "ann.txt",
        "ann.xml",
    ]


def test_another_class_is_not_mixed_in(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    classroom.grade()
    rows = classroom.gradebook()
    other = classroom.desk.folder / "other"
    other.mkdir()
    (other / "zoe.py").write_text("1")
    graded = classroom.desk.call("grade", other, "--lab", "echo", "--out", classroom.out)
    assert graded.status == 2
    assert "another class" in graded.stderr
    assert classroom.gradebook() == rows


@pytest.mark.parametrize("out", [".", "sub/.."])
def test_results_do_not_lie_among_the_entries(classroom: Classroom, out: str) -> None:
    classroom.hand_in("ann")
    (classroom.folder / "sub").mkdir()
    before = sorted(path.name for path in classroom.folder.iterdir())
    graded = classroom.desk.call("grade", classroom.folder, "--out", classroom.folder / out)
    assert graded.status == 2
    assert "is the folder of the submissions" in graded.stderr
    assert sorted(path.name for path in classroom.folder.iterdir()) == before


def test_nor_in_one_of_them(classroom: Classroom) -> None:
    folder = classroom.folder / "ann"
    folder.mkdir()
    (folder / "main.py").write_text("1")
    graded = classroom.desk.call("grade", classroom.folder, "--out", folder / "out")
    assert (graded.status, (folder / "out").exists()) == (2, False)


def test_nobody_listens_and_all_is_graded(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    classroom.hand_in("bob", ANSWERS_WRONG)
    graded = classroom.desk.start(*classroom.words())
    assert graded.stdout is not None
    graded.stdout.close()
    graded.stdout = None
    _, stderr = graded.communicate(timeout=240)
    assert graded.returncode == 1, stderr
    assert classroom.gradebook()["ann"]["grade"] == "6.0"
    assert "results and reports" in stderr
