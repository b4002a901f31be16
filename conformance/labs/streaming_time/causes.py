"""Faults that cost several clauses, and the sentence for each. The first that was seen is told."""

from itertools import pairwise

from conformance import Cause, Kind, Sign, never_served

DEAD = (Sign.ENDED,)
NO_END = ", and no end"
"""How 2.5 says that there was more to come when the client stopped reading."""


FIRST, SECOND, ALONE = "server", "server to client 2", "server to client 3"
"""What the transcript calls the server's side of clients; the third comes to a fresh server."""


def times_of(verdicts, number, who):
    """When the lines to a client came, while the clause was tried."""
    return [entry.at for entry in verdicts[number].attempt.transcript if entry.who == who]


def gaps_in(verdicts):
    """The seconds between the lines of the stream, in order."""
    return [b - a for a, b in pairwise(times_of(verdicts, "2.3", FIRST))]


def in_one_bunch(verdicts):
    """Whether all lines of the stream came within a tenth of a second."""
    gaps = gaps_in(verdicts)
    return bool(gaps) and sum(gaps) < 0.1


def keeps_pace(verdicts):
    """Whether all gaps but the first are alike, and lines do not come together."""
    _, *gaps = gaps_in(verdicts) or [0.0]
    return bool(gaps) and min(gaps) > max(0.1, 0.8 * max(gaps))


def too_fast(verdicts):
    return verdicts["2.3"].attempt.kind is Kind.FORM and keeps_pace(verdicts)


def too_slow(verdicts):
    return verdicts["2.3"].attempt.kind is Kind.LATE and keeps_pace(verdicts)


def in_turn(verdicts):
    """Whether the second client got nothing before the first had all its lines."""
    first, second = (times_of(verdicts, "3.3", who) for who in (FIRST, SECOND))
    return len(first) > 1 and len(second) > 1 and max(first) <= min(second) + 0.1


def both_too_few(verdicts):
    """Whether each of two clients got fewer lines than one that is alone."""
    first, second, alone = (len(times_of(verdicts, "3.3", who)) for who in (FIRST, SECOND, ALONE))
    return 0 < first < alone and 0 < second < alone


def goes_on(verdicts):
    """Whether more lines came than should, when the client stopped reading."""
    return verdicts["2.5"].attempt.actual.endswith(NO_END)


CAUSES = (
    # Not one client is served.
    *never_served(),
    Cause(
        "keeps silent",
        "It keeps silent for seconds, even when the client has said a line.",
        {"2.1": (Sign.NOTHING,)},
        hides=("2.2", "2.5"),
    ),
    Cause(
        "hangs up without a line",
        "It hangs up, and not one line has come.",
        {"2.1": (Sign.CLOSED,)},
        hides=("2.2", "2.5"),
    ),
    Cause(
        "answers the client",
        "It sends nothing by itself: it answers what the client says.",
        {"2.1": (Sign.NOTHING,), "2.5": ()},
        hides=("2.2",),
    ),
    Cause(
        "hangs up early",
        "It hangs up early: {lines} of the lines had come.",
        {"2.5": (Sign.CLOSED,)},
        hides=("2.6",),
    ),
    # One client.
    Cause(
        "no flush",
        "All lines come together when the stream is over: nothing is flushed before.",
        {"2.3": (Sign.RHYTHM,)},
        passed=("2.4",),
        hides=("2.1",),
        moreover=in_one_bunch,
    ),
    Cause(
        "no pause",
        "All lines come at once: there is no pause between them.",
        {"2.3": (Sign.RHYTHM,)},
        passed=("2.1",),
        hides=("2.4",),
        moreover=in_one_bunch,
    ),
    Cause(
        "too fast",
        "Lines come too fast, from the first to the last.",
        {"2.3": (Sign.RHYTHM,)},
        hides=("2.4",),
        moreover=too_fast,
    ),
    Cause(
        "too slow",
        "Lines come too slowly, from the first to the last.",
        {"2.3": (Sign.RHYTHM,)},
        hides=("2.4",),
        moreover=too_slow,
    ),
    Cause(
        "no end",
        "The stream does not end: more lines come than should.",
        {"2.5": ()},
        hides=("2.6",),
        moreover=goes_on,
    ),
    # Several clients.
    Cause(
        "ends with a client",
        "The program ends when a client has had its stream.",
        {"3.1": DEAD},
        hides=("3.2",),
    ),
    Cause(
        "one stream for all",
        "Only the first client gets a whole stream: the next is hung up on.",
        {"3.1": (Sign.CLOSED,)},
        hides=("3.2",),
    ),
    Cause(
        "one client at a time",
        "It serves one client at a time: the second waits until the first has all its lines.",
        {"3.3": (Sign.LATE,)},
        passed=("3.1",),
        hides=("3.4",),
        moreover=in_turn,
    ),
    Cause(
        "one count for all",
        "Lines are counted for all clients together: beside another, each gets too few.",
        {"3.3": (Sign.CLOSED,)},
        passed=("2.5", "3.1"),
        explains={"3.2": (Sign.CLOSED,)},
        hides=("3.4",),
        moreover=both_too_few,
    ),
)
