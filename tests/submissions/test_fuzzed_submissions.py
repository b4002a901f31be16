"""Whatever stands in what was handed in: it is recognised, or refused in a sentence.

`CONFORMANCE_FUZZ=10` tries ten times as much.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance.submissions import compiler_errors, recognise
from conformance.submissions import manifest as manifests
from conformance.submissions.apart import MAX_SENTENCE, Enter, Raised, Step, each_apart
from conformance.submissions.native import make
from conformance.submissions.recipe import Recipe
from kit.mutations import mutations

TOGETHER = Step("they could not be read", within=60.0)

MANIFESTS = [
    b'lab = "echo"\ncommand = ["python3", "server.py", "{port}"]\nport = 2323\n',
    b'build = [["make"], ["make", "x"]]\ncommand = ["./server"]\n# a comment\n',
    b"port = 0x913\nlab = '''presence'''\n[build]\na = 1979-05-27T07:32:00Z\n",
]
PACKAGES = [
    b'{"name": "a", "main": "b.js", "scripts": {"start": "node b.js 1", "build": "tsc"}}',
    b'{"main": "./lib/", "dependencies": {"ws": "^8"}, "type": "module", "version": "1.0.0"}',
    b'{"scripts": {"start": "node dist/x.js"}, "main": 7, "devDependencies": []}',
]
JAVA = [
    b"""package ch.a; import java.net.*;
/** A comment. */ public class Server { // another
  static final String S = "a \\" b", T = \"\"\"
     text \\\"\"\" block
  \"\"\"; char c = '\\''; class In {}
  public static void main(final String... args) throws Exception { new ServerSocket(2323); }
}
record P(int a) {} enum E { A { } } interface I { default void x() {} }
""",
    b"class A { void f() { DatagramChannel.open().bind(x); new a.b.C(); A::g; } }\n",
    "public class Ünï { public static void main(String[] a) { say('é'); } }".encode(),
]
PYTHON = [
    b"""#!/usr/bin/env python3
# -*- coding: utf-8 -*-
from . import other
import socket, a.b.c as d
def main(x: int = 0) -> None:
    s = socket.socket(); s.bind(("", 2323)); f"{x!r:>{10}}"
    match x:
        case {"a": [1, *_]}: pass
if __name__ == "__main__": main()
""",
    b"class S(socketserver.TCPServer): pass\nwith S(('', 1)) as s: s.serve_forever()\n",
    b"async def f():\n    async with a: await b\n\nlambda x: (yield)\nprint(1_000, 0xff, 1j)\n",
]
NODE = [
    b"const net = require('net'); /* a */ net.createServer(s => {}).listen(2323); // b\n",
    b"import { x } from './lib/x.js'; import('./y'); const u = 'http://a/*'; new ws.Server({})\n",
    b"app.get('/*', f); const r = /'/g; `a ${b}`; require(\"./x\"); new Server (1)\n",
]
MAKEFILES = [
    b"CC = gcc\n.PHONY: run\nrun: server\n\t./server\nall: server\nserver: a.c\n\t$(CC) -o $@ $<\n",
    b"a := 1\n%.o: %.c\n\t@echo $*\nclean::\n\trm -f x\n",
]
POMS = [
    b"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<properties><maven.compiler.release>17</maven.compiler.release>
<project.build.sourceEncoding>ISO-8859-1</project.build.sourceEncoding></properties>
<dependencies><dependency><artifactId>a</artifactId><scope>test</scope></dependency></dependencies>
</project>""",
    b"""<!DOCTYPE p [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;">]><project><a>&b;</a></project>""",
]
REQUIREMENTS = [
    b"requests==2.0 # a\n-r other.txt\n",
    "# für\nflask>=1; python_version < '4'\n".encode(),
]
PYPROJECTS = [b'[project]\nname = "a"\ndependencies = ["requests>=2", "-e ."]\n']
C_SOURCES = [b'#include <stdio.h>\nint main(void) { /* x */ puts("h\xe9"); return 0; }\n']
OUTPUTS = [
    b"Server.java:3: error: ';' expected\n    int x\n         ^\n  symbol:   method a(b)\n",
    b"/home/student/a/b.c:1:2: fatal error: x.h: No such file\nmake: *** [M:2: all] Error 1\n",
    b"npm ERR! code EAI_AGAIN\nnpm ERR! network a\nERROR: No matching distribution x\n",
    b"\x1b[31m[ERROR] /a/b/C.java:[1,2] cannot find symbol\n[ERROR] COMPILATION ERROR :\x1b[0m",
]


