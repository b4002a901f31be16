"""A search finds what no clause looks for, and accuses no server that conforms."""

from __future__ import annotations

import pytest

from conformance.contract.catalog import load
from conformance.selfcheck.references import read_library, reference_folder
from kit.desk import Checked, Desk
from kit.hidden import LABS, planted

SEED = 7
ENOUGH = 8
"""Of ten mutants of a lab, so many at least are found."""

TIME = "2m"
"""A bound for a busy machine: where it is quiet, 20 s are enough. A search ends when it has found
something."""

CATALOG = load()
SEARCHED = sorted({lab.name for lab in CATALOG.labs.values() if lab.state_model is not None})

QUICK = {
    "echo": ("goodbye-and-a-space", "no-empty-line-among-others"),
    "presence": ("a-second-hello-is-quiet", "a-mistake-costs-the-name"),
}
"""Mutants that are found within a few seconds, also on a busy machine: a search ends then."""


def searched(desk: Desk, path: object, lab: str, time: str = TIME, *options: str) -> Checked:
    search = ("--search", time, "--seed", SEED)
    return desk.check(path, "--only", "1.1", *search, *options, lab=lab)


def found(checked: Checked) -> str:
    """The clause that a conversation broke; "" where none did."""
    verdict = checked.run["search"]["verdict"]
    return str(verdict["clause"]) if verdict else ""


def test_each_lab_with_a_model_has_ten_mutants(desk: Desk) -> None:
    assert LABS == SEARCHED
    for lab in LABS:
        folder = desk.folder / lab
        folder.mkdir()
        mutants = list(planted(lab, folder))
        assert len({mutant.name for mutant in mutants}) == 10
        numbers = {clause.number for clause in CATALOG[lab].contract.clauses}
        assert all(set(mutant.breaks) <= numbers for mutant in mutants)


@pytest.mark.slow
@pytest.mark.parametrize("lab", QUICK)
def test_what_is_found_costs_nothing_and_is_told(lab: str, desk: Desk) -> None:
    for mutant in planted(lab, desk.folder, QUICK[lab]):
        checked = searched(desk, mutant.program, lab)
        search = checked.run["search"]
        assert found(checked) in mutant.breaks, (mutant.name, search)
        assert checked.status == 0, "it costs no points"
        assert checked.run["points"] == checked.run["max_points"]
        assert search["verdict"]["level"] == "INFO"
        assert len(search["sentence"].split(", ")) <= 6, "the shortest conversation"
        assert f"--search 120s --seed {SEED}" in search["again"]
        assert "that nobody wrote" in " ".join(checked.stdout.split())


@pytest.mark.heavy
@pytest.mark.parametrize("lab", LABS)
def test_eight_of_ten_are_found(lab: str, desk: Desk) -> None:
    missed = {}
    for mutant in planted(lab, desk.folder):
        checked = searched(desk, mutant.program, lab)
        if found(checked) not in mutant.breaks:
            missed[mutant.name] = checked.run["search"]
    assert len(missed) <= 10 - ENOUGH, missed


@pytest.mark.heavy
@pytest.mark.parametrize("lab", LABS)
def test_no_reference_is_accused(lab: str, desk: Desk) -> None:
    held = 0
    for reference in read_library(reference_folder(), CATALOG, [lab]).references:
        settings = [f"--set={name}={value}" for name, value in reference.settings.items()]
        checked = searched(desk, reference.path, reference.variant, "10s", *settings)
        search = checked.run["search"]
        assert search["verdict"] is None, (reference.path, search)
        held += search["conversations"]  # of each none, where a start takes all the time
    assert held > 0
