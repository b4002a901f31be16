"""What was seen of a fault, derived from the evidence of the attempt. Pure.

It never guesses. What whoever raised the violation says counts; else the most special sign that
the conversation proves; else none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.verdict.exchange import Exchange, exchanges, is_whole
from conformance.verdict.likeness import LITTLE, difference, left_out, of_a_pointer
from conformance.verdict.model import Attempt
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Kind

_LINE = re.compile(r"as line \d+: ")
_UNENDED = " without an end of line"
_CR_ALONE = ", ended with CR alone"
"""What stands behind a text that came. No patterns: of a flood that is 32 MiB."""
_SILENT = re.compile(r"^(?:nothing|none|neither)\b|was told nothing|^no (?:reply|line|datagram)\b")
_AND_ITS_END = re.compile(r",? and the end of the line$")
_AWAITED_SILENCE = re.compile(r"(?:nothing|no datagram) (?:for|before|while|in answer to) ")
_HOW = re.compile(r"the program has ended: ([^,)]+)")
_TIMED_OUT = re.compile(
    r"^(?!.*(?:accept|connect)).*(?:\btimed out\b|\bTimeoutError\b|SocketTimeoutException)",
    re.IGNORECASE | re.MULTILINE,
)
"""What a program prints of a read that had a time limit."""
_SHORTEST = 5
"""Characters of a line by which it can be known again in another."""
_LONGEST = 10_000
"""Characters of a line that is searched for pieces of others."""

OF_ALL = (Sign.LOST, Sign.OVERTAKEN, Sign.AT_END)
"""Signs that are known only where all that was said is known."""

_OF_KIND: Mapping[Kind, Sign] = {Kind.OPEN: Sign.OPEN, Kind.REFUSED: Sign.REFUSED}


def seen(attempt: Attempt) -> Symptom | None:
    """What was seen of the fault of a failed attempt; None where nothing is known but its text."""
    given = attempt.symptom
    if given is not None and given.sign is not Sign.NOTHING:
        return replace(given, client=given.client or attempt.client)
    spoken = exchanges(attempt.transcript)
    mine = _concerned(attempt, spoken)
    found = _derived(attempt, mine, [one for one in spoken if one is not mine])
    if found is not None and found.sign in OF_ALL and not is_whole(attempt.transcript):
        found = Symptom(Sign.NOTHING if _SILENT.search(attempt.actual) else Sign.FORM)
    if given is not None:  # what is known of a silence adds to what the conversation shows
        found = replace(found or given, facts={**(found.facts if found else {}), **given.facts})
    if found is None or found.client or mine is None:
        return found
    return replace(found, client=mine.name)


def _concerned(attempt: Attempt, spoken: Sequence[Exchange]) -> Exchange | None:
    """The client whose conversation failed; None where that is not known."""
    for one in spoken:
        if one.name == attempt.client:
            return one
    if len(spoken) == 1:
        return spoken[0]
    came = _LINE.sub("", attempt.actual)
    got = [one for one in spoken if came and any(text == came for _, text in one.got)]
    return got[0] if len(got) == 1 else None


def _derived(attempt: Attempt, mine: Exchange | None, others: Sequence[Exchange]) -> Symptom | None:
    kind = attempt.kind
    if kind is Kind.ENDED or _HOW.search(attempt.actual):
        how = _HOW.search(attempt.actual)
        facts = {"how": how[1].strip()} if how else {}
        return Symptom(Sign.ENDED, facts={**facts, **({"output": 1} if attempt.output else {})})
    if kind is not None and kind in _OF_KIND:
        return Symptom(_OF_KIND[kind])
    if kind is Kind.CLOSED:
        known = _closing(mine, whole=is_whole(attempt.transcript))
        printed = {"timed out": 1} if _TIMED_OUT.search(attempt.output) else {}
        return Symptom(Sign.CLOSED, facts={**known, **printed})
    if (unended := _unended(attempt)) is not None:
        return unended
    if kind is Kind.LATE:
        by_itself = mine is not None and mine.by_itself(attempt.expected)
        return Symptom(Sign.LATE, facts={"by itself": 1} if by_itself else {})
    if _SILENT.search(attempt.actual) and (kind is Kind.SILENCE or mine is not None):
        return _of_silence(attempt, mine, others)
    return _of_text(attempt, mine, others)


def _of_silence(attempt: Attempt, mine: Exchange | None, others: Sequence[Exchange]) -> Symptom:
    """What came instead of the awaited, or when that came."""
    expected = _LINE.sub("", attempt.expected)
    if mine is not None and mine.times(expected):
        if mine.came_at_the_end(expected, others):
            answered = mine.was_answered_before(mine.ended_at or 0.0)
            return Symptom(Sign.AT_END, facts={"answered": 1} if answered else {})
        if (other := mine.answered_before(expected)) is not None:
            return Symptom(Sign.OVERTAKEN, facts={"of": other})
    due = mine.line_in(expected) if mine else None
    if mine is not None and due is not None and mine.got and mine.replies:
        last = mine.line_in(mine.replies[-1])
        if last is not None and last > due:
            return Symptom(Sign.LOST, facts={"line": due + 1, "instead": last + 1})
    return Symptom(Sign.NOTHING, facts=_silence(attempt, mine, others))


def _closing(mine: Exchange | None, *, whole: bool) -> Mapping[str, int | float]:
    """How long the connection had stood, and how much had come, when the server closed it."""
    if mine is None or mine.closed_at is None or not whole:
        return {}
    return {
        "after": round(mine.closed_at - mine.spoke_before(mine.closed_at), 3),
        "lines": len(mine.got),
    }


def _silence(
    attempt: Attempt, mine: Exchange | None, others: Sequence[Exchange]
) -> Mapping[str, str | int]:
    """How many lines had come, and whether the program printed the text that was awaited."""
    facts: dict[str, str | int] = {}
    if mine is not None:
        alone = all(one.is_apart_from(mine) for one in others)
        facts["replies"] = len(mine.replies)
        facts |= {} if mine.over_tcp else {"udp": 1}
        facts["sent"] = len(mine.sent)
        facts["alone"] = int(alone and mine.over_tcp)
    wanted = _LINE.sub("", attempt.expected)
    if mine is not None and mine.over_tcp and is_whole(attempt.transcript):
        facts |= _among_others(wanted, mine, others)
    if len(wanted) >= _SHORTEST and wanted.strip() in attempt.output:
        facts["printed"] = wanted.strip()
    return facts


def _among_others(
    wanted: str, mine: Exchange, others: Sequence[Exchange]
) -> Mapping[str, str | int]:
    """To whom else the awaited line came; or how many were served and how many were not, where each
    client had all its answers, or none, before the first of them left."""
    for one in others:
        if one.times(wanted) and one.line_in(wanted) is None and mine.line_in(wanted) is not None:
            return {"came to": one.name}
        if any(_is_mixed(wanted, text, one) for _, text in mine.got):
            return {"mixed with": one.name}
    everybody = [mine, *others]
    over = min((one.ended_at for one in everybody if one.ended_at is not None), default=math.inf)
    spoke = [one for one in everybody if one.sent and one.sent[0][0] < over]
    answered = [one for one in spoke if one.was_answered_before(over)]
    if mine in answered or not all(one.was_served_before(over) for one in answered):
        return {}
    return {"served": len(answered), "unserved": len(spoke) - len(answered)}


def _is_mixed(wanted: str, came: str, other: Exchange) -> bool:
    """Whether the end of the awaited line came behind a piece of the other's line; its beginning
    may stand before that, or be lost."""
    if not len(wanted) < len(came) <= _LONGEST:
        return False
    before, behind = _alike(wanted, came), _alike(wanted[::-1], came[::-1])
    if before + behind < len(wanted) and behind < _SHORTEST:
        return False
    behind = min(behind, len(wanted) - before)
    if not 0 < behind < len(came) - before:
        return False
    between = came[before : len(came) - behind].casefold()
    pieces = {piece for _, line in other.sent for piece in (line[:_SHORTEST], line[-_SHORTEST:])}
    return any(len(each) == _SHORTEST and each.casefold() in between for each in pieces)


def _alike(one: str, two: str) -> int:
    """How many characters are the same, from the beginning on."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(two)))


