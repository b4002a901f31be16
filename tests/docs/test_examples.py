"""The examples for CI, and the action that they use, call the suite as it can be called."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest

from conformance.cli import main
from kit.pages import OPTION, TOP, options_of

ACTION = (TOP / "action.yml").read_text(encoding="utf-8")
GITHUB = (TOP / "ci/examples/github-classroom.yml").read_text(encoding="utf-8")
GITLAB = (TOP / "ci/examples/gitlab-ci.yml").read_text(encoding="utf-8")

WITHIN = 240.0
"""Seconds for one step of the action: a bound, many times what it takes."""


def step(name: str) -> str:
    """The script of a step of the action."""
    script = r"[\s\S]*?run: \|\n((?: {8}.*\n|\n)+)"
    found = re.search(rf"- name: {re.escape(name)}\n{script}", ACTION)
    assert found, f"the action has no step {name!r}"
    return dedent(found[1])


@pytest.mark.parametrize("text", [step("Check"), GITLAB], ids=["action", "gitlab"])
def test_the_options_are_those_of_check(text: str) -> None:
    (call,) = re.findall(r'conformance"? check ((?:.*(?:\\\n|\n(?= +--)))*.*)', text)
    used, known = set(OPTION.findall(call)), options_of(main.commands["check"])
    assert {"--lab", "--require-tier", "--junit", "--keep"} <= used <= known


def test_five_lines_are_all_that_a_repository_needs() -> None:
    lines = [line for line in GITHUB.splitlines() if line and not line.startswith("#")]
    assert len(lines) == 5
    inputs = set(re.findall(r"^  (\w+):\n    description", ACTION, re.MULTILINE))
    needed = set(re.findall(r"^  (\w+):\n    description: .*\n    required: true", ACTION, re.M))
    uses = r"conformance@main, with: \{(.*?)\}|\./suite\n#\s+with: \{(.*?)\}"
    calls = [set(re.findall(r"(\w+):", "".join(given))) for given in re.findall(uses, GITHUB)]
    assert len(calls) == 2
    assert all(needed <= names <= inputs for names in calls)


def test_every_input_reaches_a_step_by_the_environment_alone() -> None:
    """A script that held a `${{ … }}` would run what somebody else wrote into it."""
    inputs = set(re.findall(r"^  (\w+):\n    description", ACTION, re.MULTILINE))
    passed = dict(re.findall(r"^        (\w+): \$\{\{ inputs\.(\w+) \}\}$", ACTION, re.MULTILINE))
    assert set(passed.values()) == inputs
    assert all(f"${name}" in step("Check") for name in passed)
    assert not any("${{" in step(name) for name in re.findall(r"- name: (.*)", ACTION))


@pytest.mark.parametrize(
    ("submission", "status", "failures"), [("alice.py", 0, 0), ("giulia", 1, 1)]
)
def test_the_action_checks(tmp_path: Path, submission: str, status: int, failures: int) -> None:
    if not (TOP / ".venv/bin/conformance").exists():
        pytest.skip("ci/provision.sh was not run here")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("Check")],
        cwd=TOP / "student_submissions",
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "GITHUB_ACTION_PATH": str(TOP), "RUNNER_TEMP": str(tmp_path), "LAB": "echo",
            "SUBMISSION": submission, "TIER": "none", "OPTIONS": "--only 3.8 --seed 1",
            "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        },
        timeout=WITHIN, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    suite = ElementTree.parse(tmp_path / "conformance/junit.xml").getroot()
    assert len(list(suite.iter("failure"))) == failures
    assert done.stdout.count("\n::error ") == failures
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("## echo: ")
