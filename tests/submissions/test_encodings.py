"""Sources and manifests in whichever encoding an editor has left them: read, with a note, and
given to whoever cannot read them in one that it can."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.submission import Submission
from conformance.submissions.texts import decoded
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[[Path], Submission]
Says = Callable[[Path], str]


def utf_16_le(text: str) -> bytes:
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


def utf_16_be(text: str) -> bytes:
    return codecs.BOM_UTF16_BE + text.encode("utf-16-be")


def utf_32(text: str) -> bytes:
    return text.encode("utf-32")


def marked(text: str) -> bytes:
    return text.encode("utf-8-sig")


def windows(text: str) -> bytes:
    return text.encode("windows-1252")


WIDE = [utf_16_le, utf_16_be, utf_32]
Encode = Callable[[str], bytes]


def lines(text: str) -> str:
    """As Windows ends them."""
    return text.replace("\n", "\r\n")


JAVA = """// Grüsse
public class Shouter {
    public static void main(String[] arguments) {
        System.out.println("h\u00e9".length());
    }
}
"""


@pytest.mark.needs("javac")
@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_java(encode: Encode, tree: Tree, opened: Opened) -> None:
    submission = opened(tree({"Shouter.java": encode(lines(JAVA))}))
    assert submission.note == (
        "a byte order mark was left out of Shouter.java"
        if encode is marked
        else f"its sources are not UTF-8: compiled as {decoded(encode(JAVA))[1]}"
    )
    assert submission.command[-1] == "Shouter"
    assert (submission.root / "Shouter.java").read_bytes() == lines(JAVA).encode()


@pytest.mark.needs("javac")
def test_java_of_a_team(tree: Tree, says: Says, opened: Opened) -> None:
    """Each file is what it is: the accents of none are spoilt."""
    files = {
        "Main.java": 'class Main { public static void main(String[] a) {'
        " System.out.println((A.S + B.S + C.S + D.S).length()); } }",
        "A.java": 'class A { static String S = "é"; }',
        "B.java": windows('class B { static String S = "é"; }'),
        "C.java": marked('class C { static String S = "é"; }'),
        "D.java": utf_16_le('class D { static String S = "é"; }'),
    }  # fmt: skip
    handed = tree(files)
    note = opened(handed).note
    assert "a byte order mark was left out of C.java" in note
    assert "not in UTF-8, compiled as UTF-16 and windows-1252: B.java, D.java" in note
    assert says(handed) == "4"
    assert (handed / "D.java").read_bytes() == files["D.java"]  # the student's own


POM = """<?xml version="1.0" encoding="UTF-8"?>
<project><modelVersion>4.0.0</modelVersion><name>Übung</name>{}</project>
"""


@pytest.mark.needs("mvn")
@pytest.mark.parametrize("encode", [marked, windows, *WIDE[:2]])
def test_poms(encode: Encode, tree: Tree, opened: Opened) -> None:
    """Maven gets one that it can read, whatever it says of itself."""
    submission = opened(tree({"pom.xml": encode(POM), "src/main/java/A.java": "class A {}"}))
    if encode is not marked:
        assert "pom.xml" in submission.note or "not UTF-8" in submission.note
        assert "Übung" in (submission.root / "pom.xml").read_text(encoding="utf-8")


@pytest.mark.needs("mvn")
def test_sources_are_written_in_the_encoding_that_the_pom_names(tree: Tree, opened: Opened) -> None:
    named = "<project.build.sourceEncoding>ISO-8859-1</project.build.sourceEncoding>"
    pom = POM.format(f"<properties>{named}</properties>").encode()
    files = {
        "pom.xml": pom,
        "src/main/java/A.java": marked("class A { /* é */ }"),
        "src/main/java/B.java": utf_16_be("class B { /* é */ }"),
        "src/main/java/C.java": "class C { /* é */ }".encode("iso-8859-1"),
        "src/main/java/D.java": utf_16_be("class D { /* € */ }"),  # it cannot be written there
    }
    submission = opened(tree(files))
    for name in "ABC":
        content = (submission.root / f"src/main/java/{name}.java").read_bytes()
        assert content == f"class {name} {{ /* é */ }}".encode("iso-8859-1")
    kept = (submission.root / "src/main/java/D.java").read_bytes()
    assert kept == files["src/main/java/D.java"]


@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_python(encode: Encode, tree: Tree, opened: Opened, says: Says) -> None:
    handed = tree({"server.py": encode(lines("# Grüsse\nprint(len('hé'))\n"))})
    assert opened(handed).note == (
        "" if encode is marked else f"its sources are not UTF-8: read as {decoded(encode('é'))[1]}"
    )
    assert says(handed) == "2"


@pytest.mark.parametrize("name", ["latin-1", "cp1252", "utf-8"])
def test_python_that_names_its_encoding(name: str, tree: Tree, says: Says) -> None:
    text = f"#!/usr/bin/python3\n# -*- coding: {name} -*-\nprint(len('hé'), 'é' == '\\u00e9')\n"
    assert says(tree({"server.py": text.encode(name)})) == "2 True"


def test_python_whose_encoding_it_does_not_know(tree: Tree, opened: Opened) -> None:
    """Python itself says so when it is started."""
    assert opened(tree({"server.py": b"# coding: klingon\nprint('\xe9')\n"})).kind == "python"


@pytest.mark.needs("node")
@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
@pytest.mark.parametrize("name", ["server.js", "server.mjs"])
def test_node(encode: Encode, name: str, tree: Tree, opened: Opened, says: Says) -> None:
    handed = tree({name: encode(lines("// Grüsse\nconsole.log('hé'.length);\n"))})
    noted = encode not in (marked, windows)  # these it reads, as on the student's machine
    assert bool(opened(handed).note) == noted
    assert says(handed) == "2"


@pytest.mark.needs("node")
@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_package_json(encode: Encode, tree: Tree, says: Says) -> None:
    """Node reads it, too: `type` says what a script is."""
    package = lines('{"author": "Zoë", "type": "module",\n "scripts": {"start": "node a.js"}}\n')
    handed = tree({"package.json": encode(package), "a.js": "import 'fs'; console.log('well')"})
    assert says(handed) == "well"


C = '#include "word.h"\n#include <stdio.h>\n/* Grüsse */\nint main(void) { puts(WORD); }\n'


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_c(encode: Encode, tree: Tree, opened: Opened, says: Says) -> None:
    handed = tree({"a.c": encode(lines(C)), "word.h": encode('#define WORD "well"\n')})
    assert ("a.c" in opened(handed).note or "not UTF-8" in opened(handed).note) == (encode in WIDE)
    assert says(handed) == "well"


@pytest.mark.needs("gcc", "make")
@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_makefiles(encode: Encode, tree: Tree, says: Says) -> None:
    makefile = (
        "# Grüsse\nrun: server\n\t./server\nall: server\nserver: a.c word.h\n\tcc -o $@ a.c\n"
    )
    files = {"Makefile": encode(makefile), "a.c": encode(C), "word.h": '#define WORD "well"\n'}
    assert says(tree(files)) == "well"


@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_submission_toml(encode: Encode, tree: Tree, opened: Opened) -> None:
    text = lines('# Grüsse\nlab = "echo"\ncommand = ["python3", "sérver.py"]\n')
    submission = opened(tree({"submission.toml": encode(text), "sérver.py": ""}))
    assert (submission.lab, submission.command) == ("echo", ("python3", "sérver.py"))
    assert submission.note == f"submission.toml is in {decoded(encode(text))[1]}, and was read so"


def test_a_plain_one_has_no_note(tree: Tree, opened: Opened) -> None:
    text = '# Grüsse\ncommand = ["python3", "server.py"]\n'
    assert opened(tree({"submission.toml": text, "server.py": ""})).note == ""


def test_what_builds_itself_is_left_as_it_is(tree: Tree, opened: Opened) -> None:
    """Its own commands may name the encoding."""
    command = 'build = ["javac", "-encoding", "UTF-16", "A.java"]\ncommand = ["java", "A"]\n'
    source = utf_16_le("class A {}")
    submission = opened(tree({"submission.toml": command, "A.java": source}))
    assert (submission.root / "A.java").read_bytes() == source


@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_requirements(encode: Encode, tree: Tree, opened: Opened) -> None:
    """PowerShell writes UTF-16."""
    program = "import requests"
    files = {"server.py": program, "requirements.txt": encode(lines("requests # für\n"))}
    submission = opened(tree(files))
    needed = submission.root / submission.build[1][-1]
    assert needed.read_text(encoding="utf-8") == "requests\n"


@pytest.mark.parametrize("encode", [marked, windows, *WIDE])
def test_pyproject(encode: Encode, tree: Tree, opened: Opened) -> None:
    project = '[project]\nname = "a" # für\ndependencies = ["requests"]\n'
    files = {"server.py": "import requests", "pyproject.toml": encode(project)}
    assert opened(tree(files)).build[1][-1] == "requests"


def test_a_link_is_not_written_through(tree: Tree, opened: Opened) -> None:
    handed = tree({"data/a.txt": utf_16_le("print(1)"), "server.py": "print(1)"})
    (handed / "b.py").symlink_to("data/a.txt")
    submission = opened(handed)
    assert (submission.root / "data/a.txt").read_bytes() == utf_16_le("print(1)")


MARKS_ONLY = [b"\xff\xfe", b"\xff\xfea", b"\xfe\xff\xd8\x00", b"\xff\xfe\0\0\0", b"\xef\xbb\xbf"]
NAMES = ["server.py", "submission.toml", "package.json", "pom.xml", "A.java"]


@pytest.mark.parametrize("content", MARKS_ONLY)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_text_after_its_mark(
    content: bytes, name: str, tree: Tree, opened: Opened
) -> None:
    handed = tree({name: content})
    if name == "server.py":
        assert opened(handed).kind == "python"
        return
    with pytest.raises(WrongCall) as refusal:
        opened(handed)
    assert str(refusal.value).isprintable()
