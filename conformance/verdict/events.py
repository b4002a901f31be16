"""What happened in a run, as JSON lines: the truth from which every report is rendered. Pure.

A run writes `run`, then `verdict` a clause, as they come, then `end`. A stream
without `end` is that of a run that was interrupted; it can be rendered all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.verdict.model import (
    Attempt,
    Blame,
    Clause,
    Fault,
    Kind,
    Level,
    Outcome,
    Run,
    Verdict,
    WrongCall,
)
from conformance.verdict.series import Series
from conformance.verdict.transcript import Entry, Transcript

SCHEMA = "conformance.events/1"

Event = dict[str, Any]


def run_began(run: Run) -> Event:
    return {
        "event": "run",
        "schema": SCHEMA,
        "suite": run.suite,
        "lab": run.lab,
        "title": run.title,
        "submission": run.submission,
        "parameters": dict(run.parameters),
        "seed": run.seed,
        "tier": run.tier,
        "strict": run.strict,
        "notes": list(run.notes),
        "started": run.started,
        "max_points": run.worth,
        "command": list(run.command),
        "folder": run.folder,
        "doubt": run.doubt,
    }


def noted(text: str) -> Event:
    """Something that holds for the whole run, found out while it went on."""
    return {"event": "note", "text": text}


def judged(verdict: Verdict) -> Event:
    return {"event": "verdict", **verdict_to_json(verdict)}


def run_ended(seconds: float, *, interrupted: bool = False) -> Event:
    return {"event": "end", "seconds": round(seconds, 3), "interrupted": interrupted}


def to_line(event: Mapping[str, Any]) -> str:
    """One event as one line of ASCII: any text survives, lone surrogates too."""
    return json.dumps(event, ensure_ascii=True, separators=(",", ":")) + "\n"


def from_lines(lines: Iterable[str]) -> Iterator[Event]:
    """The events in `lines`. A last line that was cut off is left out.

    Raises WrongCall where something else stands in the file.
    """
    pending = ""
    for number, line in enumerate(lines, 1):
        if pending:
            raise WrongCall(pending)
        try:
            event = json.loads(line)
        except ValueError:
            pending = f"line {number} is not an event of a run"
            continue
        if not isinstance(event, dict) or "event" not in event:
            raise WrongCall(f"line {number} is not an event of a run")
        yield event


def replay(events: Iterable[Event]) -> Run:
    """The run that the events tell of, its verdicts in the order of their clauses.

    Raises WrongCall where they tell of none.
    """
    run: Run | None = None
    for event in events:
        if event["event"] == "run":
            run = _run_from(event)
        elif run is None:
            raise WrongCall("this is no run: it does not begin with a `run` event")
        elif event["event"] == "note":
            run = replace(run, notes=(*run.notes, event["text"]))
        elif event["event"] == "verdict":
            run = replace(run, verdicts=(*run.verdicts, verdict_from_json(event)))
        elif event["event"] == "end":
            run = replace(run, seconds=event["seconds"], interrupted=event["interrupted"])
    if run is None:
        raise WrongCall("this is no run: it holds no event")
    ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
    return replace(run, verdicts=tuple(ordered))


def _run_from(event: Event) -> Run:
    if event.get("schema") != SCHEMA:
        raise WrongCall(f"the events are of {event.get('schema')!r}; this suite reads {SCHEMA!r}")
    return Run(
        lab=event["lab"],
        submission=event["submission"],
        parameters=event["parameters"],
        seed=event["seed"],
        tier=event["tier"],
        suite=event["suite"],
        strict=event["strict"],
        title=event["title"],
        notes=tuple(event["notes"]),
        interrupted=True,  # until the `end` event says otherwise
        started=event["started"],
        worth=event.get("max_points"),
        command=tuple(event.get("command", ())),
        folder=event.get("folder", "."),
        doubt=event.get("doubt", ""),
    )


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as in schema conformance.run/1 (see the README)."""
    clause = verdict.clause
    return {
        "clause": clause.number,
        "scenario": clause.scenario,
        "level": verdict.level.value,
        "outcome": verdict.outcome.value,
        "points": verdict.points,
        "max_points": verdict.max_points,
        "expected": verdict.expected,
        "actual": verdict.actual,
        "hint": verdict.hint,
        "reason": verdict.reason,
        "blame": verdict.blame.value if verdict.blame else None,
        "behind": list(verdict.behind),
        "notes": list(verdict.notes),
        "seconds": round(verdict.seconds, 3),
        "reproduce": verdict.reproduce,
        "again": verdict.again,
        "output": verdict.output,
        "fault": verdict.fault.value if verdict.fault else None,
        "kind": verdict.kind.value if verdict.kind else None,
        "timed": verdict.timed,
        "own": verdict.own,
        "waited": None if verdict.waited is None else round(verdict.waited, 3),
        "capture": verdict.capture,
        "requirement": {
            "section": clause.section,
            "text": clause.text,
            "faults": clause.faults,
            "weight": clause.weight,
        },
        **_transcript_to_json(verdict.transcript),
        "earlier": [attempt_to_json(attempt) for attempt in verdict.earlier],
    }


