"""Faults of an orchestra that cost several clauses."""

from conformance import Cause, Sign, never_served

CAUSES = [
    *never_served(gate="2.1"),
    Cause(
        "stays on its host",
        "What musicians send goes to one address: an auditor on another host hears none of it.",
        {"1.3": [], "2.3": []},
        passed=("1.1", "1.2"),
    ),
    Cause(
        "another uuid each time",
        "A musician has another uuid each time: it is listed as often as it was heard.",
        {"2.4": [], "2.3": []},
        passed=("1.1", "1.2", "1.3", "2.2"),
        moreover=lambda verdicts: _are_too_many(verdicts["2.3"]),
    ),
    Cause(
        "musicians end",
        "Each musician ends soon after its start, so that nobody is heard.",
        {"1.1": [Sign.ENDED, Sign.EXCEPTION]},
        hides=("1.2", "1.3", "2.3"),
    ),
    Cause(
        "musicians are silent",
        "No datagram of any musician was heard.",
        {"1.1": [Sign.NOTHING]},
        hides=("1.2", "1.3", "2.3"),
    ),
]


def _are_too_many(verdict):
    """Whether more are listed than play."""
    wanted, told = (text.partition(" ")[0] for text in _counts(verdict))
    return wanted.isdigit() and told.isdigit() and int(told) > int(wanted)


def _counts(verdict):
    return verdict.attempt.expected, verdict.attempt.actual
