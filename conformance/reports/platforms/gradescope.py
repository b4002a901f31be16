"""results.json of Gradescope's autograder. It is rewritten after every verdict, since a container
that runs into its time-out keeps what is there.

What the class hides is told with a visibility, and Gradescope shows no total meanwhile. An open
clause has no score. Where no clause has one, Gradescope reports a failure of the autograder, and
no zero; so it does where a hand-in could not be judged, unless an earlier score is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.classes.earlier_tries import OURS
from conformance.classes.feedback import Rules, read_rules
from conformance.classes.model import ShowHidden
from conformance.reports.classes.reveal import hidden_in, revealed_run, seen_run
from conformance.reports.platforms.scored import (
    Scored,
    Ungraded,
    is_unsettled,
    overall,
    plain,
    scored,
)
from conformance.reports.text.file import put_in_place
from conformance.verdict.model import Outcome, Run
from conformance.words import _, said

VISIBILITY = {
    ShowHidden.DEADLINE: "after_due_date",
    ShowHidden.PUBLISHED: "after_published",
    ShowHidden.NEVER: "hidden",
}

FEWEST_GAPS = 3
"""Gaps between arrivals from which a rhythm is a figure for the leaderboard."""


def to_json(run: Run, rules: Rules, now: datetime) -> dict[str, Any]:
    """The document, as values for `json`."""
    seen = revealed_run(seen_run(run, rules, now), rules.reveal)
    run = revealed_run(run, rules.reveal)
    hidden = frozenset[str]() if rules.is_shown(now) else hidden_in(run, rules)
    told: dict[str, Any] = {
        "output": "\n".join(overall(seen)),
        "output_format": "text",
        "execution_time": round(run.seconds, 3),
        "stdout_visibility": "hidden",
        "tests": [
            _test(whole if whole.verdict.clause.number in hidden else part)
            | {"visibility": _visibility(whole, hidden, rules)}
            for whole, part in zip(scored(run), scored(seen), strict=True)
        ],
        "extra_data": {OURS: {"suite": run.suite, "lab": run.lab, "tried": not is_unsettled(run)}},
    }
    if figures := list(_figures(seen)):
        told["leaderboard"] = figures
    return told


def _visibility(clause: Scored, hidden: frozenset[str], rules: Rules) -> str:
    is_hidden = clause.verdict.clause.number in hidden
    return VISIBILITY[rules.feedback.show_hidden] if is_hidden else "visible"


def _test(clause: Scored) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": clause.verdict.clause.number,
        "name": clause.heading.removeprefix(f"{clause.verdict.clause.number} "),
        "output": clause.text,
        "output_format": "text",
    }
    if clause.is_known:
        told |= {"score": clause.points, "max_score": clause.possible}
        told["status"] = "passed" if clause.passed else "failed"
    elif clause.passed:
        told["status"] = "passed"
    return told


def _figures(run: Run) -> Iterator[dict[str, Any]]:
    """For the leaderboard: by how much rhythms were off at most, where the run has measured any."""
    worst: dict[str, float] = {}
    for verdict in run.verdicts:
        if verdict.outcome is not Outcome.PASSED:
            continue
        for series in verdict.attempt.transcript.series:
            if len(series.gaps) >= FEWEST_GAPS and series.period > 0:
                off = max(abs(gap - series.period) for gap in series.gaps)
                worst[series.what] = max(off, worst.get(series.what, 0.0))
    for what, off in sorted(worst.items()):
        value = round(off * 1_000, 1)
        name = _("{what}: off by ms at most").format(what=plain(said(what), 40))
        yield {"name": name, "value": value, "order": "asc"}


def write_run(run: Run, path: Path, *, feedback: str | None = None) -> None:
    """Writes the document. `feedback`: the file that says what students may see. Raises
    WrongCall."""
    rules = Rules() if feedback is None else read_rules(Path(feedback), run.lab)
    _put(to_json(run, rules, datetime.now(UTC)), path)


def write_without_run(why: Ungraded, path: Path) -> None:
    """Writes why there is no run. There is no score in it: Gradescope then keeps the hand-in
    without one."""
    _put({"output": why.told, "output_format": "text", **_not_tried()}, path)


def write_kept(sentence: str, former: Mapping[str, Any], score: float | None, path: Path) -> None:
    """Writes that this try does not count, with the results of the one before."""
    kept: dict[str, Any] = {
        key: former[key] for key in ("tests", "leaderboard", "score") if key in former
    }
    if score is not None and not kept.get("tests"):
        kept["score"] = score
    output = "\n".join(filter(None, [sentence, str(former.get("output") or "")]))
    _put({"output": output, "output_format": "text", **kept, **_not_tried()}, path)


def _not_tried() -> dict[str, Any]:
    return {"stdout_visibility": "hidden", "extra_data": {OURS: {"tried": False}}}


def _put(document: dict[str, Any], path: Path) -> None:
    put_in_place(path, json.dumps(document, ensure_ascii=True, indent=1) + "\n")
