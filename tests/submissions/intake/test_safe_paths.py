"""Lists, judged before anything is made of them: what is taken, what is refused, and as what."""

from __future__ import annotations

import pytest

from conformance.submissions import TooMuch
from conformance.submissions.intake import safe_paths
from conformance.submissions.intake.listing import Member, MemberKind, parts_of
from conformance.submissions.intake.safe_paths import judge
from conformance.verdict.model import WrongCall


def file(name: str, size: int = 1) -> Member:
    return Member(parts_of(name, "it"), MemberKind.FILE, size=size)


def folder(name: str) -> Member:
    return Member(parts_of(name, "it"), MemberKind.FOLDER)


def link(name: str, aim: str) -> Member:
    return Member(parts_of(name, "it"), MemberKind.LINK, aim=aim)


def hard_link(name: str, original: str) -> Member:
    return Member(parts_of(name, "it"), MemberKind.COPY, original=parts_of(original, "it"))


def kept(*entries: Member, lenient: bool = False) -> set[str]:
    """The places of everything that would be made."""
    judged = judge(entries, "it", lenient=lenient)
    files = [place for place in judged.places if place is not None]
    links = [place for place, _ in judged.links]
    return {"/".join(place) for place in (*files, *judged.folders, *links)}


def test_folders_that_are_implied_are_made_and_counted() -> None:
    judged = judge([file("a/b/c.py"), file("a/d.py"), folder("a/b/")], "it")
    assert judged.folders == [("a",), ("a", "b")]
    assert judged.count == 4


def test_a_limit_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "/".join(["d"] * 100)
    assert judge([file("/".join(["d"] * 99) + "/f")], "it").count == 100
    monkeypatch.setattr(safe_paths, "MAX_LISTED", 500)
    for listed, why in {
        file(f"{deep}/f"): "more than 100 folders in one another",
        folder(f"{deep}/e"): "more than 100 folders in one another",
        file("x" * 256): "a name too long for this machine: 'x{60}",
        file("é" * 200): "a name too long for this machine",
        file("/".join(["x" * 200] * 20)): "a name too long for this machine",
        link("l", "../" * 400): "too long a link: 'l'",
    }.items():
        with pytest.raises(TooMuch, match=f"^it holds {why}"):
            judge([listed], "it")
    with pytest.raises(TooMuch, match=r"holds more than 500 files and folders"):
        judge([file(f"{number}/" + "d/" * 90 + "f") for number in range(6)], "it")


def test_links_that_double_the_way_each(monkeypatch: pytest.MonkeyPatch) -> None:
    links = [link(f"l{n}", f"l{n + 1}/../l{n + 1}") for n in range(30)]
    with pytest.raises(WrongCall, match=r"through too many others"):
        judge([*links, folder("l30")], "it")
    monkeypatch.setattr(safe_paths, "MAX_STEPS", 1_000)
    long = [link(f"l{n}", "a/../" * 100 + "f") for n in range(10)]
    with pytest.raises(TooMuch, match=r"links that lead through too many others"):
        judge([folder("a"), file("f"), *long], "it")


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ([link("a", "/etc")], "a link that leads out of it: 'a'"),
        ([link("a", "..")], "a link that leads out of it: 'a'"),
        ([link("d/a", "../../it/d")], "a link that leads out of it: 'd/a'"),
        ([link("a", "nowhere/../../x")], "a link that leads out of it: 'a'"),
        ([link("d/up", ".."), link("out", "d/up/..")], "a link that leads out of it: 'out'"),
        ([link("d/up", ".."), link("e/two", "../d/up/.."), link("z", "e/two")], "out of it"),
        ([link("first", "second/x"), link("second", "/etc")], "a link that leads out of it: 'f"),
        ([link("a", "b"), link("b", "a")], "a link that leads to itself"),
        ([link("a", "a")], "a link that leads to itself"),
        ([link("a", "")], "an empty link: 'a'"),
        ([link("a", "b"), link("b", "")], "a link that leads nowhere: 'a'|an empty link"),
        ([link("a", "gone")], "a link that leads nowhere: 'a'"),
        ([file("f"), link("a", "f/..")], "a link that leads nowhere: 'a'"),
        ([file("f"), link("a", "f/x")], "a link that leads nowhere: 'a'"),
        ([link("a", "x\0y")], "a link that leads nowhere: 'a'"),
        ([folder("d"), link("a", "d"), file("a/f")], "an entry below a link: 'a/f'"),
        ([folder("d"), link("a", "d"), link("a/b/c", "..")], "an entry below a link: 'a/b/c'"),
        ([file("a"), file("a/f")], "'a' twice, as a file and as a folder"),
        ([folder("a"), file("a")], "'a' twice, as a folder and as a file"),
        ([file("a"), link("a", "b")], "'a' twice, as a file and as a link"),
        ([link("a", "b"), file("a"), file("b")], "'a' twice, as a link and as a file"),
        ([hard_link("x", "etc/passwd")], "a link to a file outside: 'x'"),
        ([hard_link("x", "d"), folder("d")], "a link to a file outside: 'x'"),
        ([folder("d"), hard_link("x", "d")], "a link to a file outside: 'x'"),
        ([link("d/l", "../f"), file("f"), hard_link("x", "d/l")], "leads out of it: 'x'"),
        ([link("d", "e"), file("e/f"), hard_link("x", "d/f")], "a link to a file outside: 'x'"),
        ([Member(("p",), MemberKind.OTHER)], "a device or a pipe: 'p'"),
        ([file("f", -1)], "a file of negative size"),
        ([Member((), MemberKind.FILE)], "an entry without a name"),
    ],
)
def test_what_no_student_makes(listed: list[Member], why: str) -> None:
    with pytest.raises(WrongCall, match=f"^it holds .*({why})") as refusal:
        judge(listed, "it")
    assert type(refusal.value) is WrongCall


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "a/..", "/a", "//a", "C:/a", "c:\\a", "..\\a", "\\\\host\\a"]
)
def test_names_that_leave(name: str) -> None:
    with pytest.raises(WrongCall, match=r"^it holds an entry that would leave it"):
        parts_of(name, "it")


