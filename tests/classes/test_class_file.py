from __future__ import annotations

import os
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conformance.classes.class_file import __doc__ as documented
from conformance.classes.class_file import open_class
from conformance.classes.hand_ins.collect import UNCLAIMED
from conformance.classes.model import Class, Grant, HandIn, LatePolicy, Reveal, Student
from conformance.contract.catalog import load
from conformance.verdict.model import WrongCall

CATALOG = load()
ECHO = '[[lab]]\nname = "echo"\n'


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return folder


def read(text: str, folder: Path, *labs: str) -> Class:
    (folder / "class.toml").write_text(textwrap.dedent(text))
    return open_class(folder, labs, CATALOG)


def paths(found: Class) -> dict[tuple[str, str], Path | None]:
    return {(hand_in.author, hand_in.lab): hand_in.path for hand_in in found.hand_ins}


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    """The example of the docstring, which the README shows too."""
    assert documented is not None
    text = documented.partition("\n\n")[2].partition("\nAll keys")[0]
    lay(tmp_path, "submissions/echo/ann.py", "submissions/echo/eve.py")
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann\nbob,Bob\nzoe,Zoë\n")
    found = read(text, tmp_path)
    assert (found.title, found.scale) == ("Network programming 2026", "linear 1..6")
    assert found.reveal is Reveal.HINTS
    assert found.lang == "fr"
    assert found.late == LatePolicy(10, timedelta(minutes=15), 50)
    assert found.students == (
        Student("ann", "Ann", "g1"),
        Student("bob", "Bob", "g1"),
        Student("zoe", "Zoë"),
    )
    [plan] = found.labs
    assert (plan.name, plan.weight, plan.counts, plan.only) == ("echo", 2.0, ("5.3",), "")
    assert plan.settings == {"prefix": "> "}
    assert plan.arguments == ("{port}",)
    assert str(plan.network) == "delay 50ms"
    assert plan.deadline == datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
    assert paths(found) == {
        ("g1", "echo"): tmp_path / "submissions/echo/ann.py",
        ("zoe", "echo"): None,
    }
    assert found.hand_ins[0].submitted is not None
    assert found.warnings == (
        "eve.py belongs to nobody in the roster: not graded",
        "while 1 entry has no owner, it is open whether 1 student without an entry handed in"
        " nothing: mend the roster, or the names, or name in `ignore` of class.toml what is"
        " nobody's",
    )
    assert (found.step, found.separator) == ("0.5", ";")
    assert found.junit_dialect == "jenkins"
    assert found.grants == (
        Grant("ann", "echo", datetime(2026, 11, 27, 22, 59, tzinfo=UTC)),
        Grant("zoe", "echo", datetime(2026, 11, 23, 22, 59, tzinfo=UTC)),
        Grant("bob", "echo", None),
    )


