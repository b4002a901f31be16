"""The folder in which a program is started: where the files are that it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import Program, workplace
from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Built = Callable[[Path], Program]
Says = Callable[[Path], str]

READS = "print(open({}).read())\n"
JAVA = """
package net;
public class Server {
    public static void main(String[] args) throws Exception {
        System.out.println(new String(java.nio.file.Files.readAllBytes(
            java.nio.file.Path.of("server.properties"))));
        if (args.length > 9) new java.net.ServerSocket(1);
    }
}
"""
NODE = "require('./x');\nconsole.log(require('fs').readFileSync('config.json', 'utf8'));\n"
C = """
#include <stdio.h>
int main(void) {
    char text[9] = {0};
    FILE *file = fopen("config.txt", "r");
    return file && fgets(text, 9, file) && puts(text) ? 0 : 1;
}
"""

PROGRAMS = {
    "beside a script": (
        {"src/server.py": READS.format("'config.json'"), "src/config.json": "here"}, "src"
    ),
    "above a script": (
        {"src/server.py": READS.format("'config.json'"), "config.json": "here", "src/x.py": ""},
        ".",
    ),
    "above it, from its own folder": (
        {"src/server.py": READS.format("'../config.json'"), "config.json": "here"}, "src"
    ),
    "in a folder beside it": (
        {"app/server.py": READS.format('"data/users.txt"'), "app/data/users.txt": "here",
         "doc/x.csv": ""},
        "app",
    ),
    "a module reads it": (
        {"app/main.py": "import settings\nsettings.go()\n",
         "app/settings.py": f"def go():\n    {READS}".format("'server.ini'"),
         "app/server.ini": "here", "doc/x.csv": ""},
        "app",
    ),
    "halfway": (
        {"server/src/main.py": READS.format("'config.json'"), "server/config.json": "here",
         "client/src/x.py": "X = 1"},
        "server",
    ),
    "beside a package": (
        {"src/echo/__init__.py": "", "src/echo/__main__.py": "from . import words\n",
         "src/echo/words.py": READS.format("'words.txt'"), "src/echo/words.txt": "here"},
        "src/echo",
    ),
    "the package itself was handed in": (
        {"__init__.py": "", "__main__.py": "from . import words\n",
         "words.py": READS.format("'words.txt'"), "words.txt": "here"},
        "handed",
    ),
    "a document beside the sources' folder": (
        {"code/server.py": READS.format("'users.txt'"), "code/x.py": "", "users.txt": "here"}, "."
    ),
    "a document above, from the sources' folder": (
        {"code/server.py": READS.format("'../users.txt'"), "code/x.py": "", "users.txt": "here"},
        "code",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "folder"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_python_program(
    files: dict[str, str], folder: str, tree: Tree, opened: Opened, says: Says
) -> None:
    root = tree(files)
    assert opened(root).folder == folder
    assert says(root) == "here"


@pytest.mark.needs("javac")
@pytest.mark.parametrize(
    ("place", "folder"), [("src/net", "src/net"), ("src", "src"), (".", "."), ("lib", ".")]
)
def test_a_java_program(place: str, folder: str, tree: Tree, opened: Opened, says: Says) -> None:
    root = tree({"src/net/Server.java": JAVA, f"{place}/server.properties": "here", "x.md": ""})
    assert opened(root).folder == folder
    if place != "lib":
        assert says(root) == "here"


@pytest.mark.needs("node", "npm")
@pytest.mark.parametrize("place", ["src", "."])
def test_a_node_program(place: str, tree: Tree, opened: Opened, says: Says) -> None:
    root = tree({"src/server.js": NODE, "src/x.js": "", f"{place}/config.json": "here"})
    assert opened(root).folder == place
    assert says(root) == "here"


@pytest.mark.needs("node", "npm")
def test_a_start_script_runs_where_npm_runs_it(tree: Tree, opened: Opened) -> None:
    package = json.dumps({"scripts": {"start": "node src/server.js"}})
    root = tree({"package.json": package, "src/server.js": NODE, "src/config.json": "here"})
    assert opened(root).folder == "."


@pytest.mark.needs("cc")
@pytest.mark.parametrize("place", ["src", "."])
def test_a_c_program(place: str, tree: Tree, opened: Opened, says: Says) -> None:
    root = tree({"src/server.c": C, f"{place}/config.txt": "here"})
    assert opened(root).folder == place
    assert says(root) == "here"


def test_why_it_is_started_elsewhere_is_told(tree: Tree, opened: Opened) -> None:
    files = {"src/server.py": READS.format("'a.json'") + READS.format("'b.json'")}
    one = opened(tree({**files, "src/b.json": ""}))
    assert one.note == "started in src/, where b.json is"
    both = opened(tree({**files, "src/a.json": "", "src/b.json": ""}, "other"))
    assert both.note == "started in src/, where a.json and others is"


@pytest.mark.parametrize(
    "source",
    [
        "print('hello.')",
        "import x\nprint('x.py', 'src/x.py', '..', './', '/etc/hosts', 'a b.txt', 'http://x/y.z')",
        "print('../../../../etc/hosts')",
        "print('missing.json')",
    ],
)
def test_what_names_no_file_of_its_own_is_started_at_the_top(
    source: str, tree: Tree, opened: Opened
) -> None:
    root = tree({"src/server.py": source, "src/x.py": "", "src/a b.txt": ""})
    assert opened(root).folder == "."


def test_a_report_beside_the_only_folder_is_none_of_the_program(tree: Tree, opened: Opened) -> None:
    root = tree({"code/server.py": "print('it')", "code/x.py": "", "report.txt": "It works."})
    assert opened(root).root.name == "code"


def test_a_package_that_would_hide_pythons_own_modules_is_started_above(
    tree: Tree, opened: Opened
) -> None:
    files = {"echo/__init__.py": "", "echo/__main__.py": "from . import socket\n"}
    files |= {"echo/socket.py": READS.format("'words.txt'"), "echo/words.txt": "x", "a.py": ""}
    assert opened(tree(files)).folder == "."


@pytest.mark.needs("cc", "make")
@pytest.mark.parametrize(("place", "folder"), [("bin", "bin"), (".", "."), ("src", ".")])
def test_a_program_that_make_has_made(
    place: str, folder: str, tree: Tree, built: Built, says: Says
) -> None:
    makefile = "all:\n\tmkdir -p bin\n\tcc -o bin/server src/server.c\n"
    files = {"Makefile": makefile, "src/server.c": C, f"{place}/config.txt": "here"}
    program = built(tree(files))
    assert (program.folder, program.told(1)) == (
        folder, ("./server",) if folder == "bin" else ("./bin/server",),
    )  # fmt: skip
    if place != "src":
        assert says(tree(files, "other")) == "here"


def test_a_module_of_maven(tmp_path: Path) -> None:
    source = tmp_path / "server/src/main/java/net/Server.java"
    source.parent.mkdir(parents=True)
    source.write_text(JAVA)
    (tmp_path / "server/server.properties").touch()
    path = "server/target/classes:core/target/classes:server/target/dependency/*"
    seen = "target/classes:../core/target/classes:target/dependency/*"
    why = "started in server/, where server.properties is"
    assert workplace.of_maven(tmp_path, path) == ("server", seen, why)
    (tmp_path / "server.properties").touch()
    assert workplace.of_maven(tmp_path, path) == (".", path, "")
    assert workplace.of_maven(tmp_path, "target/x.jar") == (".", "target/x.jar", "")
