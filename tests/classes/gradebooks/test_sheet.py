"""A sheet reads what Python's csv module reads, and changes only the cells that it is told to."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.classes.gradebooks.encoding import decode
from conformance.classes.gradebooks.sheet import harmless, read_sheet
from conformance.verdict.model import WrongCall

TEXTS = st.text(st.sampled_from('ab1 ,;\t"\r\né=-'), max_size=6)
WIDE = st.lists(TEXTS, min_size=2, max_size=5)
"""Of two cells and more: one that is alone and empty is no cell."""
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=5), max_size=6)
WAYS = st.tuples(
    st.sampled_from(",;\t"),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
)
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]


def written(rows: list[list[str]], way: tuple[str, str, int]) -> str:
    delimiter, end, quoting = way
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["x", "y", "z", "end"])  # the line by which the delimiter is known
    writer.writerows(rows)
    return out.getvalue()


def read(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


@given(ROWS, WAYS)
def test_it_reads_what_the_csv_module_reads(
    rows: list[list[str]], way: tuple[str, str, int]
) -> None:
    text = written(rows, way)
    sheet = read_sheet(text)
    assert sheet.delimiter == way[0]
    assert [sheet.texts(row) for row in range(len(sheet.rows))] == read(text, way[0])
    assert sheet.with_cells({}) == text


@given(st.lists(WIDE, min_size=1, max_size=6), WAYS, TEXTS, st.data())
def test_a_change_touches_its_cell_only(
    rows: list[list[str]], way: tuple[str, str, int], new: str, data: st.DataObject
) -> None:
    text = written(rows, way)
    sheet = read_sheet(text)
    row = data.draw(st.sampled_from([n for n, cells in enumerate(sheet.rows) if len(cells) > 1]))
    column = data.draw(st.integers(0, len(sheet.rows[row]) - 1))
    cell = sheet.rows[row][column]
    changed = sheet.with_cells({(row, column): new})
    assert changed.startswith(text[: cell.start])
    assert changed.endswith(text[cell.end :])
    expected = read(text, way[0])
    expected[row][column] = new
    assert read(changed, way[0]) == expected


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_it_is_refused_or_written_back_the_same(data: bytes) -> None:
    try:
        text, encoding = decode(data)
        sheet = read_sheet(text)
    except WrongCall:
        return
    assert encoding.encode(sheet.with_cells({})) == data


@pytest.mark.parametrize("codec", CODECS)
def test_an_encoding_is_recognised_and_kept(codec: str) -> None:
    data = "Nom;Prénom\r\nMüller;Zoë\r\n".encode(codec)
    text, encoding = decode(data)
    assert text.startswith("Nom;Prénom")
    assert encoding.encode(text) == data


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04xlsx", "a file of Excel"),
        (b"\xd0\xcf\x11\xe0xls", "a file of Excel"),
        (b"\xff\xfea", "begins like UTF-16-LE, and is not"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(WrongCall, match=told):
        decode(data)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a,b\r\n"c,d\r\n', "line 2 is not CSV: a cell begins with a quote that is never closed"),
        ('a,b\nc,"d"e\n', "line 2 is not CSV: a text goes on behind its closing quote"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(WrongCall, match=told):
        read_sheet(text)


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx", "\rx", " =1", "-1+1", "＝1"])  # noqa: RUF001
def test_a_formula_is_defused(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["7", "-7", "-7.5", "-7,5", "late by 2 days", ""])
def test_a_number_or_a_sentence_is_no_formula(text: str) -> None:
    assert harmless(text) == text
