"""Draws the README's picture of a failure: `python tests/kit/picture.py`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":  # run from a clone, installed or not
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rich.console import Console  # noqa: E402 - after the path is set
from rich.terminal_theme import MONOKAI  # noqa: E402

from conformance.reports.run.console import render  # noqa: E402
from conformance.verdict.model import Attempt, Level, Outcome, Run, Verdict  # noqa: E402
from conformance.verdict.violation import Fault  # noqa: E402
from kit.runs import HANGS_UP, LISTENS, REACHABLE, UPPER_CASE, clause, passed, said  # noqa: E402

PICTURE = ROOT / ".github" / "failure.svg"

WIDTH = 84
"""Columns that fit a README at a readable size."""

KEEPS_SPACES = Verdict(
    clause(
        "3.9", "keeps_spaces",
        "leading, trailing and inner spaces and tabs come back as they were.", section="Echo",
    ),
    Level.MUST,
    Attempt(
        Outcome.FAILED,
        said(
            (0.0002, "suite", "client connects"),
            (0.0011, "client", "  two  spaces \n"),
            (0.0019, "server", "> TWO  SPACES\n"),
        ),
        expected=">   TWO  SPACES \n",
        actual="> TWO  SPACES\n",
        hint="Send back the line that came: no trim or strip, no split and join.",
        fault=Fault.WRONG,
    ),
    possible=1,
    seconds=0.05,
    reproduce=r"printf '  a  b\t \n' | nc localhost 2323",
    again="conformance check alice.py --lab echo --only 3.9",
)  # fmt: skip

PICTURED = Run(
    lab="echo",
    submission="alice",
    title="a TCP server that shouts back",
    parameters={},
    seed=20261122,
    tier="full",
    suite="0.1.0",
    seconds=1.6,
    verdicts=(
        passed(LISTENS, 0.21), passed(REACHABLE, 0.01), passed(UPPER_CASE, 0.06),
        KEEPS_SPACES, passed(HANGS_UP, 0.04),
    ),
)  # fmt: skip


def draw() -> str:
    """The picture, as SVG."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    render(PICTURED, console=console)
    return console.export_svg(
        title="conformance check alice.py --lab echo --only 1,3.1,3.9,4.1",
        theme=MONOKAI,
        unique_id="failure",  # the default depends on the text, and changes with each letter
    )


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)} is drawn")