def jar(manifest: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
        archive.writestr("a/Main.class", b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(50))
    return content.getvalue()


JARS = [
    jar(b"Manifest-Version: 1.0\r\nMain-Class: a.Ma\r\n in\r\n"),
    jar(b"Main-Class: a.Main\n", zipfile.ZIP_STORED),
    jar(b"Main-Class: a.Main\n", zipfile.ZIP_LZMA),
    jar(b"Class-Path: x\n", zipfile.ZIP_BZIP2),
]

Read = Callable[[Path], object]


def as_folder(root: Path) -> Recipe:
    return recognise.folder(root)


def as_manifest(root: Path) -> manifests.Manifest:
    return manifests.read(root / manifests.NAME)


def as_file(name: str) -> Read:
    return lambda root: recognise.file(root, root / name)


KINDS: dict[str, tuple[str, Sequence[bytes], Read, int]] = {
    "manifests": ("submission.toml", MANIFESTS, as_manifest, 2500),
    "package.json": ("package.json", PACKAGES, as_folder, 1000),
    "Java sources": ("A.java", JAVA, as_file("A.java"), 1500),
    "Python sources": ("a.py", PYTHON, as_folder, 1500),
    "JavaScript sources": ("b.js", NODE, as_folder, 1000),
    "Makefiles": ("Makefile", MAKEFILES, make.recognise, 500),
    "poms": ("pom.xml", POMS, as_folder, 800),
    "requirements": ("requirements.txt", REQUIREMENTS, as_folder, 300),
    "pyproject.toml": ("pyproject.toml", PYPROJECTS, as_folder, 300),
    "C sources": ("a.c", C_SOURCES, as_folder, 200),
    "jars": ("a.jar", JARS, as_folder, 1000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_in_it(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    name, seeds, read, count = KINDS[kind]
    contents = list(mutations(seeds, count))
    record_property("fuzzed", len(contents))
    outcomes = each_apart([reader(tmp_path, name, content, read) for content in contents], TOGETHER)
    for content, outcome in zip(contents, outcomes, strict=True):
        if isinstance(outcome, Raised):
            sentence = str(outcome.error)
            assert type(outcome.error).__name__ in ("WrongCall", "Ambiguous"), (content, sentence)
            assert sentence.isprintable(), (content, sentence)
            assert len(sentence) <= MAX_SENTENCE + 10


def reader(folder: Path, name: str, content: bytes, read: Read) -> Callable[[Enter], None]:
    """The folder is written anew by each, in the process of all."""
    beside = {"requirements.txt": "a.py", "pyproject.toml": "a.py", "package.json": "b.js"}

    def work(enter: Enter) -> None:
        root = folder / "handed-in"
        root.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
        if other := beside.get(name):
            (root / other).touch()
        try:
            read(root)
        finally:
            shutil.rmtree(folder)  # it may have got another name
            folder.mkdir()

    return work


def test_whatever_a_build_says(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    contents = list(mutations(OUTPUTS, 500))
    record_property("fuzzed", len(contents))
    for content in contents:
        output = content.decode("utf-8", "backslashreplace")
        compiler_errors.first(output, tmp_path)
        for blames in (compiler_errors.is_network, compiler_errors.is_version,
                       compiler_errors.is_machine, compiler_errors.is_source):  # fmt: skip
            blames(output)
