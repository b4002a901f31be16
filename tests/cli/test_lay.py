"""`conformance lay`: what the suite lays, for a student who tries by hand."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.contract.catalog import load
from conformance.contract.laid import laid_for
from kit.desk import Desk

LAB = load(())["http-server"]


def lay(*words: str) -> Result:
    return CliRunner().invoke(main, ["lay", "http-server", *words])


def below(folder: Path) -> dict[str, bytes]:
    """Each file below the folder, but the large one and links."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 10_000
    }


def test_a_seed_lays_what_that_run_has_laid(tmp_path: Path) -> None:
    assert lay("--seed", "7", "--into", str(tmp_path)).exit_code == 0
    laid = laid_for(LAB.lays, LAB.resolve("http-server", {}), 7)
    assert below(tmp_path) == {
        path: what.data for path, what in laid.items() if not what.link and not what.size
    }


def test_nothing_is_laid_over_what_is_there_unless_it_is_asked_for(tmp_path: Path) -> None:
    mine = tmp_path / "www" / "mine.html"
    mine.parent.mkdir()
    mine.write_text("mine")
    refused = lay("--seed", "7", "--into", str(tmp_path))
    assert refused.exit_code == 2
    assert "www is in" in refused.output
    assert mine.read_text() == "mine"
    assert lay("--seed", "7", "--into", str(tmp_path), "--replace").exit_code == 0
    assert not mine.exists()


def test_parameters_decide_what_is_laid(tmp_path: Path) -> None:
    result = lay("--into", str(tmp_path), "--set", "post=cgi", "--set", "root=public/html")
    assert result.exit_code == 0
    assert (tmp_path / "public" / "html" / "index.html").is_file()
    assert all(os.access(path, os.X_OK) for path in (tmp_path / "cgi-bin").iterdir())


def test_a_lab_that_lays_nothing_says_so() -> None:
    result = CliRunner().invoke(main, ["lay", "echo"])
    assert result.exit_code == 2
    assert "lays nothing for a server of echo" in result.output


SERVER = """
import socketserver, pathlib

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        path = self.rfile.readline().decode().split()[1]
        while self.rfile.readline().strip():
            pass
        data = pathlib.Path("www" + path).read_bytes()
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(data) + data)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

Server(("", 8080), Handler).serve_forever()
"""


def test_a_submissions_own_files_are_taken_away(desk: Desk, tmp_path: Path) -> None:
    """Also where it hands in a link in their place: nothing is written where that leads."""
    outside, handed_in = tmp_path / "outside", tmp_path / "ann"
    outside.mkdir()
    handed_in.mkdir()
    (handed_in / "server.py").write_text(SERVER)
    (handed_in / "www").symlink_to(outside)
    checked = desk.check(handed_in, "--only", "2.1,2.6", lab="http-server")
    assert checked.outcomes == {"2.1": "passed", "2.6": "passed"}
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_a_build_that_links_its_folder_elsewhere_removes_nothing(desk: Desk) -> None:
    """The folder to start in is known before the build, which may put a link in its place."""
    outside, handed_in = desk.tmp / "outside", desk.folder / "ann"
    kept = outside / "www" / "kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    for open_to_all in (outside, kept.parent):
        open_to_all.chmod(0o777)
    moves = f"mv src was && ln -s {outside} src"
    package = {"name": "a", "version": "1.0.0", "dependencies": {"dep": "file:./dep"}}
    for path, content in {
        "src/data/config.json": "{}",
        "src/server.js": LINKED,
        "dep/package.json": json.dumps({"name": "dep", "version": "1.0.0", "main": "i.js"}),
        "dep/i.js": "module.exports = 1;",
        "package.json": json.dumps({**package, "scripts": {"postinstall": moves}}),
    }.items():
        (handed_in / path).parent.mkdir(parents=True, exist_ok=True)
        (handed_in / path).write_text(content)
    try:
        checked = desk.check(handed_in, "--only", "1.1", lab="http-server")
        assert kept.read_text() == "kept"
        assert list(outside.iterdir()) == [kept.parent]
    finally:
        shutil.rmtree(outside)
    assert checked.outcomes == {"1.1": "inconclusive"}
    assert "cannot be laid in src: Not a directory" in checked.verdicts["1.1"]["reason"]


LINKED = """
require("dep"); require("fs").existsSync("data/config.json");
require("net").createServer(() => {}).listen(8080);
"""


def test_how_to_see_a_fault_begins_with_laying_the_same_files(desk: Desk) -> None:
    program = desk.program(SERVER)
    checked = desk.check(program, "--only", "2.12", "--seed", "5", lab="http-server")
    assert checked.outcomes == {"2.12": "failed"}
    first, *others = checked.verdicts["2.12"]["reproduce"].splitlines()
    assert first == "conformance lay http-server --seed 5"
    assert others
