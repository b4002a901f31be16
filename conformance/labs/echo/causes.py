"""Faults that cost several clauses, and the sentence for each. The first that was seen is told."""

import re

from conformance import Cause, Sign, Symptom, never_served

SERVES = ("3.1", "3.2", "4.4")
"""What a server that serves one client after another keeps."""

ELSEWHERE = (Sign.OTHERS, Sign.NOTHING)
DEAD = (Sign.ENDED,)

ONLY_THE_LAST = Symptom(Sign.LOST, facts={"line": 1, "instead": 10})
"""Of ten lines in one segment."""

OWN_ACCOUNT = ("in pieces", "Turkish")
"""Encodings that are none: the text is decoded in pieces, or the upper case is another locale's."""


def facts_of(verdicts, number):
    """What was seen of the fault by which a clause failed."""
    symptom = verdicts[number].attempt.symptom
    return symptom.facts if symptom else {}


def with_its_prefix_once(verdicts):
    """Whether the second of two lines came back without the prefix: it was the rest of the first
    reply."""
    attempt = verdicts["3.4"].attempt
    rest = attempt.actual
    return rest not in ("", attempt.expected) and attempt.expected.endswith(rest)


def answers_too_early(verdicts):
    """Whether something came before the end of the line, not only more than one reply after it."""
    return verdicts["3.5"].attempt.expected.startswith("nothing ")


def answers_the_first_word(verdicts):
    """Whether a line of several words was answered with a line for the first of them."""
    attempt = verdicts["3.8"].attempt
    return attempt.expected.startswith(f"{attempt.actual} ")


def without_spaces(verdicts):
    """Whether a line came back without the spaces before it, and one that differs from the goodbye
    by a space before it was the last to be answered: the close was seen behind its reply, or when
    the line after it was sent, the goodbye twice."""
    echoed, hung_up = verdicts["3.9"].attempt, verdicts["4.3"].attempt
    came = re.fullmatch(r"(\S* ?) {2}(\w+)", echoed.expected)
    before, _, last = hung_up.expected.rpartition(" ")
    there = hung_up.expected.startswith("after `␣") or (bool(last) and before.endswith(last))
    return came is not None and echoed.actual == came[1] + came[2] and there


def is_a_pool(verdicts):
    """Whether some clients were served to the end, and all others not at all."""
    facts = facts_of(verdicts, "5.2")
    return facts.get("served", 0) > 1 and facts.get("unserved", 0) > 0


def went_elsewhere(verdicts):
    """Whether a reply came to another client."""
    attempt = verdicts["5.2"].attempt
    return attempt.symptom.sign is Sign.OTHERS or "came to" in attempt.symptom.facts


def keeps_files(verdicts):
    return "open files" in verdicts["6.5"].attempt.expected


