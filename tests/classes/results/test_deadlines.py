"""What lateness costs, whom it is forgiven, and how that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.classes.class_file import open_class
from conformance.classes.model import Class, Grant, HandIn, LabPlan, LatePolicy, Result, Student
from conformance.classes.results.class_json import class_from_json, class_to_json
from conformance.classes.results.grades import LabGrade, grades
from conformance.classes.results.granted import granted as granted_to
from conformance.classes.results.granted import read_grants
from conformance.classes.results.lateness import told_moment, told_policy
from conformance.classes.tables import Table
from conformance.contract.catalog import load
from conformance.verdict.model import WrongCall
from kit.anns_work import ANN, DEADLINE, PASSED, PATH, run

CATALOG = load()
PLAN = LabPlan("echo", deadline=DEADLINE, possible=12)
TEN = LatePolicy(per_day=10, most=50)


def graded(late_by: timedelta, *grants: Grant, students: tuple[Student, ...] = (ANN,)) -> Class:
    author = students[0].group or students[0].id
    hand_in = HandIn(author, "echo", PATH, DEADLINE + late_by)
    return Class("c", students, (PLAN,), (hand_in,), late=TEN, grants=grants)


def labs_of(a_class: Class) -> list[LabGrade]:
    results = [Result(a_class.hand_ins[0], run(PASSED, PASSED))]
    return [grade.labs[0] for grade in grades(a_class, results)]


def test_an_extension_moves_the_deadline_of_one_student() -> None:
    own = Grant("ann", "echo", DEADLINE + timedelta(days=3))
    [lab] = labs_of(graded(timedelta(days=2), own))
    assert (lab.late.days, lab.earned) == (0, Decimal("6.00"))
    assert lab.remarks == ("own deadline 2026-11-23 23:59+00:00",)
    [lab] = labs_of(graded(timedelta(days=3, hours=1), own))
    assert (lab.late.days, lab.earned) == (1, Decimal("5.40"))
    told = "late by 1 day: 10 % of the points (own deadline 2026-11-23 23:59+00:00)"
    assert lab.remarks == (told,)


def test_a_waiver_costs_nothing_and_is_told() -> None:
    [lab] = labs_of(graded(timedelta(days=2), Grant("ann", "echo", None)))
    assert (lab.late.days, lab.late.cost, lab.earned) == (2, Fraction(0), Decimal("6.00"))
    assert lab.remarks == ("late by 2 days: waived",)
    assert lab.late.waived


def test_a_waiver_of_who_was_in_time_is_not_worth_a_word() -> None:
    [lab] = labs_of(graded(timedelta(0), Grant("ann", "echo", None)))
    assert lab.remarks == ()


def test_what_one_of_a_group_was_granted_is_theirs_alone() -> None:
    group = (Student("ann", group="g"), Student("bob", group="g"))
    own = Grant("bob", "echo", DEADLINE + timedelta(days=7))
    ann, bob = labs_of(graded(timedelta(days=2), own, students=group))
    assert (ann.earned, bob.earned) == (Decimal("4.80"), Decimal("6.00"))


def test_a_grant_for_another_lab_or_person_is_none() -> None:
    others = (Grant("bob", "echo", None), Grant("ann", "presence", None))
    [lab] = labs_of(graded(timedelta(days=1), *others))
    assert lab.earned == Decimal("5.40")


def test_what_was_granted_is_kept_with_the_class() -> None:
    own = (Grant("ann", "echo", None), Grant("bob", "echo", DEADLINE))
    a_class = graded(timedelta(0), *own)
    assert class_from_json(class_to_json(a_class)) == a_class
    older = class_to_json(a_class)
    for name in ("grants", "step", "separator"):
        del older[name]
    del older["hand_ins"][0]["missing"]
    assert class_from_json(older).grants == ()
    assert class_from_json(older).separator == ","


# -- in words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "told"),
    [
        (LatePolicy(10, most=50), "10 % of the points that were earned, 50 % at most: of 20 points,"
         " 2 days late leave 16, 5 days or more 10."),
        (LatePolicy(7.5), "7.5 % of the points that were earned: of 20 points, 2 days late leave"
         " 17, 14 days or more 0."),
        (LatePolicy(30, most=40), "30 % of the points that were earned, 40 % at most: of 20"
         " points, 1 day late leaves 14, 2 days or more 12."),
        (LatePolicy(100), "100 % of the points that were earned: of 20 points, any lateness"
         " leaves 0."),
        (LatePolicy(50, timedelta(minutes=15), 20), "50 % of the points that were earned, 20 % at"
         " most: of 20 points, any lateness leaves 16. What comes within 15 minutes of the"
         " deadline is not late."),
    ],
)  # fmt: skip
def test_the_policy_is_one_sentence_with_an_example(late: LatePolicy, told: str) -> None:
    assert told_policy(late) == f"Each day that has begun after the deadline costs {told}"


def test_the_handbook_says_the_same_of_its_example() -> None:
    page = Path(__file__).parents[3].joinpath("docs/grading.md").read_text(encoding="utf-8")
    assert told_policy(TEN).removeprefix("E") in page


@pytest.mark.parametrize("late", [LatePolicy(), LatePolicy(10, most=0)])
def test_a_policy_that_costs_nothing_is_none(late: LatePolicy) -> None:
    assert told_policy(late) == ""


def test_a_moment_is_told_in_the_zone_of_the_deadline() -> None:
    plan = LabPlan("echo", deadline=DEADLINE.astimezone(timezone(timedelta(hours=1))))
    assert told_moment(DEADLINE, plan) == "2026-11-21 00:59+01:00"
    assert told_moment(DEADLINE, LabPlan("echo")) == "2026-11-20 23:59+00:00"
    half = DEADLINE + timedelta(seconds=30)
    assert told_moment(half, LabPlan("echo")) == "2026-11-20 23:59:30+00:00"
    last = datetime.max.replace(tzinfo=UTC)
    assert told_moment(last, plan).startswith("9999-12-31 23:59")


# -- in class.toml ------------------------------------------------------------------------

LABS = """
[[lab]]
name = "echo"
deadline = 2026-11-20T23:59:00Z
[[lab]]
name = "streaming-time"
deadline = 2026-12-20T23:59:00Z
[[lab]]
name = "presence"
"""


def read(text: str, folder: Path, *, roster: bool = True) -> Class:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "ann.py").write_text("")
    (folder / "roster.csv").write_text("id,group\nann,g\nbob,g\n00123,\n")
    head = 'submissions = "in"\n' + ('roster = "roster.csv"\n' if roster else "")
    (folder / "class.toml").write_text(head + text + LABS)
    return open_class(folder, (), CATALOG)


def granted(text: str, folder: Path) -> set[tuple[str, str, str]]:
    return {
        (grant.student, grant.lab, f"{grant.until:%m-%d %H:%M}" if grant.until else "waived")
        for grant in read(text, folder).grants
    }


@pytest.mark.parametrize(
    ("text", "grants"),
    [
        (
            "[extensions]\nann = 2026-11-27T12:00:00Z\n",
            {("ann", "echo", "11-27 12:00")},  # the other deadline is later
        ),
        (
            "[extensions]\n00123 = 3\n",
            {("00123", "echo", "11-23 23:59"), ("00123", "streaming-time", "12-23 23:59")},
        ),
        ("[extensions]\nann = { echo = 0.5 }\n", {("ann", "echo", "11-21 11:59")}),
        (
            "[extensions]\ng = { echo = 1 }\nbob = { echo = 2 }\n",
            {("ann", "echo", "11-21 23:59"), ("bob", "echo", "11-22 23:59")},
        ),
        ('[waivers]\nAnn = ["presence"]\n', {("ann", "presence", "waived")}),
        (
            '[extensions]\nann = { echo = 9 }\n[waivers]\nann = "all"\n',
            {(*("ann", lab), "waived") for lab in ("echo", "streaming-time", "presence")},
        ),
    ],
)
def test_what_the_file_grants(text: str, grants: set[tuple[str, str, str]], tmp_path: Path) -> None:
    assert granted(text, tmp_path) == grants


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extensions = 3\n", "`extensions` must be a table like ann = 2026"),
        ("waivers = []\n", '`waivers` must be a table like ann = "all"'),
        ("[extensions]\nann = true\n", r"\[extensions\] ann: an extension is a time with its zone"),
        ("[extensions]\nann = 2026-11-27T12:00:00\n", "an extension is a time with its zone"),
        ("[extensions]\nann = -1\n", "or a number of days, not -1"),
        ("[extensions]\nann = 1e9\n", "or a number of days, not 1000000000.0"),
        ("[extensions]\nann = nan\n", "or a number of days, not nan"),
        ("[extensions]\nann = 2026-11-01T12:00:00Z\n", "no lab has a deadline that is earlier"),
        ("[extensions]\nann = { ecco = 1 }\n", "not graded for 'ecco'; it has echo, streaming"),
        ("[extensions]\nann = { presence = 1 }\n", "presence has no deadline that could be"),
        (
            "[extensions]\nann = { echo = 2026-11-01T12:00:00Z }\n",
            "is no later than the deadline, 2026-11-20 23:59:00",
        ),
        ('[waivers]\nann = "echo"\n', r"`waivers\.ann` must be a list of texts"),
        ('[waivers]\nann = ["ecco"]\n', "not graded for 'ecco'"),
        ('[waivers]\nanne = "all"\n', r"anne: there is nobody of that id in the roster; did you m"),
        ("[extensions]\nzoe = 1\n", r"\[extensions\] zoe: there is nobody of that id in the roste"),
        ('separator = ":"\n', "`separator` must be one of ,, ;, not ':'"),
        ("ignore = 3\n", "`ignore` must be a list of texts"),
        ("step = true\n", "`step` must be a number like 0.5, not True"),
        ("step = 0.3\n", "`step`: the step 0.3 does not lead to 100, an end of the scale"),
        ('scale = "A 50, F 0"\nstep = 0.5\n', "`step`: the scale 'A 50, F 0' has letters, and"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=told):
        read(text, tmp_path)


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=ZONES) | st.datetimes()
SAID = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | MOMENTS
NAMES = st.sampled_from(["ann", "bob", "ANN", "", "echo", "presence", "all"])
TABLES = SAID | st.lists(SAID | NAMES, max_size=2) | st.dictionaries(NAMES, SAID, max_size=2)


@given(
    st.dictionaries(NAMES, TABLES | st.dictionaries(NAMES, TABLES, max_size=2), max_size=2),
    st.dictionaries(NAMES, TABLES | st.just("all"), max_size=2),
    st.datetimes(timezones=ZONES),
    st.datetimes(timezones=ZONES),
    st.booleans(),
)
def test_whatever_the_file_grants_is_told_or_refused_with_a_sentence(
    extensions: dict[str, Any], waivers: dict[str, Any], deadline: datetime, came: datetime,
    closed: bool,
) -> None:  # fmt: skip
    values = {"extensions": extensions, "waivers": waivers}
    plans = (LabPlan("echo", deadline=deadline), LabPlan("presence"))
    try:
        asked = read_grants(Table(values, "class.toml", tuple(values)), plans)
        grants, _ = granted_to(asked, (ANN,), closed=closed)
    except WrongCall:
        return
    hand_in = HandIn("ann", "echo", PATH, came)
    a_class = Class("c", (ANN,), plans, (hand_in,), late=TEN, grants=grants)
    for lab in labs_of(class_from_json(class_to_json(a_class))):
        assert lab.late.cost in {Decimal(0), *map(Decimal, range(10, 51, 10))}
        assert told_moment(came, plans[0])


def test_beyond_the_year_9999_there_is_no_extension(tmp_path: Path) -> None:
    text = 'submissions = "in"\n[extensions]\nann = 9\n[[lab]]\nname = "echo"\ndeadline = {}\n'
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.py").write_text("")
    (tmp_path / "class.toml").write_text(text.format("9999-12-30T00:00:00Z"))
    with pytest.raises(WrongCall, match="an extension is a time"):
        open_class(tmp_path, (), CATALOG)


def test_without_a_roster_who_is_not_there_is_a_warning(tmp_path: Path) -> None:
    """He may still hand in."""
    found = read("[extensions]\nzoe = 1\n", tmp_path, roster=False)
    assert found.warnings == ("class.toml, [extensions] zoe: nobody of that id has handed in",)
