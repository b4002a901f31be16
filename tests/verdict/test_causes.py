from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.verdict.causes import Cause, common
from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome, Verdict
from conformance.verdict.symptoms import Sign, Symptom, Thrown

QUEUES = Cause(
    "one client at a time",
    "It serves one client at a time: the second waits until the first leaves.",
    failed={"5.1": (Sign.NOTHING, Sign.LATE)},
    passed=("3.1",),
    explains=("4.4",),
)
CHUNKS = Cause(
    "chunks for lines", "It reads chunks, not lines.", failed={"3.4": (), "3.5": (Sign.EXTRA,)}
)
CAUSES = (QUEUES, CHUNKS)


def clause(number: str) -> Clause:
    return Clause(number, Level.MUST, 1, f"scenario_{number}", "text")


def failed(number: str, sign: Sign | Symptom | None, **attempt: object) -> Verdict:
    symptom = Symptom(sign) if isinstance(sign, Sign) else sign
    held = replace(Attempt(Outcome.FAILED, symptom=symptom), **attempt)  # type: ignore[arg-type]
    return Verdict(clause(number), Level.MUST, held, 1, 0)


def behind(number: str, *others: str) -> Verdict:
    held = Attempt(Outcome.NOT_RUN, blame=Blame.PROGRAM, behind=others)
    return Verdict(clause(number), Level.MUST, held, 1, 0)


def passed(number: str) -> Verdict:
    return Verdict(clause(number), Level.MUST, Attempt(Outcome.PASSED), 1, 1)


def told(*verdicts: Verdict) -> list[str]:
    return [each.told for each in common(verdicts, CAUSES)]


def test_what_is_not_shown_behind_it_has_the_same_cause() -> None:
    found = told(
        passed("3.1"), failed("5.1", Sign.LATE), behind("5.2", "5.1"), behind("5.10", "5.1")
    )
    assert found == [
        "It serves one client at a time: the second waits until the first leaves (5.1, 5.2, 5.10)."
    ]


def test_what_is_behind_a_clause_that_is_behind_it_has_the_same_cause() -> None:
    found = told(failed("5.1", Sign.NOTHING), behind("5.2", "5.1"), behind("5.4", "5.1", "5.2"))
    assert [sentence[-16:] for sentence in found] == ["(5.1, 5.2, 5.4)."]


def test_what_is_behind_two_causes_is_counted_with_the_second() -> None:
    found = told(
        *(failed("5.1", Sign.LATE), behind("5.3", "5.1")),
        *(failed("3.4", Sign.CUT), failed("3.5", Sign.EXTRA), behind("5.2", "3.5", "5.1")),
    )
    assert [sentence[sentence.index("(") :] for sentence in found] == [
        "(5.1, 5.3).",
        "(3.4, 3.5, 5.2).",
    ]


def test_what_may_fail_for_the_same_reason_must_show_its_sign() -> None:
    cause = replace(QUEUES, explains={"4.4": (Sign.LATE,)})
    shown = failed("5.1", Sign.NOTHING)
    assert common([shown, failed("4.4", Sign.FORM)], [cause]) == ()
    [found] = common([shown, failed("4.4", Sign.LATE)], [cause])
    assert found.clauses == ("4.4", "5.1")


def test_what_no_sign_says_is_asked_of_the_verdicts() -> None:
    asked = replace(QUEUES, moreover=lambda verdicts: "2.1" in verdicts)
    verdicts = [failed("5.1", Sign.LATE), behind("5.2", "5.1")]
    assert common(verdicts, [asked]) == ()
    assert len(common([passed("2.1"), *verdicts], [asked])) == 1


def test_a_sentence_has_what_was_seen() -> None:
    pool = replace(QUEUES, sentence="It serves {served} at once.")
    shown = failed("5.1", None, symptom=Symptom(Sign.NOTHING, facts={"served": 4}))
    [found] = common([shown, behind("5.2", "5.1")], [pool])
    assert found.told == "It serves 4 at once (5.1, 5.2)."
    assert common([failed("5.1", Sign.NOTHING), behind("5.2", "5.1")], [pool]) == ()


def test_of_many_clauses_the_first_are_named() -> None:
    many = [behind(f"5.{number}", "5.1") for number in range(2, 40)]
    [sentence] = told(failed("5.1", Sign.LATE), *many)
    assert sentence.endswith("(5.1, 5.2, 5.3, 5.4, 5.5, 5.6 and 33 more).")


def test_what_may_fail_for_the_same_reason_is_counted() -> None:
    [found] = common([failed("5.1", Sign.NOTHING), failed("4.4", Sign.FORM)], CAUSES)
    assert found.name == "one client at a time"
    assert found.clauses == ("4.4", "5.1")


