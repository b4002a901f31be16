"""A run in the Common Test Report Format (ctrf.io), version 1.0.0 of its specification.

    PASSED  passed      FAILED  failed      OPEN  other      ADVICE, SKIPPED  skipped

What only the suite knows (points, levels, parameters) stands under `extra`, as the format asks.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from conformance.reports.ci.results import ClauseResult, ResultKind, began, results_of
from conformance.reports.run.junit import facts
from conformance.reports.text.comparison import sides
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import MAX_WRAPPED, shorten_middle, visible
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.words import _, said

_STATUS = {
    ResultKind.PASSED: "passed",
    ResultKind.FAILED: "failed",
    ResultKind.OPEN: "other",
    ResultKind.ADVICE: "skipped",
    ResultKind.SKIPPED: "skipped",
}
_OF_AN_ATTEMPT = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.INCONCLUSIVE: "other",
    Outcome.NOT_RUN: "skipped",
}
_KINDS = {".pcap": "application/vnd.tcpdump.pcap", ".pcapng": "application/x-pcapng"}
"""Media types of captures, by their suffix."""


def write_run(run: Run, path: Path) -> None:
    """Writes the report, whole or not at all. Raises WrongCall if that fails."""
    put_in_place(path, json.dumps(report(run), ensure_ascii=False, indent=2) + "\n")


def report(run: Run) -> dict[str, Any]:
    """The whole document."""
    tests = [_test(result, run) for result in results_of(run)]
    counted = Counter(test["status"] for test in tests)
    start = began(run)
    return {
        "reportFormat": "CTRF",
        "specVersion": "1.0.0",
        "generatedBy": "conformance",
        "results": {
            "tool": {"name": "conformance", "version": visible(run.suite)},
            "summary": {
                "tests": len(tests),
                **{
                    status: counted[status]
                    for status in ("passed", "failed", "pending", "skipped", "other")
                },
                "flaky": sum(test.get("flaky", False) for test in tests),
                "start": start,
                "stop": start + _milliseconds(run.seconds),
                "duration": _milliseconds(run.seconds),
            },
            "tests": tests,
            "environment": {
                "reportName": visible(f"{run.lab} · {run.submission}"),
                "appName": visible(run.submission),
                "testEnvironment": visible(f"tier {run.tier}"),
                "extra": facts(run),
            },
        },
    }


def _test(result: ClauseResult, run: Run) -> dict[str, Any]:
    verdict = result.verdict
    test: dict[str, Any] = {"name": result.name, "status": _STATUS[result.kind], "duration": 0}
    if result.message:
        test |= {"message": result.message, "trace": result.text}
    if verdict is None:
        return test | {"rawStatus": "interrupted", "suite": [visible(run.lab)]}
    section = visible(verdict.clause.section)
    test |= {
        "duration": _milliseconds(verdict.seconds),
        "rawStatus": verdict.outcome.value,
        "testId": visible(f"{run.lab}/{verdict.clause.number}"),
        "suite": [visible(run.lab), *filter(None, [section])],
        "tags": [verdict.level.value],
        "extra": _extra(verdict),
    }
    if result.place is not None and result.kind is not ResultKind.PASSED:
        file, line = result.place
        test |= {"filePath": file, **({"line": line} if line else {})}
    if files := _attachments(verdict.attempt):
        test["attachments"] = files
    if verdict.earlier:
        attempts = [_attempt(number, held) for number, held in enumerate(verdict.earlier, 1)]
        failed = any(held.outcome is Outcome.FAILED for held in verdict.earlier)
        flaky = failed and verdict.outcome is Outcome.PASSED
        test |= {"retries": len(attempts), "retryAttempts": attempts, "flaky": flaky}
    return test


def _attempt(number: int, held: Attempt) -> dict[str, Any]:
    told = {"attempt": number, "status": _OF_AN_ATTEMPT[held.outcome]}
    told["duration"] = _milliseconds(held.seconds)
    message = said(held.reason)
    if held.expected or held.actual:
        expected, actual = sides(held)
        message = _("expected {wanted}, got {got}").format(wanted=expected, got=actual)
    if message:
        told["message"] = shorten_middle(visible(message), MAX_WRAPPED)
    if files := _attachments(held):
        told["attachments"] = files
    return told


def _attachments(held: Attempt) -> list[dict[str, str]]:
    """The capture of an attempt, and the text beside it."""
    if not held.capture or visible(held.capture) != held.capture:
        return []
    capture = Path(held.capture)
    text = capture.with_suffix(".txt")
    kind = _KINDS.get(capture.suffix, "application/octet-stream")
    return [
        {"name": "capture", "contentType": kind, "path": str(capture)},
        {"name": "what the scenario did", "contentType": "text/plain", "path": str(text)},
    ]


def _extra(verdict: Verdict) -> dict[str, Any]:
    held = verdict.attempt
    told: dict[str, Any] = {
        "clause": verdict.clause.number,
        "points": verdict.points,
        "maxPoints": verdict.possible,
    }
    if held.blame:
        told["blame"] = held.blame.value
    if held.behind:
        told["behind"] = [visible(number) for number in held.behind]
    if verdict.notes:
        told["notes"] = [visible(note) for note in verdict.notes]
    return told


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