def _unended(attempt: Attempt) -> Symptom | None:
    """The right text without an end of line; or only its beginning."""
    actual = attempt.actual
    if actual.endswith(_CR_ALONE):
        text = actual.removesuffix(_CR_ALONE)
        return Symptom(Sign.UNENDED, facts={"ending": "CR", "text": text})
    if (came := _before_its_end(actual)) is None:
        return None
    if _AWAITED_SILENCE.match(attempt.expected):
        return Symptom(Sign.EXTRA)
    expected = _AND_ITS_END.sub("", attempt.expected)
    if LITTLE < len(came) < len(expected) and expected.startswith(came):
        facts: dict[str, str | int] = {"after": len(came), "unit": "characters"}
        return Symptom(Sign.CUT, facts=facts | of_a_pointer(came))
    return Symptom(Sign.UNENDED)


def _before_its_end(actual: str) -> str | None:
    """The text that is said to have come without an end of line; None where that is not said."""
    at = actual.find(_UNENDED)
    while at >= 0:
        behind = at + len(_UNENDED)
        if actual[behind : behind + 1] in ("", ","):
            return actual[:at].removesuffix(",")
        at = actual.find(_UNENDED, at + 1)
    return None


def _of_text(attempt: Attempt, mine: Exchange | None, others: Sequence[Exchange]) -> Symptom | None:
    """What can be said of a line that came instead of another."""
    expected, came = (_LINE.sub("", text) for text in (attempt.expected, attempt.actual))
    sent = [line for _, line in mine.sent] if mine else []
    if found := difference(expected, came, sent):
        return found
    if _AWAITED_SILENCE.match(expected):
        return Symptom(Sign.EXTRA)
    if misnamed := _misnamed(expected, came, mine, others):
        return misnamed
    if missing := left_out(expected, came):
        return Symptom(Sign.FORM, facts={"missing": missing})
    if mine is None or not any(text == came for _, text in mine.got):
        return Symptom(Sign.FORM) if attempt.lines else None
    return _of_order(expected, came, mine, others) or Symptom(Sign.FORM)


