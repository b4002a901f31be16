"""Leftovers of systems and editors go on the way in; what a student wrote never does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.classes.file_names import is_entry
from conformance.submissions.intake import clutter
from conformance.submissions.intake.clutter import is_clutter, is_leftover
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall
from kit.packing import SERVER, file, inside, link, zipped

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

APPLE = b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(100)

LEFTOVERS = [
    *("._server.py", "._Server.java", "._pom.xml", "._.DS_Store", ".DS_Store", ".ds_store"),
    *("Thumbs.db", "THUMBS.DB", "thumbs.db", "ehthumbs.db", "desktop.ini", "Desktop.ini"),
    *("server.py~", "Makefile~", "#server.py#", ".#server.py", ".server.py.swp", ".swp"),
    *(".server.py.swo", ".Server.java.kate-swp", ".goutputstream-X1Y2", "~$report.docx"),
    *(".~lock.report.odt#", "server.py:Zone.Identifier", "Icon\r", ".directory", ".localized"),
    *("Server.java___jb_tmp___", ".nfs000000000123abcd", ".fuse_hidden0000012300000001"),
]
SOURCES = [
    *("server.py", "_server.py", "__init__.py", "__main__.py", "_._.py", ".hidden.py", "swp.py"),
    *("server.swp.py", "thumbs.py", "Thumbs.db.py", "desktop.ini.in", "desktop_ini.py", "#.py"),
    *("icon.py", ".env", ".npmrc", ".mvn", "macosx.py", "MACOSX", "DS_Store", "~server.py", "~"),
    *(".nfs.py", ".swift", ".swc.py", "a.swp", "zone.identifier", "orig.py", ".classpath"),
]


def test_names_of_leftovers() -> None:
    assert [name for name in LEFTOVERS if not is_leftover(name)] == []
    folders = ["__MACOSX", "__macosx", ".Trashes", ".fseventsd", "$RECYCLE.BIN", "@eaDir"]
    assert [name for name in folders if not is_leftover(name, folder=True)] == []


def test_names_of_sources() -> None:
    assert [name for name in SOURCES if is_leftover(name)] == []
    folders = ["Thumbs.db", "._lib", "lab~", "__macosx__", "macosx", ".trash", "#1#", ".src"]
    assert [name for name in folders if is_leftover(name, folder=True)] == []


FORMS = ["folder", "zip", "gz", "zip in a zip"]


def hand_in(form: str, tree: Tree, files: dict[str, bytes]) -> Path:
    root = tree(files, "ann")
    if form == "folder":
        return root
    items = [file(f"ann/{name}", content) for name, content in files.items()]
    packed = inside(items, "zip" if form.startswith("zip") else "gz", root.with_suffix(".zip"))
    if form != "zip in a zip":
        return packed
    outer = [file("__MACOSX/._ann.zip", APPLE), file("ann.zip", packed.read_bytes())]
    return zipped(root.with_name("all.zip"), *outer)


@pytest.mark.parametrize("form", FORMS)
def test_leftovers_go_whatever_they_lie_beside(form: str, tree: Tree, opened: Opened) -> None:
    left = {name: APPLE for name in LEFTOVERS}
    left |= {f"src/deep/{name}": APPLE for name in LEFTOVERS}
    left |= {"__MACOSX/ann/._x": APPLE, "__macosx/y": APPLE, "src/$RECYCLE.BIN/z.py": b"x"}
    own = {name: b"x = 1" for name in SOURCES}
    path = hand_in(form, tree, {**own, "src/deep/util.py": b"", **left})
    [root] = (path.parent for path in opened(path).root.rglob("server.py"))
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert found == {*own, "src/deep/util.py"}


JAVA = (
    "public class %s { public static void main(String[] a) throws Exception"
    " { new java.net.ServerSocket(1); } }\n"
)
POM = "<project><modelVersion>4.0.0</modelVersion><artifactId>a</artifactId></project>"
PROGRAMS = {
    "java": ("src/Shouter.java", JAVA % "Shouter"),
    "maven": ("src/main/java/Shouter.java", JAVA % "Shouter"),
    "python": ("app/server.py", SERVER),
    "node": ("server.js", "require('net').createServer().listen(1)\n"),
    "executable": ("server.c", "int main(void) { return 0; }\n"),
}


@pytest.mark.needs("javac", "mvn", "node", "cc")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", PROGRAMS)
def test_every_language(kind: str, form: str, tree: Tree, opened: Opened) -> None:
    """No recogniser, and no compiler, is told of them."""
    name, source = PROGRAMS[kind]
    folder, _, last = name.rpartition("/")
    files = {name: source.encode(), f"{folder}/._{last}".lstrip("/"): APPLE}
    files |= {f"{folder}/.#{last}".lstrip("/"): b"", f"{folder}/{last}~".lstrip("/"): b"old"}
    if kind == "maven":
        files |= {"pom.xml": POM.encode(), "._pom.xml": APPLE, "src/test/java/._T.java": APPLE}
    submission = opened(hand_in(form, tree, files))
    assert submission.kind == kind
    assert not [path for path in submission.root.rglob("*") if "._" in path.name]
    words = " ".join([*submission.command, *(word for each in submission.build for word in each)])
    assert "._" not in words


@pytest.mark.needs("javac")
def test_leftovers_beside_a_lone_source(tree: Tree, opened: Opened) -> None:
    root = tree({"Server.java": JAVA % "Server", "._Server.java": APPLE, "._Other.java": APPLE})
    submission = opened(root / "Server.java")
    assert [path.name for path in submission.root.iterdir()] == ["Server.java"]


def test_leftovers_in_a_class() -> None:
    """They are nobody's hand-in."""
    assert [name for name in [*LEFTOVERS, "__macosx"] if is_entry(name)] == []


