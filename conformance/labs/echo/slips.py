"""Hints for what came instead of a reply, where it shows by itself what went wrong. Pure."""

from __future__ import annotations

import contextlib
import string
from collections.abc import Callable, Iterator, Sequence

from conformance import Violation

CUT_AS_A_NEWLINE = (
    "The last character is missing where no newline follows it: it was cut off as if it were one"
    ' (Python: line[:-1] cuts whatever is last, rstrip("\\n") only a newline)'
    " (Java: substring(0, length() - 1) cuts whatever is last)"
    ' (Node: slice(0, -1) cuts whatever is last, replace(/\\n$/, "") only a newline)'
    ' (C: line[strcspn(line, "\\n")] = 0 cuts only a newline).'
)
PUT_BETWEEN = (
    "`{between}` stands between two replies: was a list of them made one text with that in between"
    ' (Node: join() and String() put a comma between, join("") nothing)'
    ' (Python: "".join(replies) puts nothing between)?'
)
AGAIN_AND_AGAIN = (
    "The beginning of the line comes again and again: with each piece, what had come before was"
    " added once more. What is kept of a line takes the place of what was kept before"
    " (Node: pending = rest, not pending += rest)."
)
ONE_END_STAYS = (
    "`{letter}` came back as it was sent, and every other letter changed: does the comparison leave"
    " out an end of the alphabet? Letters are >= '{first}' and <= '{last}'."
)
BOTH_ENDS_STAY = (
    "`{first}` and `{last}` each came back as it was sent, and every other letter changed: does the"
    " comparison leave out an end of the alphabet? Letters are >= '{first}' and <= '{last}'."
)

BEHIND_ANOTHERS = (
    "A piece of another client's line stands before it: do all clients share what is kept of an"
    " unfinished line (Python: a global variable, or one in the class)"
    " (Java: a static field, or one of an object that serves them all)"
    " (Node: a variable outside the function for one connection)"
    " (C: a global or static buffer)?"
)

BETWEEN = (",", ", ", " ")
"""What languages put between the entries of a list."""

A_PIECE = 5
"""Characters of another's line by which it is known again."""

LONGEST = 10_000
"""Characters of a reply that is taken apart."""


@contextlib.contextmanager
def shown_by(why: Callable[[str, str], str]) -> Iterator[None]:
    """Gives a violation the hint that `why` has for what was expected and what came, if any."""
    try:
        yield
    except Violation as wrong:
        if told := why(wrong.expected, wrong.actual):
            wrong.hint = {"another text": told}
        raise


def cut_as_a_newline(wanted: str, came: str) -> str:
    """For a line without newline, after one with a newline was answered well."""
    return CUT_AS_A_NEWLINE if len(wanted) > 1 and came == wanted[:-1] else ""


def put_between(wanted: str, came: str) -> str:
    """For any but the first of several replies that came together."""
    between = came.removesuffix(wanted) if wanted else ""
    return PUT_BETWEEN.format(between=between) if between in BETWEEN and came != wanted else ""


def behind_anothers(line: str) -> Callable[[str, str], str]:
    """For a reply to one client, while another sends this line."""

    whole = line.casefold()

    def told(wanted: str, came: str) -> str:
        for place in range(len(wanted)):
            own = wanted[place:]
            if came.endswith(own) and came.startswith(wanted[:place]):
                before = came[place : len(came) - len(own)].casefold()
                if len(before) >= A_PIECE and before in whole:
                    return BEHIND_ANOTHERS
        return ""

    return told


def again_and_again(prefix: str) -> Callable[[str, str], str]:
    """For a line that was sent in pieces, by a server whose replies begin so."""

    def told(wanted: str, came: str) -> str:
        if not (wanted.startswith(prefix) and came.startswith(prefix)):
            return ""
        line, body = wanted.removeprefix(prefix), came.removeprefix(prefix)
        if not line or not 2 * len(line) <= len(body) <= LONGEST or not body.endswith(line):
            return ""
        if not body.replace(line, ""):
            return ""  # the line itself came again, not its beginning
        return AGAIN_AND_AGAIN if _is_made_of_beginnings(body, line) else ""

    return told


def _is_made_of_beginnings(body: str, line: str) -> bool:
    """Whether one beginning of the line follows another, without anything else."""
    reached = {0}
    for at in range(len(body)):
        if at not in reached:
            continue
        for length, character in enumerate(line):
            if at + length >= len(body) or body[at + length] != character:
                break
            reached.add(at + length + 1)
    return len(body) in reached


def of_letters(
    prefix: str, change: Callable[[str], str], words: Sequence[str], replies: Sequence[str]
) -> str:
    """For replies that differ from the right ones in the case of letters only. `change`: what
    should become of a line."""
    came = [reply.removeprefix(prefix) for reply in replies]
    if len(words) != len(came) or [prefix + text for text in came] != [*replies]:
        return ""
    said = "".join(words)
    if came == [word.swapcase() for word in words] and _holds_both(said):
        return _swapped(change is str.upper) if change in (str.upper, str.lower) else ""
    first, last = ("a", "z") if change is str.upper else ("A", "Z")
    letters = string.ascii_lowercase if change is str.upper else string.ascii_uppercase
    if change not in (str.upper, str.lower) or not set(letters) <= set(said):
        return ""
    for stay in ((first, last), (first,), (last,)):
        without = [_changed(word, change, stay) for word in words]
        if came == without:
            told = BOTH_ENDS_STAY if len(stay) > 1 else ONE_END_STAYS
            return told.format(letter=stay[0], first=first, last=last)
    return ""


def _swapped(small_ones_change: bool) -> str:
    return (
        "Small letters became capitals, and capitals small letters: only"
        f" {'small letters' if small_ones_change else 'capitals'} may change"
        " (Python: swapcase() changes both) (C: an XOR with 0x20 changes both)."
    )


def _holds_both(text: str) -> bool:
    return any(map(str.isupper, text)) and any(map(str.islower, text))


def _changed(word: str, change: Callable[[str], str], stay: Sequence[str]) -> str:
    return "".join(letter if letter in stay else change(letter) for letter in word)
