"""What became of a text: how the line that came differs from the one that was due. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.transcript import as_bytes

TOO_LONG = 20_000
"""Characters of a text beyond which it is compared as a whole only, not for its encoding."""

LITTLE = 2
"""Characters: a line that lacks no more was not cut, and no more is only a prefix."""

_TELLING = 8
"""Characters of a line by which its beginning is found in a reply."""

_BEFORE_A_LINE = "> "
"""What replies of the lecture begin with."""

READ_AS = {"latin-1": "ISO 8859-1", "cp1252": "windows-1252"}
"""Encodings in which UTF-8 is read by mistake: Python's name, and the usual one."""

_RUN = re.compile(r"([^\x00-\x7f]+)")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def difference(expected: str, came: str, sent: Sequence[str] = ()) -> Symptom | None:
    """What distinguishes the line that came from the one that was due; None where nothing better
    can be said than that it is another text. `sent`: the lines that the client had sent."""
    if expected == came or not expected or not came:
        return None
    if (where := _carriage_return(expected, came)) is not None:
        return Symptom(Sign.CR, facts={"where": where})
    if max(len(expected), len(came)) <= TOO_LONG and (facts := _encoding(expected, came, sent)):
        return Symptom(Sign.ENCODING, facts=facts)
    rest = expected[len(came) :].strip() if expected.startswith(came) else ""
    if len(rest) > LITTLE and len(came) > LITTLE:
        return Symptom(Sign.CUT, facts={**_cut(came, sent), **of_a_pointer(came)})
    if any(line in came and line not in expected for line in _in_capitals(expected, sent)):
        return Symptom(Sign.UNCHANGED) if came.casefold() == expected.casefold() else None
    return None


def _carriage_return(expected: str, came: str) -> str | None:
    """Where a carriage return stands that belongs to no text; None where there is none."""
    if "\r" not in came or "\r" in expected or came.replace("\r", "") != expected:
        return None
    return "at the end" if came.endswith("\r") else "in the text"


def _cut(came: str, sent: Sequence[str]) -> Mapping[str, str | int]:
    """Where it was cut, and which count may be the size of a buffer: so much of the line that was
    sent, or of the reply; or one more, for a zero byte or a newline behind it."""
    after = len(came)
    counts = [*_taken(came, sent), len(came.lstrip(_BEFORE_A_LINE)), after]
    for count in [*counts, *(count + 1 for count in counts)]:
        if power(count):
            return {"after": after, "unit": "characters", "buffer": count}
    return {"after": after, "unit": "characters"}


def of_a_pointer(came: str) -> dict[str, str | int]:
    """The fact that as many bytes came as a pointer has; empty if not."""
    return {"pointer": 8} if len(as_bytes(came)) == 8 else {}


def left_out(expected: str, came: str) -> str:
    """The characters that are missing, each once, where at least two do, and all else came in its
    order. Empty where a letter or a digit of ASCII, or white space, is missing: then a word is."""
    if max(len(expected), len(came)) > TOO_LONG:
        return ""
    rest = iter(expected)
    if not all(character in rest for character in came):
        return ""
    missing = "".join((Counter(expected) - Counter(came)).keys())
    is_word = any(c.isspace() or (c.isascii() and c.isalnum()) for c in missing)
    return missing if len(missing) > 1 and not is_word else ""


def _taken(came: str, sent: Sequence[str]) -> Iterator[int]:
    """How many characters of a line that was sent must have been read for what came: of `SAY hi`,
    the command too, which does not come back."""
    folded = came.casefold()
    for line in sent:
        for start in {0, line.find(" ") + 1}:
            beginning = line[start : start + _TELLING].casefold()
            if len(beginning) == _TELLING and (at := folded.find(beginning)) >= 0:
                yield start + len(came) - at


def power(count: int) -> int:
    """Which power of two it is, if it may be the size of a buffer (64 and more); else 0."""
    return count.bit_length() - 1 if count >= 64 and not count & (count - 1) else 0


