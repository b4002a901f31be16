"""What the network between the hosts did to a conversation, so that it shows nothing.

Of a fixed delay it is known how long an answer may take. What is lost, doubled or swapped is drawn
by chance, and counted: a failure counts in a conversation in which nothing of the kind has
happened.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.contract.scenario import Scenario
from conformance.sandbox.hosts.emulation import Wire
from conformance.sandbox.hosts.forwarder import NetworkCounts
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import Kind


@dataclass
class NetworkDisorder:
    wire: Wire | None
    """What joins the hosts, if it does anything."""
    protocol: str
    allowance: float
    """Seconds that it may add to a question and its answer, if we are not late ourselves."""

    def begin(self) -> None:
        """A new conversation begins."""
        if self.wire is not None:
            self.wire.begin()

    def round_trip(self) -> float:
        """Seconds that it may have added to any question and answer of this conversation."""
        if self.wire is None:
            return 0.0
        return self.allowance + 2 * self.wire.counts().lateness

    def judged(self, attempt: Attempt, scenario: Scenario, *, teaches: bool) -> Attempt:
        """The attempt; INCONCLUSIVE if what the network did may explain it. `teaches`: the scenario
        learns how the server words its answers, which other clauses go by."""
        if self.wire is None or not self._may_explain(attempt, scenario, teaches=teaches):
            return attempt
        showed = {Outcome.FAILED: attempt.actual, Outcome.PASSED: "it held"}
        told = showed.get(attempt.outcome, attempt.reason)
        reason = f"{told}; but {_told(self.wire.counts())} in this conversation: it shows nothing"
        return Attempt(Outcome.INCONCLUSIVE, reason=reason, disordered=True)

    def _may_explain(self, attempt: Attempt, scenario: Scenario, *, teaches: bool) -> bool:
        """A program that ends by itself does so on its own account, whatever came.

        TCP repairs all, and takes time for what is lost. Over UDP a pass proves nothing either
        where something was lost: what should not have been sent may be just that, or what would
        have done harm; unless the scenario says that a pass rests on what has come."""
        assert self.wire is not None, "there is a network"
        counts, udp = self.wire.counts(), self.protocol == "udp"
        if attempt.outcome is Outcome.PASSED:
            disorder = counts.disorder if teaches else counts.lost > 0 and not scenario.bears_loss
            return udp and disorder
        shows_a_fault = attempt.outcome is Outcome.FAILED or bool(attempt.behind)
        disorder = counts.disorder if udp else counts.lost > 0
        return shows_a_fault and attempt.kind is not Kind.ENDED and disorder


def _told(counts: NetworkCounts) -> str:
    """`the network lost 3 packets, and swapped 1`"""
    parts = [("lost", counts.lost), ("doubled", counts.doubled), ("swapped", counts.swapped)]
    first, *more = [f"{what} {number:,}" for what, number in parts if number]
    number = first.partition(" ")[2]
    noun = "packet" if number == "1" else "packets"
    return f"the network {first} {noun}" + "".join(f", {each}" for each in more)
