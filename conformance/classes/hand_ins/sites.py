"""How course sites name what they export: the author's part, and the part that students choose.

- Moodle: a folder `Ann Smith_4711_assignsubmission_file_/`, or the file itself behind that
  prefix; 4711 numbers the participant, for this assignment only (mod_assign's downloader).
- Canvas: `smithann_LATE_12345_67890_Server-1.java`, file by file: the name without spaces, LATE
  if it was, the user's number, the file's number, and the file's name, to which Canvas adds
  -1 if an earlier attempt had the same (its content_zipper).
- Blackboard: `Lab 1_asmith_attempt_2026-11-29-12-00-00_server.py`, and a receipt of each
  attempt, whose name ends after the time: `….txt`.
- Brightspace: a folder `12345-67890 - Ann Smith - Nov 29, 2026 1200 PM/` for each attempt, or
  the file itself behind that prefix.
- Sakai: a folder `Smith, Ann(asmith)/`, which holds what was attached in a folder of its own.

The site's part comes first, and is as short as possible. The rest was chosen by a student, and
may look like another site's pattern. So all names are taken to be of the site whose pattern most
of them match. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from conformance.classes.file_names import Author, Name, identity, readable, squeezed, stem
from conformance.classes.hand_ins.dates_of_sites import sortable

MOODLE, CANVAS, BLACKBOARD = "Moodle", "Canvas", "Blackboard"
BRIGHTSPACE, SAKAI = "Brightspace", "Sakai"

OWN_NUMBERS = frozenset({MOODLE, CANVAS, BRIGHTSPACE})
"""Sites with numbers of their own, which mean nothing elsewhere. The rest use logins."""

HIDDEN = frozenset(
    {
        *("participant", "teilnehmer", "teilnehmerin", "teilnehmende", "partecipante"),
        *("participante", "anonymous", "anonymoususer"),
    }
)
"""What Moodle writes instead of a name if names are hidden."""

_MARK = "_assignsubmission_"
_WORD = r"[^\s\x00-/:-@\[-^`{-\x7f]"
"""A letter, digit or underscore, or a vowel mark, as some scripts have, which Python's `\\w`
lacks."""

_CANVAS_END = r"_(?:(?P<instead>text|link)\.html|(?P<file>\d+)_(?P<own>.+))"
_CANVAS = re.compile(rf"(?P<who>{_WORD}+?)(?P<late>_LATE)?_(?P<user>\d+){_CANVAS_END}", re.DOTALL)
_CANVAS_ANONYMOUS = re.compile(
    rf"(?P<who>)(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]+){_CANVAS_END}", re.DOTALL
)
_CANVAS_FOLDER = re.compile(r"(\w+?)(_LATE)?_(\d+)")
_CANVAS_ANONYMOUS_FOLDER = re.compile(r"()(LATE_)?anon_([A-Za-z0-9]+)")
_AGAIN = re.compile(r"-\d+(?=\.|$)")
_BLACKBOARD = re.compile(
    r"(?P<head>.+?_.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:(?P<receipt>\.txt)|_(?P<own>.*))?",
    re.DOTALL,
)
_BRIGHTSPACE = re.compile(
    r"(?P<one>\d+)-(?P<other>\d+) ?- (?P<who>.+?) ?- ?"
    r"(?P<time>[^-_]{0,20}\b\d{4},? [^-_]{0,3}\d{1,2}[ .:h]?\d\d(?: ?[AaPp]\.?[Mm]\.?)?)"
    r"(?: ?- (?P<own>.*))?",
    re.DOTALL,
)
_SAKAI = re.compile(r"(?P<who>.+,.*)\((?P<user>[^()]+)\)(?:_\d+)?", re.DOTALL)


class Reading(NamedTuple):
    """A name, read as one site would have written it."""

    name: Name
    end: int
    """Index at which the site's part ends, and the student's begins."""


Knows = Callable[[str], bool]
"""Whether somebody in the class has this name or id."""


def read_names(
    names: Sequence[str],
    *,
    folders: Collection[str] = (),
    knows: Knows = lambda who: False,
    receipts: Mapping[str, Author] | None = None,
) -> list[Name]:
    """What the names of one export say, in their order. Never fails: names of no site are plain.

    `folders`: those of the names that are folders. `receipts`: the authors of Blackboard's
    attempts, by `Name.head`, as far as they are known.
    """
    readings = [_readings(_composed(name), name in folders) for name in names]
    votes = Counter(reading.name.site for each in readings for reading in each)
    persons: dict[str, set[str]] = defaultdict(set)
    for each in readings:
        for reading in each:
            persons[reading.name.site].add(reading.name.author.id)

    def likely(reading: Reading) -> tuple[int, int, int]:
        site = reading.name.site
        return votes[site], len(persons[site]), -reading.end

    told = [
        max(each, key=likely).name if each else plain(name, folder=name in folders)
        for name, each in zip(names, readings, strict=True)
    ]
    return _by_number(_by_login(told, knows, receipts or {}))


def read_name(name: str, *, folder: bool = False) -> Name:
    return read_names([name], folders=[name] if folder else [])[0]


def plain(name: str, *, folder: bool = False) -> Name:
    """What a plain name says: the student's id."""
    name = readable(name)
    return Name(Author(identity(name if folder else stem(name))))


def canvas_folder(name: str) -> Name | None:
    """What the name of a folder says that a teacher has made for files of Canvas, `smithann_12345`.
    Only its surroundings tell whether it is such a folder."""
    name = readable(name)
    found = _CANVAS_ANONYMOUS_FOLDER.fullmatch(name) or _CANVAS_FOLDER.fullmatch(name)
    if not found or found[1] != found[1].lower():
        return None
    person, late, number = found.groups()
    return Name(Author(number, person), CANVAS, bool(late))