def _in_capitals(expected: str, sent: Sequence[str]) -> list[str]:
    """The lines that were sent, and should have come back otherwise."""
    folded = expected.casefold()
    return [line for line in sent if len(line) > 2 and line.casefold() in folded]


def _encoding(expected: str, came: str, sent: Sequence[str]) -> Mapping[str, str]:
    """What became of the characters beyond ASCII; empty where they are not what differs."""
    if "İ" in came and "İ" not in expected and came.replace("İ", "I") == expected:
        return {"encoding": "Turkish", "sent": "i", "came": "İ"}
    first = _BEYOND_ASCII.search(expected)
    if first is None:
        return {}
    told = {"sent": first[0].lower()}
    for way in _ways(expected, sent):
        for codec, name in READ_AS.items():
            read = way.encode("utf-8", "surrogateescape").decode(codec, "replace")
            if read.casefold() == came.casefold() and read != way:
                index = way.index(next(iter(_BEYOND_ASCII.findall(way)), way[:1]))
                return {
                    **told,
                    "encoding": f"UTF-8 read as {name}",
                    "came": came[index : index + 2],
                }
            if _decoded(came, codec).casefold() in (way.casefold(), _low_bytes(way).casefold()):
                return {**told, "encoding": f"sent as {name}", "came": "one byte"}
        shouted = way.encode("utf-8", "surrogateescape").decode("latin-1").upper()
        if as_bytes(came) == shouted.encode("latin-1", "replace"):
            return {**told, "encoding": "ISO 8859-1 both ways", "came": "half a character"}
    if _with(r"\?", expected).fullmatch(came):
        return {**told, "encoding": "ASCII", "came": "?"}
    if _with("\ufffd", expected).fullmatch(came):
        return {**told, "encoding": "UTF-8 not decoded", "came": "\ufffd"}
    if _with("", expected).fullmatch(came):
        return {**told, "encoding": "ASCII", "came": ""}
    if _pieces(expected).fullmatch(came) and "\ufffd" in came:
        at = came.index("\ufffd")
        return {
            "encoding": "in pieces",
            "sent": expected[min(at, len(expected) - 1)],
            "came": "\ufffd",
        }
    return {}


def _ways(expected: str, sent: Sequence[str]) -> list[str]:
    """What may have been mangled: the reply, also in lower case, and before it was shouted."""
    ways = [expected, expected.lower()]
    folded = expected.casefold()
    for line in sent:
        at = folded.find(line.casefold()) if _BEYOND_ASCII.search(line) else -1
        if at >= 0:
            ways.append(expected[:at] + line + expected[at + len(line) :])
    return ways


def _low_bytes(text: str) -> str:
    """The text as Node sends it as latin1, ascii or binary: the low byte of each character."""
    return "".join(chr(ord(character) & 0xFF) for character in text)


def _decoded(came: str, codec: str) -> str:
    """What the bytes that came mean in another encoding; empty where they are valid UTF-8."""
    raw = as_bytes(came)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode(codec, "replace")
    return ""


def _with(instead: str, expected: str) -> re.Pattern[str]:
    """The line with that character instead of every one beyond ASCII, once to four times."""
    return _runs(expected, lambda run: f"{instead}{{{len(run)},{4 * len(run)}}}" if instead else "")


def _pieces(expected: str) -> re.Pattern[str]:
    """The line with any of its characters beyond ASCII in pieces (U+FFFD)."""
    return _runs(expected, lambda run: f"[{re.escape(run)}\ufffd]{{1,{4 * len(run)}}}")


def _runs(expected: str, instead: Callable[[str], str]) -> re.Pattern[str]:
    """The line, with a pattern instead of each run of characters beyond ASCII. Whole runs, since a
    pattern for each character of many would take exponential time."""
    parts = _RUN.split(expected)
    words = [instead(part) if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(words), re.IGNORECASE)
