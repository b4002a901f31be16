"""What a conversation shows that was held over a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from conformance.contract.scenario import Scenario
from conformance.sandbox.hosts.forwarder import NetworkCounts
from conformance.session.network_disorder import NetworkDisorder
from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome
from conformance.verdict.violation import Fault, Kind


@dataclass
class CountedWire:
    now: NetworkCounts

    def begin(self) -> None:
        """The counts are given."""

    def counts(self) -> NetworkCounts:
        return self.now

    def close(self) -> None:
        """Nothing is open."""


NOTHING, LOST = NetworkCounts(), NetworkCounts(lost=1)
DOUBLED, SWAPPED = NetworkCounts(doubled=1), NetworkCounts(swapped=1)

PASSED = Attempt(Outcome.PASSED)
WRONG = Attempt(Outcome.FAILED, actual="b", fault=Fault.WRONG, kind=Kind.FORM)
ABSENT = Attempt(Outcome.FAILED, actual="nothing", fault=Fault.ABSENT, kind=Kind.SILENCE)
ENDED = Attempt(Outcome.FAILED, actual="it ended", fault=Fault.ABSENT, kind=Kind.ENDED)
EXCUSED = Attempt(Outcome.NOT_RUN, reason="nobody was told", blame=Blame.PROGRAM, behind=("2.1",))
LEFT_OUT = Attempt(Outcome.NOT_RUN, reason="with --connect", blame=Blame.CALL)


def shown(
    attempt: Attempt, counts: NetworkCounts, protocol: str, *, teaches: bool = False, **more: Any
) -> Attempt:
    clause = Clause("2.1", Level.MUST, 1, "talks", "it talks")
    scenario = Scenario(clause, lambda server: None, **more)
    return NetworkDisorder(CountedWire(counts), protocol, 0.1).judged(
        attempt, scenario, teaches=teaches
    )


@pytest.mark.parametrize("attempt", [PASSED, WRONG, ABSENT, ENDED, EXCUSED, LEFT_OUT])
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_what_nothing_has_happened_to_is_shown(attempt: Attempt, protocol: str) -> None:
    assert shown(attempt, NOTHING, protocol) is attempt


@pytest.mark.parametrize(
    ("attempt", "counts", "protocol"),
    [
        (WRONG, LOST, "udp"),
        (WRONG, DOUBLED, "udp"),
        (WRONG, SWAPPED, "udp"),
        (ABSENT, LOST, "udp"),
        (EXCUSED, LOST, "udp"),
        # What should not have been sent may have been lost, and so may what would have done harm.
        (PASSED, LOST, "udp"),
        (ABSENT, LOST, "tcp"),
        (WRONG, LOST, "tcp"),
        (EXCUSED, LOST, "tcp"),
    ],
)
def test_what_the_network_may_explain_shows_nothing(
    attempt: Attempt, counts: NetworkCounts, protocol: str
) -> None:
    found = shown(attempt, counts, protocol)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.disordered
    assert (found.fault, found.kind, found.blame, found.behind) == (None, None, None, ())


@pytest.mark.parametrize(
    ("attempt", "counts", "protocol"),
    [
        # A program ends on its own account, whatever came.
        (ENDED, LOST, "udp"),
        (ENDED, LOST, "tcp"),
        (PASSED, DOUBLED, "udp"),
        (PASSED, SWAPPED, "udp"),
        (LEFT_OUT, LOST, "udp"),
        # TCP repeats what was lost, and mends the rest without waiting.
        (PASSED, LOST, "tcp"),
        (WRONG, DOUBLED, "tcp"),
        (ABSENT, SWAPPED, "tcp"),
    ],
)
def test_what_it_cannot_explain_stands(
    attempt: Attempt, counts: NetworkCounts, protocol: str
) -> None:
    assert shown(attempt, counts, protocol) is attempt


def test_a_pass_that_rests_on_what_has_come_stands() -> None:
    assert shown(PASSED, LOST, "udp", bears_loss=True) is PASSED
    assert shown(ABSENT, LOST, "udp", bears_loss=True).disordered


@pytest.mark.parametrize("counts", [LOST, DOUBLED, SWAPPED])
def test_how_a_server_words_its_answers_is_learnt_from_a_whole_conversation(
    counts: NetworkCounts,
) -> None:
    assert shown(PASSED, counts, "udp", teaches=True, bears_loss=True).disordered
    assert shown(PASSED, counts, "tcp", teaches=True) is PASSED


def test_the_reason_says_what_was_seen_and_what_the_network_did() -> None:
    counts = NetworkCounts(lost=3, swapped=1)
    assert shown(ABSENT, counts, "udp").reason == (
        "nothing; but the network lost 3 packets, swapped 1 in this conversation: it shows nothing"
    )
    assert shown(PASSED, LOST, "udp").reason.startswith("it held; but the network lost 1 packet in")


def test_how_late_we_were_ourselves_is_allowed_for_there_and_back() -> None:
    late = NetworkDisorder(CountedWire(NetworkCounts(lateness=0.03)), "tcp", 0.1)
    assert late.round_trip() == pytest.approx(0.16)
    assert NetworkDisorder(None, "tcp", 0.0).round_trip() == 0.0
