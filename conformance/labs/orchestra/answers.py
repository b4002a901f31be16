"""What the auditor has answered, read as well as it can be. Pure."""

import ast
import json
import re
from dataclasses import dataclass
from typing import Any

from conformance import Fault, Kind, NotJudged, Violation

KEYS = ("uuid", "instrument", "activeSince")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MAX_ENTRIES = 1_000
"""Entries that are read of one answer."""
MAX_TEXT = 100_000
"""Characters that are read of an answer that is no JSON."""
MAX_STARTS = 20
"""Places at which an array may begin behind something else."""


@dataclass(frozen=True)
class AuditorAnswer:
    """What one client was told."""

    text: str
    asked: float
    """When it connected."""
    came: float
    """When we had all of it."""
    closed: float | None
    """When the auditor closed the connection; None if it did not while we waited."""
    left: float
    """When the client left."""
    ended: str
    """How the program ended; "" while it runs."""
    refusal: Violation | None = None
    """Why nobody could connect."""
    means_nobody: bool = False
    """Whether it is read as an empty array: it is none, but names no musician."""

    @classmethod
    def refused(cls, refusal, at):
        """What comes of a client that cannot connect."""
        return cls("", at, at, None, at, "", refusal)

    @property
    def value(self):
        """The JSON value that it is; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def entries(self):
        """The objects that tell of a musician, wherever they stand in it; None if it holds no
        array, nor an object."""
        if self.means_nobody:
            return []
        value = self.value
        value = readable(self.text) if value is None else value
        return None if value is None else list(_objects(value))[:MAX_ENTRIES]

    @property
    def is_silence(self):
        """Whether nothing came, although the connection was there to be answered on."""
        answered = self.text.strip() or self.closed is not None
        return not (answered or self.ended or self.refusal is not None)

    def names_nobody(self, sounds):
        """Whether something came, and no musician can be meant by it."""
        text = self.text[:MAX_TEXT].casefold()
        words = [word.casefold() for word in (*KEYS, *sounds, *sounds.values())]
        named = any(word in text for word in words)
        return bool(text.strip()) and not named and re.search("[1-9]", text) is None

    @property
    def emptiness(self):
        """How it says that nobody plays, for reports."""
        return self.text.strip()[:60] if self.means_nobody else "an empty array"

    # -- questions ----------------------------------------------------------------------

    def form(self, *, empty=False):
        """Whether it is a JSON array and nothing else; `empty`: without an entry."""
        wanted = "a JSON array, and nothing else" + (": []" if empty else "")
        if not self.text.strip():
            return self._nothing(wanted)
        value, hint = self.value, ""
        if isinstance(value, list) and not (empty and value):
            return None
        if value is None and readable(self.text) is not None:
            hint = "What is no part of the array makes it invalid JSON."
            if "'" in self.text and '"' not in self.text:
                hint = "JSON has double quotes (Python: json.dumps(), not str())."
        elif isinstance(value, dict):
            hint = "An array even of one musician, or none: [ … ], not { … }."
        elif value:
            hint = "Nobody has played yet."
        return Violation(wanted, self.text, hint=hint, symptom="another text").seen_at(self.came)

    def _nothing(self, wanted):
        if self.refusal is not None:
            return self.refusal
        if self.ended:
            return Violation(wanted, f"nothing ({self.ended})", kind=Kind.ENDED).seen_at(self.came)
        if self.closed is not None:
            told = "nothing: the auditor closed the connection"
            return Violation(wanted, told, kind=Kind.CLOSED).seen_at(self.closed)
        told = f"nothing within {self.left - self.asked:.0f} s"
        silent = Violation(wanted, told, fault=Fault.ABSENT)
        return silent.seen_at(self.asked, until=self.left)

    def hanging_up(self, within):
        """Whether the connection was closed so soon after the array."""
        if not self.text.strip():
            raise NotJudged("2.2", self._nothing("").kind, "nothing was told")
        if self.closed is not None and self.closed - self.came <= within:
            return None
        wanted = f"the auditor closes the connection within {within:g} s of the array"
        hint = {"never closed": "Close the socket after the array: that tells where it ends."}
        told = f"it was still open after {self.left - self.came:.1f} s"
        still = Violation(wanted, told, hint=hint, fault=Fault.ABSENT, kind=Kind.OPEN)
        return still.seen_at(self.came, until=self.left)


def readable(text):
    """The array or object in a text that is no JSON: behind something else, or as Python's `str`
    has it; None if there is none."""
    text = text[:MAX_TEXT]
    starts = [found.start() for found in re.finditer(r"[\[{]", text)][:MAX_STARTS]
    for start in starts:
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
    return _python_value(text)


def is_whole(text):
    """Whether the array or object is there to its end."""
    begin = min((at for at in (text.find("["), text.find("{")) if at >= 0), default=-1)
    whole = text[begin:].strip() if begin >= 0 else ""
    if not whole.endswith(("]", "}")):
        return False
    try:
        json.loads(whole)
    except (ValueError, RecursionError):
        return _python_value(whole) is not None
    return True


def _python_value(text):
    """The list or dictionary that a text is as Python's `str` has it; None if it is none."""
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None
    return value if isinstance(value, list | dict) else None


def _objects(value):
    """The objects in a value that tell of a musician, from the outside in, three levels deep."""
    level = [value]
    for _ in range(4):
        inside: list[Any] = []
        for each in level:
            if isinstance(each, dict) and _tells(each):
                yield each
            elif isinstance(each, dict):
                inside += each.values()
            elif isinstance(each, list):
                inside += each
        level = inside


def _tells(entry):
    """Whether an object is about a musician, whatever its keys are called."""
    names = {str(key).casefold().replace("_", "") for key in entry}
    known = {key.casefold() for key in KEYS} | {"id", "since", "sound"}
    return bool(names & known) or any(uuid_in(value) for value in entry.values())


def uuid_in(value):
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def label_of(entry, sounds):
    """The instrument that an entry means, also where it has its sound; "" where unknown."""
    values = [entry.get("instrument"), *entry.values()]
    for text in [value.casefold() for value in values if isinstance(value, str)]:
        for name, sound in sounds.items():
            if text in (name, sound.casefold()):
                return name
    return ""
