"""Runs to render: one of an ordinary student, one with hostile texts."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from conformance.reports.run.console import render
from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome, Run, Verdict
from conformance.verdict.symptoms import Moment, Sign, Stood, Symptom, Thrown
from conformance.verdict.transcript import Entry, Transcript
from conformance.verdict.violation import Fault, Kind

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07 [bold red]markup[/] ]]> <script>alert(1)</script> &amp;"
    " \udcff\udc80 \ud800 \0 \u202egnp.exe\u202c \ufeff\ufffe ::error::x ##[error]y"
    " [[ATTACHMENT|/etc/passwd]] \r"
)


def said(*entries: tuple[float, str, str]) -> Transcript:
    return Transcript(tuple(Entry(*entry) for entry in entries), "capture")


def clause(
    number: str, scenario: str, text: str, *, level: Level = Level.MUST, weight: int = 1,
    section: str = "",
) -> Clause:  # fmt: skip
    return Clause(number, level, weight, scenario, text, section=section)


LISTENS = clause(
    "1.1", "listens", "the server listens on its TCP port within 10 s of its start.",
    section="Listening",
)  # fmt: skip
REACHABLE = clause(
    "1.2", "reachable_from_other_hosts",
    "it accepts connections on every address of the host, not only on loopback.",
    level=Level.SHOULD, section="Listening",
)  # fmt: skip
UPPER_CASE = clause(
    "3.1", "sends_the_line_back_in_upper_case", "`hello⏎` is answered with `> HELLO⏎`.",
    weight=3, section="Echo",
)  # fmt: skip
AT_ONCE = clause(
    "3.2", "answers_at_once", "the reply arrives within 1 s.", weight=2, section="Echo"
)
HANGS_UP = clause(
    "4.1", "hangs_up_after_bye",
    "`BYE⏎` is answered with `> BYE⏎`, then the server closes within 1 s"
    " (the other clauses accept a later close).",
    weight=3, section="Goodbye",
)  # fmt: skip
TWENTY = clause(
    "5.2", "serves_twenty_clients_at_once", "each gets its own replies and no other's.",
    weight=3, section="Several clients",
)  # fmt: skip
MODEL = clause(
    "5.5", "concurrency_model", "how the server serves its clients is observed.",
    level=Level.INFO, weight=0, section="Several clients",
)  # fmt: skip

BYE_IN_LOWER_CASE = Verdict(
    HANGS_UP,
    Level.MUST,
    Attempt(
        Outcome.FAILED,
        said(
            (0.0, "suite", "client connected"),
            (0.0012, "server", "Hello, I am the echo server\nSay BYE to leave.\n"),
            (0.003, "client", "BYE\n"),
            (0.0041, "server", "> bye\n"),
            (0.0043, "suite", "the server closed its side (FIN)"),
        ),
        expected="> BYE\n",
        actual="> bye\n",
        hint="Is the line sent back before it is turned into upper case? Compare with what"
        " you do with every other line.",
        output="client from 10.9.9.2\nTraceback (most recent call last):\n"
        '  File "alice.py", line 12, in serve\n    reply = line.uper()\n'
        "AttributeError: 'str' object has no attribute 'uper'\n",
        lines=True,
    ),
    possible=3,
    seconds=1.02,
    reproduce="printf 'BYE\\r\\n' | nc localhost 2323",
    again="conformance check alice.py --lab echo --only 4.1 --seed 20261122",
)


def passed(of: Clause, seconds: float = 0.05, *, notes: tuple[str, ...] = ()) -> Verdict:
    points = of.weight if of.level is Level.MUST else 0
    talk = said((0.001, "client", "hello\n"), (0.002, "server", "> HELLO\n"))
    attempt = Attempt(Outcome.PASSED, talk, notes=notes)
    return Verdict(of, of.level, attempt, points, points, seconds=seconds)


ALICE = Run(
    lab="echo",
    submission="alice",
    title="a TCP server that shouts back",
    parameters={"port": 2424},
    seed=20261122,
    tier="full",
    suite="0.1.0",
    started="2026-11-22T14:19:00+00:00",
    seconds=6.84,
    notes=("Its replies begin with `>`, without a space: judged by that everywhere else.",),
    verdicts=(
        passed(LISTENS, 0.21),
        Verdict(
            REACHABLE, Level.SHOULD,
            Attempt(
                Outcome.FAILED, said((0.0, "suite", "connection refused from 10.9.9.2")),
                expected="a listener on every address (0.0.0.0 or ::)", actual="127.0.0.1 only",
                hint="`bind(\"\")` listens everywhere, `bind(\"localhost\")` on loopback.",
            ),
            seconds=0.01, reproduce="ss -tlnp | grep 2323",
        ),
        passed(UPPER_CASE),
        Verdict(
            AT_ONCE, Level.MUST,
            Attempt(
                Outcome.INCONCLUSIVE, said((0.0, "client", "b\n"), (0.1, "server", "> B\n")),
                reason="Late once (1.3 s), then in time on a fresh server: this machine was busy.",
            ),
            2, None, seconds=6.1,
            earlier=(Attempt(Outcome.FAILED, said((0.0, "client", "a\n")), fault=Fault.LATE),),
        ),
        BYE_IN_LOWER_CASE,
        Verdict(
            TWENTY, Level.MUST,
            Attempt(
                Outcome.NOT_RUN,
                reason="5.1 failed: with one client at a time there is nothing to judge here.",
            ),
        ),
        passed(MODEL, notes=("One client at a time: the second waited for the first.",)),
    ),
)  # fmt: skip


BEHIND_A_DOUBT = replace(
    ALICE,
    notes=(),
    verdicts=(
        Verdict(
            LISTENS, Level.MUST,
            Attempt(
                Outcome.INCONCLUSIVE,
                reason="the submission could not be built here: it needs its dependencies: run"
                " with --fetch-dependencies",
                output="\x1b[1;31mERROR\x1b[0m Could not find artifact\n",
            ),
            1, None,
        ),
        *(
            Verdict(
                each, Level.MUST,
                Attempt(
                    Outcome.NOT_RUN,
                    reason="nothing can be judged behind clause 1.1, which could not be judged",
                ),
                3, None,
            )
            for each in (UPPER_CASE, HANGS_UP)
        ),
    ),
)  # fmt: skip
"""The gate could not be judged, and so nothing that depends on it."""


def not_shown(of: Clause, *behind: str) -> Verdict:
    """A verdict on the clause, NOT RUN because those in `behind` failed, which pay for it."""
    reason = f"not shown: it stands behind clause {' and '.join(behind)}; mend that first"
    attempt = Attempt(
        Outcome.NOT_RUN, reason=reason, blame=Blame.PROGRAM, behind=behind, kind=Kind.FORM
    )
    return Verdict(of, of.level, attempt, of.weight)


BEHIND_A_FAULT = replace(
    ALICE,
    notes=(),
    verdicts=(
        passed(LISTENS),
        replace(
            BYE_IN_LOWER_CASE.with_attempt(fault=Fault.WRONG, kind=Kind.FORM), clause=UPPER_CASE
        ),
        not_shown(AT_ONCE, "3.1"),
        Verdict(
            HANGS_UP, Level.MUST,
            Attempt(
                Outcome.NOT_RUN, blame=Blame.CALL,
                reason="with --connect there is no server of its own for it",
            ),
        ),
        not_shown(TWENTY, "3.1"),
    ),
)  # fmt: skip
"""One MUST fails, two were not shown because of that, and the call leaves one out."""

NOT_SHOWN = "5 points not shown, all behind 3.1: mend that first"
LEFT_OUT = "3 points left out, for the call or the tier rules them out: 4.1"


def _noisy() -> Run:
    verdict = replace(BYE_IN_LOWER_CASE, reproduce=HOSTILE, again=HOSTILE).with_attempt(
        expected=HOSTILE, actual=HOSTILE + "!", hint=HOSTILE, reason=HOSTILE,
        notes=(HOSTILE,), output=f"{HOSTILE}\n::error::gotcha\n  ::set-env name=x::y\n",
        transcript=said((0.0, "server", HOSTILE), (0.1, f"client {HOSTILE}", "::warning::\n::x\n"),
                        (0.2, "suite", HOSTILE)),
    )  # fmt: skip
    unjudged = replace(verdict.with_attempt(outcome=Outcome.INCONCLUSIVE), points=None)
    not_run = verdict.with_attempt(
        outcome=Outcome.NOT_RUN, reason=f"{HOSTILE}\n::error::x\n\n::y::"
    )
    hidden = not_run.with_attempt(blame=Blame.PROGRAM, behind=(HOSTILE, "::error::b"))
    noted = passed(MODEL, notes=("::add-mask::x", HOSTILE))
    return replace(
        ALICE, submission=HOSTILE, title=HOSTILE, notes=(HOSTILE, "::error::x"),
        parameters={"prefix": HOSTILE}, verdicts=(verdict, unjudged, not_run, hidden, noted),
    )  # fmt: skip


NOISY = _noisy()
"""Every text that can come from a submission, and some that cannot, is hostile."""


def printed(run: Run, *, verbose: bool = False, width: int = 80, encoding: str = "utf-8") -> str:
    """What a reader of the console sees of a run."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    render(run, verbose=verbose, console=Console(file=file, width=width))
    file.flush()
    return raw.getvalue().decode(encoding)


def alone(verdict: Verdict, **changes: object) -> Run:
    """Alice's run, with only this verdict."""
    return replace(ALICE, verdicts=(verdict,), notes=(), **changes)  # type: ignore[arg-type]


def with_symptom(text: str = "a\udcff") -> Run:
    """A run whose failure knows all that can be seen, each text of it being `text`."""
    seen = BYE_IN_LOWER_CASE.with_attempt(
        symptom=Symptom(Sign.CUT, "client 2", {"after": 8_192, "unit": text, "seconds": 0.25}),
        client="client 2",
        proof=(Moment(0.1, "client 2"), Moment(0.25, "suite")),
        thrown=Thrown(text, text, text, 17, before=True),
        stood=(Stood(text, text, text, text, 14, text), Stood("waits in accept", alike=19)),
    )
    return replace(ALICE, verdicts=(replace(seen, earlier=(seen.attempt,)),))
