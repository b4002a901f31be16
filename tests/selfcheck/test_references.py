"""The catalogue of references and mutants, and what it says of errors in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.catalog import load
from conformance.model import WrongCall
from conformance.references import VARIABLE, Library, read_library, reference_folder

HEADER = '''\
"""A server.

Lab: echo
Leaves to the student: 6.2 (resets are not taught yet), 5.4 (nor crowds,
    nor selectors)
Parameters: pool=3, concurrency=thread-pool
"""
import socket
'''
MUTANT = """
[[mutant]]
name = "no-socket"
file = "python/good.py"
old = "import socket"
new = "import sockets"
fails = ["1.1"]
idea = "A slip of the finger."
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def complaints(folder: Path) -> str:
    with pytest.raises(WrongCall) as caught:
        read_library(folder, load())
    return str(caught.value)


def test_a_header_and_a_mutant_are_read(tmp_path: Path) -> None:
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": MUTANT})
    library = read_library(tmp_path, load())
    [reference] = library.references
    assert (reference.name, reference.variant) == ("python/good", "echo")
    assert reference.settings == {"pool": "3", "concurrency": "thread-pool"}
    assert reference.leaves == {
        "6.2": "resets are not taught yet",
        "5.4": "nor crowds, nor selectors",
    }
    [mutant] = library.mutants
    assert mutant.reference is reference
    assert mutant.fails == ("1.1",)


def test_planting_edits_a_copy(tmp_path: Path) -> None:
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": MUTANT})
    [mutant] = read_library(tmp_path, load()).mutants
    (tmp_path / "scratch").mkdir()
    planted = mutant.plant(tmp_path / "scratch")
    assert planted.read_text() == HEADER.replace("import socket", "import sockets")
    assert (tmp_path / "echo/python/good.py").read_text() == HEADER


def test_a_mutant_of_a_folder_is_planted_with_all_its_files(tmp_path: Path) -> None:
    header = HEADER.replace('"""', "/*", 1).replace('"""', "*/")
    write(
        tmp_path,
        {
            "echo/c/select/select.c": header,
            "echo/c/select/Makefile": "all:\n",
            "echo/mutants.toml": MUTANT.replace("python/good.py", "c/select/select.c"),
        },
    )
    [mutant] = read_library(tmp_path, load()).mutants
    (tmp_path / "scratch").mkdir()
    planted = mutant.plant(tmp_path / "scratch")
    assert sorted(file.name for file in planted.iterdir()) == ["Makefile", "select.c"]
    assert "import sockets" in (planted / "select.c").read_text()


@pytest.mark.parametrize(
    ("replaced", "by", "complaint"),
    [
        ("Lab: echo\n", "", "echo/python/good.py: no comment in it has a line `Lab: …`"),
        ("Lab: echo", "Lab: ehco", "there is no lab 'ehco'"),
        ("Lab: echo", "Lab: echo\nPort: 4", "its header has an unknown line `Port: …`"),
        ("6.2 (resets are not taught yet)", "4.1 (why not)", "clause 4.1 is a MUST"),
        ("6.2 (resets are not taught yet)", "9.9 (why not)", "the lab echo has no clause 9.9"),
        ("6.2 (resets are not taught yet)", "6.2", "`Leaves to the student` wants `nothing`, or"),
        ("pool=3", "poll=3", "has no parameter 'poll'"),
    ],
)
def test_an_error_in_a_header(tmp_path: Path, replaced: str, by: str, complaint: str) -> None:
    write(
        tmp_path,
        {"echo/python/good.py": HEADER.replace(replaced, by), "echo/mutants.toml": ""},
    )
    assert complaint in complaints(tmp_path)


@pytest.mark.parametrize(
    ("replaced", "by", "complaint"),
    [
        ("import socket", "import nothing", "its `old` text occurs 0 times, not once"),
        ('old = "import socket"', 'old = "e"', "times, not once"),
        ("sockets", "socket", "its `old` text is the same as `new`"),
        ('["1.1"]', '["9.9"]', "the lab echo has no clause 9.9"),
        ('["1.1"]', '["5S.1"]', "clause 5S.1 does not apply to echo"),
        ('["1.1"]', "[]", "`fails` is a list of clauses"),
        ("idea", "ideas", "unknown key 'ideas'"),
        ("python/good.py", "python/bad.py", "python/bad.py is no reference server"),
        ("[[mutant]]", "[[mutants]]", "unknown key 'mutants'"),
        ("[[mutant]]", "[[mutant", "echo/mutants.toml: "),
    ],
)
def test_an_error_in_a_mutant(tmp_path: Path, replaced: str, by: str, complaint: str) -> None:
    write(
        tmp_path,
        {"echo/python/good.py": HEADER, "echo/mutants.toml": MUTANT.replace(replaced, by)},
    )
    assert complaint in complaints(tmp_path)


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "echo/python/good.py": HEADER,
            "echo/mutants.toml": MUTANT + MUTANT,
            "ehco/python/good.py": HEADER,
            "streaming-time/python/one.py": "import socket\n",
            "streaming-time/python/two.py": HEADER,
        },
    )
    told = complaints(tmp_path)
    assert told.count("\n  ") == 4
    assert "echo/mutants.toml: mutant no-socket: two mutants have this name" in told
    assert "ehco: there is no lab of that name" in told
    assert "streaming-time/python/one.py: no comment in it has a line `Lab: …`" in told
    assert "streaming-time/python/two.py: echo is not of the lab streaming-time" in told


def test_a_folder_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongCall, match="there is no folder"):
        reference_folder(tmp_path / "nowhere")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert reference_folder() == tmp_path


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library(reference_folder(), load())


def test_our_own_references_and_mutants_are_in_order(library: Library) -> None:
    assert {reference.group for reference in library.references} >= {"echo"}


def test_each_lab_has_mutants_in_two_languages_at_least(library: Library) -> None:
    languages: dict[str, set[str]] = {}
    for mutant in library.mutants:
        languages.setdefault(mutant.reference.group, set()).add(mutant.reference.language)
    assert all(len(known) >= 2 for known in languages.values())


def test_each_must_clause_has_a_mutant(library: Library) -> None:
    catalog = load()
    for group in {reference.group for reference in library.references}:
        declared = {n for m in library.mutants if m.reference.group == group for n in m.fails}
        clauses = catalog[group].contract.clauses
        assert not {c.number for c in clauses if c.level == "MUST"} - declared, group
