"""The examples for CI, and the action that they use, call the suite as it can be called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own

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


# -- a class in parts -----------------------------------------------------------------

IN_PARTS = {
    name: yaml.safe_load((TOP / f"ci/examples/{name}-class-in-parts.yml").read_text("utf-8"))
    for name in ("github", "gitlab", "kubernetes")
}
PARTS = 4


def scripts_in_parts(name: str) -> tuple[str, str]:
    """What an example grades a part with, and what it merges them with."""
    example = IN_PARTS[name]
    if name == "github":
        part, merge = (
            {step.get("name"): step.get("run") for step in example["jobs"][job]["steps"]}
            for job in ("part", "merge")
        )
        return part["Grade"], merge["Merge"]
    if name == "gitlab":
        return "\n".join(example["part"]["script"]), "\n".join(example["merge"]["script"])
    (container,) = example["spec"]["template"]["spec"]["containers"]
    assert container["command"][:2] == ["bash", "-euc"]
    text = (TOP / "ci/examples/kubernetes-class-in-parts.yml").read_text(encoding="utf-8")
    (merge,) = re.findall(r"^# +(conformance merge .*)$", text, re.MULTILINE)
    return container["command"][2], f"{merge} || [ $? -ne 2 ]"


def variables_of_part(name: str, index: int) -> dict[str, str]:
    """What the runner of an example gives the part with this index, from 0."""
    example = IN_PARTS[name]
    if name == "github":
        job = example["jobs"]["part"]
        matrix = job["strategy"]["matrix"]["part"]
        assert job["env"]["PART"] == "${{ matrix.part }}/${{ strategy.job-total }}"
        return {"PART": f"{matrix[index]}/{len(matrix)}"}
    if name == "gitlab":
        total = example["part"]["parallel"]
        return {"CI_NODE_INDEX": str(index + 1), "CI_NODE_TOTAL": str(total), "TIER": "none"}
    spec = example["spec"]
    assert spec["completionMode"] == "Indexed"
    (container,) = spec["template"]["spec"]["containers"]
    given = {each["name"]: each["value"] for each in container["env"]}
    assert given == {"PARTS": str(spec["completions"])}
    return {**given, "JOB_COMPLETION_INDEX": str(index)}


@pytest.mark.parametrize("name", IN_PARTS)
def test_the_options_of_a_class_in_parts_are_those_there_are(name: str) -> None:
    for script, command in zip(scripts_in_parts(name), ("grade", "merge"), strict=True):
        used = set(OPTION.findall(script))
        assert {"--out"} <= used <= options_of(main.commands[command])


def test_what_a_part_leaves_is_what_the_merge_is_given() -> None:
    upload, download = (
        next(step["with"] for step in IN_PARTS["github"]["jobs"][job]["steps"]
             if step.get("uses", "").startswith(f"actions/{what}-artifact@"))
        for job, what in (("part", "upload"), ("merge", "download"))
    )  # fmt: skip
    assert upload["name"] == "part-${{ matrix.part }}"
    assert (upload["path"], upload["if-no-files-found"]) == ("part", "error")
    assert download == {"pattern": "part-*", "path": "parts"}
    assert IN_PARTS["gitlab"]["part"]["artifacts"] == {"when": "always", "paths": ["parts"]}
    for merge in (IN_PARTS["github"]["jobs"]["merge"]["if"], IN_PARTS["gitlab"]["merge"]["when"]):
        assert merge in ("always()", "always"), "parts that came are merged without the others"


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_PARTS)
def test_the_commands_of_a_class_in_parts_grade_it(tmp_path: Path, name: str) -> None:
    """The very scripts, in a checkout of its own for each job, with what the artifacts carry."""
    conformance = TOP / ".venv/bin"
    if not (conformance / "conformance").exists():
        pytest.skip("ci/provision.sh was not run here")
    grade, merge = scripts_in_parts(name)
    assert "${{" not in grade + merge
    shared = tmp_path / "class"  # the volume; of GitHub and GitLab, what merges

    def run(script: str, where: Path, **variables: str) -> None:
        script = script.replace("--require-tier full", "--require-tier none")
        script = script.replace("/class/", f"{shared}/")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", script],
            cwd=where,
            env={"PATH": f"{conformance}:{os.environ['PATH']}", "HOME": str(tmp_path), **variables},
            timeout=WITHIN, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    checkout(shared)
    for index in range(PARTS):
        here = shared if name == "kubernetes" else tmp_path / f"job{index}"
        checkout(here)
        run(grade, here, **variables_of_part(name, index))
        if name == "github":
            shutil.copytree(here / "part", shared / f"parts/part-{index + 1}")
        elif name == "gitlab":
            shutil.copytree(here / "parts", shared / "parts", dirs_exist_ok=True)
    run(merge, shared)
    rows = (shared / "results/grades.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + len(HAND_INS)
    assert not any("missing" in row or "not yet graded" in row for row in rows)


HAND_INS = ("alice.py", "emma", "giulia")


def checkout(folder: Path) -> None:
    """A repository with a small class."""
    folder.mkdir(exist_ok=True)
    lab = '[[lab]]\nname = "echo"\nonly = "1.1,3.8"\n'
    (folder / "class.toml").write_text(f'submissions = "in"\n{lab}', encoding="utf-8")
    (folder / "in").mkdir(exist_ok=True)
    for name in HAND_INS:
        source = TOP / "student_submissions" / name
        if source.is_dir():
            shutil.copytree(source, folder / "in" / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, folder / "in" / name)
