"""Moments in ISO 8601. Pure."""

import re
from datetime import UTC, datetime, timedelta

EXACT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)",
    re.ASCII,
)
WITHOUT_A_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?", re.ASCII)
WITH_A_NAME = re.compile(r"[^\[\]]{10,40}\[[\w/+-]{1,40}\]", re.ASCII)


def epoch_of(text):
    """The moment in seconds since 1970; None if the text is no date of ISO 8601 with a zone."""
    if not isinstance(text, str) or not (found := EXACT.fullmatch(text)):
        return None
    date, clock, seconds, fraction, zone = found.groups()
    try:
        begin = datetime.fromisoformat(f"{date}T{clock}:{seconds or '00'}+00:00")
    except ValueError:
        return None
    return begin.timestamp() + float(f"0.{fraction or 0}") - _offset(zone)


def _offset(zone):
    if zone == "Z":
        return 0.0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])).total_seconds()
    return -seconds if zone[0] == "-" else seconds


def written(seconds):
    """A moment as the contract has it."""
    told = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def why_not(text):
    """What is wrong with a text that is no such date."""
    if isinstance(text, int | float):
        return "That is a number: write it as a date (Java: Instant.toString(), JS: toISOString())."
    if not isinstance(text, str):
        return ""
    if WITH_A_NAME.fullmatch(text):
        return "The name of the zone is no part of ISO 8601 (Java: Instant or OffsetDateTime)."
    if WITHOUT_A_ZONE.fullmatch(text):
        return "It does not say of which zone it is: Z or an offset belongs behind it."
    if WITHOUT_A_ZONE.match(text.replace(" ", "T", 1)) and " " in text:
        return "Between date and time stands a T."
    return ""


def rough(value):
    """Seconds since some moment, also of what is no date of ISO 8601: to be compared with another
    of the same form. None if it is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int | float):
        return value / 1000 if abs(value) > MILLISECONDS else float(value)
    exact = epoch_of(value)
    if exact is not None:
        return exact
    plain = WITHOUT_A_ZONE.match(value.replace(" ", "T", 1))
    return epoch_of(f"{plain[0]}Z") if plain else None


MILLISECONDS = 1e11
"""Numbers above it are milliseconds since 1970, not seconds."""
