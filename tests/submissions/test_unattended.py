"""What cannot be taken in, or recognised, proves nothing: it is refused with a sentence, and
never a failure."""

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.plan import Request
from conformance.run.prepare import of_machine, take_in
from conformance.sandbox import Isolation, Tier
from conformance.submissions import Ambiguous, MissingTool, toolchain
from conformance.verdict.model import WrongCall

ALONE = Isolation(Tier.NONE)


def unattended(path: Path) -> Request:
    return Request(path=path, lab="echo", name="ann", unattended=True)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"ann.zip": "PK\x03\x04 but no archive"}, "ann.zip cannot be unpacked"),
        ({"ann.rar": "Rar!"}, "such an archive cannot be opened here: hand in a .zip or"),
        ({"ann/lab.7z": "7z"}, "lab.7z: such an archive cannot be opened here"),
        ({"ann.pdf": "%PDF"}, "only documents were handed in, and no program: ann.pdf"),
        ({"ann/report.txt": "It works on my machine."}, "only documents were handed in"),
        ({"ann/1.png": "", "ann/2.HEIC": ""}, "and no program: 1.png, 2.HEIC; hand in the"),
        ({"ann/Echo.class": "\xca\xfe"}, "only compiled .class files were found"),
        ({"ann/echo.exe": "MZ"}, "only a Windows program (.exe) was found"),
        ({"ann/build.gradle": "", "ann/src/A.java": ""}, "Gradle projects are not supported"),
        ({"ann.go": "package main"}, "ann.go: a program in Go is not recognised by itself"),
        ({"ann/src/main.rs": "fn main() {}"}, "a program in Rust is not recognised by itself"),
        ({"ann/Program.cs": "", "ann/a.csproj": ""}, "a program in C# is not recognised by itself"),
        ({"ann/server.f90": "", "ann/b.f90": ""}, "nothing that can be started was found in b.f90"),
        ({"ann/submission.toml": "lab = ", "ann/a.py": ""}, "submission.toml is not TOML"),
        ({"ann/submission.toml": "comand = []"}, "submission.toml: there is no key 'comand'"),
        ({"ann/app.jar": "PK"}, "app.jar is not a jar that can be read"),
        ({"ann/.DS_Store": "x"}, "holds no program, only what tools leave behind: .DS_Store"),
        ({"ann/1/2/.git/HEAD": "x"}, "ann: the submission is empty: there is no file in it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
@pytest.mark.needs("javac")
def test_what_is_not_recognised_is_no_failure(
    tmp_path: Path, files: dict[str, str], why: str
) -> None:
    """No program was judged, so that nothing is proven: the sentence says what was found."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="latin-1")
    (tmp_path / "scratch").mkdir()
    path = tmp_path / Path(next(iter(files))).parts[0]
    with pytest.raises(WrongCall) as refused:
        take_in(unattended(path), load(), ALONE, tmp_path / "scratch")
    assert why in str(refused.value)
    assert not of_machine(refused.value), "the next attempt would end in the same way"


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
    monkeypatch.setattr(toolchain, "on_path", lambda _: [])
    (tmp_path / "ann.js").write_text(LISTENS_IN_NODE)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(MissingTool, match=r"ann\.js: a Node program needs node, which this"):
        take_in(unattended(tmp_path / "ann.js"), load(), ALONE, tmp_path / "scratch")


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\xf3\0", "for another kind of processor"),  # RISC-V
        (b"#!/opt/none/bin/lua\nx", "server needs /opt/none/bin/lua, which this machine does not"),
        (b"#!/usr/bin/env -S NO=1 nosuchlanguage\n", "server needs nosuchlanguage, which this"),
    ],
)
def test_a_program_that_this_machine_cannot_execute_is_nobodys_fault(
    tmp_path: Path, start: bytes, why: str
) -> None:
    (tmp_path / "server").write_bytes(start)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(MissingTool, match=why):
        take_in(unattended(tmp_path / "server"), load(), ALONE, tmp_path / "scratch")


@pytest.mark.parametrize(
    "start", [b"#!/bin/sh\r\n", b"#! /usr/bin/env sh", b"#!/usr/bin/env -S sh -e\n", b"#!\n"]
)
def test_a_script_for_an_interpreter_that_is_there(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "server").write_bytes(start)
    (tmp_path / "scratch").mkdir()
    _, submission = take_in(unattended(tmp_path / "server"), load(), ALONE, tmp_path / "scratch")
    assert submission is not None
    assert submission.kind == "executable"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_what_the_machine_refuses_is_nobodys_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "ann.py").write_text("print('hello')\n")
    (tmp_path / "scratch").mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.utime", refuse)
    with pytest.raises(WrongCall) as refused:
        take_in(unattended(tmp_path / "ann.py"), load(), ALONE, tmp_path / "scratch")
    assert of_machine(refused.value), "it is worth another attempt"


def test_sources_beside_a_lone_one_are_other_students(tmp_path: Path) -> None:
    for name in ("Ann", "Bob"):
        server = f"class {name} {{ public static void main(String[] a) throws Exception {{"
        (tmp_path / f"{name}.java").write_text(f"{server} new java.net.ServerSocket(1); }} }}\n")
    (tmp_path / "scratch").mkdir()
    _, submission = take_in(unattended(tmp_path / "Ann.java"), load(), ALONE, tmp_path / "scratch")
    assert submission is not None
    assert [file.name for file in submission.root.rglob("*.java")] == ["Ann.java"]
