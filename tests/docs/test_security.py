"""SECURITY.md names, for each attack, the tests by which it is known: they are there, and none of
those that attack is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.sandbox import system_calls
from kit.pages import TOP, text_of

PAGE = text_of("SECURITY.md")
TESTS = TOP / "tests"


def rows() -> list[list[str]]:
    table = PAGE.partition("| how it is tested |\n")[2].partition("\n\n")[0]
    cells = [re.split(r" *\| *", line.strip("| ")) for line in table.splitlines()]
    return cells[1:]  # without the line below the headings


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_each_attack_says_how_it_is_tested(row: list[str]) -> None:
    assert len(row) == 4, row
    named = re.findall(r"`([\w/]+(?:\.py|/))`", row[3])
    assert named, row
    for name in named:
        assert (TESTS / name).exists(), name


def test_no_test_that_attacks_is_left_out() -> None:
    told = " ".join(row[3] for row in rows())
    for file in sorted((TESTS / "attacks").glob("test_*.py")):
        assert f"`attacks/{file.name}`" in told, file.name


def test_the_filter_is_told_of_as_it_is() -> None:
    """Of calls that are of one kind, one is named."""
    kinds = ("ptrace", "pidfd_getfd", "keyctl", "bpf", "perf_event_open", "userfaultfd", "io_uring")
    for kind in kinds:
        assert f"`{kind}`" in PAGE
        assert any(call.startswith(kind) for call in system_calls.REFUSED)
    for machine in system_calls.MACHINES:
        assert {"x86_64": "x86-64", "aarch64": "AArch64"}[machine] in PAGE


def test_files_that_are_named_in_the_text_are_there() -> None:
    for name in re.findall(r"`((?:conformance|tests)/[\w/.]+)`", PAGE):
        assert Path(TOP, name).exists(), name
