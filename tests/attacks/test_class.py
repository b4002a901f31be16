"""Attacks on whoever grades a class, and on those who are in it, by what people and files
are called: in the sheet of grades, in the XML, on the pages and on the terminal."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kit.arena import User
from kit.desk import ECHO, Checked, Desk

ENDS_AT_ONCE = "raise SystemExit\n"

CLASS = """\
submissions = "in"
{roster}
[[lab]]
name = "echo"
only = "1.1,3.1"
"""

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=HYPERLINK(owned)",
    "x;=1",
    "=cmd|' \uff0fC calc'!A0",
    "\uff1d1",
]
MARKUP = [
    "<script>alert('owned')<\uff0fscript>",
    "]]><system-out>",
    "a\n::error::owned",
    "##[error]owned",
    "\x1b[2J\u202egnp",
]
STARTERS = "=+-@\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with; the last four are of full width."""
HARMLESS = "ann"


def hand_in(desk: Desk) -> Path:
    """A class of people who are called like that, and of one who is not."""
    folder = desk.folder / "class"
    (folder / "in").mkdir(parents=True)
    for name in [*FORMULAS, *MARKUP]:
        desk.program(ENDS_AT_ONCE, name=f"class/in/{name}.py")
    inside = folder / "in" / "<b>\n::warning::owned"
    inside.mkdir()
    desk.program(ENDS_AT_ONCE, name=f"class/in/{inside.name}/=1\n<script>.py")
    desk.program(f"{ECHO}\nmain()\n", name=f"class/in/{HARMLESS}.py")
    return folder


def graded(desk: Desk, user: User, roster: str) -> Checked:
    folder = hand_in(desk)
    (folder / "class.toml").write_text(CLASS.format(roster=roster))
    rows = [("id", "name"), *((name, name) for name in FORMULAS), ("+absent", "=absent")]
    rows += [(" ".join(name.split()), name) for name in MARKUP]
    rows += [("<b> ::warning::owned", "@x"), (HARMLESS, "Ann")]
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    checked = desk.call("grade", folder, "--out", desk.reports / "out", command=user.words)
    assert checked.status == 1, checked.stdout + checked.stderr
    return checked


@pytest.mark.parametrize(
    ("user", "roster"),
    [("root", ""), ("an ordinary user", 'roster = "roster.csv"')],
    indirect=["user"],
    ids=["alone", "roster"],
)
def test_names_that_mean_something(desk: Desk, user: User, roster: str) -> None:
    checked = graded(desk, user, roster)
    out = desk.reports / "out"
    people = len(FORMULAS) + len(MARKUP) + 2 + bool(roster)
    sheet = (out / "grades.csv").read_bytes().decode("utf-8-sig")
    no_cell_is_a_formula(sheet, people)
    neighbours_notice_nothing(sheet, out)
    for file in [out / "class.xml", *(out / "students").glob("*.xml")]:
        markup_is_whole(file, f"[[ATTACHMENT|{out}/evidence/")
    pages = {file.name: file.read_text(encoding="utf-8") for file in out.glob("students/*.txt")}
    assert len(pages) == people
    for name, text in {**pages, "stdout": checked.stdout, "stderr": checked.stderr}.items():
        nothing_steers_who_reads(name, text)
    told = f"{checked.stdout}{''.join(pages.values())}"
    assert "<script>alert('owned')" in told  # shown, not hidden
    assert "\\u{202E}gnp" in told
    for file in out.rglob("*"):
        assert file.name.isprintable(), file
        assert file.name[0] not in "=+-@", file


def no_cell_is_a_formula(sheet: str, people: int) -> None:
    """However a spreadsheet divides it."""
    assert len(list(csv.DictReader(io.StringIO(sheet, newline=""), strict=True))) == people
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(sheet, newline=""), delimiter=delimiter):
            for cell in row:
                assert cell.lstrip(' \t\r\n"')[:1] not in {*STARTERS}, cell
    assert sheet.count("\n") == sheet.count("\r\n") == people + 1
    for line in sheet.split("\r\n"):
        assert not line or line.isprintable()
        assert not line.startswith("::")


def neighbours_notice_nothing(sheet: str, out: Path) -> None:
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(sheet, newline=""))}
    assert (rows[HARMLESS]["percent"], rows[HARMLESS]["provisional"]) == ("100.0", "")
    assert {row["percent"] for who, row in rows.items() if who != HARMLESS} == {"0.0"}
    lines = (out / "runs" / HARMLESS / "echo.jsonl").read_text().splitlines()
    verdicts = [event for event in map(json.loads, lines) if event["event"] == "verdict"]
    assert {event["outcome"] for event in verdicts} == {"passed"}


def markup_is_whole(file: Path, attached: str) -> None:
    """The elements are ours, and so are the files that Jenkins is to attach."""
    tree = ElementTree.parse(file).getroot()
    known = {
        *("testsuites", "testsuite", "testcase", "properties", "property"),
        *("failure", "error", "skipped", "system-out", "system-err"),
    }
    assert {element.tag for element in tree.iter()} <= known
    text = file.read_text(encoding="utf-8")
    assert "<script>" not in text
    lines = [line for line in text.splitlines() if not line.strip().startswith(attached)]
    nothing_steers_who_reads(file.name, "\n".join(lines))
    for element in tree.iter():
        for value in element.attrib.values():  # what stands there as &#10; is a line end too
            assert value.isprintable(), value


def nothing_steers_who_reads(name: str, text: str) -> None:
    steering = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")}
    assert steering <= {"\n"}, (name, steering)
    for line in text.splitlines():
        assert not line.lstrip().startswith(("::", "##[", "[[ATTACHMENT")), (name, line)
