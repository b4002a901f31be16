from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.verdict.events import (
    SCHEMA,
    from_lines,
    judged,
    noted,
    replay,
    run_began,
    run_ended,
    to_line,
)
from conformance.verdict.model import (
    Attempt,
    Blame,
    Clause,
    Level,
    Outcome,
    Run,
    Verdict,
    WrongCall,
)
from conformance.verdict.transcript import Entry, Series, Transcript
from conformance.verdict.violation import Fault, Kind
from kit.runs import with_symptom

TALK = Transcript(
    (Entry(0.0012, "client", "BYE\n"), Entry(0.5, "server", "caf\udce9\0\x1b\u202e\ud800\n")),
    "capture",
    clock_error=0.06,
    series=(Series("line", 1.0, 0.31, (0.5, 1.5, 3.123457), 4), Series("beacon", 1.0, 0.25, ())),
)

FAILED = Verdict(
    Clause("4.1", Level.SHOULD, 3, "hangs_up_after_bye", "`BYE⏎` …", "exits", "Goodbye"),
    Level.SHOULD,
    Attempt(
        Outcome.FAILED,
        TALK,
        expected="> BYE\n",
        actual="\udcff",
        hint="h",
        fault=Fault.LATE,
        kind=Kind.LATE,
        reason="r",
        notes=("n", "m"),
        output="Traceback\n",
        timed=True,
        own=True,
        waited=0.042,
        capture="evidence/4.1-hangs_up_after_bye-2.pcap",
        lines=True,
    ),
    possible=3,
    seconds=1.25,
    reproduce="nc",
    again="conformance check",
    earlier=(
        Attempt(
            Outcome.FAILED,
            TALK,
            "e",
            "a",
            "h",
            Fault.LATE,
            Kind.LATE,
            "r",
            notes=("n",),
            seconds=0.5,
            shared=True,
            output="out\n",
        ),
        Attempt(Outcome.NOT_RUN, kind=Kind.FORM, blame=Blame.PROGRAM, behind=("3.1", "3.3")),
        Attempt(Outcome.FAILED, kind=Kind.ENDED, aftermath=True),
        Attempt(Outcome.INCONCLUSIVE, timed=True, capture="evidence/4.1-1.pcap"),
        Attempt(Outcome.FAILED, own=True, waited=0.125),
    ),
)

NOT_SHOWN = FAILED.with_attempt(
    outcome=Outcome.NOT_RUN,
    fault=None,
    kind=Kind.FORM,
    blame=Blame.PROGRAM,
    behind=("3.1", "3.3"),
)

RUN = Run(
    lab="echo",
    submission="alice",
    parameters={"port": 2424, "prefix": ""},
    seed=20261122,
    tier="full",
    suite="0.1.0",
    strict=True,
    title="a TCP server",
    notes=("recognised as Python",),
    verdicts=(
        FAILED,
        replace(
            FAILED.with_attempt(outcome=Outcome.INCONCLUSIVE, fault=None, kind=None), points=None
        ),
        NOT_SHOWN,
    ),
    worth=33,
    started="2026-11-22T14:19:00+00:00",
    seconds=6.5,
)


def stream(run: Run) -> list[str]:
    events = [run_began(run), *map(judged, run.verdicts), run_ended(run.seconds)]
    return [to_line(event) for event in events]


def test_a_run_comes_back_as_it_was() -> None:
    assert replay(from_lines(stream(RUN))) == RUN


def test_what_was_seen_of_a_fault_comes_back() -> None:
    seen = with_symptom()
    assert replay(from_lines(stream(seen))).verdicts == seen.verdicts


def test_each_event_is_one_line_of_ascii() -> None:
    for line in stream(RUN):
        assert line.isascii()
        assert line.endswith("\n")
        assert "\n" not in line[:-1]


def test_what_is_found_out_on_the_way_is_noted() -> None:
    lines = stream(RUN)
    lines.insert(1, to_line(noted("no space after >")))
    assert replay(from_lines(lines)).notes == ("recognised as Python", "no space after >")


def test_a_stream_without_end_is_an_interrupted_run() -> None:
    run = replay(from_lines(stream(RUN)[:-1]))
    assert run.interrupted
    assert run.verdicts == RUN.verdicts
    assert replay([run_began(RUN), run_ended(1.0, interrupted=True)]).interrupted


def test_a_run_as_a_class_keeps_it_is_a_run() -> None:
    whose = to_line({"event": "hand-in", "author": "ann", "fingerprint": "x"})
    assert replay(from_lines([whose, *stream(RUN)])) == replay(from_lines(stream(RUN)))


@pytest.mark.parametrize("kept", [1, 20, 200])
def test_a_last_line_that_was_cut_off_is_left_out(kept: int) -> None:
    first, second, third, *_ = stream(RUN)
    run = replay(from_lines([first, second, third[:kept]]))
    assert run.verdicts == RUN.verdicts[:1]
    assert run.interrupted


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "holds no event"),
        (["garbage\n", "{}\n"], "line 1 is not an event"),
        (["[]\n"], "line 1 is not an event"),
        (["{}\n"], "line 1 is not an event"),
        ([to_line(noted("x"))], "does not begin with a `run` event"),
        ([json.dumps({"event": "run", "schema": "other/1"})], "are of 'other/1'"),
    ],
)
def test_what_is_no_run_is_a_wrong_call(lines: list[str], complaint: str) -> None:
    with pytest.raises(WrongCall, match=complaint):
        replay(from_lines(lines))


def test_a_cut_in_the_middle_is_not_forgiven() -> None:
    first, second, third, *_, last = stream(RUN)
    with pytest.raises(WrongCall, match="line 2 is not an event"):
        replay(from_lines([first, second[:50] + "\n", third, last]))


def test_the_stream_names_its_schema() -> None:
    assert run_began(RUN)["schema"] == SCHEMA


def test_what_an_older_suite_wrote_can_be_read() -> None:
    """It knew nothing of rhythms, captures, the error of a clock, of waiting, of what was seen
    of a fault, and of whose doing it is that something was not run."""
    event = judged(replace(NOT_SHOWN, possible=0))
    for told in (event, *event["earlier"]):
        for key in ("cadence", "clock_error", "capture", "timed", "own", "waited", "kind", "blame",
                    "behind"):  # fmt: skip
            del told[key]
    for attempt in event["earlier"]:
        del attempt["aftermath"]
    began = run_began(RUN)
    del began["max_points"]
    run = replay([began, event])
    assert run.worth is None
    (verdict,) = run.verdicts
    held = verdict.attempt
    assert held.transcript == replace(TALK, clock_error=0.0, series=())
    assert (held.capture, held.timed) == ("", False)
    assert (held.own, held.waited) == (False, None)
    assert (held.kind, held.blame, held.behind) == (None, None, ())
    assert not any(attempt.aftermath for attempt in verdict.earlier)
    assert judged(verdict).keys() == judged(NOT_SHOWN).keys(), "it can be written again"
    assert (verdict.not_shown, verdict.left_out, verdict.possible) == (False, False, 0)
