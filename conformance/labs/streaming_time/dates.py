"""Which moment a program means by the text of a date, in the forms that languages and students use:
day, clock and zone in any order. A day that can be read in two ways (11/12/2026), or in three
(11/12/26), is read in each. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

HOUR = 3_600
DAY = 24 * HOUR
WHOLE_HOURS = tuple(hours * HOUR for hours in range(-12, 15))
"""The world's offsets of whole hours."""

_MONTHS = (
    *(("jan",), ("feb", "fev"), ("mar", "maer"), ("apr", "avr"), ("may", "mai"), ("jun", "juin")),
    *(("jul", "juil"), ("aug", "aou"), ("sep",), ("oct", "okt"), ("nov",), ("dec", "dez")),
)
"""How months begin in English, French and German."""

_NAMED_ZONES = {
    **{"Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 1, "BST": 1},
    **{"CET": 1, "MEZ": 1, "MET": 1, "CEST": 2, "MESZ": 2, "MEST": 2, "EET": 2, "EEST": 3},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    "JST": 9,
}

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\bm=[+-][\d.]+")
"""A zone's name after its offset, as Java and JavaScript add it, or Go's monotonic clock."""
_ZONE_ID = re.compile(r"Etc/(?:GMT|UTC)(?:([+-])(\d{1,2})(?!\d))?")
"""The id of a zone as `zone_for` names it, which Java's VV and JavaScript's Intl print."""
_EPOCH = re.compile(r"(\d{10}|\d{13}|\d{16}|\d{19})(?:\.(\d{1,9}))?")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})[T _-]?(\d{2})(\d{2})(\d{2})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)[T_-]?")
_YEAR_LAST = re.compile(r"(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d:.])[T_-]?")
_DAY_LIKE = re.compile(r"\d{1,9}([-/.])\d{1,9}\1\d")
"""Numbers that look like a day; where none of the above is found in it, it is none."""
_DAY_MONTH = re.compile(
    r"(?<![\d:])(\d{1,2})\.?[ -]+([^\W\d_]{3,})\.?(?:[ ,-]+(\d{4}|\d{2})(?![\d:]))?"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,})\.?[ -]+(\d{1,2})(?![\d:])(?:[ ,-]+(\d{4})(?![\d:]))?")
_YEAR = re.compile(r"(?<![+\-:.\d])(\d{4})(?![\d:])")
_CLOCK = re.compile(
    r"(?<![\d+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?(?!\d)"
    r"|(?<![\d+-])(\d{1,2}) ?h ?(\d{2})(?: ?(?:min|mn|m|:)? ?(\d{2}) ?s?)?(?!\d)"
    r"|(?<![\d+-])(\d{1,2})[._-](\d{2})[._-](\d{2})(?!\d)"
)
_HALF = re.compile(r"\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)")
_ZONE_NAME = re.compile(r"\b(Z|[A-Z]{2,5})\b")


@dataclass(frozen=True)
class _Written:
    """What a text says of a moment."""

    days: tuple[date, ...] | None  # the days that may be meant; None if it names none
    seconds: float  # since midnight
    offsets: tuple[int, ...] | None  # seconds east of Greenwich; None without a zone


def zone_for(at: float) -> str:
    """A zone of whole hours in which it will be afternoon for hours, and never UTC. So a 12-hour
    clock shows, and a program that ignores its zone."""
    hours = 16 - datetime.fromtimestamp(at, UTC).hour
    hours = min(hours, 14) or 1
    return f"Etc/GMT{-hours:+d}"  # POSIX counts zones the other way round


def offset_of(zone: str) -> int:
    """Seconds east of Greenwich of a zone that `zone_for` may have chosen, or UTC."""
    return -HOUR * int(zone.removeprefix("Etc/GMT") if zone.startswith("Etc/GMT") else 0)


MAX_DATE_TEXT = 500
"""Characters of a text beyond which it is no date: the search is quadratic in length."""


def readings(text: str, near: float, zone: str) -> list[float]:
    """The moments (seconds since the epoch) that the text of a date may mean; none if it is no
    date, or an impossible one (month 20). What it leaves open is taken from the moment `near` and
    from `zone`; if that is "", any zone of whole hours may be meant."""
    if len(text) > MAX_DATE_TEXT:
        return []
    normal = unicodedata.normalize("NFKC", text)
    ids = tuple(_offset_of_id(match) for match in _ZONE_ID.finditer(normal))
    plain = _ASIDE.sub(" ", _ZONE_ID.sub(" ", normal)).strip()
    if match := _EPOCH.fullmatch(plain):
        return [int(match[1]) / 10 ** (len(match[1]) - 10) + float(f"0.{match[2] or 0}")]
    written = _take_apart(plain, near)
    if written is None:
        return []
    own = (offset_of(zone),) if zone else WHOLE_HOURS
    offsets = own if written.offsets is None else written.offsets
    if ids and written.offsets in (None, WHOLE_HOURS):
        offsets = ids  # unless there is an offset as well, which counts for more
    found = []
    for offset in offsets:
        today = datetime.fromtimestamp(near + offset, UTC).date()
        around = tuple(today + timedelta(days) for days in (-1, 0, 1))
        for day in around if written.days is None else written.days:
            midnight = (day - date(1970, 1, 1)).days * DAY
            found.append(midnight + written.seconds - offset)
    return found


