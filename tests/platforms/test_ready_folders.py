"""The folders of ci/platforms, each run in the layout of its platform: its folders, environment and
exit status, and what it reads back. What judges is this suite; one of its clauses is enough."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from kit.pages import OPTION, TOP, options_of

READY = TOP / "ci/platforms"
GOOD = TOP / "student_submissions/alice.py"
WITHIN = 240.0
"""Seconds for one run: a bound, many times what it takes."""

STUDENT = "no program at all\n"
"""A hand-in that cannot be recognised: report.txt."""


@dataclass(frozen=True)
class Ended:
    """How a platform's script ended, and what the platform reads."""

    status: int
    output: str
    """What it printed: for the teacher, unless it is what the platform reads."""
    read: Any = None
    """The document, as the platform reads it; None where there is none."""


class Place:
    """A folder that looks like a platform's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        suite = folder / "conformance"
        suite.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
        suite.chmod(0o755)
        self.variables = {
            "CONFORMANCE": str(suite), "LAB": "echo", "TIER": "none", "WITHIN": "200",
            "OPTIONS": "--only 3.1 --seed 1",
        }  # fmt: skip

    def hand_in(self, folder: Path, *, recognisable: bool = True) -> Path:
        """Puts a hand-in into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        if recognisable:
            shutil.copy(GOOD, folder / "server.py")
            return folder / "server.py"
        (folder / "report.txt").write_text(STUDENT)
        return folder / "report.txt"

    def break_the_suite(self) -> None:
        """From here on the suite is killed before it says anything."""
        Path(self.variables["CONFORMANCE"]).write_text("#!/bin/sh\nkill -9 $$\n")

    def run(self, *command: object, cwd: Path, **variables: str) -> Ended:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env={**environment, "PYTHONPATH": str(TOP), **self.variables, **variables},
            timeout=WITHIN, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout + done.stderr, done.stdout)


Judge = Callable[..., Ended]
"""Has one platform judge a hand-in: `judge(place, recognisable=…)`."""


