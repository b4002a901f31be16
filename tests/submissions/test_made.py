"""What needs no build is looked at where it is recognised, with the same result."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.submissions import ask_tools, build, open_submission
from conformance.submissions.apart import Unread
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

from .conftest import run_plainly

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

SERVER = "import socket\nsocket.create_server(('', 2323)).accept()\n"
SIMPLE: Mapping[str, Mapping[str, str]] = {
    "Python": {"server.py": SERVER},
    "Node": {"server.js": "require('net').createServer().listen(2323)\n"},
    "a file that it reads": {"server.py": SERVER + "open('words.txt')\n", "words.txt": "a"},
    "a manifest": {"start": "#!/bin/sh\n", "submission.toml": 'command = ["./start"]'},
}


@pytest.mark.parametrize("name", SIMPLE)
def test_what_needs_no_build_is_looked_at_at_once(name: str, tree: Tree, opened: Opened) -> None:
    handed = tree(SIMPLE[name])
    plain, looked = opened(handed), opened(handed, to_be_built=True)
    assert plain.looked is None
    assert looked.looked is not None
    assert replace(looked, looked=None) == plain
    assert build(looked, run_plainly) == build(plain, run_plainly)


def test_what_has_to_be_built_is_looked_at_afterwards(tree: Tree, opened: Opened) -> None:
    handed = tree({"Makefile": "all: echo\necho: echo.c\n\tcc echo.c\n", "echo.c": "int main;"})
    assert opened(handed, to_be_built=True).looked is None


def test_what_cannot_be_recognised_is_refused_as_ever(tree: Tree, opened: Opened) -> None:
    told = []
    for options in ({}, {"to_be_built": True}):
        with pytest.raises(WrongCall) as refused:
            opened(tree({"notes.txt": "no program"}), **options)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_where_the_look_fails_the_build_says_so(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is recognised all the same; and what cannot be read proves nothing against it."""

    def fails(*_: object) -> Any:
        raise Unread("too deep")

    monkeypatch.setattr("conformance.submissions.made.looked_up", fails)
    handed = tree(SIMPLE["Python"])
    submission = open_submission(handed, tmp_path / "scratch", to_be_built=True)
    assert (submission.kind, submission.looked) == ("python", None)
    with pytest.raises(Exception, match="too deep") as failure:
        build(submission, run_plainly)
    assert failure.value.machine  # type: ignore[attr-defined]


def test_a_tool_that_was_asked_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask_tools()

    def started(*call: object, **_: object) -> None:
        raise AssertionError(f"{call} was started")

    monkeypatch.setattr(subprocess, "run", started)
    ask_tools()
