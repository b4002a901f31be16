"""A Python with the suite installed, like a user's, and pytest run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tomllib
import venv
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).resolve().parents[2]
ECHO = PROJECT / "reference_servers" / "echo" / "python" / "thread_per_client.py"
STUB = PROJECT / "tests" / "pytest_plugin" / "stub"

WITHIN = 240.0
"""Seconds for one run of pytest; the longest take ten on an idle machine."""


@dataclass(frozen=True)
class Finished:
    """A run of pytest that has ended."""

    status: int
    output: str

    def __contains__(self, text: str) -> bool:
        return text in self.output


@dataclass
class Installation:
    """A virtual environment with the suite in it, and a folder for temporary files."""

    folder: Path
    temporary: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def start(self, *arguments: object, cwd: Path, module: bool = False) -> subprocess.Popen[str]:
        """Starts pytest, as `pytest` or as `python -m pytest`."""
        script = [self.python, "-m", "pytest"] if module else [str(self.folder / "bin" / "pytest")]
        return self._start([*script, *map(str, arguments)], cwd)

    def _start(self, command: list[str], cwd: Path) -> subprocess.Popen[str]:
        # With Ctrl-C enabled, as in a terminal: it is ignored if these tests run in the background.
        return subprocess.Popen(
            ["env", "--default-signal=INT", *command],
            cwd=cwd,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *arguments: object, cwd: Path, module: bool = False) -> Finished:
        return _finished(self.start(*arguments, cwd=cwd, module=module))

    def python_runs(self, *arguments: str, cwd: Path) -> Finished:
        return _finished(self._start([self.python, *arguments], cwd))

    def _environment(self) -> dict[str, str]:
        dropped = ["PYTEST_", "PYTHON", "COV_", "XDG_"]
        if "PYTHONPATH" in self.environment:  # coverage would import from there, before the guard
            dropped.append("COVERAGE_")
        kept = {name: v for name, v in os.environ.items() if not name.startswith(tuple(dropped))}
        ours = {"TMPDIR": str(self.temporary), "XDG_CACHE_HOME": str(self.temporary / "cache")}
        return {**kept, **ours, "COLUMNS": "120", **self.environment}


def _finished(started: subprocess.Popen[str]) -> Finished:
    with started as process:
        try:
            output, _ = process.communicate(timeout=WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Finished(process.returncode, output)


def install(folder: Path) -> None:
    """Does what installing the wheel would do, without building it."""
    venv.create(folder, with_pip=False, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)}, scheme="venv")
    packages = Path(paths["purelib"])
    ours = sysconfig.get_path("purelib")
    (packages / "_conformance.pth").write_text(f"{PROJECT}\n{ours}\n")
    for measuring in Path(ours).glob("*coverage.pth"):  # such a file counts only here
        shutil.copy(measuring, packages)
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, target in included.items():
        shutil.copy(PROJECT / source, packages / target)
    about = packages / "conformance-0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: conformance\nVersion: 0.0\n")
    points = project["project"]["entry-points"]["pytest11"]
    lines = [f"{name} = {value}" for name, value in points.items()]
    (about / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines]) + "\n")
    script = folder / "bin" / "pytest"
    script.write_text(f"#!{folder}/bin/python\nimport pytest, sys\nsys.exit(pytest.main())\n")
    script.chmod(0o755)


def cases(junit: Path) -> dict[str, ElementTree.Element]:
    """The test cases of a JUnit report, by the numbers of their clauses."""
    found = ElementTree.parse(junit).getroot().iter("testcase")
    return {case.get("name", "").partition(" ")[0]: case for case in found}


def properties(case: ElementTree.Element) -> dict[str, str]:
    return {p.get("name", ""): p.get("value", "") for p in case.iter("property")}


def outcome(case: ElementTree.Element) -> str:
    """passed, failure, error, skipped or pytest.xfail."""
    kinds = {child.tag: child for child in case if child.tag != "properties"}
    if not kinds:
        return "passed"
    [(tag, element)] = kinds.items()
    return "xfail" if element.get("type") == "pytest.xfail" else tag


__all__ = ["ECHO", "STUB", "Finished", "Installation", "cases", "install", "outcome", "properties"]
