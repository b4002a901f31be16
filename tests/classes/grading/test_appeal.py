"""A regrading, an appeal and its answer, with real programs."""

from __future__ import annotations

import json
import shutil

from kit.classroom import ANSWERS_WRONG, Classroom


def test_what_a_regrading_changes_is_told_and_can_be_checked_later(classroom: Classroom) -> None:
    out, call = classroom.out, classroom.desk.call
    ann = classroom.hand_in("ann")
    classroom.hand_in("bob")
    first = classroom.grade()
    assert "changed" not in first.stdout
    assert "No result changed, 1 graded again" in classroom.grade("--again", "bob").stdout
    former = classroom.desk.folder / "former"
    shutil.copytree(out, former)
    bundle = classroom.desk.folder / "ann.zip"
    assert call("receipt", out, "ann", "echo", "-o", bundle).status == 0

    handed_in = classroom.desk.folder / "ann (1).py"
    shutil.copy(ann, handed_in)
    classroom.hand_in("ann", ANSWERS_WRONG)
    again = classroom.grade()
    assert "1 result changed" in again.stdout
    assert "ann · echo: 4 of 4 points → 1 of 4 points" in again.stdout
    assert "passed 3/3 → failed 0/3" in again.stdout
    assert "Changed in between: work (not the same as before)." in again.stdout

    kept = json.loads(call("diff", out, "--json", "-").stdout)
    (grading,) = kept["gradings"]
    compared = json.loads(call("diff", former, out, "--json", "-").stdout)
    assert compared["changes"] == grading["changes"]
    assert compared["same"] == 1

    # The appeal: the receipt is about what was handed in first.
    kept_run = classroom.desk.folder / "kept"
    checked = call("verify", bundle, handed_in, "--class", out, "--keep", kept_run)
    assert checked.status == 0, checked.stdout + checked.stderr
    assert "ann (1).py is the work that was judged" in checked.stdout
    assert "Judged again: the verdicts are the same." in checked.stdout
    assert "graded again since, with other verdicts: 3.1" in checked.stdout
    first_run = (former / "runs" / "ann" / "echo.jsonl").read_text().splitlines()
    second_run = (kept_run / "run.jsonl").read_text().splitlines()
    seeds = {json.loads(lines)["seed"] for lines in (first_run[1], second_run[0])}
    assert len(seeds) == 1
    assert call("verify", bundle, ann).status == 1, "other work"
    assert call("diff", kept_run, former / "runs" / "ann" / "echo.jsonl").status == 0

    theirs = classroom.desk.folder / "for-ann.zip"
    assert call("receipt", out, "ann", "echo", "--for-student", "-o", theirs).status == 0
    assert b"captures/3.1-" in theirs.read_bytes()
    assert str(seeds.pop()).encode() not in theirs.read_bytes()
