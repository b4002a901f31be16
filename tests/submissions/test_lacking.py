"""What a machine lacks that a submission asks for: told from what is misspelt, left out of what
was handed in, or only said."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import (
    BuildFailed,
    BuildResult,
    MissingTool,
    build,
    declared,
    lacking,
    missing,
    needs,
)
from conformance.submissions.java import class_files
from conformance.submissions.python import newer as python_newer
from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

TRACE = (
    'Traceback (most recent call last):\n  File "/home/student/server.py", line 3, in <module>\n'
)


def missed(source: str, said: str, version: tuple[int, int], root: Path) -> str:
    """What a Python program has missed, by what it said as it ended."""
    (root / "server.py").write_text(source, encoding="utf-8")
    return lacking.missed(TRACE + said, python_newer.lacks(root, version), started=False)


def sentence(version: str, what: str, has: str = "3.11") -> str:
    return (
        f"it needs Python {version} or later ({what}); this machine has Python {has}:"
        f" install python{version}"
    )


SYNTAX = [
    ('d = {"a": 1}\nprint(f"{d["a"]}")\n', "3.12", "reuse outer quote character in f-strings"),
    ("type Line = str\n", "3.12", "`type` alias statement"),
    ("def first[T](of: list[T]) -> T: ...\n", "3.12", "type parameter lists"),
    ("class Box[T]: ...\n", "3.12", "type parameter lists"),
    ('print(f"{chr(10).join(["a"])}")\n', "3.12", "reuse outer quote character in f-strings"),
    ('print(t"{1}")\n', "3.14", "t-strings"),
    ("try: ...\nexcept OSError, ValueError: ...\n", "3.14",
     "multiple exception types without parentheses"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "version", "what"), SYNTAX)
def test_a_newer_syntax(source: str, version: str, what: str, tmp_path: Path) -> None:
    said = f'  File "/home/student/server.py", line 2\n    {source}\n     ^\nSyntaxError: invalid\n'
    assert missed(source, said, (3, 11), tmp_path) == sentence(version, what)
    assert not missed(source, said, (3, 15), tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        'print "hello"\n',
        "type Line = str\ndef f(:\n",
        'd = {"a": 1}\nprint(f"{d["a"]}"\n',
        "def f()\n    return 1\n",
        "if True:\nprint(1)\n",
    ],
)
def test_a_syntax_that_no_version_has(source: str, tmp_path: Path) -> None:
    said = f'  File "/home/student/server.py", line 2\n    {source}\n     ^\nSyntaxError: invalid\n'
    assert not missed(source, said, (3, 11), tmp_path)


def test_an_error_in_another_module_is_not_explained(tmp_path: Path) -> None:
    (tmp_path / "client.py").write_text("type Line = str\n")
    said = '  File "/home/student/server.py", line 2\n    x = (\n    ^\nSyntaxError: never closed\n'
    assert not missed("x = (\n", said, (3, 11), tmp_path)


LIBRARY = [
    ("from itertools import batched",
     "ImportError: cannot import name 'batched' from 'itertools' (unknown location)",
     sentence("3.12", "itertools.batched")),
    ("import itertools\nitertools.batched",
     "AttributeError: module 'itertools' has no attribute 'batched'. Did you mean: 'x'?",
     sentence("3.12", "itertools.batched")),
    ("import asyncio\nasyncio.Queue().shutdown()",
     "AttributeError: 'Queue' object has no attribute 'shutdown'",
     sentence("3.13", "asyncio.Queue.shutdown")),
    ("import asyncio\nasyncio.run(main(), loop_factory=None)",
     "TypeError: run() got an unexpected keyword argument 'loop_factory'",
     sentence("3.12", "asyncio.run(…, loop_factory=…)")),
    ("import annotationlib", "ModuleNotFoundError: No module named 'annotationlib'",
     sentence("3.14", "annotationlib")),
    ("raise PythonFinalizationError", "NameError: name 'PythonFinalizationError' is not defined",
     sentence("3.13", "PythonFinalizationError")),
    ("import tkinter", "ModuleNotFoundError: No module named 'tkinter'",
     "it needs tkinter, which this machine's Python was packaged without: install python3-tk"),
    ("from tkinter import *", "ModuleNotFoundError: No module named '_tkinter'",
     "it needs tkinter, which this machine's Python was packaged without: install python3-tk"),
    ("import turtle", "ModuleNotFoundError: No module named 'tkinter'",
     "it needs turtle, which this machine's Python was packaged without: install python3-tk"),
    ("import tkinter", "_tkinter.TclError: no display name and no $DISPLAY environment variable",
     "it opens a window, and programs are run without a display here"),
    ("import pygame", "pygame.error: No available video device",
     "it opens a window, and programs are run without a display here"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "said", "told"), LIBRARY)
def test_what_the_library_has_not(source: str, said: str, told: str, tmp_path: Path) -> None:
    assert missed(source, said, (3, 11), tmp_path) == told
    assert not missed("import socket", said, (3, 11), tmp_path), "words alone"
    assert not missed(source, "ValueError: no", (3, 11), tmp_path)


def test_what_the_library_has_no_longer(tmp_path: Path) -> None:
    said = "ModuleNotFoundError: No module named 'telnetlib'"
    told = missed("import telnetlib", said, (3, 13), tmp_path)
    assert told.startswith("it needs a Python before 3.13 (telnetlib, which is no longer in")
    assert not missed("import telnetlib", "OSError: no", (3, 13), tmp_path)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import requests", "ModuleNotFoundError: No module named 'requests'"),
        ("import helpers", "ModuleNotFoundError: No module named 'helpers'"),
        ("import itertools\nitertools.batch", "AttributeError: module 'itertools' has no attribute"
         " 'batch'"),
        ("class Queue: ...\nQueue().close()", "AttributeError: 'Queue' object has no attribute"
         " 'close'"),
        ("from socket import create_servr", "ImportError: cannot import name 'create_servr' from"
         " 'socket'"),
    ],
)  # fmt: skip
def test_what_the_student_has_not(source: str, said: str, tmp_path: Path) -> None:
    assert not missed(source, said, (3, 11), tmp_path)


def gcc(include: str, file: str = "server.c") -> str:
    return (
        f"{file}:2:10: fatal error: {include[1:-1]}: No such file or directory\n"
        f"    2 | #include {include}\n      |          ^~~~~~\ncompilation terminated.\n"
    )


@pytest.mark.parametrize(
    ("include", "file", "package"),
    [
        ("<nosuchlib/x.h>", "server.c", ""),
        ('"myserver.h"', "server.c", ""),
        ("<sys/sokcet.h>", "server.c", ""),
        ("<winsock2.h>", "server.c", ""),
        ("<iostream>", "server.c", ""),
        ("<ev.h>", "server.c", "libev-dev"),
        ('"ev.h"', "server.c", "libev-dev"),
        ("<boost-1.80/asio.hpp>", "server.cpp", "libboost-all-dev"),
        ("<stdio.h>", "server.c", "libc6-dev, or a newer one"),
        ("<stdbit.h>", "server.c", "libc6-dev, or a newer one"),
        ("<print>", "server.cpp", "g++, or a newer one"),
    ],
)
def test_a_header(include: str, file: str, package: str, tree: Tree) -> None:
    root = tree({file: f"\n#include {include}\nint main(void) {{ return 0; }}\n"})
    told = missing.explanation(gcc(include, file), 1, root)
    assert told == (f"it needs the header {include[1:-1]}: install {package}" if package else "")
    asks_not = tree({"other.c": "int main(void) { return 0; }\n"}, "other")
    assert not missing.explanation(gcc(include, file), 1, asks_not), "a build says what it likes"
    own = f"{file}:9:1: error: expected ';' before '}}' token\n"
    assert not missing.explanation(gcc(include, file) + own, 1, root)


@pytest.mark.parametrize(
    ("library", "told"),
    [
        ("ssl", "it needs the library ssl: install libssl-dev"),
        ("pthread", "it needs the library pthread: install libc6-dev"),
        ("ptread", ""),
        ("myproto", ""),
        ("ws2_32", ""),
    ],
)
def test_a_library(library: str, told: str, tree: Tree) -> None:
    root = tree({"Makefile": f"server: server.c\n\tcc -o server server.c -l{library}\n"})
    said = f"/usr/bin/ld: cannot find -l{library}: No such file or directory\ncollect2: error: ld\n"
    assert missing.explanation(said, 2, root) == told
    undefined = "server.c:(.text+0x5): undefined reference to `serve'\n"
    assert not missing.explanation(said + undefined, 2, root)


NOT_FOUND = [
    "/bin/sh: 1: {}: not found\nmake: *** [Makefile:2: server] Error 127\n",
    "make: {}: No such file or directory\nmake: *** [Makefile:2: server] Error 127\n",
    "bash: line 3: {}: command not found\nmake: *** [Makefile:2: server] Error 127\n",
    "/usr/bin/env: ‘{}’: No such file or directory\nmake: *** [Makefile:2: server] Error 127\n",
]


@pytest.mark.parametrize("said", NOT_FOUND)
def test_a_tool(said: str, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    root = tree({"Makefile": "server:\n\tmeson setup x\n\tmesno setup x\n"})
    told = missing.explanation(said.format("meson"), 2, root)
    assert told == "it needs meson, which this machine does not have: install meson"
    assert not missing.explanation(said.format("mesno"), 2, root), "misspelt"
    assert not missing.explanation(said.format("cargo"), 2, root), "nothing calls it"
    went_on = said.format("meson").replace("Error 127", "Error 1")
    assert not missing.explanation(went_on, 2, root), "it failed for something else"
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/meson")
    assert not missing.explanation(said.format("meson"), 2, root), "it is there"


def test_a_tool_of_a_manifest(tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = opened(tree({"submission.toml": 'command = ["ghc", "x.hs"]', "x.hs": ""}))
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(MissingTool, match=r"it needs ghc, .*: install ghc"):
        build(submission, lambda *_: BuildResult(0, ""))


def test_the_build_says_what_to_install(tree: Tree, opened: Opened) -> None:
    files = {"Makefile": "server: server.c\n\tcc -o server server.c\n",
             "server.c": "\n#include <ev.h>\nint main(void) { return 0; }\n"}  # fmt: skip
    with pytest.raises(BuildFailed) as failure:
        build(opened(tree(files)), lambda *_: BuildResult(2, gcc("<ev.h>")))
    assert failure.value.machine
    assert failure.value.summary.startswith("it needs the header ev.h: install libev-dev\nserver.c")


def test_what_a_script_calls(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    root = tree({"run.sh": "#!/bin/sh\nexec ruby server.rb\n"})
    lacks = needs.of_program(root, ("./run.sh",))
    told = lacking.missed("./run.sh: 2: exec: ruby: not found", lacks, started=False)
    assert told == "it needs ruby, which this machine does not have: install ruby"
    assert not lacking.missed("./run.sh: 2: exec: rubby: not found", lacks, started=False)


def test_the_interpreter_of_a_script(tree: Tree) -> None:
    root = tree({"server": "#!/usr/bin/python3.99\n"})
    lacks = needs.of_program(root, ("./server",))
    told = lacking.missed(
        "prlimit: failed to execute ./server: No such file or directory", lacks, started=False
    )
    assert told == "it needs python3.99, which this machine does not have: install python3.99"


def test_the_libraries_of_a_binary(tree: Tree) -> None:
    root = tree({"server": b"\x7fELF\0libssl.so.1.1\0libc.so.6\0GLIBC_2.99\0"})
    lacks = needs.of_program(root, ("./server",))
    said = "./server: error while loading shared libraries: libssl.so.1.1: cannot open shared"
    assert "linked with libssl.so.1.1" in lacking.missed(said, lacks, started=False)
    said = "./server: /lib/libc.so.6: version `GLIBC_2.99' not found (required by ./server)"
    assert "on a newer system (GLIBC_2.99)" in lacking.missed(said, lacks, started=False)
    said = "./server: error while loading shared libraries: libother.so.1: cannot open shared"
    assert not lacking.missed(said, lacks, started=False)


HEADLESS = (
    'Exception in thread "main" java.awt.HeadlessException: \nNo X11 DISPLAY variable was set\n'
    + "\tat java.desktop/java.awt.Window.<init>(Window.java:552)\n" * 30
)


@pytest.mark.needs("java")
def test_a_window_of_java(tree: Tree) -> None:
    root = tree({"Server.java": "import javax.swing.JFrame;\nclass Server { }\n"})
    lacks = needs.of_program(root, ("java", "Server"))
    assert "without a display" in lacking.missed(HEADLESS, lacks, started=False)
    plain = tree({"Server.java": "class Server { }\n"}, "plain")
    assert not lacking.missed(HEADLESS, needs.of_program(plain, ("java", "S")), started=False)


def test_a_class_of_a_jar(tree: Tree) -> None:
    """One that a later JDK has compiled for this JVM: it starts, and misses a method."""
    root = tree({})
    with zipfile.ZipFile(root / "app.jar", "w") as jar:
        jar.writestr("ch/Server.class", compiled("java/util/List", "getFirst", version=61))
        jar.writestr("META-INF/versions/25/ch/Server.class", compiled("a/B", "c", version=69))
    lacks = class_files.lacks(root, 17)
    said = "java.lang.NoSuchMethodError: 'java.lang.Object java.util.List.getFirst()'"
    told = lacking.missed(said, lacks, started=True)
    assert told.startswith("it needs Java 21 or later (List.getFirst()); this machine has Java 17")
    assert len(lacks) == 1
    assert not class_files.lacks(root, 21)


def test_a_library_for_a_later_jvm(tree: Tree) -> None:
    said = "java.lang.UnsupportedClassVersionError: ch/Server has been compiled by a more recent"
    newer = tree({"Server.class": compiled("a/B", "c", version=65)})
    told = lacking.missed(said, class_files.lacks(newer, 17), started=False)
    assert told.startswith("it needs Java 21 or later (class files of version 65); this machine")
    older = tree({"Server.class": compiled("a/B", "c", version=61)}, "older")
    assert not lacking.missed(said, class_files.lacks(older, 17), started=False), "words alone"


def compiled(owner: str, method: str, *, version: int) -> bytes:
    """The beginning of a class file, which calls a method that takes nothing."""

    def text(value: str) -> bytes:
        return b"\x01" + len(value).to_bytes(2, "big") + value.encode()

    entries = [
        text(owner), b"\x07\0\x01", text(method), text("()Ljava/lang/Object;"), b"\x0c\0\x03\0\x04",
        b"\x0a\0\x02\0\x05",
    ]  # fmt: skip
    head = b"\xca\xfe\xba\xbe\0\0" + version.to_bytes(2, "big")
    return head + (len(entries) + 1).to_bytes(2, "big") + b"".join(entries)


@pytest.mark.parametrize("cut", [0, 3, 8, 9, 12, 20, 40])
def test_a_class_that_is_cut_off(cut: int, tree: Tree) -> None:
    whole = compiled("java/util/List", "getFirst", version=61)
    assert class_files.lacks(tree({"A.class": whole[:cut]}), 17) == []


DECLARED = [
    ("pyproject.toml", '[project]\nname = "a"\nrequires-python = ">=3.99"\n', "Python >=3.99"),
    ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.99"\n', "Python >=3.99"),
    (".python-version", "3.99\n", "Python >=3.99"),
    ("server.py", '# /// script\n# requires-python = ">=3.99"\n# ///\n', "Python >=3.99"),
    ("package.json", '{"engines": {"node": ">=99"}}', "Node >=99"),
    ("package-lock.json", '{"packages": {"node_modules/a": {"engines": {"node": ">= 99"}}}}',
     "Node >= 99"),
    (".nvmrc", "v99\n", "Node >=99"),
    ("pom.xml", "<maven.compiler.release>99</maven.compiler.release>", "Java 99"),
    ("pom.xml", "<toolchains><jdk><version>[99,)</version></jdk></toolchains>", "Java 99"),
    (".sdkmanrc", "java=99.0.1-tem\n", "Java 99"),
    (".mvn/wrapper/maven-wrapper.properties",
     "distributionUrl=https://a.example/apache-maven-99.1.0-bin.zip\n", "Maven 99.1.0"),
]  # fmt: skip


@pytest.fixture
def _versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of known versions, whichever this one has."""
    monkeypatch.setattr(declared, "python_version", lambda *_: "3.11.2")
    monkeypatch.setattr(declared, "node_version", lambda: "20.19.0")
    monkeypatch.setattr(declared, "maven_version", lambda: "3.8.7")
    monkeypatch.setattr(declared, "java_version", lambda: "17")


