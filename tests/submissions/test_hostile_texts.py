"""What nobody writes by mistake: depth, length, numbers and ends that never come. It is recognised
nevertheless, or refused in one sentence, in no more than a moment."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import (
    BuildFailed,
    BuildResult,
    build,
    compiler_errors,
    open_submission,
)
from conformance.submissions.apart import MAX_SENTENCE
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

GOOD = "import socket\nsocket.create_server(('', 2323))\n"


def refusal(opened: Opened, handed: Path) -> str:
    with pytest.raises(WrongCall) as told:
        opened(handed)
    sentence = str(told.value)
    assert sentence.isprintable()
    assert len(sentence) <= MAX_SENTENCE + 100
    return sentence


# -- pom.xml --------------------------------------------------------------------------

ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 20))
LAUGHS = f'<!DOCTYPE p [<!ENTITY l0 "ha">{ENTITIES}]><project>&l19;</project>'
BLOWN_UP = f'<!DOCTYPE p [<!ENTITY a "{"a" * 200_000}">]><project>{"<x>&a;</x>" * 50_000}</project>'
ELSEWHERE = '<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]><project>&e;</project>'


@pytest.mark.parametrize(
    ("pom", "sentence"),
    [
        ("<a>" * 80_000, "pom.xml is not XML"),
        ("<a>" * 70_000 + "</a>" * 70_000, "pom.xml is nested too deeply"),
        ("<a>" * 200 + "</a>" * 200, "pom.xml is nested too deeply"),
        (LAUGHS, "pom.xml is not XML"),
        (BLOWN_UP, "pom.xml is not XML"),
        (ELSEWHERE, "pom.xml is not XML: undefined entity"),
        ("<project " + "a='1' " * 200_000 + "/>", "pom.xml is larger than 1024 KiB"),
        ("<?xml version='1.0' encoding='klingon'?><project>", "pom.xml is not XML"),
        ("\0<project/>", "pom.xml is not XML"),
    ],
    ids=lambda text: text[:20],
)
def test_poms(pom: str, sentence: str, tree: Tree, opened: Opened) -> None:
    assert sentence in refusal(opened, tree({"pom.xml": pom}))


# -- package.json ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "sentence"),
    [
        ("[" * 100_000, "package.json is nested too deeply"),
        ('{"a":' * 100_000, "package.json is nested too deeply"),
        ('{"main": ' + "9" * 5000 + "}", "package.json has a number of thousands of digits"),
        ("[]", "package.json is not a JSON object"),
        ('{"a": "' + "x" * (1 << 20) + '"}', "package.json is larger than 1024 KiB"),
        ('{"main": "' + "x" * 100_000, "package.json is not JSON"),
    ],
    ids=lambda text: text[:20],
)
def test_packages_that_are_none(package: str, sentence: str, tree: Tree, opened: Opened) -> None:
    assert sentence in refusal(opened, tree({"package.json": package, "a.js": ""}))


@pytest.mark.needs("node", "npm")
@pytest.mark.parametrize(
    "package",
    [
        '{"main": NaN, "scripts": {"start": -Infinity}}',
        '{"main": 1e400, "dependencies": 0.1, "scripts": []}',
        '{"main": "a.js", "main": "\\u0000", "scripts": {"start": ""}}',
        '{"main": "../../../../../../etc/passwd"}',
        '{"main": "' + "x/" * 5000 + '"}',
        '{"main": "\\ud800"}',
        json.dumps({"scripts": {"start": "node " + "x" * 3000 + ".js", "build": "a"}}),
        json.dumps({"scripts": {"start": "node a\0.js", "build": "a"}}),
        json.dumps({"scripts": {"start": "node" + " a" * 100_000 + "!"}}),
    ],
)
def test_packages_that_are_odd(package: str, tree: Tree, opened: Opened) -> None:
    submission = opened(tree({"package.json": package, "a.js": "x.listen(1)"}))
    assert submission.kind == "node"
    assert not any("\0" in word for word in submission.command)


@pytest.mark.needs("node")
@pytest.mark.parametrize(
    "script",
    [
        "/*" * 500_000,
        '"\\' * 500_000,
        '"\\"' * 300_000 + "\n",
        "import" + " " * 1_000_000,
        "require( " * 100_000,
        "from './" + "x" * 1_000_000 + "'",
        "".join(f"require('./{'../' * 20}a{n}');" for n in range(200)),
        "x" * 5_000_000,
        "import '\0'; import './\0';",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_scripts(script: str, tree: Tree, opened: Opened) -> None:
    handed = tree({"a.js": script, "b.js": "require('net').createServer().listen(2323)"})
    assert opened(handed).command[-1] == "b.js"


@pytest.mark.needs("node")
def test_a_path_with_a_star_begins_no_comment(tree: Tree, opened: Opened) -> None:
    handed = tree({"a.js": "f('/*'); net.createServer().listen(2323) // *", "b.js": "1"})
    assert opened(handed).command[-1] == "a.js"


# -- Java -----------------------------------------------------------------------------

MAIN = "class B { public static void main(String[] a) { new java.net.ServerSocket(2323); } }"


@pytest.mark.needs("javac")
@pytest.mark.parametrize(
    "source",
    [
        '"""' + "\\" * 100_001,
        '"""\n' + '\\"""' * 100_000,
        '"\\' * 500_000,
        "'\\" * 500_000,
        "/*" * 500_000,
        '"' * 1_000_001,
        "class A { static void " + "main " * 200_000,
        "class A { " + "x " * 500_000,
        "class A" + "{" * 500_000,
        "class A { " + "DatagramChannel.open " * 40_000 + "}",
        "new " + "a." * 200_000,
        "package " + "a." * 200_000 + ";",
        "\\u0022" * 100_000,
        "class " + "A" * 1_000_000 + " {}",
        "\0" * 300_000,
        "x" * 5_000_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_java(source: str, tree: Tree, opened: Opened) -> None:
    assert opened(tree({"A.java": source, "B.java": MAIN})).command[-1] == "B"