@pytest.mark.parametrize("form", ["folder", "zip", "gz"])
def test_nothing_but_leftovers(form: str, tree: Tree, opened: Opened) -> None:
    path = hand_in(form, tree, {".DS_Store": APPLE, "__MACOSX/._x": APPLE, "._server.py": APPLE})
    with pytest.raises(WrongCall, match=r"is empty|holds no program"):
        opened(path)


def is_kept(name: str, beside: set[str], inside: set[str], *, folder: bool = True) -> bool:
    return not is_clutter(
        name, folder=folder, beside=beside, inside=lambda: inside, is_large=lambda: True
    )


def test_virtual_environments() -> None:
    venv = {"bin", "lib", "lib64", "include", "pyvenv.cfg", ".gitignore"}
    assert not is_kept("env", {"env", "server.py"}, venv)
    assert not is_kept("Env", {"Env"}, {"Scripts", "Lib", "Include", "pyvenv.cfg"})


def test_a_virtual_environment_made_among_the_sources(tree: Tree, opened: Opened) -> None:
    """`python3 -m venv .`: the sources are not left behind with it."""
    files = {"lab/pyvenv.cfg": "", "lab/bin/activate": "", "lab/lib/python3.12/x.py": SERVER}
    root = opened(tree({**files, "lab/server.py": SERVER, "lab/include/my.h": ""})).root
    assert {path.name for path in root.iterdir()} == {"server.py", "include"}
    assert is_kept("lib", {"lib", "pyvenv.cfg", "server.py"}, {"protocol.py"})
    assert is_kept("bin", {"bin", "pyvenv.cfg", "server.py"}, {"start.sh"})
    assert is_kept("src", {"src", "pyvenv.cfg"}, {"server.py"})


def test_links_in_what_is_left_behind_do_no_harm(tree: Tree, opened: Opened) -> None:
    """A virtual environment's lead to the machine's Python."""
    items = [
        file("lab/server.py"), file("lab/.venv/pyvenv.cfg", ""),
        link("lab/.venv/bin/python3", "/usr/bin/python3"), link("lab/.venv/lib64", "lib"),
        link("lab/.#server.py", "ann@laptop.4711:1700000000"), file("lab/.git/config", ""),
    ]  # fmt: skip
    for form in ("zip", "gz"):
        root = opened(inside(items, form, tree({}).with_suffix(".zip"))).root
        assert [path.name for path in root.iterdir()] == ["server.py"]


@pytest.mark.parametrize("form", ["folder", "zip", "gz"])
def test_libraries_that_npm_installs_anew(
    form: str, tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are left behind where they are many, before anybody counts or copies them."""
    files = {"server.js": b"", "package-lock.json": b"{}", "node_modules/x/y/z.js": b""}
    path = hand_in(form, tree, files)
    assert (opened(path).root / "node_modules/x/y/z.js").is_file()
    monkeypatch.setattr(clutter, "MAX_LIBRARIES", 2)
    assert [path.suffix for path in sorted(opened(path).root.iterdir())] == [".json", ".js"]


def test_links_among_libraries(tree: Tree, opened: Opened) -> None:
    """A tool has made them; what leads nowhere, or out, is not taken along."""
    items = [
        file("server.js", ""), file("node_modules/x/cli.js", ""),
        link("node_modules/.bin/x", "../x/cli.js"), link("node_modules/.bin/gone", "../y/cli.js"),
        link("node_modules/linked", "/home/ann/linked"),
    ]  # fmt: skip
    submission = opened(inside(items, "gz", tree({}).with_suffix(".zip")))
    links = [path.name for path in submission.root.rglob("*") if path.is_symlink()]
    assert links == ["x"]
    assert "node_modules/linked leads out of the folder and was left out" in submission.note
