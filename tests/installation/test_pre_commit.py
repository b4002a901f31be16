"""Whoever has installed pre-commit's hook has each commit tried with what ci/check runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kit.pages import TOP

CONFIG = ".pre-commit-config.yaml"


def called(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        **{f"GIT_{who}_NAME": "Ann" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "ann@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
    return subprocess.run(
        words, cwd=folder, env=environment, timeout=120, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("status", [0, 1], ids=["clean", "unclean"])
def test_a_commit_is_tried_with_what_the_project_checks(tmp_path: Path, status: int) -> None:
    """The project's own check stands for itself; here it only says that it was run."""
    check = tmp_path / "ci/check"
    check.parent.mkdir()
    check.write_text(f"#!/bin/sh\necho checked\nexit {status}\n")
    check.chmod(0o755)
    shutil.copy(TOP / CONFIG, tmp_path)
    (tmp_path / "code.py").write_text("")
    hook = (sys.executable, "-m", "pre_commit", "install")
    for words in (("git", "init", "--quiet"), ("git", "add", CONFIG, "code.py"), hook):
        done = called(tmp_path, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    tried = called(tmp_path, "git", "commit", "--quiet", "-m", "x")
    assert tried.returncode == status, tried.stdout + tried.stderr
    assert ("checked" in tried.stderr) is bool(status), "what passes says nothing"
    assert "ci/check (style, types, layers)" in tried.stderr


def test_what_the_hook_calls_is_there() -> None:
    assert "entry: ci/check\n" in (TOP / CONFIG).read_text(encoding="utf-8")
    assert (TOP / "ci/check").stat().st_mode & 0o111
