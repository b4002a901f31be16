"""What happened in a run, as JSON lines, from which every report is rendered. Pure.

A run writes `run`, then a `verdict` for each clause as it comes, then a `search` where one was
asked for, then `end`. A stream without `end` is that of an interrupted run, and can be rendered
all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from conformance.verdict.model import (
    Attempt,
    Clause,
    Common,
    Level,
    Run,
    Search,
    Verdict,
    WrongCall,
)

SCHEMA = "conformance.events/1"

Event = dict[str, Any]


def run_began(run: Run) -> Event:
    told: Event = msgspec.to_builtins(replace(run, verdicts=()))
    worth = told.pop("worth")
    for key in ("verdicts", "interrupted", "seconds", "common", "search"):  # known only at the end
        del told[key]
    if not run.network:
        del told["network"]
    return {"event": "run", "schema": SCHEMA, **told, "max_points": worth}


def noted(text: str) -> Event:
    """A note on the whole run, made while it went on."""
    return {"event": "note", "text": text}


def judged(verdict: Verdict) -> Event:
    return {"event": "verdict", **verdict_to_json(verdict)}


def searched(search: Search) -> Event:
    return {"event": "search", **search_to_json(search)}


def run_ended(seconds: float, *, interrupted: bool = False, common: Sequence[Common] = ()) -> Event:
    end: Event = {"event": "end", "seconds": round(seconds, 3), "interrupted": interrupted}
    return {**end, "common": msgspec.to_builtins(common)} if common else end


def to_line(event: Mapping[str, Any]) -> str:
    """One event as one line of ASCII: any text survives, lone surrogates too."""
    return json.dumps(event, ensure_ascii=True, separators=(",", ":")) + "\n"


def from_lines(lines: Iterable[str]) -> Iterator[Event]:
    """The events in `lines`. A last line that was cut off is left out. Raises WrongCall if the file
    holds anything else.
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
    """The run that the events describe, its verdicts in the order of their clauses. Raises
    WrongCall if they describe none.
    """
    run: Run | None = None
    for event in events:
        if event["event"] == "run":
            if event.get("schema") != SCHEMA:
                unknown = event.get("schema")
                raise WrongCall(f"the events are of {unknown!r}; this suite reads {SCHEMA!r}")
            run = msgspec.convert({**event, "worth": event.get("max_points")}, Run)
            run = replace(run, interrupted=True)  # until the `end` event says otherwise
        elif event["event"] == "hand-in":
            continue  # where a class keeps a run, this says whose it is
        elif run is None:
            raise WrongCall("this is no run: it does not begin with a `run` event")
        elif event["event"] == "note":
            run = replace(run, notes=(*run.notes, event["text"]))
        elif event["event"] == "verdict":
            run = replace(run, verdicts=(*run.verdicts, verdict_from_json(event)))
        elif event["event"] == "search":
            run = replace(run, search=search_from_json(event))
        elif event["event"] == "end":
            run = replace(
                run,
                seconds=event["seconds"],
                interrupted=event["interrupted"],
                common=msgspec.convert(event.get("common", ()), tuple[Common, ...]),
            )
    if run is None:
        raise WrongCall("this is no run: it holds no event")
    ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
    return replace(run, verdicts=tuple(ordered))


_WHERE_KNOWN = (
    *("lines", "stumbled", "disordered", "symptom", "client", "proof", "thrown", "stood"),
    "queued",
)
"""Keys of an attempt that are written only where there is something to say."""

_VERDICT_KEYS = (
    *("clause", "scenario", "level", "outcome", "points", "max_points", "expected", "actual"),
    *("hint", "reason", "blame", "behind", "notes", "seconds", "reproduce", "again", "output"),
    *("fault", "kind", "timed", "own", "waited", "capture", "requirement"),
    *(
        "lines",
        "stumbled",
        "disordered",
        "symptom",
        "client",
        "proof",
        "thrown",
        "stood",
        "queued",
        "clock",
        "clock_error",
        "cadence",
        "transcript",
        "earlier",
    ),
)


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as in schema conformance.run/1 (see the README)."""
    clause = verdict.clause
    told = {
        **attempt_to_json(verdict.attempt),
        "clause": clause.number,
        "scenario": clause.scenario,
        "level": verdict.level.value,
        "points": verdict.points,
        "max_points": verdict.possible,
        "notes": list(verdict.notes),
        "seconds": round(verdict.seconds, 3),
        "reproduce": verdict.reproduce,
        "again": verdict.again,
        "requirement": {
            "section": clause.section,
            "text": clause.text,
            "faults": clause.faults,
            "weight": clause.weight,
        },
        "earlier": [attempt_to_json(attempt) for attempt in verdict.earlier],
    }
    return {key: told[key] for key in _VERDICT_KEYS if key in told}


def verdict_from_json(event: Mapping[str, Any]) -> Verdict:
    clause = {**event, **event["requirement"], "number": event["clause"]}
    return Verdict(
        clause=replace(msgspec.convert(clause, Clause)),
        level=Level(event["level"]),
        attempt=attempt_from_json({**event, "seconds": 0.0}),  # here they are those of all attempts
        possible=event["max_points"],
        points=event["points"],
        seconds=event["seconds"],
        reproduce=event["reproduce"],
        again=event["again"],
        earlier=tuple(attempt_from_json(attempt) for attempt in event["earlier"]),
    )


def search_to_json(search: Search) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(replace(search, verdict=None))
    return {**told, "verdict": search.verdict and verdict_to_json(search.verdict)}


def search_from_json(event: Mapping[str, Any]) -> Search:
    verdict = event["verdict"] and verdict_from_json(event["verdict"])
    return replace(msgspec.convert({**event, "verdict": None}, Search), verdict=verdict)


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    """The attempt by the names of its fields; its transcript takes four keys."""
    told: dict[str, Any] = msgspec.to_builtins(attempt)
    talk = told.pop("transcript")
    for key in _WHERE_KNOWN:
        if not told[key]:
            del told[key]
    for moment in told.get("proof", ()):
        moment["at"] = round(moment["at"], 4)  # as in the transcript
        moment["silence"] = round(moment["silence"], 3)
    return {
        **told,
        "seconds": round(attempt.seconds, 3),
        "waited": None if attempt.waited is None else round(attempt.waited, 3),
        "clock": talk["clock"],
        "clock_error": talk["clock_error"],
        "cadence": [
            {**series, "times": [round(at, 6) for at in series["times"]]}
            for series in talk["series"]
        ],
        "transcript": [{**entry, "at": round(entry["at"], 4)} for entry in talk["entries"]],
    }


def attempt_from_json(data: Mapping[str, Any]) -> Attempt:
    """The attempt that `attempt_to_json` wrote; keys that an older suite did not write get their
    defaults. Raises KeyError or ValueError if `data` is none."""
    talk = {
        "entries": data["transcript"],
        "clock": data["clock"],
        "clock_error": data.get("clock_error", 0.0),
        "series": data.get("cadence", ()),
    }
    # msgspec leaves defaults to the class, and would not write them again.
    return replace(msgspec.convert({**data, "transcript": talk}, Attempt))