def verdict_from_json(event: Mapping[str, Any]) -> Verdict:
    requirement = event["requirement"]
    level = Level(event["level"])
    return Verdict(
        clause=Clause(
            number=event["clause"],
            level=level,
            weight=requirement["weight"],
            scenario=event["scenario"],
            text=requirement["text"],
            faults=requirement["faults"],
            section=requirement["section"],
        ),
        level=level,
        outcome=Outcome(event["outcome"]),
        max_points=event["max_points"],
        points=event["points"],
        expected=event["expected"],
        actual=event["actual"],
        hint=event["hint"],
        reason=event["reason"],
        notes=tuple(event["notes"]),
        seconds=event["seconds"],
        reproduce=event["reproduce"],
        again=event["again"],
        transcript=_transcript_from_json(event),
        earlier=tuple(attempt_from_json(attempt) for attempt in event["earlier"]),
        output=event["output"],
        fault=Fault(event["fault"]) if event["fault"] else None,
        **_why_from_json(event),
        timed=event.get("timed", False),
        own=event.get("own", False),
        waited=event.get("waited"),
        capture=event.get("capture", ""),
    )


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "outcome": attempt.outcome.value,
        "expected": attempt.expected,
        "actual": attempt.actual,
        "hint": attempt.hint,
        "fault": attempt.fault.value if attempt.fault else None,
        "kind": attempt.kind.value if attempt.kind else None,
        "reason": attempt.reason,
        "blame": attempt.blame.value if attempt.blame else None,
        "behind": list(attempt.behind),
        "relies": list(attempt.relies),
        "aftermath": attempt.aftermath,
        "notes": list(attempt.notes),
        "seconds": round(attempt.seconds, 3),
        "shared": attempt.shared,
        "output": attempt.output,
        "timed": attempt.timed,
        "own": attempt.own,
        "waited": None if attempt.waited is None else round(attempt.waited, 3),
        "capture": attempt.capture,
        **_transcript_to_json(attempt.transcript),
    }


def attempt_from_json(data: Mapping[str, Any]) -> Attempt:
    return Attempt(
        outcome=Outcome(data["outcome"]),
        transcript=_transcript_from_json(data),
        expected=data["expected"],
        actual=data["actual"],
        hint=data["hint"],
        fault=Fault(data["fault"]) if data["fault"] else None,
        **_why_from_json(data),
        relies=tuple(data.get("relies", ())),
        aftermath=data.get("aftermath", False),
        reason=data["reason"],
        notes=tuple(data["notes"]),
        seconds=data["seconds"],
        shared=data["shared"],
        output=data["output"],
        timed=data.get("timed", False),
        own=data.get("own", False),
        waited=data.get("waited"),
        capture=data.get("capture", ""),
    )


def _why_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """What explains the outcome: keys that an older suite did not write."""
    kind, blame = data.get("kind"), data.get("blame")
    return {
        "kind": Kind(kind) if kind else None,
        "blame": Blame(blame) if blame else None,
        "behind": tuple(data.get("behind", ())),
    }


def _transcript_to_json(transcript: Transcript) -> dict[str, Any]:
    """The conversation, its clock, and what came in a rhythm: keys of a verdict."""
    return {
        "clock": transcript.clock,
        "clock_error": transcript.clock_error,
        "cadence": [
            {**vars(series), "times": [round(at, 6) for at in series.times]}
            for series in transcript.series
        ],
        "transcript": [
            {"at": round(entry.at, 4), "who": entry.who, "what": entry.what} for entry in transcript
        ],
    }


def _transcript_from_json(data: Mapping[str, Any]) -> Transcript:
    """What `_transcript_to_json` wrote, or an older suite, which knew of no rhythm."""
    entries = (Entry(entry["at"], entry["who"], entry["what"]) for entry in data["transcript"])
    series = (
        Series(told["what"], told["period"], told["tolerance"], tuple(told["times"]), told["count"])
        for told in data.get("cadence", [])
    )
    return Transcript(
        tuple(entries),
        data["clock"],
        clock_error=data.get("clock_error", 0.0),
        series=tuple(series),
    )
