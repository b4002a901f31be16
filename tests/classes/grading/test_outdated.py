"""What is due: what has changed, what is open, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.grading.outdated import Due, Why, request, what_is_wanted
from conformance.classes.model import TOTAL, Override
from conformance.contract.catalog import load
from conformance.sandbox import Tier
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.verdict.model import Outcome
from kit.small_class import TERMS, SmallClass


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return SmallClass(tmp_path)


def told(due: list[Due]) -> set[tuple[str, str, Why]]:
    return {(each.hand_in.author, each.hand_in.lab, each.why) for each in due}


def test_what_has_a_result_is_not_due(small: SmallClass) -> None:
    assert {each.why for each in small.due()} == {Why.NEW}
    small.hold()
    assert small.due() == []


def test_what_has_changed_is(small: SmallClass) -> None:
    small.hold()
    (small.entries / "bob.py").write_text("otherwise")
    assert told(small.due()) == {("bob", lab, Why.CHANGED) for lab in ("echo", "echo-node")}


def test_what_was_asked_for_is(small: SmallClass) -> None:
    small.hold()
    assert told(small.due(again={"ann"}, labs=("echo",))) == {("ann", "echo", Why.ASKED)}


def test_what_is_open_is(small: SmallClass) -> None:
    small.hold(Outcome.INCONCLUSIVE)
    assert {each.why for each in small.due()} == {Why.OPEN}


def test_what_a_teacher_has_decided_is_not_open(small: SmallClass) -> None:
    small.hold(Outcome.INCONCLUSIVE)
    for hand_in in small.graded.hand_ins:
        small.ledger.correct(Override(hand_in.author, hand_in.lab, "3.1", 3, "seen", "2026"))
    assert small.due() == []


def test_what_a_teacher_has_given_in_total_is_not_open(small: SmallClass) -> None:
    small.hold(Outcome.INCONCLUSIVE)
    ann = small.graded.hand_ins[0]
    assert ann.author in {each.hand_in.author for each in small.due(labs=("echo",))}
    small.ledger.correct(Override("ann", "echo", TOTAL, 2, "", "2026", small.ledger.work(ann)))
    assert {each.hand_in.author for each in small.due(labs=("echo",))} == {"bob"}


def test_a_damaged_run_is_due(small: SmallClass) -> None:
    small.hold()
    file = small.ledger.file(small.graded.hand_ins[0])
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([lines[0], "{\n", *lines[2:]]))
    assert told(small.due()) == {("ann", "echo", Why.CHANGED)}


def test_labs_choose_what_is_run_and_not_what_is_wanted(small: SmallClass) -> None:
    assert {each.hand_in.lab for each in small.due(labs=("echo",))} == {"echo"}
    assert small.ledger.work(small.graded.hand_ins[-1]), "known of the other lab, too"


def test_fetching_is_no_part_of_what_a_result_rests_on(small: SmallClass) -> None:
    small.hold()
    assert small.due(terms=replace(TERMS, fetch=True)) == []


def test_how_slow_this_machine_is_today_is_none_either(small: SmallClass) -> None:
    small.hold()
    assert small.due(terms=replace(TERMS, stretch=3.2)) == []


@pytest.mark.parametrize("changed", ["seed", "scale", "tier"])
def test_how_it_is_judged_is(small: SmallClass, changed: str) -> None:
    small.hold()
    terms = {
        "seed": replace(TERMS, seed=0),
        "scale": replace(TERMS, scale=2.0),
        "tier": TERMS,
    }[changed]
    tier = Tier.NETWORK if changed == "tier" else Tier.FULL
    assert len(small.due(terms=terms, tier=tier)) == 4


def test_what_it_is_started_with_is(small: SmallClass) -> None:
    small.hold()
    echo, node = small.graded.labs
    small.graded = replace(small.graded, labs=(replace(echo, arguments=("{port}",)), node))
    assert told(small.due()) == {(who, "echo", Why.CHANGED) for who in ("ann", "bob")}
    assert small.ledger.of.labs[0].arguments == ("{port}",)
    due = small.graded.hand_ins[0]
    assert request(small.graded, due, TERMS, Path("kept")).arguments == ("{port}",)


def test_the_network_that_it_is_judged_over_is(small: SmallClass) -> None:
    small.hold()
    echo, node = small.graded.labs
    network = NetworkConditions(delay=0.05)
    small.graded = replace(small.graded, labs=(replace(echo, network=network), node))
    assert told(small.due()) == {(who, "echo", Why.CHANGED) for who in ("ann", "bob")}
    assert small.ledger.of.labs[0].network == network
    due = small.graded.hand_ins[0]
    assert request(small.graded, due, TERMS, Path("kept")).network == network


def test_what_cannot_be_read_troubles_itself_only(small: SmallClass) -> None:
    small.hold()
    (small.entries / "bob.py").unlink()
    (small.entries / "bob.py").symlink_to(small.entries / "nowhere")
    assert small.due() == []
    assert set(small.troubles) == {("bob", "echo"), ("bob", "echo-node")}
    assert "bob.py cannot be read" in small.troubles["bob", "echo"]
    results = {h.author: small.ledger.result(h) for h in small.graded.hand_ins}
    assert results["bob"].run is None
    assert results["ann"].run is not None


def test_a_search_is_asked_for_where_the_lab_has_a_model_and_runs_nothing_again(
    small: SmallClass,
) -> None:
    due, terms = small.graded.hand_ins[0], replace(TERMS, search=20.0)
    asked = [
        request(small.graded, due, terms, Path("kept"), searchable=known).search
        for known in (True, False)
    ]
    assert asked == [20.0, 0.0]
    wanted = [what_is_wanted(small.graded, load(), each, Tier.FULL) for each in (TERMS, terms)]
    assert wanted[0] == wanted[1]
