"""The parts of a class: everybody is in one, parts are of one size, and hardly anybody moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.classes.grading.division import common_seed
from conformance.classes.model import Class, HandIn, LabPlan, Student
from conformance.classes.parts import PartOfClass, authors_in, in_parts, part_of_each, told_parts
from conformance.verdict.model import WrongCall

LABS = ("echo", "presence", "roulette")
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
CLASSES = st.dictionaries(NAMES, st.sets(st.sampled_from(LABS)), max_size=40)
"""Who has handed in for which labs."""


def a_class(handed_in: dict[str, set[str]], order: Sequence[str] | None = None) -> Class:
    authors = list(handed_in if order is None else order)
    hand_ins = tuple(
        HandIn(author, lab, Path(f"/class/{n}.py") if lab in handed_in[author] else None)
        for lab in LABS
        for n, author in enumerate(authors)
    )
    return Class("class", tuple(map(Student, authors)), tuple(map(LabPlan, LABS)), hand_ins)


@given(CLASSES, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_parts_are_a_partition_whatever_the_order(
    handed_in: dict[str, set[str]], of: int, draw: object
) -> None:
    graded = a_class(handed_in)
    parts = [authors_in(graded, [PartOfClass(of, number)]) for number in range(1, of + 1)]
    assert sum(map(len, parts)) == len(handed_in)
    assert frozenset().union(*parts) == set(handed_in)
    again = a_class(handed_in, sorted(handed_in, reverse=True))
    assert part_of_each(again, of) == part_of_each(graded, of)


@given(CLASSES, st.integers(1, 12))
def test_the_parts_are_of_one_size(handed_in: dict[str, set[str]], of: int) -> None:
    sizes = Counter({number: 0 for number in range(1, of + 1)})
    for author, number in part_of_each(a_class(handed_in), of).items():
        sizes[number] += len(handed_in[author])
    assert max(sizes.values()) - min(sizes.values()) <= 2 * len(LABS)


@given(st.sets(NAMES, min_size=1, max_size=60), st.integers(1, 8))
def test_who_joins_moves_one_across_each_cut_at_most(names: set[str], of: int) -> None:
    all_of_them = a_class({name: {"echo"} for name in names})
    others = sorted(names)[1:]
    before = part_of_each(a_class({name: {"echo"} for name in others}), of)
    after = part_of_each(all_of_them, of)
    assert sum(after[name] != before[name] for name in others) <= of - 1


def test_an_author_is_in_one_part_with_all_labs_and_a_group_is_one_author() -> None:
    students = (Student("ann", group="g1"), Student("bob", group="g1"), Student("cleo"))
    hand_ins = tuple(HandIn(who, lab, Path(who)) for lab in LABS for who in ("g1", "cleo"))
    graded = Class("class", students, tuple(map(LabPlan, LABS)), hand_ins)
    parts = [in_parts(graded, [PartOfClass(2, number)]) for number in (1, 2)]
    assert sorted(len(part.hand_ins) for part in parts) == [3, 3]
    assert sorted([s.id for s in part.students] for part in parts) == [["ann", "bob"], ["cleo"]]
    assert {part.title for part in parts} == {"class, part 1 of 2", "class, part 2 of 2"}
    assert in_parts(graded, [PartOfClass(2, 1), PartOfClass(2, 2)]) == graded


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/2/3", "²/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(WrongCall, match="--part wants K/N"):
        PartOfClass.read(text)


def test_parts_in_words() -> None:
    parts = [PartOfClass(4, 1), PartOfClass(4, 2), PartOfClass(4, 4)]
    assert told_parts(parts[:1]) == "part 1 of 4"
    assert told_parts(parts) == "parts 1, 2 and 4 of 4"


def test_the_seed_is_found_in_all_that_was_handed_in_wherever_it_stands(tmp_path: Path) -> None:
    def seed(place: str, bobs: str, order: Sequence[str] = ("ann", "bob")) -> int:
        folder = tmp_path / place
        folder.mkdir(exist_ok=True)
        texts = {"ann": "ann's", "bob": bobs}
        for who in order:
            (folder / f"{who}.py").write_text(texts[who])
        hand_ins = tuple(HandIn(who, "echo", folder / f"{who}.py") for who in order)
        return common_seed(Class(place, (), (LabPlan("echo"),), hand_ins))

    here = seed("here", "bob's")
    assert here == seed("there", "bob's", ("bob", "ann"))
    assert here != seed("here", "bob's other"), "Ann cannot tell it by her own work"
    assert 10_000_000 <= here < 100_000_000
    with pytest.raises(WrongCall, match="give --seed"):
        seed("alone", "", ("ann",))
