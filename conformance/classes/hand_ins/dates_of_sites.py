"""The times in Brightspace's names, as texts that sort, to find the last of several attempts. Pure.

They have no time zone, so they are no evidence of lateness.
"""

from __future__ import annotations

import re
import unicodedata

_MONTHS = (
    ("jan", "gen", "ene"),
    ("feb", "fév", "fev"),
    ("mar", "mär", "mae"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mag"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aoû", "aou", "ago"),
    ("sep", "set"),
    ("oct", "okt", "ott"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
"""Beginnings of the months' names in English, German, French, Italian and Spanish."""

_TIME = re.compile(r"(\d{1,2})[ .:h]?(\d\d)(?: ?([AaPp])\.?[Mm]\.?)?")


def sortable(text: str) -> str:
    """The time as a text that sorts: `Nov 29, 2026 1200 PM` and `29 novembre 2026 12 00` become
    `2026-11-29 12:00`. "" for any other text."""
    year = re.search(r"\b(\d{4})\b,? ", text)
    if not year:
        return ""
    day = re.search(r"\b(\d{1,2})\b", text[: year.start()])
    word = re.search(r"[^\W\d_]{3,}", text[: year.start()])
    time = _TIME.search(text, year.end())
    month = _month(word[0]) if word else 0
    if not day or not month or not time:
        return ""
    hour, minute = int(time[1]), int(time[2])
    if time[3]:
        hour = hour % 12 + 12 * (time[3].lower() == "p")
    if hour > 23 or minute > 59 or not 1 <= int(day[1]) <= 31:
        return ""
    return f"{year[1]}-{month:02}-{int(day[1]):02} {hour:02}:{minute:02}"


def _month(word: str) -> int:
    word = unicodedata.normalize("NFC", word).casefold()
    fits = [
        (len(start), number)
        for number, starts in enumerate(_MONTHS, 1)
        for start in starts
        if word.startswith(start)
    ]
    return max(fits)[1] if fits else 0