def _misnamed(
    expected: str, came: str, mine: Exchange | None, others: Sequence[Exchange]
) -> Symptom | None:
    """Whether the lines differ only in whose message it is: behind the name both have the same
    words, and a message that was sent."""
    wanted, got = expected.split(" "), came.split(" ")
    behind = 0
    while behind < min(len(wanted), len(got)) and wanted[-1 - behind] == got[-1 - behind]:
        behind += 1
    right, name = (" ".join(words[: len(words) - behind]) for words in (wanted, got))
    same = " ".join(wanted[len(wanted) - behind :])
    everybody = [*others, *([mine] if mine else [])]
    said = [line.partition(" ")[2] for one in everybody for _, line in one.sent]
    if not right or not name or right in name:
        return None
    if not any(len(text) >= _SHORTEST and same.endswith(f" {text}") for text in said):
        return None
    facts = {"name": name, "right": right}
    owners = [one.name for one in everybody if any(n.endswith(f" {name}") for _, n in one.sent)]
    return Symptom(Sign.MISNAMED, facts={**facts, **({"client": owners[0]} if owners else {})})


def _of_order(
    expected: str, came: str, mine: Exchange, others: Sequence[Exchange]
) -> Symptom | None:
    """Whether it is a right line, at the wrong place or for somebody else."""
    due, answered = mine.line_in(expected), mine.line_in(came)
    if due is None:
        return None  # it is not known which line was to be answered
    if answered is None:
        owners = [one.name for one in others if one.line_in(came) is not None]
        return Symptom(Sign.OTHERS, facts={"client": owners[0]}) if len(owners) == 1 else None
    if answered == due:
        return None  # the answer to the right line, in another form
    if (times := mine.times(came)) > 1 and answered < due:
        return Symptom(Sign.DOUBLED, facts={"times": times})
    if answered > due and mine.times(expected):
        return Symptom(Sign.OVERTAKEN, facts={"line": due + 1, "by": answered + 1})
    if answered > due:
        return Symptom(Sign.LOST, facts={"line": due + 1, "instead": answered + 1})
    return None