@pytest.mark.needs("javac")
def test_a_long_class_name_names_no_file(tree: Tree, opened: Opened) -> None:
    name = "A" * 400
    source = f"public class {name} {{ public static void main(String[] a) {{ }} }}"
    assert opened(tree({"b.java": source}) / "b.java").command[-1] == name


# -- Python ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "x = " + "[" * 90 + "]" * 90,
        "x = " + "(" * 10_000 + ")" * 10_000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "not " * 100_000 + "1",
        "x = " + "1+" * 30_000 + "1",
        "x = a" + ".a" * 30_000,
        "x = a" + "()" * 30_000,
        "x = " + "lambda: " * 50_000 + "1",
        "x = " + "1 if 1 else " * 50_000 + "1",
        "".join(" " * n + "if 1:\n" for n in range(300)),
        "if 1: pass\n" + "elif 1: pass\n" * 20_000,
        "x = " + "9" * 5_000,
        "x = 0x" + "f" * 500_000,
        "x = 1e999999999",
        "f'" + "{f'" * 200,
        "import " + "a." * 5_000 + "a",
        "from " + "." * 100_000 + "a import b",
        "import " + "x" * 3_000,
        "match x:\n case " + "[" * 2_000,
        "\0",
        "x = '" + "\\N{" * 10_000,
        "# coding: rot13\n",
        "#" * 2_000_000,
    ],
    ids=lambda text: repr(text[:16]),
)
def test_python(source: str, tree: Tree, opened: Opened) -> None:
    """The good one is found beside it; alone it is started: Python shall say what it is."""
    handed = tree({"odd.py": source, "server.py": GOOD})
    assert opened(handed).command[-1] == "server.py"
    assert opened(tree({"odd.py": source}, "alone")).kind == "python"