@pytest.mark.parametrize(
    "verdicts",
    [
        [failed("5.1", Sign.LATE)],  # one clause speaks for itself
        [failed("5.1", Sign.LATE), failed("2.1", Sign.FORM)],  # the other has another reason
        [failed("5.1", Sign.FORM), behind("5.2", "5.1")],  # not by that sign
        [failed("5.1", None), behind("5.2", "5.1")],  # nobody knows by what
        [failed("5.1", Sign.LATE), behind("5.2", "5.1"), failed("3.1", Sign.NOTHING)],
        [failed("5.1", Sign.LATE), behind("5.2", "5.1", "3.1")],  # also behind something else
        [failed("3.4", Sign.FORM), behind("3.5", "3.4")],  # only one of two that show it
        [passed("5.1"), passed("4.4")],
    ],
)
def test_nothing_is_better_than_a_wrong_sentence(verdicts: list[Verdict]) -> None:
    assert told(*verdicts) == []


def test_two_causes_are_told_where_each_explains_clauses_of_its_own() -> None:
    found = told(
        *(failed("5.1", Sign.LATE), behind("5.2", "5.1")),
        *(failed("3.4", Sign.CUT), failed("3.5", Sign.EXTRA)),
    )
    assert [sentence[:9] for sentence in found] == ["It serves", "It reads "]


@pytest.mark.parametrize("number", ["1.2", "2.3"])  # clauses stand behind later ones, too
def test_what_is_not_shown_behind_something_that_is_explained_is_explained(number: str) -> None:
    [found] = common(
        [failed("5.1", Sign.LATE), behind("2.2", "5.1"), behind(number, "5.1", "2.2")], CAUSES
    )
    assert found.clauses == tuple(sorted(["5.1", "2.2", number]))


ALONE = Symptom(Sign.NOTHING, facts={"told": "the speaker alone"})


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([failed("2.2", ALONE), behind("5.1", "2.2")], ("2.2", "5.1")),
        ([failed("2.2", ALONE), behind("5.1", "2.2", "4.4")], None),  # behind something else, too
        ([failed("2.2", ALONE), failed("5.1", Sign.LATE), behind("5.2", "2.2")], None),
        ([failed("2.2", Sign.NOTHING), behind("5.1", "2.2")], None),  # nobody knows who was told
        ([failed("2.2", replace(ALONE, facts={"told": "some"})), behind("5.1", "2.2")], None),
        ([failed("2.2", replace(ALONE, sign=Sign.LATE)), behind("5.1", "2.2")], None),
        ([failed("2.2", ALONE), passed("5.1"), behind("5.2", "2.2")], None),
    ],
)
def test_a_cause_may_ask_for_a_fact_and_for_clauses_that_it_hides(
    verdicts: list[Verdict], expected: tuple[str, ...] | None
) -> None:
    cause = Cause("to its speaker", "Nobody else is told.", {"2.2": [ALONE]}, hides=("5.1",))
    assert [each.clauses for each in common(verdicts, [cause])] == ([expected] if expected else [])


def test_whose_connection_is_in_the_accept_queue_was_not_accepted() -> None:
    second = Symptom(Sign.NOT_ACCEPTED, "client 2", {"waiting": 2})
    cause = Cause("one client at a time", "It serves one client at a time.", {"2.1": [second]})
    silent = Symptom(Sign.NOTHING, "client 2")
    for queued, said in (
        (("client 2", "client 3"), ["It serves one client at a time (2.1, 2.2)."]),
        (("client", "client 2", "client 3"), []),
        (("client 3", "client 4"), []),
        ((), []),
    ):
        run = [failed("2.1", silent, queued=queued), behind("2.2", "2.1")]
        assert [each.told for each in common(run, [cause])] == said


def test_an_exception_at_one_place_is_what_failures_have_in_common() -> None:
    thrown = Thrown("NullPointerException", file="Echo.java", line=17)
    alike = [failed("6.1", None, thrown=thrown), failed("6.4", None, thrown=thrown)]
    assert told(*alike) == ["It printed NullPointerException at Echo.java:17 (6.1, 6.4)."]
    elsewhere = failed("6.4", None, thrown=replace(thrown, line=30))
    stale = failed("6.4", None, thrown=replace(thrown, before=True))
    later = failed("6.4", None, thrown=replace(thrown, after=True))
    nowhere = failed("6.4", None, thrown=replace(thrown, file="", line=0))
    unlike = failed("6.4", Sign.ENCODING, thrown=thrown)  # it has another reason
    for other in (elsewhere, stale, later, nowhere, unlike):
        assert told(alike[0], other) == []


def test_an_exception_is_told_beside_a_cause_of_other_clauses() -> None:
    thrown = Thrown("NullPointerException", file="Echo.java", line=17)
    found = told(
        *(failed("5.1", Sign.LATE, thrown=thrown), behind("5.2", "5.1")),
        *(failed("6.1", Sign.ENDED, thrown=thrown), behind("6.5", "6.1")),
    )
    assert found[1:] == ["It printed NullPointerException at Echo.java:17 (6.1, 6.5)."]
