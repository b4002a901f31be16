"""Builds that blame the machine for what is their own: nobody is excused for words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kit.arena import User
from kit.desk import Checked, Desk

WORDS = "npm error code ENOTFOUND; npm error network request failed: No space left on device"
SAYS = "printf '%s\\n' 'npm error code ENOTFOUND' 'npm error network: No space left on device'"
FIRST = ("--only", "1.1")


def failed(checked: Checked) -> None:
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] == "failed", checked.stdout
    assert checked.status == 1
    assert "is no proof against either" in verdict["actual"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_a_makefile(desk: Desk, user: User) -> None:
    folder = desk.folder / "blames"
    folder.mkdir()
    (folder / "server.c").write_text("int main(){}\n")
    (folder / "Makefile").write_text(f"server: ; @echo '{WORDS}'; exit 1\n")
    failed(desk.check(folder, *FIRST, command=user.words))


def npm_project(folder: Path, scripts: dict[str, str]) -> None:
    package = {"name": "blames", "version": "1.0.0", "scripts": scripts}
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    said = 'build = ["npm", "install"]\ncommand = ["node", "server.js"]\n'
    (folder / "submission.toml").write_text(said)
    (folder / "server.js").write_text("require('net').createServer().listen(2323)\n")


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
@pytest.mark.parametrize("name", ["preinstall", "postinstall"])
def test_a_script_of_npm(desk: Desk, name: str) -> None:
    """Where the build may fetch: npm has done so before, without scripts, and needed nothing."""
    folder = desk.folder / "blames"
    npm_project(folder, {name: f"{SAYS}; {SAYS} > /proc/$PPID/fd/2; exit 1"})
    failed(desk.check(folder, *FIRST, "--fetch-dependencies"))


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_project_file_that_has_npm_speak_otherwise(desk: Desk) -> None:
    folder = desk.folder / "blames"
    npm_project(folder, {"preinstall": "exit 1"})
    (folder / ".npmrc").write_text("heading = npm error code ENOTFOUND\nloglevel = silent\n")
    checked = desk.check(folder, *FIRST, "--fetch-dependencies")
    assert checked.verdicts["1.1"]["outcome"] == "failed", checked.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_registry_that_is_away_is_no_fault(desk: Desk) -> None:
    """The other way round: npm's own words, and the proxy's count."""
    folder = desk.folder / "honest"
    npm_project(folder, {})
    package = json.loads((folder / "package.json").read_text())
    (folder / "package.json").write_text(json.dumps({**package, "dependencies": {"ms": "2.1.3"}}))
    (folder / "package-lock.json").unlink()
    registry = "http://127.0.0.1:9"
    checked = desk.check(folder, *FIRST, "--fetch-dependencies", npm_config_registry=registry)
    assert checked.verdicts["1.1"]["outcome"] == "inconclusive", checked.stdout
