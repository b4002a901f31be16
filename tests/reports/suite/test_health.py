"""What a user reads of what the doctor has found."""

from __future__ import annotations

import io

from rich.console import Console

from conformance.reports.suite.health import show_findings
from conformance.selfcheck.doctor import Examined

PYTHON = Examined("Python", True, "3.13.1", "the suite itself", needed=True)
BUBBLEWRAP = Examined(
    "bubblewrap", False, "not installed", "full isolation", "apt-get install bubblewrap", True
)
MAVEN = Examined("mvn", False, "is there, but \x1b[31mhostile", "Maven projects")


def shown(*findings: Examined, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    show_findings(findings, Console(file=file, width=80))
    file.flush()
    return raw.getvalue().decode(encoding)


def test_each_has_a_line_and_what_mends_it_one_below() -> None:
    assert shown(PYTHON, BUBBLEWRAP) == (
        "✓ Python      ok       3.13.1  (the suite itself)\n"
        "✗ bubblewrap  missing  not installed  (full isolation)\n"
        "              apt-get install bubblewrap\n"
        "\n"
        "Python submissions cannot be checked in full isolation: see bubblewrap.\n"
    )


def test_what_is_not_needed_may_be_missing() -> None:
    told = shown(PYTHON, MAVEN)
    assert told.endswith("\nPython submissions can be checked in full isolation.\n")
    assert "\x1b" not in told


def test_a_terminal_without_the_signs_gets_others() -> None:
    told = shown(PYTHON, BUBBLEWRAP, encoding="ascii")
    assert told.isascii()
    assert "?" not in told
