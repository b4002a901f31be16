"""Which pairs are drawn, and what is asked of a pair. No program runs here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.selfcheck import (
    Account,
    CheckedImpostor,
    CheckedMutant,
    CheckedPair,
    CheckedReference,
)
from conformance.selfcheck.choice import Choice
from conformance.selfcheck.pairs import compared
from conformance.selfcheck.references import read_library, reference_folder
from conformance.selfcheck.references.library import Library, Mutant, Pair, Reference
from conformance.verdict.model import Attempt, Level, Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import Counting, Status, mark

CLAUSES = [c for c in load()["echo"].contract.clauses if "S" not in c.number]
REFERENCE = Reference("python/good", "echo", Path("good.py"), "echo", {}, {})
ONE = Mutant("one", REFERENCE, Path(), "a", "b", ("3.1",), "Why?")
OTHER = Mutant("other", REFERENCE, Path(), "c", "d", ("4.1",), "Why not?")


@pytest.fixture(scope="module")
def library() -> Library:
    """Without what is listed, which is always drawn."""
    return replace(read_library(reference_folder(), load()), cancels={})


def drawn(library: Library, count: int, seed: int) -> list[Pair]:
    return Choice(no_mutants=True, pairs=count).of(library, load(), seed)[1]


def test_a_seed_draws_the_same_pairs_again(library: Library) -> None:
    first = drawn(library, 20, 7)
    assert drawn(library, 20, 7) == first
    assert drawn(library, 20, 8) != first
    assert len(first) == len({pair.name for pair in first}) == 20


def test_each_lab_has_its_share(library: Library) -> None:
    groups = {reference.group for reference in library.references}
    found = drawn(library, 10 * len(groups), 7)
    assert Counter(pair.reference.group for pair in found) == dict.fromkeys(groups, 10)


def test_more_are_asked_for_than_there_are(library: Library) -> None:
    small = replace(library, mutants=library.mutants[:40])
    every = list(small.pairs())
    assert drawn(small, len(every) + 100, 7) == every


def test_all_that_are_listed_are_drawn(library: Library) -> None:
    *_, last = library.pairs()
    both = frozenset({last.one.name, last.other.name})
    listed = replace(library, cancels={(last.reference.group, both): "Why."})
    for seed in range(5):
        found = drawn(listed, 2, seed)
        assert [pair.cancels for pair in found if pair.cancels] == ["Why."]
        assert len(found) == 3


def test_the_mutants_of_pairs_are_checked_alone_once(library: Library) -> None:
    subjects, pairs = Choice(part="1/8", pairs=20).of(library, load(), 7)
    alone = [each.source for each in subjects if isinstance(each, CheckedMutant)]
    assert {m.name for pair in pairs for m in (pair.one, pair.other)} <= {m.name for m in alone}
    assert len(alone) == len({(m.reference.group, m.name) for m in alone})
    assert any(isinstance(each, CheckedReference) for each in subjects)


def test_a_part_has_impostors_of_every_language(library: Library) -> None:
    parts = [
        [s.source for s in Choice(part=f"{k}/3", impostors=True).of(library, load(), 7)[0]
         if isinstance(s, CheckedImpostor)]
        for k in (1, 2, 3)
    ]  # fmt: skip
    kinds = {(impostor.group, impostor.language) for impostor in library.impostors}
    for part in parts:
        assert {(impostor.group, impostor.language) for impostor in part} == kinds
    names = {(each.group, each.name) for part in parts for each in part}
    assert names == {(each.group, each.name) for each in library.impostors}


def test_named_mutants_make_the_pairs(library: Library) -> None:
    *_, pair = library.pairs()
    names = (pair.one.name, pair.other.name)
    group = replace(
        library, mutants=[m for m in library.mutants if m.reference.group == pair.reference.group]
    )
    subjects, pairs = Choice(names, pairs=60).of(group, load(), 7)
    assert pairs == [pair]
    assert {each.name for each in subjects} == set(names)


def test_mutants_that_make_no_pair(library: Library) -> None:
    with pytest.raises(WrongCall, match="no two mutants of one file"):
        Choice((library.mutants[0].name,), pairs=1).of(library, load(), 7)


# -- what is asked of a pair ----------------------------------------------------------


def run(**outcomes: Outcome) -> Run:
    """`c41=Outcome.FAILED`; every other clause of echo is passed."""
    told = {f"{key[1]}.{key[2:]}": outcome for key, outcome in outcomes.items()}
    verdicts = [
        Verdict(
            c, c.level, Attempt(told.get(c.number, Outcome.PASSED), expected="this", actual="that")
        )
        for c in CLAUSES
    ]
    marked = tuple(mark(verdict, Counting(strict=True)) for verdict in verdicts)
    return Run("echo", "x", {}, 1, "full", "0", True, verdicts=marked)


FAILED, PASSED = Outcome.FAILED, Outcome.PASSED
ALONE = {"one": run(c31=FAILED), "other": run(c41=FAILED)}


def judged(found: Run, pair: Pair | None = None) -> Account:
    return Account(CheckedPair(pair or Pair(ONE, OTHER), ALONE), found)


def test_a_pair_that_has_both_faults_is_in_order() -> None:
    assert judged(run(c31=FAILED, c41=FAILED)).complaints == []
    assert judged(run(c31=FAILED, c41=FAILED, c51=FAILED)).status is Status.PASSED


def test_a_clause_that_one_fails_alone_is_not_passed() -> None:
    found = judged(run(c31=FAILED, c51=FAILED, c52=FAILED))
    assert found.complaints == ["It passes 4.1, which other fails alone."]
    assert found.status is Status.FAILED


def test_a_pair_earns_no_more_than_either() -> None:
    costly = {"one": run(c31=FAILED, c51=FAILED, c52=FAILED), "other": ALONE["other"]}
    found = Account(CheckedPair(Pair(ONE, OTHER), costly), run(c31=FAILED, c41=FAILED))
    whole = sum(c.weight for c in CLAUSES)
    musts = sum(c.weight for c in CLAUSES if c.level is Level.MUST)
    assert found.complaints == [
        f"It earns {whole - 6} points, and one alone {whole - 9}: 5.1, 5.2 are paid for.",
        f"It earns {musts - 6} points of the MUST, and one alone {musts - 9}:"
        " 5.1, 5.2 are paid for.",
    ]


def test_a_pair_has_exit_status_1() -> None:
    told = judged(run()).complaints
    assert "Its exit status is 0 with --strict, not 1." in told
    assert "Its exit status is 0 without --strict, not 1." in told


def test_a_pair_that_could_not_be_judged() -> None:
    assert judged(run(c31=Outcome.INCONCLUSIVE, c41=FAILED)).status is Status.NOT_JUDGED


def test_a_pair_that_is_listed() -> None:
    listed = Pair(ONE, OTHER, "The one undoes the other.")
    assert judged(run(), listed).status is Status.PASSED
    assert judged(run(c31=FAILED), listed).status is Status.PASSED
    kept = judged(run(c31=FAILED, c41=FAILED), listed)
    assert kept.complaints == [
        "It is listed among those that cancel each other out, and they do not."
    ]


def test_a_pair_of_which_one_could_not_be_checked_is_left_out() -> None:
    pair = Pair(ONE, OTHER)
    known = Account(CheckedMutant(ONE, "1.1"), ALONE["one"])
    unknown = Account(CheckedMutant(OTHER, "1.1"), None, "there is no javac")
    both = Account(CheckedPair(pair), run())
    assert compared(both, [known, unknown, both]) is None
    found = compared(both, [known, replace(unknown, run=ALONE["other"]), both])
    assert found == replace(both, subject=CheckedPair(pair, ALONE))
    assert compared(unknown, [known]) == unknown