def sakai_folder(name: str) -> Name | None:
    """What the name of a folder of Sakai's says, `Smith, Ann(asmith)`."""
    found = _SAKAI.fullmatch(_composed(name))
    if not found:
        return None
    return Name(Author(identity(found["user"]), identity(found["who"])), SAKAI)


def _composed(name: str) -> str:
    """The name in NFC: some systems write é as two characters."""
    return unicodedata.normalize("NFC", readable(name))


def _readings(name: str, folder: bool) -> list[Reading]:
    found = (read(name, folder) for read in (_moodle, _canvas, _blackboard, _brightspace))
    return [*filter(None, found)]


def _moodle(name: str, folder: bool) -> Reading | None:
    head, mark, tail = name.partition(_MARK)
    kind, _, own = tail.partition("_")
    if not head or not mark or not re.fullmatch("[a-z0-9]+", kind):
        return None
    who, _, number = head.rpartition("_")
    if not who or not number.isdecimal():
        who, number = head, head  # "Default group" has none
    person = identity(who.replace("_", " "))
    author = Author(identity(number), "" if squeezed(person) in HIDDEN else person)
    end = len(head) + len(mark) + len(kind) + 1
    told = Name(author, MOODLE, folder=f"{head}{_MARK}file_")
    if kind == "file":
        return Reading(replace(told, file=own), end)
    return Reading(replace(told, no_file="a text"), end)


def _canvas(name: str, folder: bool) -> Reading | None:
    found = _CANVAS_ANONYMOUS.fullmatch(name) or _CANVAS.fullmatch(name)
    if not found or found["who"] != found["who"].lower():  # Canvas has no capitals there
        return None
    author, late = Author(found["user"], found["who"]), bool(found["late"])
    into = f"{found['who'] or 'anon'}_{found['user']}"
    if found["instead"]:
        told = Name(author, CANVAS, late, no_file=f"a {found['instead']}", folder=into)
        return Reading(told, len(name))
    own = _AGAIN.sub("", found["own"], count=1)
    told = Name(author, CANVAS, late, int(found["file"]), own, folder=into)
    return Reading(told, found.start("own"))


def _blackboard(name: str, folder: bool) -> Reading | None:
    found = _BLACKBOARD.fullmatch(name)
    if not found or (found["receipt"] and folder):
        return None
    told = Name(
        Author(found["head"].rpartition("_")[2]),
        BLACKBOARD,
        file=found["own"] or "",
        receipt=bool(found["receipt"]),
        attempt=found["time"],
        head=found["head"],
        folder=name[: found.end("time")],
    )
    return Reading(told, found.end("time"))


def _brightspace(name: str, folder: bool) -> Reading | None:
    found = _BRIGHTSPACE.fullmatch(name)
    if not found or not (time := sortable(found["time"])):
        return None
    told = Name(
        Author(f"{found['one']}-{found['other']}", identity(found["who"])),
        BRIGHTSPACE,
        file=found["own"] or "",
        attempt=time,
        folder=name[: found.end("time")],
    )
    return Reading(told, found.end("time"))


# -- what needs the whole list to be known ---------------------------------------------------


def _by_login(names: list[Name], knows: Knows, receipts: Mapping[str, Author]) -> list[Name]:
    """The names, with only the login as Blackboard's author: `ann_lee` of `Lab_1_ann_lee`."""
    heads = {name.head for name in names if name.site == BLACKBOARD}
    start = _assignment(heads, knows)
    told = []
    for name in names:
        if name.site == BLACKBOARD:
            login = name.head.removeprefix(start) if start else name.author.id
            name = replace(name, author=receipts.get(name.head) or Author(identity(login)))
        told.append(name)
    return told


def _assignment(heads: Collection[str], knows: Knows) -> str:
    """The assignment's name: a prefix of all heads that ends at an underscore. It is the one after
    which most known logins follow; else the longest, since an assignment's name may hold
    underscores."""
    first = min(heads, default="")
    starts = [
        first[: place + 1]
        for place, letter in enumerate(first[:-1])
        if letter == "_" and all(h.startswith(first[: place + 1]) and h[place + 1 :] for h in heads)
    ]
    if not starts:
        return ""
    if len(heads) == 1 and not any(knows(first[len(start) :]) for start in starts):
        return starts[-1]
    return max(starts, key=lambda s: (sum(knows(h[len(s) :]) for h in heads), len(s)))


def _by_number(names: list[Name]) -> list[Name]:
    """The names, with the person's number of Brightspace's two: each number belongs to one name,
    and not all are equal. If neither is like that, the name is the id."""
    ours = [name for name in names if name.site == BRIGHTSPACE]
    pairs = [name.author.id.split("-") for name in ours]
    people = {squeezed(name.author.name) for name in ours}
    chosen = None
    for place in (0, 1):
        owners: dict[str, set[str]] = defaultdict(set)
        for name, pair in zip(ours, pairs, strict=True):
            owners[pair[place]].add(squeezed(name.author.name))
        if all(len(each) == 1 for each in owners.values()) and len(owners) >= len(people):
            chosen = place
            break
    told = []
    for name in names:
        if name.site == BRIGHTSPACE:
            who = name.author.name if chosen is None else name.author.id.split("-")[chosen]
            name = replace(name, author=Author(who, name.author.name))
        told.append(name)
    return told
