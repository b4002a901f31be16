"""Nobody sits before the screen: what was handed in is to blame for what it is, and for
nothing that this machine refused."""

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path

import pytest

from conformance.catalog import load
from conformance.model import Fault, Outcome, WrongCall
from conformance.preparation import Request, take_in
from conformance.sandbox import Isolation, Tier
from conformance.submissions import Ambiguous, MissingTool, toolchain

ALONE = Isolation(Tier.NONE)


def unattended(path: Path) -> Request:
    return Request(path=path, lab="echo", name="ann", unattended=True)


def test_what_is_no_program_fails_the_gate(tmp_path: Path) -> None:
    (tmp_path / "ann.zip").write_bytes(b"PK\x03\x04 but no archive")
    (tmp_path / "scratch").mkdir()
    plan, submission = take_in(
        unattended(tmp_path / "ann.zip"), load(), ALONE, tmp_path / "scratch"
    )
    assert submission is None
    assert plan.build_failure is not None
    assert plan.build_failure.outcome is Outcome.FAILED
    assert plan.build_failure.fault is Fault.WRONG
    assert "ann.zip cannot be unpacked" in plan.build_failure.actual
    assert "a .zip will do instead of a .rar" in plan.build_failure.hint


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ann.docx", "PK"),
        ("ann.rar", "Rar!"),
        ("ann/Echo.java", "class Echo { }"),
        ("ann/report.txt", "It works on my machine."),
        ("ann/app.jar", "PK"),
    ],
)
@pytest.mark.needs("javac")
def test_what_holds_no_program_fails_the_gate(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    (tmp_path / "scratch").mkdir()
    path = tmp_path / Path(name).parts[0]
    plan, _ = take_in(unattended(path), load(), ALONE, tmp_path / "scratch")
    assert plan.build_failure is not None
    assert plan.build_failure.outcome is Outcome.FAILED


LISTENS = "import socket\nif __name__ == '__main__':\n    socket.create_server(('', 2323))\n"
MAIN = "class %s { public static void main(String[] a) throws Exception { new java.net.ServerSocket"
LISTENS_IN_NODE = "require('net').createServer().listen(2323)\n"


@pytest.mark.parametrize(
    "files",
    [
        {"echo_server.py": LISTENS, "time_server.py": LISTENS},
        {"Uebung1/server.py": LISTENS, "Uebung2/server.py": LISTENS},
        {"A.java": f"{MAIN % 'A'}(1); }} }}", "B.java": f"{MAIN % 'B'}(1); }} }}"},
        {"a.js": LISTENS_IN_NODE, "b.js": LISTENS_IN_NODE},
        {"a.c": "", "b.c": ""},
        {"a": "#!/bin/sh\n", "b": "#!/bin/sh\n"},
        {"echo.py": LISTENS, "echo.js": LISTENS_IN_NODE},
        {"1/submission.toml": "command = ['./a']", "2/submission.toml": "command = ['./a']"},
        {"1.zip": "", "2.zip": ""},
    ],
    ids=lambda files: " ".join(files),
)
@pytest.mark.needs("javac", "node", "cc")
def test_what_could_be_several_programs_is_no_failure(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """The suite does not guess, and nobody loses points for that."""
    for name, content in files.items():
        file = tmp_path / "ann" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(Ambiguous, match=r"^(ann: )?(several|the folder holds programs in)"):
        take_in(unattended(tmp_path / "ann"), load(), ALONE, tmp_path / "scratch")


def test_two_jars_that_can_be_started(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    for name in ("a.jar", "b.jar"):
        with zipfile.ZipFile(tmp_path / "ann" / name, "w") as jar:
            jar.writestr("META-INF/MANIFEST.MF", "Main-Class: A\n")
    (tmp_path / "scratch").mkdir()
    with pytest.raises(Ambiguous, match=r"several jars have a Main-Class: a\.jar, b\.jar"):
        take_in(unattended(tmp_path / "ann"), load(), ALONE, tmp_path / "scratch")


def test_a_tool_that_this_machine_lacks_is_nobodys_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "_on_path", lambda _: [])
    (tmp_path / "ann.js").write_text(LISTENS_IN_NODE)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(MissingTool, match=r"ann\.js: a Node program needs node, which this"):
        take_in(unattended(tmp_path / "ann.js"), load(), ALONE, tmp_path / "scratch")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_what_the_machine_refuses_is_nobodys_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "ann.py").write_text("print('hello')\n")
    (tmp_path / "scratch").mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.utime", refuse)
    with pytest.raises(WrongCall):
        take_in(unattended(tmp_path / "ann.py"), load(), ALONE, tmp_path / "scratch")


def test_sources_beside_a_lone_one_are_other_students(tmp_path: Path) -> None:
    for name in ("Ann", "Bob"):
        server = f"class {name} {{ public static void main(String[] a) throws Exception {{"
        (tmp_path / f"{name}.java").write_text(f"{server} new java.net.ServerSocket(1); }} }}\n")
    (tmp_path / "scratch").mkdir()
    _, submission = take_in(unattended(tmp_path / "Ann.java"), load(), ALONE, tmp_path / "scratch")
    assert submission is not None
    assert [file.name for file in submission.root.rglob("*.java")] == ["Ann.java"]