CAUSES = (
    # Not one client is served.
    *never_served(),
    Cause(
        "no answers",
        "It answers no line in time, nor when the client has ended its side.",
        {"3.1": (Sign.NOTHING,)},
    ),
    # A client that comes after another, or beside it.
    Cause(
        "ends with a client",
        "The program ends when a client has gone.",
        {"4.4": DEAD},
        explains={"6.3": DEAD},
        hides=("6.1",),
    ),
    Cause(
        "ends at a goodbye",
        "The program ends when a client has said goodbye.",
        {"4.4": DEAD},
        passed=("6.1",),
    ),
    Cause(
        "one goodbye for all",
        "When one client has said goodbye, the next is hung up on.",
        {"4.4": (Sign.CLOSED,)},
        passed=("6.1",),
    ),
    Cause(
        "ends when a client leaves",
        "The program ends when a client leaves without a goodbye.",
        {"6.1": DEAD},
        passed=("4.4",),
        explains={"6.2": DEAD, "6.3": DEAD},
    ),
    Cause(
        "ends after many clients",
        "The program ends when many clients have come.",
        {"5.4": DEAD, "6.5": DEAD},
        passed=("4.4", "5.2", "6.1"),
    ),
    Cause(
        "stops after many clients",
        "When many clients have come, others get no answer.",
        {"5.4": (Sign.NOTHING,), "6.5": (Sign.NOTHING,)},
        passed=("4.4", "5.2", "6.1"),
    ),
    Cause(
        "one client at a time",
        "It serves one client at a time: the second waits until the first leaves.",
        {"5.1": (Sign.NOTHING,)},
        passed=SERVES,
    ),
    Cause(
        "replies to others",
        "Replies go to another client than the one that asked.",
        {"5.2": ELSEWHERE},
        passed=("3.3", "5.1"),
        explains={"5.3": ELSEWHERE, "5.4": ELSEWHERE},
        moreover=went_elsewhere,
    ),
    Cause(
        "mixed lines",
        "Lines of different clients are mixed: what one has begun, another ends.",
        {"5.2": (Sign.NOTHING,)},
        passed=("3.3", "3.5", "5.1"),
        explains={"5.3": (Sign.FORM,)},
        moreover=lambda verdicts: "mixed with" in facts_of(verdicts, "5.2"),
    ),
    Cause(
        "few clients at once",
        "It serves {served} clients at once: the others wait.",
        {"5.2": (Sign.NOTHING,)},
        passed=(*SERVES, "5.1"),
        moreover=is_a_pool,
    ),
    # One client.
    Cause(
        "no flush",
        "Its replies leave only when the connection ends: nothing is flushed before.",
        {"3.2": (Sign.AT_END,)},
        passed=("4.1",),
    ),
    Cause(
        "answers at the end",
        "It answers only when the client has ended its side.",
        {"3.2": (Sign.AT_END,)},
    ),
    Cause(
        "hangs up after a line",
        "It answers one line of each connection, and hangs up.",
        {"3.3": (Sign.CLOSED,)},
        hides=("3.4",),
    ),
    Cause(
        "answers the first line",
        "It answers the first line of each connection, and no other.",
        {"3.3": (Sign.NOTHING,)},
        hides=("3.4",),
    ),
    Cause(
        "chunks for lines",
        "It reads chunks, not lines: what one read brings is answered as one line.",
        {"3.4": (), "3.5": (Sign.EXTRA,)},
        moreover=with_its_prefix_once,
    ),
    Cause(
        "words for lines",
        "Each word of a line is answered as if it were a line.",
        {"3.3": (Sign.NOTHING,), "3.8": (Sign.CUT, Sign.FORM), "3.9": (Sign.FORM,)},
        explains={
            "3.4": (Sign.NOTHING,),
            "3.7": (Sign.NOTHING,),
            "3.10": (Sign.CUT,),
            "4.3": (Sign.CLOSED,),
        },
        moreover=answers_the_first_word,
    ),
    Cause(
        "parts of lines",
        "It does not wait for the end of a line: what has come of it is answered.",
        {"3.5": (Sign.EXTRA,)},
        passed=("3.4",),
        moreover=answers_too_early,
    ),
    Cause(
        "last line of several",
        "Of lines that come together it answers only the last.",
        {"3.4": (ONLY_THE_LAST,), "4.5": (Sign.FORM,)},
    ),
    Cause(
        "encoding",
        "It does not read and write UTF-8: what is not ASCII does not come back as it was sent.",
        {"3.8": (Sign.ENCODING,)},
        explains={"3.11": (Sign.ENCODING,)},
        moreover=lambda verdicts: facts_of(verdicts, "3.8").get("encoding") not in OWN_ACCOUNT,
    ),
    Cause(
        "takes spaces away",
        "It takes away the spaces around a line.",
        {"3.9": (Sign.FORM,), "4.3": (Sign.CLOSED,)},
        moreover=without_spaces,
    ),
    Cause(
        "no hanging up",
        "It does not hang up when a client says goodbye.",
        {"4.1": (Sign.OPEN,)},
    ),
    Cause(
        "connections left open",
        "It does not close a connection whose client has ended its side.",
        {"6.3": (Sign.OPEN,), "6.5": ()},
        moreover=keeps_files,
    ),
)
