"""Handing something in, building it, and running what came out, without a sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.submissions import (
    BuildFailed,
    BuildResult,
    Program,
    build,
    compiler_errors,
    open_submission,
    toolchain,
)
from conformance.submissions.submission import Submission
from kit.desk import one_at_a_time

BUILD_SECONDS = 300.0
"""Maven fetches a hundred small files the first time, over whatever line there is."""
RUN_SECONDS = 120.0
"""The programs of these tests print a word and end: a bound, many times what a JVM takes."""


WORDS = {"LC_ALL": "C.UTF-8"}
"""As in the sandbox: compilers have other words for an error elsewhere."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "registry: needs PyPI, npm or Maven Central")
    config.addinivalue_line("markers", "needs(tool, …): needs these programs on the machine")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A registry that cannot be reached is not what these tests are about."""
    try:
        return (yield)
    except BuildFailed as failure:
        slow = "was not done after" in failure.summary
        away = slow or compiler_errors.is_network(failure.output)
        if item.get_closest_marker("registry") and away:
            pytest.skip(f"the registry cannot be reached: {failure.summary}")
        raise


@pytest.fixture(autouse=True, scope="session")
def _interpreters_are_known() -> None:
    """To each process in which something is recognised: to ask takes longer than all else."""
    toolchain.python()
    toolchain.python(with_venv=True)


@pytest.fixture(autouse=True)
def _one_at_a_time_at_a_registry(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Maven has fetched lies in one folder, which no two of them may fill at a time."""
    if request.node.get_closest_marker("registry") is None:
        yield
        return
    with one_at_a_time("registry-tests-of-conformance.lock"):
        yield


def run_plainly(command: Sequence[str], folder: Path, seconds: float) -> BuildResult:
    """A build command, as the sandbox would run it, but without a sandbox."""
    try:
        done = subprocess.run(
            command, cwd=folder, timeout=seconds, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **WORDS},
        )  # fmt: skip
    except subprocess.TimeoutExpired as expired:
        return BuildResult(-9, (expired.stdout or b"").decode(errors="replace"), timed_out=True)
    return BuildResult(done.returncode, done.stdout.decode(errors="replace"))


Tree = Mapping[str, str | bytes]


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of files, named `handed` unless told."""

    def write(files: Tree, name: str = "handed") -> Path:
        root = tmp_path / "given" / name
        root.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder for what is handed in, with nothing else in it."""
    folder = tmp_path / "given"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Submission]:
    """Hands a path in."""

    def open_(path: Path, **options: Any) -> Submission:
        return open_submission(path, tmp_path / "scratch", **options)

    return open_


@pytest.fixture
def built(opened: Callable[..., Submission]) -> Callable[[Path], Program]:
    """Hands a path in and builds it."""
    return lambda path: build(opened(path), run_plainly, timeout=BUILD_SECONDS)


@pytest.fixture
def says(built: Callable[[Path], Program], tmp_path: Path) -> Callable[[Path], str]:
    """What a submission prints when it is built, copied and launched."""

    def launch(path: Path) -> str:
        program = built(path)
        copy = tmp_path / "launched"
        shutil.copytree(program.directory, copy, symlinks=True)
        done = subprocess.run(
            program.call(2323),
            cwd=copy, env={**os.environ, **WORDS, **program.environment}, timeout=RUN_SECONDS,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return launch


@pytest.fixture
def run() -> Callable[[Sequence[str], Path, float], BuildResult]:
    return run_plainly
