"""submission_metadata.yml: whose each submission of a Gradescope export is, and when it came.

    submission_123456789:
      :submitters:
      - :name: Ann Smith
        :sid: '4711'
        :email: ann@example.org
      :created_at: 2026-04-26 17:34:00.861687000 Z
      :results: …

The file is read line by line, and not as YAML: `:results:` holds megabytes that autograders have
printed, and strict readers refuse some of it (a closing quote at the start of a line; `...` between
two submissions). Only lines at these depths are read. Output of programs is indented further, so
it cannot appear there. Anything unexpected at these depths is an error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conformance.classes.file_names import METADATA, Author, identity
from conformance.verdict.model import WrongCall

_SUBMISSION = re.compile(r"(['\"]?)([\w.-]+)\1:\s*")
_KEY = re.compile(r"(?P<dash>- )?:?(?P<key>\w+):(?: (?P<value>.*))?")
_NOTHING = {"---", "...", "'", '"', ""}
"""Unindented lines that name no submission."""
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)? ?(Z|UTC|[+-]\d\d:?\d\d)"
)


@dataclass
class Handed:
    """Authors and time of one submission."""

    authors: list[Author] = field(default_factory=list)
    submitted: datetime | None = None


def read_metadata(folder: Path) -> dict[str, Handed]:
    """The submissions, by the names of their folders. Raises WrongCall."""
    path = folder / METADATA
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongCall(f"{path} cannot be read: {error}") from None
    return _Reader(path).read(text)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.found: dict[str, Handed] = {}
        self.at: Handed | None = None
        self.key = ""
        self.person: dict[str, str] | None = None

    def read(self, text: str) -> dict[str, Handed]:
        for self.line, line in enumerate(text.split("\n"), 1):
            line = line.removesuffix("\r")
            bare = line.lstrip(" ")
            depth = len(line) - len(bare)
            if depth == 0:
                self._submission(line)
            elif depth == 2 and self.at is not None:
                self._second(bare)
            elif depth == 4 and self.key == "submitters":
                self._person(bare)
            elif depth > 4 and self.key == "submitters":
                raise self._wrong("a text that goes on over several lines cannot be read here")
        self._keep()
        if not self.found:
            raise WrongCall(f"{self.path} names no submission")
        return self.found

    def _submission(self, line: str) -> None:
        if line.rstrip() in _NOTHING:
            return
        self._keep()
        start = _SUBMISSION.fullmatch(line)
        if not start or start[2] in self.found:
            raise self._wrong("a submission's name, each only once, was expected")
        self.at = self.found[start[2]] = Handed()
        self.key = ""

    def _second(self, bare: str) -> None:
        if bare.startswith("-"):
            if self.key == "submitters":
                self._keep()
                self.person = {}
                self._person(bare)
            return
        found = _KEY.fullmatch(bare)
        if not found:
            raise self._wrong("a key was expected")
        self._keep()
        self.key = found["key"]
        if self.key == "created_at" and self.at is not None:
            self.at.submitted = self._time(found["value"] or "")
        elif self.key == "submitters" and (found["value"] or "").strip() not in ("", "[]"):
            raise self._wrong("the submitters stand below it, one after another")

    def _person(self, bare: str) -> None:
        found = _KEY.fullmatch(bare)
        if not found or self.person is None:
            raise self._wrong("a submitter's name, sid or email was expected")
        self.person[found["key"]] = self._text(found["value"] or "")

    def _keep(self) -> None:
        """Stores the submitter that has been read."""
        if self.person is not None and self.at is not None:
            said = {key: identity(self.person.get(key, "")) for key in ("sid", "email", "name")}
            who = said["sid"] or said["email"] or said["name"]
            if not who:
                raise self._wrong("a submitter before it has neither sid, email nor name")
            self.at.authors.append(Author(who, said["name"]))
        self.person = None

    def _text(self, value: str) -> str:
        """A scalar on one line: plain, or in single or double quotes."""
        value = value.strip()
        if value in ("", "~", "null"):
            return ""
        if value[0] == "'":
            if not re.fullmatch(r"'(?:[^']|'')*'", value):
                raise self._wrong("the text does not end on its line")
            return value[1:-1].replace("''", "'")
        if value[0] == '"':
            escaped = re.sub(r"\\x([0-9A-Fa-f]{2})", r"\\u00\1", value)
            escaped = re.sub(r"\\e", r"\\u001b", escaped)
            try:
                return str(json.loads(escaped, strict=False))
            except ValueError:
                raise self._wrong("the text in quotes cannot be read") from None
        if value[0] in "|>&*!{[@`%":
            raise self._wrong("a plain text was expected")
        return value

    def _time(self, value: str) -> datetime:
        found = _TIME.fullmatch(self._text(value))
        if not found:
            raise self._wrong("a time with its zone was expected")
        day, clock, fraction, zone = found.groups()
        zone = "+00:00" if zone in ("Z", "UTC") else zone
        try:
            moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0'):0<6}{zone}")
        except ValueError:
            raise self._wrong("there is no such time") from None
        return moment.astimezone(UTC)

    def _wrong(self, what: str) -> WrongCall:
        return WrongCall(f"{self.path}, line {self.line}: {what}")