@pytest.mark.parametrize(
    "project",
    [
        "[" * 5000,
        "a = " + "[" * 5000,
        "a = " + "9" * 5000,
        "project = 1",
        "[project]\ndependencies = 1",
        '[project]\ndependencies = ["a\\u0000b", "--index-url=http://x", 1, ["a"]]',
        "#" * (2 << 20),
        "\ud800",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_pyproject_that_asks_for_nothing(project: str, tree: Tree, opened: Opened) -> None:
    content = project.encode("utf-8", "surrogatepass")
    assert opened(tree({"pyproject.toml": content, "server.py": GOOD})).build == ()


# -- jars -----------------------------------------------------------------------------


def jar(manifest: bytes, more: int = 0) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
        for number in range(more):
            archive.writestr(f"{number}", b"")
    return content.getvalue()


JARS: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: jar(bytes(200 << 20)),
    "lines": lambda: jar(b"Main-Class:" + b"\n" * 1_000_000),
    "folds": lambda: jar(b"\r\n " * 500_000),
    "entries": lambda: jar(b"", more=20_000),
    "end": lambda: b"PK\x05\x06" + b"\xff" * 18,
    "none": lambda: b"PK" * 100_000,
}
"""Made when they are wanted: every worker that runs tests reads this module."""


@pytest.mark.parametrize("name", JARS)
def test_jars(name: str, tree: Tree, opened: Opened) -> None:
    sentence = refusal(opened, tree({"a.jar": JARS[name]()}))
    assert "has no Main-Class" in sentence or "is not a jar" in sentence


# -- what is no ordinary file -----------------------------------------------------------


@pytest.mark.parametrize("name", ["submission.toml", "package.json", "pom.xml"])
def test_a_manifest_that_is_no_file(name: str, tree: Tree, opened: Opened) -> None:
    """A folder, a pipe, a link to a device, to a file outside, to itself: no manifest."""
    for kind in ("folder", "pipe", "device", "outside", "itself", "nowhere"):
        handed = tree({"server.py": GOOD}, kind)
        there = handed / name
        if kind == "folder":
            there.mkdir()
        elif kind == "pipe":
            os.mkfifo(there)
        else:
            aims = {"device": "/dev/zero", "outside": "/etc/passwd", "itself": name}
            there.symlink_to(aims.get(kind, "nothing"))
        assert opened(handed).kind == "python", kind


# -- time, and what a build leaves or says ----------------------------------------------


def test_what_takes_too_long_is_refused(tree: Tree, tmp_path: Path) -> None:
    handed = tree({f"{n}.py": "x = 1\n" * 3000 for n in range(30)})
    with pytest.raises(WrongCall, match=r"^handed could not be recognised: .* more than 0\.01 s$"):
        open_submission(handed, tmp_path / "scratch", within=0.01)


def test_what_a_build_leaves_is_read_apart(tree: Tree, opened: Opened) -> None:
    """A jar that no reader takes, and a source that came with the build."""
    handed = tree({"Makefile": "all:\n\ttrue\n", "a.c": "int main(void) { return 0; }"})
    submission = opened(handed)

    def make(command: object, folder: Path, seconds: float) -> BuildResult:
        for number in range(200):
            (folder / str(number)).mkdir()
        return BuildResult(0, "")

    with pytest.raises(BuildFailed, match="made no executable"):
        build(submission, make)
    with pytest.raises(BuildFailed, match="could not be looked through: that takes") as failure:
        build(submission, make_again(make), within=0.0)
    assert failure.value.machine


def make_again(make: Callable[..., BuildResult]) -> Callable[..., BuildResult]:
    return lambda *call: BuildResult(0, "")


@pytest.mark.parametrize(
    "output",
    [
        "/a" * 60_000,
        "/" + "a" * 120_000,
        "/" * 120_000,
        "x.java:1: error: " * 7_000,
        "\x1b[" * 60_000,
        "A" * 120_000 + "Error",
        "a:1:" * 30_000,
        "^" * 120_000,
        "x.java:1: error: y\n" + " " * 60_000 + "\n" + "~" * 60_000 + "^x",
        "error: cannot access " + "(" * 120_000,
        "\t" * 60_000 + "x\n" + " " * 60_000 + "^",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_a_build_says(output: str, tmp_path: Path) -> None:
    told = compiler_errors.first(output, tmp_path)
    assert len(told) <= compiler_errors.MAX_LINES * (compiler_errors.MAX_COLUMNS + 1)
    compiler_errors.is_network(output)
    compiler_errors.is_version(output)


def test_a_long_line_of_a_build_ends_between_two_words(tmp_path: Path) -> None:
    told = compiler_errors.first(f"[ERROR] {'artifact ' * 60}\n", tmp_path)
    assert told.endswith(" artifact …")
    assert len(told) <= compiler_errors.MAX_COLUMNS
    unbroken = compiler_errors.first(f"[ERROR] {'x' * 600}\n", tmp_path)
    assert unbroken.endswith("x…")