def test_names_that_are_none() -> None:
    for name in ("", "a\0b"):
        with pytest.raises(WrongCall, match=r"holds an entry without a valid name"):
            parts_of(name, "it")
    long = "../" * 100_000
    with pytest.raises(WrongCall) as refusal:
        parts_of(long, "it")
    assert len(str(refusal.value)) < 200


def test_names_that_are_names() -> None:
    for name in ("1: notes.txt", "a:b", "...", "..a", "-rf", "a\nb", "\udcff", "C:"):
        assert parts_of(name, "it") == (name,)
    assert parts_of("./a//b/./c/", "it") == ("a", "b", "c")
    assert parts_of("./", "it") == ()


def test_what_students_make() -> None:
    assert kept(folder("."), file("./a.py"), file("A.py"), file("a.py")) == {"a.py", "A.py"}
    assert kept(file("a"), hard_link("b", "a"), hard_link("c", "b")) == {"a", "b", "c"}
    assert kept(file("f"), link("l", "f"), hard_link("h", "l")) == {"f", "l", "h"}
    assert kept(file("d/f"), link("l", "d/../d/f"), link("m", "./l")) == {"d", "d/f", "l", "m"}
    assert kept(file("d/f"), link("l", "f"), link("l", "d/f")) == {"d", "d/f", "l"}
    assert kept(link("early", "late"), file("late")) == {"early", "late"}
    assert kept(folder("a"), link("a/up", "..")) == {"a", "a/up"}


def test_what_is_left_behind_costs_nothing() -> None:
    """Neither does what leads there, nor what only it could lead out by."""
    venv = [file("v/pyvenv.cfg"), link("v/bin/python", "/usr/bin/python3"), file("v/lib/x.py")]
    assert kept(file("a.py"), *venv, link("python", "v/bin/python")) == {"a.py"}
    note = "the link python leads to what was not taken along"
    assert judge([file("a.py"), *venv, link("python", "v/bin/python")], "it").notes == [note]
    assert kept(file("a.py"), link(".#a.py", "ann@host.1234:99"), file(".git/x")) == {"a.py"}
    assert kept(file(".git/a"), hard_link("a.py", ".git/a")) == {".git", ".git/a", "a.py"}
    twice = [file(".git/a"), file(".git/x"), hard_link(".git/b", ".git/a")]
    assert kept(*twice, hard_link("a.py", ".git/b")) == {".git", ".git/a", ".git/b", "a.py"}
    inside = [file("f"), link(".git/l", "/etc"), hard_link(".git/m", ".git/l")]
    assert kept(*inside) == {"f"}


def test_a_folder_on_a_disk_may_hold_more() -> None:
    listed = [file("a.py"), link("out", ".."), link("etc", "/etc"), link("later", "build/x")]
    listed += [Member(("pipe",), MemberKind.OTHER), *(link(f"n{n}", "/") for n in range(9))]
    assert kept(*listed, lenient=True) == {"a.py", "later"}
    notes = judge(listed, "it", lenient=True).notes
    assert "the link out leads out of the folder and was left out" in notes
    assert "pipe is no ordinary file and was left out" in notes
    assert "and 8 more like it" in notes
    assert len(notes) == 5
