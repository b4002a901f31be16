"""A run as TAP 14 (testanything.org), with a YAML block behind what did not pass.

    PASSED  ok                 SKIPPED  ok # SKIP why
    FAILED  not ok             ADVICE   not ok # TODO why: a failure that fails nothing
    OPEN    not ok             an interrupted run ends with `Bail out!`

All values of the YAML are JSON, which YAML contains: a text can neither end its block nor become
another value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.reports.ci.results import ClauseResult, ResultKind, results_of
from conformance.reports.run.console import facts
from conformance.reports.run.junit import INTERRUPTED
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import disarm, visible
from conformance.verdict.model import Run

_FAILS = (ResultKind.FAILED, ResultKind.OPEN, ResultKind.ADVICE)


def write_run(run: Run, path: Path) -> None:
    """Writes the report, whole or not at all. Raises WrongCall if that fails."""
    put_in_place(path, "".join(f"{line}\n" for line in lines(run)))


def lines(run: Run) -> Iterator[str]:
    """The lines of the report."""
    results = results_of(run)
    yield "TAP version 14"
    yield f"1..{len(results)}" if results else "1..0 # SKIP nothing was judged"
    yield f"# {disarm(visible(facts(run)))}"
    for each in run.common:
        yield f"# {disarm(visible(each.told))}"
    for number, result in enumerate(results, 1):
        beginning = "not ok" if result.kind in _FAILS else "ok"
        yield f"{beginning} {number} - {_described(result.name)}{_directive(result)}"
        if result.kind in _FAILS:
            yield "  ---"
            for key, value in _diagnosis(result).items():
                yield f"  {key}: {_value(value)}"
            yield "  text:"
            for line in result.text.splitlines():
                yield f"    - {_value(line)}"
            yield "  ..."
    if run.interrupted:
        yield f"Bail out! {INTERRUPTED}"


def _described(name: str) -> str:
    """The description of a test, in which `#` would begin a directive."""
    return name.replace("\\", "\\\\").replace("#", "\\#")


def _directive(result: ClauseResult) -> str:
    kind = {ResultKind.SKIPPED: "SKIP", ResultKind.ADVICE: "TODO"}.get(result.kind)
    return f" # {kind} {disarm(result.short_message)}" if kind else ""


def _value(value: object) -> str:
    """The value as JSON. A command to a runner is defused in the text itself: in JSON, `\\u{23}`
    would be no character."""
    shown = disarm(value) if isinstance(value, str) else value
    return json.dumps(shown, ensure_ascii=False)


def _diagnosis(result: ClauseResult) -> Mapping[str, object]:
    """The keys of a YAML block, before the text."""
    told: dict[str, object] = {"message": result.short_message, "severity": result.kind.value}
    if result.verdict is not None:
        told["level"] = result.verdict.level.value
        told["points"] = result.verdict.points
        told["max_points"] = result.verdict.possible
    if result.place is not None:
        told["at"] = dict(zip(("file", "line"), result.place, strict=True))
    return told
