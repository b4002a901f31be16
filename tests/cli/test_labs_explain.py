"""The commands that only read: labs, explain, and the help of all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_labs_lists_each_lab_with_its_variants_ports_and_points() -> None:
    result = run("labs")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.output.splitlines() if line.strip()}
    assert "TCP 2323" in lines["echo"]
    assert "TCP 9907" in lines["echo-node"]
    assert "TCP 2424" in lines["echo-sequential"]
    assert "shouts back" in lines["echo"]


def test_labs_of_one_lab_tells_its_clauses_and_parameters() -> None:
    output = run("labs", "echo").output
    assert "4.1   MUST    3  hangs up after bye" in output
    assert 'prefix         "> "' in output
    assert "what stands before the line in each reply" in output


def test_labs_of_a_variant_tells_the_variants_values_and_clauses() -> None:
    output = run("labs", "echo-sequential").output
    assert "2424 (the variant's)" in output
    assert "5S.1" in output
    assert "5.1 " not in output


def test_labs_knows_the_labs_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "shout.md").write_text(
        "# shout: louder\n\n- **1.1** MUST (2) `listens`: it does.\n"
    )
    (tmp_path / "shout.py").write_text(
        "from conformance import Lab, Parameter\n"
        'shout = Lab("shout", __file__, parameters=[Parameter("port", 7, "TCP port")])\n'
        '@shout.scenario("1.1")\n'
        "async def listens(server):\n"
        '    """It listens."""\n'
    )
    result = run("labs", "--labs", str(tmp_path))
    assert "TCP 7" in next(line for line in result.output.splitlines() if "louder" in line)


@pytest.mark.parametrize("command", [("labs", "ehco"), ("explain", "ehco")])
def test_a_lab_that_there_is_not_is_a_wrong_call(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert result.stderr.startswith("conformance: there is no lab 'ehco'; there are ")
    assert result.stderr.count("\n") == 1


def test_explain_prints_a_clause_and_with_source_its_scenario() -> None:
    plain = run("explain", "echo", "4.1")
    assert plain.exit_code == 0
    assert "hangs up after bye" in plain.output
    assert "async def" not in plain.output
    assert "async def hangs_up_after_bye" in run("explain", "echo", "4.1", "--source").output


def test_explain_of_a_clause_that_there_is_not_is_a_wrong_call() -> None:
    result = run("explain", "echo", "9.9")
    assert result.exit_code == 2
    assert result.stderr == "conformance: the lab echo has no clause 9.9\n"


def test_every_command_says_in_help_what_it_is_for() -> None:
    output = run("--help").output
    for name, command in main.commands.items():
        assert command.help, f"{name} has no help"
        assert command.hidden or name in output


def test_help_is_quick() -> None:
    """Not by the clock, which tells how busy this machine is: by what it does without."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "conformance", "--help"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ).stderr  # fmt: skip
    after_site = told.rpartition("| site\n")[2]  # what a machine's own site imports is not ours
    imported = {line.rpartition("|")[2].strip() for line in after_site.splitlines()}
    assert "conformance.cli.check" in imported
    heavy = {"asyncio", "dpkt", "importlib.metadata", "json", "psutil", "pyroute2", "rich"}
    ours = {f"conformance.{name}" for name in ("engine", "labs.echo", "reports", "sandbox")}
    assert not imported & (heavy | ours)
