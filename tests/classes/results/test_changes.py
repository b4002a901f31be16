"""What differs between two verdicts, and what has changed in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.classes.results.basis import Basis
from conformance.classes.results.changes import (
    UNEXPLAINED,
    Factor,
    ResultChange,
    compare,
    compare_all,
)
from conformance.classes.results.on_record import OnRecord
from conformance.reports.classes.changes import why_told
from conformance.verdict.model import BUILDS, Attempt, Blame, Outcome, Run
from kit.runs import ALICE, AT_ONCE, BYE_IN_LOWER_CASE, HANGS_UP, passed

BASIS = Basis(
    work="w1",
    name="alice.py",
    lab="l1",
    suite="s1",
    settings={"settings": {"port": "2424"}, "only": "", "seed": 7, "strict": False},
    machine={"kernel": "6.1", "tier": "full"},
)
FAILED = replace(ALICE, verdicts=(passed(AT_ONCE), BYE_IN_LOWER_CASE))
PASSED = replace(ALICE, verdicts=(passed(AT_ONCE), passed(HANGS_UP)))


def on_record(
    run: Run | None, basis: Basis = BASIS, *, fingerprint: str = "", trouble: str = ""
) -> OnRecord:
    return OnRecord("alice", "echo", run, basis=basis, fingerprint=fingerprint, trouble=trouble)


def change(before: OnRecord, after: OnRecord) -> ResultChange:
    found = compare(before, after)
    assert found is not None
    return found


def factors(before: OnRecord, after: OnRecord) -> list[Factor]:
    return [each.factor for each in change(before, after).why]


def test_what_is_the_same_is_no_change_whatever_it_rests_on() -> None:
    assert compare(on_record(FAILED), on_record(FAILED, replace(BASIS, work="w2"))) is None


def test_a_clause_is_shown_from_what_it_was_to_what_it_is() -> None:
    found = change(on_record(FAILED), on_record(PASSED))
    (clause,) = found.clauses
    assert (clause.clause, clause.before.told, clause.after.told) == (
        "4.1", "failed 0/3", "passed 3/3",
    )  # fmt: skip
    assert (found.before, found.after) == ("2 of 5 points", "5 of 5 points")
    assert found.points == (2, 5)


@pytest.mark.parametrize(
    ("changed", "factor", "told"),
    [
        ({"work": "w2"}, Factor.WORK, "not the same as before"),
        ({"lab": "l2"}, Factor.LAB, "its files are not the same"),
        ({"suite": "s2"}, Factor.SUITE, "0.1.0, other sources"),
        ({"machine": {**BASIS.machine, "kernel": "6.12"}}, Factor.MACHINE, "kernel: 6.1 → 6.12"),
        ({"settings": {**BASIS.settings, "seed": 8}}, Factor.SEED, "seed: 7 → 8"),
        ({"settings": {**BASIS.settings, "only": "4"}}, Factor.PARAMETERS, "only: none → 4"),
        (
            {"settings": {**BASIS.settings, "settings": {}}},
            Factor.PARAMETERS,
            "port: 2424 → none",
        ),
    ],
)
def test_what_has_changed_in_between_is_named(
    changed: dict[str, object], factor: Factor, told: str
) -> None:
    after = on_record(PASSED, replace(BASIS, **changed))  # type: ignore[arg-type]
    (why,) = change(on_record(FAILED), after).why
    assert (why.factor, why.told) == (factor, told)


def test_work_that_does_not_build_is_no_machine_without_its_tools() -> None:
    """What a program is written in is not known before it is built, nor are its tools asked."""
    built = replace(PASSED, language="java")
    broken = Attempt(Outcome.FAILED, expected=BUILDS, actual="javac: E2.java: error", reason="")
    failed = replace(passed(AT_ONCE), attempt=broken, points=0)
    with_java = replace(BASIS, machine={**BASIS.machine, "java": "17.0.15"})
    before = on_record(built, with_java)
    after = on_record(replace(FAILED, verdicts=(failed, BYE_IN_LOWER_CASE)))
    assert [each.told for each in change(before, after).why] == [
        "it did not build: javac: E2.java: error"
    ]
    assert factors(after, before) == [Factor.BUILD]


def test_work_of_which_this_machine_could_make_no_program_is_told_as_that() -> None:
    started = replace(PASSED, language="java", command=("java", "E2"))
    before = on_record(started, replace(BASIS, machine={**BASIS.machine, "java": "17.0.15"}))
    after = on_record(replace(FAILED, language="", command=()))
    assert [each.told for each in change(before, after).why] == ["no program was started now"]
    assert [each.told for each in change(after, before).why] == ["no program was started before"]


def test_a_tool_that_is_gone_is_told() -> None:
    """Of a program in the same language."""
    with_java = replace(BASIS, machine={**BASIS.machine, "java": "17.0.15"})
    (why,) = change(on_record(FAILED, with_java), on_record(PASSED)).why
    assert why.told == "java: 17.0.15 → none"


def test_everything_that_has_changed_is_named() -> None:
    after = on_record(PASSED, replace(BASIS, work="w2", suite="s2"))
    assert factors(on_record(FAILED), after) == [Factor.WORK, Factor.SUITE]


def test_where_nothing_has_changed_that_is_said() -> None:
    found = change(on_record(FAILED), on_record(PASSED))
    assert [each.told for each in found.why] == [UNEXPLAINED]
    assert why_told(found) == "Nothing that is recorded changed: the machine, or chance."


def test_a_correction_is_by_hand_and_nothing_else() -> None:
    given = replace(BYE_IN_LOWER_CASE, points=3, corrected="The teacher gave 3 of 3 points: fine")
    corrected = replace(FAILED, verdicts=(passed(AT_ONCE), given))
    (why,) = change(on_record(FAILED), on_record(corrected)).why
    assert why.factor is Factor.BY_HAND
    assert "fine" in why.told
    (clause,) = change(on_record(FAILED), on_record(corrected)).clauses
    assert clause.after.told == "failed 3/3 by hand"


def test_an_outcome_that_differs_beside_a_correction_has_its_own_reason() -> None:
    given = replace(BYE_IN_LOWER_CASE, points=3, corrected="The teacher gave 3 of 3 points: fine")
    late = replace(passed(AT_ONCE).with_attempt(outcome=Outcome.FAILED), points=0)
    after = replace(FAILED, verdicts=(late, given))
    found = factors(on_record(FAILED), on_record(after, replace(BASIS, work="w2")))
    assert found == [Factor.BY_HAND, Factor.WORK]


def test_what_an_older_suite_did_not_record_is_not_claimed_to_be_the_same() -> None:
    former = on_record(FAILED, Basis(), fingerprint="w1-r1")
    found = change(former, on_record(PASSED, fingerprint="w1-r2")).why
    assert [each.factor for each in found] == [Factor.NOT_RECORDED]
    other = on_record(replace(PASSED, seed=3), fingerprint="w2-r2")
    kinds = [each.factor for each in change(former, other).why]
    assert kinds == [Factor.WORK, Factor.SEED, Factor.NOT_RECORDED]


def test_with_the_same_fingerprint_nothing_has_changed() -> None:
    """It holds the work, the lab, the suite and all settings."""
    before, after = (on_record(run, Basis(), fingerprint="w1-r1") for run in (FAILED, PASSED))
    found = factors(before, after)
    assert found == [Factor.NOTHING]


def test_who_has_no_run_is_told_with_the_reason() -> None:
    none = on_record(None, Basis(), trouble="could not be started: alice.zip is broken")
    assert change(on_record(FAILED), none).after == "could not be started: alice.zip is broken"
    assert factors(none, on_record(FAILED)) == [Factor.FIRST]


@pytest.mark.parametrize(
    ("blame", "told"),
    [
        (Blame.PROGRAM, "not shown 0/3"),
        (Blame.CALL, "left out 0/3"),
        (Blame.HIDDEN, "hidden 0/3"),
        (Blame.SUITE, "not run 0/3"),
    ],
)
def test_a_clause_that_was_not_run_is_told_in_the_words_of_the_reports(
    blame: Blame, told: str
) -> None:
    """To a student, "not run" means that the machine was at fault."""
    attempt = Attempt(Outcome.NOT_RUN, reason="of 4.1", blame=blame)
    short = replace(BYE_IN_LOWER_CASE, attempt=attempt)
    after = replace(FAILED, verdicts=(passed(AT_ONCE), short))
    (clause,) = change(on_record(PASSED), on_record(after)).clauses
    assert (clause.before.told, clause.after.told) == ("passed 3/3", told)


def test_a_clause_that_is_not_in_the_run_is_told() -> None:
    short = replace(FAILED, verdicts=(passed(AT_ONCE),))
    (clause,) = change(on_record(FAILED), on_record(short)).clauses
    assert clause.after.told == "not in the run"


def test_a_class_is_compared_by_author_and_lab() -> None:
    bob = replace(on_record(PASSED), author="bob")
    changes, same = compare_all(
        [on_record(FAILED), bob], [on_record(PASSED), bob, replace(bob, author="cleo")]
    )
    assert [(each.author, each.before) for each in changes] == [
        ("alice", "2 of 5 points"),
        ("cleo", "not in this class"),
    ]
    assert same == 1
