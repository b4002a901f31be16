"""Runs that each format of CI must be able to tell."""

from __future__ import annotations

from dataclasses import replace

from conformance.verdict.model import Common, Run
from conformance.verdict.symptoms import Thrown
from kit.runs import ALICE, BEHIND_A_DOUBT, BEHIND_A_FAULT, BYE_IN_LOWER_CASE, NOISY

EVIL = (
    "::error::a\n  ::stop-commands::b\n##[error]c ##vso[task.complete]d ##teamcity[e]\n"
    "```\n~~~\n</details></code></pre><script>f</script><img src=x onerror=g>\n"
    "# SKIP h\nok 1 - i\nBail out! j\n  ...\n1..9\n- k: *l\n@octocat @org/team #1 !2 ~bug\n"
    "[m](https://evil.example) www.evil.example ![n](https://evil.example/n.png) | o | %0A%25 \\#\n"
    "\x1b[0Ksection_start:1:p\r\x1b[0K [[ATTACHMENT|/etc/passwd]] `q` ``r`` ]]> \ud800 \0 \u202e"
)
"""What a program may send, print or be called, to become a command, a test, or a page."""

PRINTED = replace(
    ALICE,
    submission=EVIL,
    notes=(EVIL,),
    common=(Common("no flush", f"It says {EVIL}", ("4.1", "5.1")),),
    verdicts=(
        BYE_IN_LOWER_CASE.with_attempt(
            expected=EVIL, actual=EVIL, hint=EVIL, output=EVIL, notes=(EVIL,), lines=False,
            thrown=Thrown("E", EVIL, file=EVIL, line=3),
        ),
    ),
)  # fmt: skip

RUNS: dict[str, Run] = {
    "ordinary": ALICE,
    "strict": replace(ALICE, strict=True),
    "hostile": NOISY,
    "as commands": PRINTED,
    "behind a fault": BEHIND_A_FAULT,
    "gate in doubt": BEHIND_A_DOUBT,
    "inconclusive": replace(ALICE, verdicts=(ALICE.verdicts[3],) * 2),
    "interrupted": replace(ALICE, interrupted=True),
    "interrupted at once": replace(ALICE, verdicts=(), interrupted=True, started=""),
    "empty": replace(ALICE, verdicts=()),
    "with captures": replace(
        ALICE, verdicts=(BYE_IN_LOWER_CASE.with_attempt(capture="evidence/4.1.pcap"),)
    ),
}
