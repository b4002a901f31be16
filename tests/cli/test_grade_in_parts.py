"""A class is graded in parts, as the examples for CI do it: nothing differs from one grading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from kit.classroom import ANSWERS_WRONG, ENDS_AT_ONCE, Classroom
from kit.desk import GONE_WITHIN, Checked, clean_desk
from kit.same_gradings import captures, without_races

OF = 3
CLOSES_EARLY = """
    def answer(client, text):
        client.close()
"""


@pytest.fixture
def mixed() -> Iterator[Classroom]:
    """A class of right and wrong servers, of what cannot be judged, and of nothing handed in."""
    with clean_desk(GONE_WITHIN) as desk:
        classroom = Classroom(desk)
        (classroom.folder / "roster.csv").write_text("id\n" + "\n".join(("zoe", *STUDENTS)))
        classroom.describe(only="1.1,3.1,4.1", more='roster = "roster.csv"')
        for who in ("ann", "dora", "emil"):
            classroom.hand_in(who)
        classroom.hand_in("bob", ANSWERS_WRONG)
        classroom.hand_in("finn", CLOSES_EARLY)
        classroom.hand_in("cleo", program=ENDS_AT_ONCE)
        (classroom.folder / "gus.zip").write_bytes(b"PK\x03\x04 but no archive")
        yield classroom


STUDENTS = ("ann", "bob", "cleo", "dora", "emil", "finn", "gus")


def grade_part(classroom: Classroom, number: int, *words: object) -> tuple[Path, Checked]:
    elsewhere = copy(classroom)
    elsewhere.out = classroom.desk.folder / f"part-{number}"
    return elsewhere.out, elsewhere.grade("--part", f"{number}/{OF}", *words)


def verdicts(out: Path) -> dict[str, list[Any]]:
    """What each run says clause by clause, but for times."""
    found = {}
    for file in sorted(out.glob("runs/*/*.jsonl")):
        events = map(json.loads, file.read_text().splitlines())
        found[f"{file.parent.name}/{file.stem}"] = [
            (e["clause"], e["outcome"], e["points"], e["max_points"], e["expected"], e["hint"])
            for e in events
            if e["event"] == "verdict"
        ]
    return found


def pages(out: Path) -> dict[str, str]:
    """The students' pages as text, but for races."""
    return {
        file.name: without_races(file.read_text()) for file in sorted(out.glob("students/*.txt"))
    }


def files(out: Path) -> set[Path]:
    """All that is there, but for evidence: how often something was held again is the machine's."""
    found = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    return {path for path in found if path.parts[0] != "evidence"}


@pytest.mark.slow
def test_three_parts_are_one_grading_clause_by_clause(mixed: Classroom) -> None:
    whole = mixed.grade("--seed", "7")
    parts = [grade_part(mixed, number, "--seed", "7") for number in range(1, OF + 1)]
    merged_out = mixed.desk.folder / "merged"
    merged = mixed.desk.call("merge", *(out for out, _ in parts), "--out", merged_out)
    assert merged.status == whole.status == 3, merged.stderr
    assert verdicts(merged_out) == verdicts(mixed.out)
    rows = (mixed.out / "grades.csv").read_bytes()
    assert (merged_out / "grades.csv").read_bytes() == rows
    assert pages(merged_out) == pages(mixed.out)
    assert files(merged_out) == files(mixed.out)
    assert captures(merged_out) == captures(mixed.out) != {}
    for out, graded in parts:
        assert graded.status in (0, 1, 3)
        assert "not graded yet" not in graded.stdout
        assert not any("not graded yet" in text for text in pages(out).values())
        told = graded.stderr.splitlines()[-1]
        assert re.match(r"part \d of 3: .*conformance merge", told)
        students = {path.stem for path in out.glob("students/*.txt")}
        assert {path.parent.name for path in out.glob("runs/*/*.jsonl")} <= students
    statuses = {graded.status for _, graded in parts}
    assert max(statuses) == 3
    assert statuses != {3}, "a part's status is of its own hand-ins"


@pytest.mark.slow
def test_without_a_seed_parts_agree_and_a_lost_part_is_graded_where_all_is_merged(
    mixed: Classroom,
) -> None:
    (one, _), (two, _) = grade_part(mixed, 1), grade_part(mixed, 2)
    partial = mixed.desk.call("merge", one, two, "--out", mixed.out)
    assert partial.status == 3
    assert "part 3 of 3 is missing: what belongs there is open" in partial.stderr
    assert "part 3 of 3 is missing" in partial.stdout
    kept = mixed.run_files()
    assert kept
    mixed.grade()
    assert {name: mixed.run_files()[name] for name in kept} == kept, "the seed was kept"
    assert "is missing" not in (mixed.out / "grades.csv").read_text()
    three, _ = grade_part(mixed, 3)
    seeds = {json.loads(line)["seed"] for out in (mixed.out, three)
             for line in (out / "class.jsonl").read_text().splitlines()
             if '"event":"class"' in line}  # fmt: skip
    assert len(seeds) == 1
    again = mixed.desk.call("merge", one, two, three, "--out", mixed.out)
    assert "missing" not in again.stderr


def test_only_the_part_is_shown_before_it_is_graded(mixed: Classroom) -> None:
    shown = [
        mixed.desk.call("grade", mixed.folder, "--dry-run", "--part", f"{number}/{OF}").stdout
        for number in range(1, OF + 1)
    ]
    for who in STUDENTS:
        assert sum(bool(re.search(rf"\b{who}\b", text)) for text in shown) == 1, who


def test_a_wrong_part_is_refused_before_anything_is_written(mixed: Classroom) -> None:
    refused = mixed.grade("--part", "4/3")
    assert (refused.status, refused.stdout) == (2, "")
    assert "--part wants K/N" in refused.stderr
    assert not mixed.out.exists()
