"""The model of docs/any-conversation.md, taken from the page, for the lab of CONTRIBUTING.md."""

from __future__ import annotations

import pytest

from kit.desk import Checked, Desk
from kit.pages import file_in, section, text_of

LAB = section(text_of("CONTRIBUTING.md"), "A lab of your own")
MODEL = section(text_of("docs/any-conversation.md"), "For a lab of your own")

REFERENCE = file_in(LAB, "my_labs/adder/python/reference.py")
NUMBER = '            if word.lstrip("-").isdigit():\n'
FORGETS = f'            total *= word.lstrip("-").isdigit()\n{NUMBER}'
"""What is no number sets the sum back: clause 2.4 tries it in another order."""


@pytest.fixture
def adder(desk: Desk) -> Desk:
    folder = desk.folder / "labs" / "adder"
    folder.mkdir(parents=True)
    for name in ("adder.md", "adder.py"):
        (folder / name).write_text(file_in(LAB, f"my_labs/adder/{name}"), encoding="utf-8")
    page = file_in(MODEL, "any_conversation.py")
    (folder / "any_conversation.py").write_text(page, encoding="utf-8")
    return desk


def searched(desk: Desk, source: str, time: str) -> Checked:
    program, labs = desk.program(source), desk.folder / "labs"
    asked = ("--only", "1.1,2.1", "--labs", labs, "--search", time, "--seed", "7")
    return desk.check(program, *asked, lab="adder")


def test_the_reference_keeps_all_promises(adder: Desk) -> None:
    search = searched(adder, REFERENCE, "3s").run["search"]
    assert search["conversations"] > 0
    assert search["verdict"] is None, search


def test_what_it_forgets_is_found(adder: Desk) -> None:
    assert REFERENCE.count(NUMBER) == 1
    checked = searched(adder, REFERENCE.replace(NUMBER, FORGETS), "2m")
    search = checked.run["search"]
    assert search["verdict"]["clause"] == "2.1", search
    assert search["sentence"] == "1, abc, 1: the server says: 1; it should say: 2"
    assert checked.status == 0
