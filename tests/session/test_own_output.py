"""What is made of an exception that the program printed in a conversation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.session.own_output import with_own_output
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Fault, Kind
from conformance.wire.recorder import Recorder
from kit.recordings import recordings
from kit.stand_in_host import StandInHost

NULL = recordings()["java-print"]
SAID = (
    "Your program printed an exception while this was tried: NullPointerException at Echo.java:4"
    " (see its own output)."
)
SILENT = Attempt(
    Outcome.FAILED, kind=Kind.SILENCE, fault=Fault.ABSENT, hint="Is it flushed?", client="client 2"
)
FAILED_AT = 6.0


def made(
    attempt: Attempt, *wrote: tuple[float, str], status: int | None = None, gate: bool = False,
    left_at: float | None = None, end_expected: bool = False,
) -> Attempt:  # fmt: skip
    """What becomes of the attempt, where the program wrote that. It failed at 6 s."""
    host = StandInHost()
    host.wrote, host.status = list(wrote), status
    recorder = Recorder()
    recorder.give_up(FAILED_AT)
    recorder.first_left_at = left_at
    return with_own_output(attempt, host.as_host(), recorder, gate=gate, end_expected=end_expected)


def test_an_exception_that_ends_the_talk_is_the_whole_hint() -> None:
    attempt = made(SILENT, (1.0, NULL))
    assert attempt.hint == SAID
    assert attempt.thrown is not None
    assert (attempt.thrown.file, attempt.thrown.line) == ("Echo.java", 4)
    assert attempt.symptom == Symptom(Sign.EXCEPTION, "client 2")
    assert attempt.output.startswith("java.lang.NullPointerException")


def test_what_is_known_better_stays() -> None:
    known = Symptom(Sign.NOTHING)
    assert made(replace(SILENT, symptom=known), (1.0, NULL)).symptom == known


def test_beside_a_wrong_text_the_labs_own_hint_stays() -> None:
    attempt = made(replace(SILENT, kind=Kind.FORM), (1.0, NULL))
    assert attempt.hint == f"{SAID} Is it flushed?"
    assert attempt.symptom is None


def test_at_the_gate_the_hint_says_how_it_was_started() -> None:
    attempt = made(SILENT, (1.0, NULL), gate=True, status=1)
    assert attempt.hint == f"{SAID} Is it flushed?"
    pointer = replace(SILENT, hint="Its own last output says why it ended.")
    assert made(pointer, (1.0, NULL), gate=True, status=1).hint == SAID


def test_what_comes_when_a_client_has_left_may_be_of_that() -> None:
    attempt = made(SILENT, (2.0, NULL), left_at=1.5)
    assert attempt.hint == f"{SAID} Is it flushed?"
    assert attempt.symptom is None
    attempt = made(replace(SILENT, kind=Kind.FORM), (2.0, NULL), left_at=1.5)
    assert attempt.hint == "Is it flushed?"
    assert attempt.notes == (SAID,)


def test_what_came_before_any_client_left_is_not_of_that() -> None:
    assert made(SILENT, (1.0, NULL), left_at=1.5).hint == SAID


def test_what_comes_when_it_had_failed_is_no_cause() -> None:
    attempt = made(SILENT, (7.0, NULL), left_at=FAILED_AT)
    assert attempt.hint == "Is it flushed?"
    assert attempt.thrown is not None
    assert attempt.thrown.after
    [note] = attempt.notes
    assert note.startswith("Later, when the client had ended the connection, your program")


def test_a_close_may_be_explained_a_little_later() -> None:
    closed = replace(SILENT, kind=Kind.CLOSED, fault=Fault.WRONG)
    assert made(closed, (6.01, NULL)).hint == SAID


def test_an_older_exception_is_told_as_older() -> None:
    attempt = made(SILENT, (-1.0, NULL))
    assert attempt.hint.startswith("Before this was tried, your program had printed an exception")
    assert attempt.hint.endswith("Is it flushed?")
    assert attempt.symptom is None
    assert made(replace(SILENT, shared=True), (-1.0, NULL)).hint == "Is it flushed?"


def test_the_end_that_was_asked_for_is_no_crash() -> None:
    crashed = made(SILENT, status=139)
    assert crashed.thrown is not None
    assert made(SILENT, status=139, end_expected=True).thrown is None


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.NOT_RUN])
def test_what_did_not_fail_is_explained_by_nothing(outcome: Outcome) -> None:
    attempt = made(replace(SILENT, outcome=outcome), (1.0, NULL))
    assert (attempt.thrown, attempt.hint, attempt.notes) == (None, "Is it flushed?", ())
    assert attempt.output


def test_what_passed_keeps_no_output() -> None:
    assert made(Attempt(Outcome.PASSED), (1.0, NULL)) == Attempt(Outcome.PASSED)
