"""Ids as spreadsheets leave them: put right where that is certain, told where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.classes.class_file import read_class
from conformance.classes.hand_ins.ids import bare, cleaned, rounded
from conformance.classes.model import Class
from conformance.contract.catalog import load

CATALOG = load()


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        ("12345678.0", "12345678"),
        ("12345678,00", "12345678"),
        ('="00123"', "00123"),
        ("'00456", "00456"),
        ("'ann", "'ann"),
        ("00123", "00123"),
        ("1.23457E+07", "1.23457E+07"),
        ("ann.0", "ann.0"),
        ("#12", "#12"),
        ("", ""),
    ],
)
def test_what_is_certain_is_put_right(cell: str, id: str) -> None:
    assert cleaned(cell) == id


def test_brightspaces_mark_is_none_of_the_id() -> None:
    assert cleaned("#400123456", hashed=True) == "400123456"


@pytest.mark.parametrize(
    ("text", "fits", "not_"),
    [
        ("1.23457E+07", "12345678", "12345778"),
        ("1,23457E+07", "12345650", "12345649"),
        ("1.2E+07", "12499999", "12500001"),
        ("1E+10", "14999999999", "15000000001"),
        ("9.99E+8", "0999123456", "990000000"),
    ],
)
def test_what_was_rounded_may_have_been_many(text: str, fits: str, not_: str) -> None:
    left = rounded(text)
    assert left is not None
    assert left.fits(bare(fits))
    assert not left.fits(bare(not_))


@pytest.mark.parametrize("text", ["12345678", "e12", "1.5E-3", "3E", "2e3x", "1.234E+2", ""])
def test_what_is_no_rounded_number(text: str) -> None:
    assert rounded(text) is None


@given(st.integers(10**5, 10**15))
def test_a_number_fits_what_a_spreadsheet_makes_of_it(number: int) -> None:
    left = rounded(f"{number:.5E}")
    assert left is not None
    assert left.fits(str(number))


@given(st.text(max_size=60))
def test_any_text_is_some_id(text: str) -> None:
    rounded(cleaned(text))
    assert bare(text) == "" or bare(text).isdecimal()


# -- in a class -----------------------------------------------------------------------


def of(roster: str, folder: Path, *names: str) -> Class:
    (folder / "in").mkdir()
    for name in names:
        (folder / "in" / name).write_text("print()")
    (folder / "roster.csv").write_bytes(roster.encode())
    (folder / "class.toml").write_text(
        'submissions = "in"\nroster = "roster.csv"\n[[lab]]\nname = "echo"\n'
    )
    return read_class(folder / "class.toml", CATALOG)


def matched(graded: Class) -> dict[str, str]:
    return {h.author: h.path.name for h in graded.hand_ins if h.path}


@pytest.mark.parametrize(
    ("roster", "names", "wanted"),
    [
        ("id\n12345678.0\n12345679.0\n", ["12345678.py"], {"12345678": "12345678.py"}),
        ('"id"\n"=""00123"""\n"9"\n', ["00123.py"], {"00123": "00123.py"}),
        ("id\n'00456\n9\n", ["00456.py"], {"00456": "00456.py"}),
        ("id\n123\n456\n", ["00123.py", "000456.py"], {"123": "00123.py", "456": "000456.py"}),
        ("id\n00123\n00456\n", ["123.py"], {"00123": "123.py"}),
        ("id;name\n12.345.678;Ann\n", ["12345678.zip"], {"12.345.678": "12345678.zip"}),
        ("id,email\n1.23457E+07,ann@x.org\n", ["ann.py"], {"ann@x.org": "ann.py"}),
    ],
)  # fmt: skip
def test_spoilt_ids_are_matched_where_one_only_can_be_meant(
    roster: str, names: list[str], wanted: dict[str, str], tmp_path: Path
) -> None:
    graded = of(roster, tmp_path, *names)
    assert matched(graded) == wanted
    assert graded.warnings == ()


def test_who_reads_the_grades_is_told_of_lost_zeros(tmp_path: Path) -> None:
    graded = of("id\n123\n", tmp_path, "00123.py")
    told = "00123 was taken for 123: spreadsheets drop leading zeros"
    assert graded.hand_ins[0].remarks == (told,)


@pytest.mark.parametrize(
    ("roster", "names", "open_"),
    [
        ("id\n123\n0123\n9\n", ["00123.py"], {"123", "0123"}),
        ("id\n123\n9\n", ["00123.py", "0123.zip"], {"123"}),
        ("id\n1.23457E+07\n12345679\n", ["12345678.py", "12345679.py"], {"1.23457E+07"}),
        ("id,mail\n1.23457E+07,a@x\n1.23457E+07,b@x\n", ["12345678.py"], {"a@x", "b@x"}),
        ("id\n1.2E+07\n5\n", ["12000000.py", "12000001.py"], {"1.2E+07"}),
    ],
)
def test_what_could_be_anothers_is_open_and_told(
    roster: str, names: list[str], open_: set[str], tmp_path: Path
) -> None:
    graded = of(roster, tmp_path, *names)
    problems = {h.author: h.problem for h in graded.hand_ins if h.author in open_}
    assert all("number" in problem for problem in problems.values())
    assert problems.keys() == open_
    assert not open_ & matched(graded).keys()
    assert "it cannot be told whose it is" in graded.warnings[0]


def test_the_exact_id_comes_first(tmp_path: Path) -> None:
    graded = of("id\n123\n0123\n", tmp_path, "0123.py", "123.py")
    assert matched(graded) == {"123": "123.py", "0123": "0123.py"}
