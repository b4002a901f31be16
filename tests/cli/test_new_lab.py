"""`conformance new-lab` writes a lab that works at once, and refuses what could not be one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main

WITHIN = 240.0
"""Seconds for one command: a bound, many times what the longest takes on an idle machine."""

FILES = {
    "lease.md",
    "lease.py",
    "mutants.toml",
    "python/reference.py",
    "impostors/mute.py",
    "impostors/repeats.py",
}


def conformance(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder, timeout=WITHIN, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--udp",)], ids=["tcp", "udp"])
def test_the_commands_that_it_names_find_all_as_it_should_be(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    written = conformance(tmp_path, "new-lab", "lease", *options)
    assert written.returncode == 0, written.stderr
    files = [path for path in (tmp_path / "lease").rglob("*") if path.is_file()]
    assert {str(path.relative_to(tmp_path / "lease")) for path in files} == FILES
    assert not any("NAME" in path.read_text() for path in files)
    assert written.stderr.splitlines()[0].endswith(f"on {'UDP' if options else 'TCP'} port 7007:")
    _, check, selfcheck = (line.split()[1:] for line in written.stderr.splitlines())

    checked = conformance(tmp_path, *check)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "10 of 10 points" in checked.stdout

    tried = conformance(tmp_path, *selfcheck, "--json", "matrix.json")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    mutants = 2 if options else 3
    assert f"1 reference, {mutants} mutants, 2 impostors: all as they should be" in tried.stdout
    lab = json.loads((tmp_path / "matrix.json").read_text())["labs"]["lease"]
    assert lab["uncaught"] == []
    assert [each["points"] for each in lab["impostors"]] == [1, 1]


@pytest.mark.parametrize(("port", "another"), [(7008, 7009), (65535, 65534)])
@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_the_port_stands_wherever_the_lab_names_one(
    tmp_path: Path, port: int, another: int, protocol: str
) -> None:
    words = ["new-lab", "lease", "--port", str(port), "--into", str(tmp_path)]
    written = CliRunner().invoke(main, [*words, *(["--udp"] if protocol == "UDP" else [])])
    assert f"on {protocol} port {port}:" in written.output
    named = {
        file: re.findall(r"\b\d{4,5}\b", (tmp_path / "lease" / file).read_text()) for file in FILES
    }
    lacking = {file for file, numbers in named.items() if str(port) not in numbers}
    assert not lacking
    assert set().union(*named.values()) - {"65536", "4096"} == {str(port), str(another)}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a-lease"], "a lab's name is an identifier of Python, in lower case, not 'a-lease'"),
        (["class"], "a lab's name is an identifier"),
        (["_lease"], "a lab's name is an identifier"),
        (["Lease"], "a lab's name is an identifier"),
        (["echo"], "there is a lab echo already"),
        (["presence_udp"], "there is a lab presence-udp already"),
        (["echo_node"], "there is a lab echo-node already"),
        (["mine"], "mine is there already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_could_not_be_a_new_lab_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main, ["new-lab", *words])
    assert refused.exit_code == 2
    assert refused.output.startswith(f"conformance: {told}")
    assert len(refused.output.splitlines()) == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]