@pytest.mark.usefixtures("_versions")
@pytest.mark.parametrize(("name", "text", "asks"), DECLARED)
def test_a_version_that_is_asked_for(name: str, text: str, asks: str, tree: Tree) -> None:
    [found] = declared.mismatches(tree({name: text}))
    assert str(found).startswith(f"{name} asks for {asks}; this machine has {asks.split()[0]} ")
    old = text.replace("3.99", "3.8").replace("99.1.0", "3.6.3").replace("99", "11")
    assert declared.mismatches(tree({name: old}, "old")) == []


@pytest.mark.usefixtures("_versions")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "not TOML ["),
        ("pyproject.toml", "[project]\nrequires-python = 3\n"),
        ("pyproject.toml", '[project]\nrequires-python = "newest"\n'),
        (".python-version", "pypy3.10\n"),
        ("package.json", "[]"),
        ("package.json", '{"engines": {"node": "lts/*"}, "packages": 1}'),
        (".nvmrc", "lts/jod\n"),
        ("pom.xml", "<release>newest</release>"),
    ],
)
def test_what_asks_for_no_version(name: str, text: str, tree: Tree) -> None:
    assert declared.mismatches(tree({name: text})) == []


@pytest.mark.usefixtures("_versions")
def test_a_version_explains_how_a_program_starts_and_no_more(tree: Tree) -> None:
    root = tree({".python-version": "3.99", "server.py": "import socket\n"})
    lacks = needs.of_program(root, ("python3", "server.py"))
    said = "TypeError: something() takes no argument"
    told = lacking.missed(said, lacks, started=False)
    assert told == ".python-version asks for Python >=3.99; this machine has Python 3.11.2"
    assert not lacking.missed(said, lacks, started=True)
    assert not lacking.missed("NameError: name 'a' is not defined", lacks, started=False)


@pytest.mark.usefixtures("_versions")
def test_a_version_explains_a_build_that_blames_no_source(tree: Tree, opened: Opened) -> None:
    files = {"package.json": '{"engines": {"node": ">=99"}, "dependencies": {"a": "1"}}',
             "index.js": "require('a')"}  # fmt: skip
    submission = opened(tree(files))
    with pytest.raises(BuildFailed) as failure:
        build(submission, lambda *_: BuildResult(1, "npm error command failed"))
    assert failure.value.machine
    assert failure.value.summary.startswith("package.json asks for Node >=99; this machine has")
