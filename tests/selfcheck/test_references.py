"""The catalogue of references and mutants, and what it says of errors in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.selfcheck.references import VARIABLE, read_library, reference_folder
from conformance.selfcheck.references.library import Library
from conformance.verdict.model import WrongCall

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
        ("idea", "costs = 7\nidea", "`costs` is a text"),
        ("idea", "costs = ''\nidea", "`costs` is a text"),
        ("idea", "stands = 7\nidea", "`stands` is a piece of a line"),
        ("idea", "stands = ['']\nidea", "`stands` is a piece of a line"),
        ("idea", "stands = 'import socket\\n'\nidea", "`stands`: no line has"),
        ("idea", "stands = 'import nothing'\nidea", "`stands`: no line has 'import nothing'"),
        ("idea", "symptom = 'no such'\nidea", "`symptom` is the name of a cause of the lab, not"),
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


IMPOSTOR = """\
# Lab: echo-node
# Pretends: that it listens, and never says
#     a word.
# Parameters: crowd=20
import socket
"""
OTHER = """
[[mutant]]
name = "no-server"
file = "python/good.py"
old = "A server."
new = "No server."
fails = ["1.1"]
idea = "Another slip."
"""
CANCELS = """
[[cancels]]
pair = ["no-socket", "no-server"]
why = "What does not run is no server."
"""


def test_an_impostor_is_read_and_its_folder_is_no_language(tmp_path: Path) -> None:
    files = {"echo/python/good.py": HEADER, "echo/mutants.toml": ""}
    write(tmp_path, {**files, "echo/impostors/mute.py": IMPOSTOR})
    library = read_library(tmp_path, load())
    assert [reference.name for reference in library.references] == ["python/good"]
    [impostor] = library.impostors
    assert (impostor.name, impostor.variant, impostor.language) == ("mute", "echo-node", "python")
    assert impostor.pretends == "that it listens, and never says a word."
    assert impostor.settings == {"crowd": "20"}
    assert read_library(tmp_path, load(), ["echo"]).impostors == [impostor]


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"mute.py": "import socket\n"}, "echo/impostors/mute.py: no comment in it has a line"),
        ({"mute.py": "# Lab: echo\n"}, "its header has no line `Pretends: …`"),
        ({"mute.py": IMPOSTOR.replace("echo-node", "presence")}, "is not of the lab echo"),
        ({"mute.py": IMPOSTOR.replace("crowd", "cloud")}, "has no parameter 'cloud'"),
        (
            {"mute.py": "# Lab: echo\n# Leaves to the student: nothing\n# Pretends: much.\n"},
            "unknown line `Leaves to the student: …`",
        ),
        ({"mute.py": IMPOSTOR, "mute.js": IMPOSTOR}, "two impostors have this name"),
    ],
)
def test_an_error_in_an_impostor(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": ""})
    write(tmp_path / "echo/impostors", files)
    assert complaint in complaints(tmp_path)


def test_a_pair_is_planted_with_both_edits(tmp_path: Path) -> None:
    # The new text of the one holds the old text of the other.
    mutants = MUTANT.replace("sockets", "sockets  # A server.") + OTHER
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": mutants + CANCELS})
    [pair] = read_library(tmp_path, load()).pairs()
    assert pair.name == "no-socket + no-server"
    assert pair.cancels == "What does not run is no server."
    (tmp_path / "scratch").mkdir()
    planted = pair.plant(tmp_path / "scratch").read_text()
    assert planted == HEADER.replace("A server.", "No server.").replace(
        "import socket", "import sockets  # A server."
    )


def test_edits_of_one_line_are_no_pair(tmp_path: Path) -> None:
    other = MUTANT.replace("no-socket", "no-import").replace('old = "import', 'old = "port')
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": MUTANT + other})
    assert list(read_library(tmp_path, load()).pairs()) == []


@pytest.mark.parametrize(
    ("replaced", "by", "complaint"),
    [
        ("no-server", "no-sever", "cancels, number 1: there is no mutant 'no-sever'"),
        ('"no-socket", ', "", '`pair` is a list of two mutants: ["this", "that"]'),
        ('"no-socket"', '"no-server"', "`pair` is a list of two mutants"),
        ("why", "wherefore", "unknown key 'wherefore'"),
        ('why = "What does not run is no server."', "", "it has no text `why`"),
        (CANCELS, CANCELS * 2, "cancels, number 2: the pair is listed twice"),
    ],
)
def test_an_error_in_what_cancels(tmp_path: Path, replaced: str, by: str, complaint: str) -> None:
    mutants = MUTANT + OTHER + CANCELS.replace(replaced, by)
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": mutants})
    assert complaint in complaints(tmp_path)


def test_what_cancels_is_a_pair(tmp_path: Path) -> None:
    same_line = OTHER.replace("A server.", "import socket").replace("No server.", "import")
    mutants = MUTANT + same_line + CANCELS
    write(tmp_path, {"echo/python/good.py": HEADER, "echo/mutants.toml": mutants})
    assert "the two do not edit different lines of one file" in complaints(tmp_path)


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


def test_each_lab_has_a_dozen_impostors(library: Library) -> None:
    for group in {reference.group for reference in library.references}:
        assert sum(impostor.group == group for impostor in library.impostors) >= 12, group


def test_each_must_clause_has_a_mutant(library: Library) -> None:
    catalog = load()
    for group in {reference.group for reference in library.references}:
        declared = {n for m in library.mutants if m.reference.group == group for n in m.fails}
        clauses = catalog[group].contract.clauses
        assert not {c.number for c in clauses if c.level == "MUST"} - declared, group
