"""Nobody sits before the screen: what was handed in is to blame for what it is, and for
nothing that this machine refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from conformance.catalog import load
from conformance.model import Fault, Outcome, WrongCall
from conformance.preparation import Request, take_in
from conformance.sandbox import Isolation, Tier

ALONE = Isolation(Tier.NONE)


def unattended(path: Path) -> Request:
    return Request(path=path, lab="echo", name="ann", unattended=True)


def test_what_is_no_program_fails_the_gate(tmp_path: Path) -> None:
    (tmp_path / "ann.zip").write_bytes(b"PK\x03\x04 but no archive")
    (tmp_path / "scratch").mkdir()
    plan, submission = take_in(
        unattended(tmp_path / "ann.zip"), load(), ALONE, tmp_path / "scratch"
    )
    assert submission is None
    assert plan.build_failure is not None
    assert plan.build_failure.outcome is Outcome.FAILED
    assert plan.build_failure.fault is Fault.WRONG
    assert "ann.zip cannot be unpacked" in plan.build_failure.actual


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_what_the_machine_refuses_is_nobodys_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "ann.py").write_text("print('hello')\n")
    (tmp_path / "scratch").mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.utime", refuse)
    with pytest.raises(WrongCall):
        take_in(unattended(tmp_path / "ann.py"), load(), ALONE, tmp_path / "scratch")


def test_sources_beside_a_lone_one_are_other_students(tmp_path: Path) -> None:
    for name in ("Ann", "Bob"):
        server = f"class {name} {{ public static void main(String[] a) throws Exception {{"
        (tmp_path / f"{name}.java").write_text(f"{server} new java.net.ServerSocket(1); }} }}\n")
    (tmp_path / "scratch").mkdir()
    _, submission = take_in(unattended(tmp_path / "Ann.java"), load(), ALONE, tmp_path / "scratch")
    assert submission is not None
    assert [file.name for file in submission.root.rglob("*.java")] == ["Ann.java"]