def test_a_plain_folder(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py", "bob/server.py")
    found = open_class(tmp_path, ["echo"], CATALOG)
    assert found.title == tmp_path.name
    assert found.students == (Student("ann"), Student("bob"))
    assert paths(found) == {
        ("ann", "echo"): tmp_path / "ann.py",
        ("bob", "echo"): tmp_path / "bob",
    }


def test_what_a_lab_is_worth(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py")
    musts = read(ECHO, tmp_path).labs[0].possible
    one = read(ECHO + 'counts = ["5.3"]\n', tmp_path).labs[0].possible
    every = read(ECHO + 'counts = "all"\n', tmp_path).labs[0].possible
    gate = read(ECHO + 'only = "1.1"\n', tmp_path).labs[0].possible
    clauses = {clause.number: clause for clause in CATALOG["echo"].contract.clauses}
    assert one == musts + clauses["5.3"].weight
    assert gate == clauses["1.1"].weight < musts < one < every


def test_several_labs(tmp_path: Path) -> None:
    lay(tmp_path, "ann/echo/s.py", "ann/streaming-time/s.py", "bob.py", "cy/echo/s.py")
    lay(tmp_path, "dan/echo/s.py", "dan/clock/s.py")
    found = read(ECHO + '[[lab]]\nname = "streaming-time"\n', tmp_path)
    assert paths(found) == {
        ("ann", "echo"): tmp_path / "ann/echo",
        ("ann", "streaming-time"): tmp_path / "ann/streaming-time",
        ("bob", "echo"): tmp_path / "bob.py",
        ("bob", "streaming-time"): tmp_path / "bob.py",
        ("cy", "echo"): tmp_path / "cy/echo",
        ("cy", "streaming-time"): None,
        ("dan", "echo"): tmp_path / "dan/echo",
        ("dan", "streaming-time"): None,
    }
    problems = {hand_in.author: hand_in.problem for hand_in in found.hand_ins}
    assert problems == {
        "ann": "",
        "bob": "",
        "cy": "",
        "dan": "it cannot be told what in dan is for streaming-time: clock",
    }


def test_labs_in_folders_of_their_own(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py", "late/time/ann.zip", "late/time/bob.zip")
    text = ECHO + '[[lab]]\nname = "streaming-time"\nfolder = "late/time"\n'
    assert paths(read(text, tmp_path)) == {
        ("ann", "echo"): tmp_path / "ann.py",
        ("bob", "echo"): None,
        ("ann", "streaming-time"): tmp_path / "late/time/ann.zip",
        ("bob", "streaming-time"): tmp_path / "late/time/bob.zip",
    }


def test_labs_may_be_chosen(tmp_path: Path) -> None:
    text = ECHO + '[[lab]]\nname = "streaming-time"\n'
    lay(tmp_path, "ann.py")
    found = read(text, tmp_path, "streaming-time")
    assert [plan.name for plan in found.labs] == ["streaming-time"]
    assert [hand_in.lab for hand_in in found.hand_ins] == ["streaming-time"]
    with pytest.raises(WrongCall, match=r"not graded for 'presence'; class\.toml has echo, stre"):
        open_class(tmp_path / "class.toml", ["presence"], CATALOG)


# -- whose it may be ------------------------------------------------------------------

MOODLE = "{}_assignsubmission_file_/s.py"


def with_roster(roster: str, folder: Path, *names: str) -> Class:
    (folder / "roster.csv").write_text(roster)
    lay(folder, *(f"in/{name}" for name in names))
    return read('roster = "roster.csv"\nsubmissions = "in"\n' + ECHO, folder)


def test_namesakes_stay_open(tmp_path: Path) -> None:
    """Neither of two may get a final zero because the other is called alike."""
    names = [MOODLE.format("Tim Meier_13"), MOODLE.format("Tim Meier_14"), "ann.py"]
    roster = "id,name\ntm,Tim Meier\ntm2,Tim Meier\nann,Ann\nzoe,Zoë\n"
    found = with_roster(roster, tmp_path, *names)
    problems = {hand_in.author: hand_in.problem for hand_in in found.hand_ins}
    told = "{}_assignsubmission_file_ may be theirs: 2 in the roster are called Tim Meier"
    both = "; ".join(told.format(name) for name in ("Tim Meier_13", "Tim Meier_14"))
    assert problems == {"tm": both, "tm2": both, "ann": "", "zoe": ""}
    assert found.warnings[0] == (
        "Tim Meier_13_assignsubmission_file_: it cannot be told whose it is, not graded:"
        " tm, tm2 in the roster are called Tim Meier"
    )


def test_who_has_no_name_in_the_roster_stays_open(tmp_path: Path) -> None:
    """Moodle tells a name and a number of its own, which is nobody's student id."""
    names = [MOODLE.format("Eve Ray_4711"), "cy.py"]
    found = with_roster("id,name\n4711,\nann,Ann\ncy,\n", tmp_path, *names)
    by_author = {hand_in.author: hand_in for hand_in in found.hand_ins}
    assert by_author["4711"].path is None
    assert "no name for them" in by_author["4711"].problem
    assert "Eve" not in by_author["4711"].problem
    assert by_author["ann"].problem == UNCLAIMED
    assert (by_author["cy"].path, by_author["cy"].problem) == (tmp_path / "in/cy.py", "")
    assert "it cannot be told whose it is" in found.warnings[0]


def test_a_name_that_is_nearly_theirs_leaves_a_trace(tmp_path: Path) -> None:
    names = [MOODLE.format("Ann-Marie Smith_13"), "x77.py"]
    found = with_roster("id,name\nann,Ann Smith\nbob,Bob Lee\n", tmp_path, *names)
    problems = {hand_in.author: hand_in.problem for hand_in in found.hand_ins}
    assert problems == {
        "ann": "an entry with a name like theirs belongs to nobody in the roster",
        "bob": UNCLAIMED,
    }
    assert found.warnings[:2] == (
        "Ann-Marie Smith_13_assignsubmission_file_ belongs to nobody in the roster"
        " (perhaps to ann?): not graded",
        "x77.py belongs to nobody in the roster: not graded",
    )


# -- what is none ---------------------------------------------------------------------


def test_a_class_of_nobody_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=rf"^there are no entries in {tmp_path}$"):
        open_class(tmp_path, ["echo"], CATALOG)
    lay(tmp_path, "README.md")
    with pytest.raises(WrongCall, match=r"no entries in .*; README\.md is no program"):
        open_class(tmp_path, ["echo"], CATALOG)


def test_a_roster_of_whom_nobody_handed_in_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    found = with_roster("id\nann\n", tmp_path)
    assert found.warnings == (f"there are no entries in {tmp_path / 'in'}",)
    assert [hand_in.path for hand_in in found.hand_ins] == [None]


def test_results_in_the_folder_are_no_entry(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py", "out/class.jsonl", "out/runs/ann/echo.jsonl")
    found = open_class(tmp_path, ["echo"], CATALOG)
    assert found.students == (Student("ann"),)
    assert found.warnings == ("out holds the results of a class: left aside",)


def manifest(folder: Path, lab: str) -> None:
    lay(folder, "s.py")
    (folder / "submission.toml").write_text(f'lab = "{lab}"\n')


def test_what_is_for_another_lab_was_not_handed_in_for_this_one(tmp_path: Path) -> None:
    manifest(tmp_path / "ann", "echo")
    manifest(tmp_path / "bob" / "project", "streaming-time")
    manifest(tmp_path / "cy", "my own")
    found = read(ECHO + '[[lab]]\nname = "streaming-time"\n', tmp_path)
    there = {work: path.name for work, path in paths(found).items() if path}
    assert there == {
        ("ann", "echo"): "ann",
        ("bob", "streaming-time"): "bob",
        ("cy", "echo"): "cy",
        ("cy", "streaming-time"): "cy",
    }
    remark = "its submission.toml names the lab streaming-time, so that it is none for echo"
    assert [h.remarks for h in found.hand_ins if (h.author, h.lab) == ("bob", "echo")] == [
        (remark,)
    ]
    assert f"bob: {remark}" in found.warnings


def test_a_variant_is_no_other_lab(tmp_path: Path) -> None:
    variant, lab = next((n, lab) for n, lab in CATALOG.labs.items() if n != lab.name)
    manifest(tmp_path / "ann", lab.name)
    found = read(f'[[lab]]\nname = "{variant}"\n', tmp_path)
    assert paths(found) == {("ann", variant): tmp_path / "ann"}


def test_a_clone_is_as_old_as_the_cloning(tmp_path: Path) -> None:
    lay(tmp_path, "ann/s.py", "bob/work/.git/HEAD", "bob/work/s.py")
    for file in ("ann/s.py", "bob/work/s.py"):
        os.utime(tmp_path / file, (1000, 1000))
    found = read('submitted = "mtime"\n' + ECHO, tmp_path)
    ann, bob = found.hand_ins
    assert (ann.submitted, ann.remarks) == (datetime.fromtimestamp(1000, UTC), ())
    assert bob.submitted is None
    assert bob.remarks == (
        "a Git clone: its files have the time of cloning, so when it was handed in is not known",
    )


@pytest.mark.parametrize("roster", [True, False])
def test_two_entries_of_one_author_are_told(roster: bool, tmp_path: Path) -> None:
    lay(tmp_path, "ann.py", "ann.zip", "bob/x.py", "Cy.py")
    (tmp_path / "roster.csv").write_text("id\nann\nbob\ncy\n")
    line = 'roster = "roster.csv"\n' if roster else ""
    found = read(f'{line}[groups]\ng = ["bob", "cy"]\n{ECHO}', tmp_path)
    assert sorted(found.hand_ins, key=lambda each: each.author) == [
        HandIn(
            *("ann", "echo", None),
            problem="2 entries, and only one can be graded: ann.py, ann.zip",
        ),
        HandIn(
            *("g", "echo", None),
            problem="2 entries, and only one can be graded: Cy.py, bob",
        ),
    ]


def test_a_gradescope_export_with_a_group(tmp_path: Path) -> None:
    lay(tmp_path, "submission_1/s.py")
    (tmp_path / "submission_metadata.yml").write_text(
        "submission_1:\n  :submitters:\n  - :sid: '1'\n    :name: Ann\n  - :sid: '2'\n"
        "  :created_at: 2026-11-20 17:34:00 Z\n"
    )
    came = datetime(2026, 11, 20, 17, 34, tzinfo=UTC)
    folder = tmp_path / "submission_1"
    apart = read(ECHO, tmp_path)
    assert apart.hand_ins == (
        HandIn("1", "echo", folder, came),
        HandIn("2", "echo", folder, came),
    )
    together = read('[groups]\ng = ["1", "2"]\n' + ECHO, tmp_path)
    assert together.hand_ins == (HandIn("g", "echo", folder, came),)


def test_times_of_the_roster_come_first(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py", "bob.py")
    os.utime(tmp_path / "bob.py", (1000, 1000))
    (tmp_path / "roster.csv").write_text("id,submitted echo\nann,2026-11-20T10:00:00Z\nbob,\n")
    found = read('roster = "roster.csv"\nsubmitted = "mtime"\n' + ECHO, tmp_path)
    assert [hand_in.submitted for hand_in in found.hand_ins] == [
        datetime(2026, 11, 20, 10, tzinfo=UTC),
        datetime.fromtimestamp(1000, UTC),
    ]
    unknown = read('roster = "roster.csv"\n' + ECHO, tmp_path)
    assert unknown.hand_ins[1].submitted is None


def test_a_group_has_one_time(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py")
    (tmp_path / "roster.csv").write_text(
        "id,group,submitted\nann,g,2026-11-20T10:00:00Z\nbob,g,2026-11-20T11:00:00Z\n"
    )
    with pytest.raises(WrongCall, match="ann, bob hand in together, but the roster has two times"):
        read('roster = "roster.csv"\n' + ECHO, tmp_path)


def test_lateness_that_cannot_be_known_is_told(tmp_path: Path) -> None:
    lay(tmp_path, "a_LATE_1_2_s.py")
    text = f"[late]\nper_day = 10\n{ECHO}deadline = 2026-11-20T23:59:00Z\n"
    found = read(text, tmp_path)
    assert found.hand_ins[0].remarks == ("Canvas marks it as late",)
    assert found.warnings == (
        "echo: for 1 it is not known when they were handed in: lateness costs them nothing",
    )


def test_a_large_roster_of_whom_few_handed_in(tmp_path: Path) -> None:
    lines = [f"s{number},Student Number{number}" for number in range(2000)]
    (tmp_path / "roster.csv").write_text("\n".join(["id,name", *lines]))
    lay(tmp_path, *(f"submissions/s{number}.py" for number in range(0, 2000, 200)))
    found = read('roster = "roster.csv"\nsubmissions = "submissions"\n' + ECHO, tmp_path)
    handed_in = [hand_in.author for hand_in in found.hand_ins if hand_in.path]
    assert (len(found.students), len(found.hand_ins)) == (2000, 2000)
    assert handed_in == [f"s{number}" for number in range(0, 2000, 200)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = ", r"class\.toml is not TOML"),
        ("", r"class\.toml: `lab` must be one or more tables: \[\[lab\]\]"),
        ('titel = "x"\n' + ECHO, r"class\.toml: there is no key 'titel'; the keys are title, sub"),
        ("title = 3\n" + ECHO, r"`title` must be a text, not 3"),
        ('junit = "nose"\n' + ECHO, "`junit` must be one of common, jenkins, ant, not 'nose'"),
        ('reveal = "all"\n' + ECHO, "`reveal` must be one of points, evidence, hints, not 'all'"),
        ('scale = "1-6"\n' + ECHO, "`scale`: the scale is '1-6'; a scale is \"percent\""),
        ('scale = "linear 6"\n' + ECHO, "is 'linear 6', but linear needs the grade for no point"),
        ('submitted = "now"\n' + ECHO, "`submitted` must be one of mtime"),
        ('submissions = "no"\n' + ECHO, "`submissions` means .*/no: there is no such folder"),
        ('roster = "no.csv"\n' + ECHO, r"the roster .*no\.csv cannot be read"),
        ("late = 0\n" + ECHO, r"\[late\] must be a table with the keys per_day, grace_minutes"),
        ("[late]\nper_week = 1\n" + ECHO, r"\[late\]: there is no key 'per_week'"),
        ("[late]\nper_day = true\n" + ECHO, "`per_day` must be a number from 0 to 100, not True"),
        ("[late]\nmost = 101\n" + ECHO, "`most` must be a number from 0 to 100, not 101"),
        ("[late]\ngrace_minutes = -1\n" + ECHO, "`grace_minutes` must be a number from 0"),
        ('groups = ["ann"]\n' + ECHO, r"`groups` must be a table like g1 = "),
        ('[groups]\ng = "ann"\n' + ECHO, r"`groups\.g` must be a list of texts"),
        ('lab = "echo"\n', "`lab` must be one or more tables"),
        ("[[lab]]\nweight = 1\n", r"\[\[lab\]\]: `name` must be one of echo, "),
        ('[[lab]]\nname = "ecco"\n', "lab ecco: there is no lab 'ecco'; there are echo, "),
        (ECHO + ECHO, r"there are two \[\[lab\]\] with the name echo"),
        (ECHO + "weight = 0\n", "no lab has a weight above 0"),
        (ECHO + "weight = nan\n", "lab echo: `weight` must be a number that is at least 0"),
        (ECHO + "parameters = 1\n", "`parameters` must be a table like"),
        (ECHO + "parameters = { pool = true }\n", r"`parameters\.pool` must be a text or a num"),
        (ECHO + 'parameters = { pol = "1" }\n', "lab echo: the lab echo has no parameter 'pol'"),
        (ECHO + "parameters = { pool = 1.5 }\n", "lab echo: pool is a whole number, not '1.5'"),
        (ECHO + 'counts = ["1.1"]\n', "`counts` names SHOULD clauses, and '1.1' is none; there"),
        (ECHO + 'counts = ["99"]\n', "`counts` names SHOULD clauses, and '99' is none"),
        (ECHO + "counts = [5.3]\n", "`counts` must be a list of texts"),
        (ECHO + 'only = "99"\n', "lab echo: only 99: the lab echo has no such clause here"),
        (ECHO + "deadline = 2026-11-20T23:59:00\n", "`deadline` must be a time with its zone"),
        (ECHO + "deadline = 2026-11-20\n", "`deadline` must be a time with its zone"),
        (
            ECHO + 'arguments = "{port}"\n',
            r'lab echo: `arguments` must be a list of words like \["',
        ),
        (ECHO + 'network = "delay 50"\n', "lab echo: network 'delay 50': delay wants a time"),
        (ECHO + "arguments = [2323]\n", r'lab echo: `arguments` must be a list of words like \["'),
        (ECHO + 'folder = "no"\n', "there is no folder .*no, which a lab's `folder` names"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=told):
        read(text, tmp_path)


def test_what_is_no_class(tmp_path: Path) -> None:
    lay(tmp_path, "ann.py")
    with pytest.raises(WrongCall, match=r"which lab is .* graded for\? Name it with --lab"):
        open_class(tmp_path, [], CATALOG)
    with pytest.raises(WrongCall, match="--lab ecco: there is no lab 'ecco'"):
        open_class(tmp_path, ["ecco"], CATALOG)
    with pytest.raises(WrongCall, match=r"neither a folder of submissions nor a class\.toml"):
        open_class(tmp_path / "ann.py", ["echo"], CATALOG)
    with pytest.raises(WrongCall, match="there is no file or folder"):
        open_class(tmp_path / "nowhere", ["echo"], CATALOG)
