"""The causes that the labs know: each is told of what shows it, and of nothing less."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pytest

from conformance.contract.catalog import load
from conformance.contract.lab import Lab
from conformance.verdict.causes import Cause, common
from conformance.verdict.model import Attempt, Blame, Outcome, Verdict
from conformance.verdict.symptoms import Sign, Symptom

LABS = ("presence", "presence-udp", "roulette")
TABLES = [
    pytest.param(lab, cause, id=f"{lab.name}-{place}-{cause.name}")
    for lab in (load()[name] for name in LABS)
    for place, cause in enumerate(lab.causes)
]
OTHER = Symptom(Sign.WRONG_TIME)  # a sign that no cause of these labs asks for


def verdict(lab: Lab, number: str, attempt: Attempt) -> Verdict:
    clause = lab.clause(number)
    earned = clause.weight if attempt.outcome is Outcome.PASSED else 0
    return Verdict(clause, clause.level, attempt, clause.weight, earned)


def shown(sign: Sign | Symptom) -> Attempt:
    """A failed attempt in which that was seen."""
    symptom = Symptom(sign) if isinstance(sign, Sign) else sign
    if symptom.sign is not Sign.NOT_ACCEPTED or not symptom.client:
        return Attempt(Outcome.FAILED, symptom=symptom)
    others = (f"{symptom.client}{n}" for n in range(1, int(symptom.facts["waiting"])))
    seen = Symptom(Sign.NOTHING, symptom.client)
    return Attempt(Outcome.FAILED, symptom=seen, queued=(symptom.client, *others))


def behind(*others: str) -> Attempt:
    return Attempt(Outcome.NOT_RUN, blame=Blame.PROGRAM, behind=others)


PASSED = Attempt(Outcome.PASSED)


def run(lab: Lab, cause: Cause, **changed: Attempt) -> list[Verdict]:
    """The least that shows the cause: what it asks for, and else nothing lost but one clause more
    where it needs one. `changed`: other attempts, by number."""
    attempts = {clause.number: PASSED for clause in lab.contract.clauses}
    first, *_ = cause.failed
    attempts |= {number: shown(next(iter(signs))) for number, signs in cause.failed.items()}
    attempts |= dict.fromkeys(cause.hides, behind(first))
    if len(cause.failed) + len(cause.hides) < 2:
        attempts[one_more(lab, cause)] = behind(first)
    attempts |= changed
    return [verdict(lab, number, attempt) for number, attempt in attempts.items()]


def one_more(lab: Lab, cause: Cause) -> str:
    """A clause of which the cause says nothing."""
    named = {*cause.failed, *cause.passed, *cause.hides, *cause.explains}
    return next(c.number for c in reversed(lab.contract.clauses) if c.number not in named)


def told(lab: Lab, verdicts: Collection[Verdict]) -> list[str]:
    return [each.sentence for each in common([*verdicts], lab.causes)]


@pytest.mark.parametrize(("lab", "cause"), TABLES)
def test_a_cause_is_told_first_of_what_shows_it(lab: Lab, cause: Cause) -> None:
    verdicts = run(lab, cause)
    lost = {v.clause.number for v in verdicts if v.outcome is not Outcome.PASSED}
    [found] = common(verdicts, lab.causes)
    assert (found.name, found.sentence) == (cause.name, cause.sentence)
    assert {*found.clauses} == lost


def near_misses(lab: Lab, cause: Cause) -> Iterator[tuple[str, Mapping[str, Attempt]]]:
    """What is nearly what shows the cause."""
    for number, signs in cause.failed.items():
        yield "by another sign", {number: shown(OTHER)}
        yield "by none that is known", {number: Attempt(Outcome.FAILED)}
        yield "not shown", {number: behind("1.1")}
        yield "passed", {number: PASSED}
        for sign in signs:
            if isinstance(sign, Symptom) and sign.sign is not Sign.NOT_ACCEPTED:
                yield "without the facts", {number: shown(Symptom(sign.sign))}
                other = dict.fromkeys(sign.facts, "other")
                yield "with other facts", {number: shown(replace(sign, facts=other))}
    for number in cause.passed:
        yield "what it leaves alone failed", {number: shown(OTHER)}
    for number in cause.hides:
        yield "what it hides passed", {number: PASSED}
        yield "what it hides failed", {number: shown(OTHER)}


@pytest.mark.parametrize(("lab", "cause"), TABLES)
def test_a_cause_is_not_told_of_less(lab: Lab, cause: Cause) -> None:
    for what, changed in near_misses(lab, cause):
        assert cause.sentence not in told(lab, run(lab, cause, **changed)), what


@pytest.mark.parametrize(("lab", "cause"), TABLES)
def test_a_cause_does_not_claim_what_it_has_nothing_to_do_with(lab: Lab, cause: Cause) -> None:
    more = one_more(lab, cause)
    [first, *_] = common(run(lab, cause, **{more: shown(OTHER)}), lab.causes) or [None]
    assert first is None or more not in first.clauses


@pytest.mark.parametrize("name", LABS)
def test_sentences_are_sentences_and_names_are_short(name: str) -> None:
    causes = load()[name].causes
    assert causes
    for cause in causes:
        assert cause.sentence[:1].isupper()
        assert cause.sentence.endswith(".")
        assert len(cause.sentence) <= 100, cause.sentence
        assert len(cause.name) <= 30, cause.name