def clock_in(text: str) -> float | None:
    """What the clock in a text shows, in seconds since some midnight (or since the epoch, if it
    counts from there); None if there is no clock."""
    if len(text) > MAX_DATE_TEXT:
        return None
    plain = _ASIDE.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    if _EPOCH.fullmatch(plain):
        return readings(plain, 0.0, "UTC")[0]
    if match := _COMPACT.search(plain):
        return _seconds(*map(int, match.groups()[3:]))
    shown = (_seconds(*_three(match)) for match in _CLOCK.finditer(plain))
    return next((seconds for seconds in shown if seconds is not None), None)


def how_far_off(text: str, at: float, zone: str) -> float | None:
    """By how many seconds the date is ahead of the moment `at`; None if it is no date."""
    return min((reading - at for reading in readings(text, at, zone)), key=abs, default=None)


def written_at(at: float, zone: str) -> str:
    """A moment as a report writes it, in a zone."""
    local = datetime.fromtimestamp(at + offset_of(zone), UTC)
    return f"{local:%Y-%m-%d %H:%M:%S} {zone or 'UTC'}"


# -- taking a text apart -----------------------------------------------------------


def _take_apart(text: str, near: float) -> _Written | None:
    days: tuple[date, ...] | None
    if match := _COMPACT.search(text):
        year, month, day, hour, minute, second = (int(group) for group in match.groups())
        days = tuple(_valid([(year, month, day)]))
        seconds = _seconds(hour, minute, second)
        rest = text[match.end() :]
    else:
        found, rest = _day(text, near)
        days = None if found is None else tuple(_valid(found))
        match = _CLOCK.search(rest)
        if match is None:
            return None
        hour, minute, second = _three(match)
        before, rest = rest[: match.start()], rest[match.end() :]
        if half := _HALF.match(rest):
            rest = rest[half.end() :]
            hour = hour if hour > 12 else hour % 12 + (12 if half[1] in "pP" else 0)
        seconds = _seconds(hour, minute, second, float(f"0.{match[4] or 0}"))
        rest = rest if _offsets(rest) else f"{rest} {before}"
    if days == () or seconds is None:
        return None
    return _Written(days, seconds, _offsets(rest))


def _offset_of_id(match: re.Match[str]) -> int:
    """Seconds east of Greenwich of a zone's id: POSIX counts the other way round."""
    west = int(match[2] or 0) * HOUR
    return -west if match[1] == "+" else west


def _three(match: re.Match[str]) -> list[int]:
    """Hour, minute and second, from any form of the clock."""
    groups = match.groups()
    first = next(index for index in (0, 4, 7) if groups[index] is not None)
    return [int(group or 0) for group in groups[first : first + 3]]


def _seconds(hour: int, minute: int, second: int, fraction: float = 0.0) -> float | None:
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * HOUR + minute * 60 + second + fraction


def _day(text: str, near: float) -> tuple[list[tuple[int, int, int]] | None, str]:
    """The days (year, month, day; there may be no such day) that the text may name, or None; and
    the text without it."""
    if match := _YEAR_FIRST.search(text):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
        return [(year, month, day)], _without(text, match)
    match = _YEAR_LAST.search(text)
    if match and _CLOCK.search(_without(text, match)):
        one, other, year = int(match[1]), int(match[3]), _year(match[4])
        days = [(year, other, one), (year, one, other)]
        if len(match[1]) == len(match[4]) == 2:
            days.append((_year(match[1]), other, int(match[4])))
        return days, _without(text, match)
    for pattern, word, number in ((_DAY_MONTH, 2, 1), (_MONTH_DAY, 1, 2)):
        for match in pattern.finditer(text):
            if named := _month(match[word]):
                rest = _without(text, match)
                elsewhere = None if match[3] else _YEAR.search(rest)
                told = match[3] or (elsewhere[1] if elsewhere else None)
                rest = _without(rest, elsewhere) if elsewhere else rest
                this = datetime.fromtimestamp(near, UTC).year
                years = [_year(told)] if told else [this - 1, this, this + 1]
                return [(year, named, int(match[number])) for year in years], rest
    odd = _DAY_LIKE.search(_CLOCK.sub(" ", text))  # 2026-11-334
    return [] if odd else None, text


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _year(digits: str) -> int:
    return int(digits) + (2_000 if len(digits) == 2 else 0)


def _month(word: str) -> int:
    """The number of the month that a word names; 0 if none."""
    letters = word.lower().replace("ä", "ae")
    plain = "".join(c for c in unicodedata.normalize("NFKD", letters) if c.isascii())
    numbers = enumerate(_MONTHS, 1)
    return next((number for number, begins in numbers if plain.startswith(begins)), 0)


def _valid(days: Iterable[tuple[int, int, int]]) -> Iterator[date]:
    for year, month, day in days:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _offsets(text: str) -> tuple[int, ...] | None:
    """The offsets of the zone in the text; all of them if its name is unknown."""
    if match := _OFFSET.search(text):
        east = int(match[2]) * HOUR + int(match[3] or 0) * 60
        return (east if match[1] == "+" else -east,)
    names = [match[1] for match in _ZONE_NAME.finditer(text)]
    known = [_NAMED_ZONES[name] * HOUR for name in names if name in _NAMED_ZONES]
    if known:
        return tuple(known)
    return WHOLE_HOURS if names else None