def json_of(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def gradescope(place: Place, *, recognisable: bool = True) -> Ended:
    root = place.folder / "autograder"
    shutil.copytree(READY / "gradescope", root / "source")
    shutil.copy(root / "source/run_autograder", root)
    place.hand_in(root / "submission", recognisable=recognisable)
    metadata = {"created_at": "2026-11-20T14:00:00-08:00", "previous_submissions": []}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    ended = place.run(root / "run_autograder", cwd=root, AUTOGRADER_ROOT=str(root))
    return Ended(ended.status, ended.output, json_of(root / "results/results.json"))


def prairielearn(place: Place, *, recognisable: bool = True) -> Ended:
    root = place.folder / "grade"
    shutil.copytree(READY / "prairielearn/question/tests", root / "tests")
    place.hand_in(root / "student", recognisable=recognisable)
    info = json_of(READY / "prairielearn/question/info.json")["externalGradingOptions"]
    assert info["entrypoint"] == "/grade/tests/run.sh"
    assert int(info["timeout"]) <= 600
    ended = place.run(root / "tests/run.sh", cwd=Path("/"), GRADE_ROOT=str(root))
    return Ended(ended.status, ended.output, json_of(root / "results/results.json"))


def classroom50(place: Place, *, recognisable: bool = True) -> Ended:
    bundle, checkout = place.folder / "bundle", place.folder / "checkout"
    shutil.copytree(READY / "classroom50", bundle)
    place.hand_in(checkout, recognisable=recognisable)
    (checkout / ".github/workflows").mkdir(parents=True)
    (checkout / "result.json").write_text('{"score": 100, "max-score": 100}')  # the student's own
    said = {
        "CLASSROOM": "net", "ASSIGNMENT": "echo", "OWNER": "ann", "ASSIGNMENT_TYPE": "individual",
        "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "c", "RELEASE_URL": "r", "REVIEW_URL": "",
        "CLASSROOM50_BUNDLE_DIR": str(bundle),
    }  # fmt: skip
    ended = place.run(sys.executable, bundle / "autograder.py", cwd=checkout, **said)
    return Ended(ended.status, ended.output, json_of(checkout / "result.json"))


def github_classroom(place: Place, *, recognisable: bool = True) -> Ended:
    place.hand_in(place.folder / "submission", recognisable=recognisable)
    output = place.folder / "output"
    output.write_text("earlier=1\n")
    script = READY / "github-classroom/grade.sh"
    ended = place.run(script, cwd=place.folder, GITHUB_OUTPUT=str(output))
    found = re.search(r"^result=(.*)$", output.read_text(), re.MULTILINE)
    read = json.loads(base64.b64decode(found[1])) if found else None
    return Ended(ended.status, ended.output, read)


def autolab(place: Place, *, recognisable: bool = True) -> Ended:
    work = place.folder / "work"
    handed_in = place.hand_in(work, recognisable=recognisable)
    shutil.copy(READY / "autolab/autograde-Makefile", work / "Makefile")
    tar = ["tar", "cf", str(work / "autograde.tar"), "-C", str(READY / "autolab"), "autograde"]
    subprocess.run(tar, check=True, timeout=WITHIN)
    ended = place.run("make", cwd=work, HANDIN=handed_in.name)
    *_, presented, scores = ended.output.rstrip().splitlines()
    assert json.loads(presented)["_presentation"] == "semantic"
    return Ended(ended.status, ended.output, json.loads(scores)["scores"])


def vpl(place: Place, *, recognisable: bool = True) -> Ended:
    """The grade that VPL reads, or None."""
    work = place.folder / "work"
    handed_in = place.hand_in(work, recognisable=recognisable)
    (work / "conformance_report.txt").write_text("Grade :=>> 100\n")  # the student's own
    shutil.copytree(READY / "vpl", work, dirs_exist_ok=True)
    (work / "vpl_environment.sh").write_text(
        f'export VPL_GRADEMAX="10"\nexport VPL_SUBFILE0="{handed_in.name}"\n'
        'export VPL_SUBFILE1="conformance_report.txt"\n'
    )
    prepared = place.run("bash", "vpl_evaluate.sh", cwd=work)
    assert (prepared.status, prepared.output) == (0, "")
    ended = place.run(work / "vpl_execution", cwd=work)
    lines = ended.output.splitlines()
    assert all(line.startswith(("Comment :=>>", "Grade :=>>")) for line in lines), lines
    assert [line for line in lines if line.startswith("Comment")]
    grades = [line.removeprefix("Grade :=>> ") for line in lines if line.startswith("Grade")]
    return Ended(ended.status, ended.output, grades[-1] if grades else None)


PLATFORMS: Mapping[str, Judge] = {
    "gradescope": gradescope, "prairielearn": prairielearn, "classroom50": classroom50,
    "github-classroom": github_classroom, "autolab": autolab, "vpl": vpl,
}  # fmt: skip
every_platform = pytest.mark.parametrize("name", PLATFORMS)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@every_platform
def test_a_hand_in_is_judged(name: str, place: Place) -> None:
    ended = PLATFORMS[name](place)
    assert ended.status == 0, ended.output
    match name:
        case "gradescope":
            scores = {test["number"]: (test.get("score"), test.get("status"))
                      for test in ended.read["tests"]}  # fmt: skip
            assert scores == {"3.1": (3, "passed")}
            assert ended.read["output"] == "3 of 3 points."
        case "prairielearn":
            assert (ended.read["gradable"], ended.read["score"]) == (True, 1.0)
        case "classroom50":
            assert (ended.read["score"], ended.read["max-score"]) == (3, 3)
            assert (ended.read["owner"], ended.read["review"]) == ("ann", "c")
        case "github-classroom":
            assert (ended.read["status"], ended.read["max_score"]) == ("pass", 3)
        case "autolab":
            assert ended.read == {"Echo": 3}
        case "vpl":
            assert ended.read == "10.00"


def require_no_score(name: str, ended: Ended) -> None:
    """The platform is told, and records no score: no zero, and no student's own."""
    match name:
        case "gradescope":
            assert ended.status == 0
            assert not {"score", "tests"} & ended.read.keys()
        case "prairielearn":
            assert (ended.status, ended.read["gradable"]) == (0, False)
            assert ended.read["format_errors"]
        case "classroom50" | "github-classroom":
            assert ended.status == 3
            assert ended.read is None
        case "autolab":
            assert (ended.status, ended.read) == (0, {"Echo": None})
        case "vpl":
            assert (ended.status, ended.read) == (0, None)


@every_platform
def test_what_cannot_be_recognised_has_no_score(name: str, place: Place) -> None:
    ended = PLATFORMS[name](place, recognisable=False)
    require_no_score(name, ended)
    told = f"{ended.output}{json.dumps(ended.read)}"
    assert "report.txt" in told or "could not be started" in told


@every_platform
def test_a_failure_of_the_suite_is_nobodys_zero(name: str, place: Place) -> None:
    place.break_the_suite()
    ended = PLATFORMS[name](place)
    require_no_score(name, ended)
    if name not in ("classroom50", "github-classroom"):
        assert "no fault of yours" in f"{ended.output}{json.dumps(ended.read)}"


def test_vpls_button_run_shows_no_grade(place: Place) -> None:
    work = place.folder / "work"
    place.hand_in(work)
    shutil.copytree(READY / "vpl", work, dirs_exist_ok=True)
    (work / "vpl_environment.sh").write_text('export VPL_SUBFILE0="server.py"\n')
    place.variables["OPTIONS"] = "--only 9.9"  # no conversation is needed to see what is called
    assert place.run("bash", "vpl_run.sh", cwd=work).status == 0
    shown = place.run(work / "vpl_execution", cwd=work)
    assert "the lab echo has no such clause" in shown.output
    assert "Grade :=>>" not in shown.output
    assert [file.name for file in (work / "submission").iterdir()] == ["server.py"]


def scripts() -> list[Path]:
    named = [*READY.rglob("*.sh"), READY / "gradescope/run_autograder"]
    return [*named, READY / "classroom50/autograder.py"]


def test_the_options_are_those_of_check() -> None:
    known = options_of(main.commands["check"])
    called = [file for file in scripts() if '"check"' in (t := file.read_text()) or " check " in t]
    assert len(called) == 7
    for file in called:
        text = file.read_text()
        start = text.index(" check ") if " check " in text else text.index('"check"')
        used = set(OPTION.findall(text[start : text.index("OPTIONS", start)]))
        assert {"--lab", "--require-tier", "--feedback"} <= used <= known, file


def test_every_folder_says_what_it_is_and_has_its_feedback() -> None:
    told = (READY / "README.md").read_text()
    for name in PLATFORMS:
        assert f"({name}/README.md)" in told
        assert (READY / name / "README.md").exists()
        [feedback] = (READY / name).rglob("feedback.toml")
        assert feedback.read_text() == (READY / "gradescope/feedback.toml").read_text()


def test_scripts_can_be_run_as_they_are_copied() -> None:
    by_the_platform = ("run_autograder", "setup.sh", "grade.sh", "autograder.py")
    for file in scripts():
        if file.suffix != ".py":
            subprocess.run(["bash", "-n", str(file)], check=True, timeout=WITHIN)
        if file.name in by_the_platform or file == READY / "prairielearn/question/tests/run.sh":
            assert os.access(file, os.X_OK), file
