"""Dates in the headers of answers (RFC 9110, section 5.6.7). Pure."""

import calendar
import re
import time

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
)  # fmt: skip
FORM = re.compile(
    r"(\w{3}), (\d{2}) (\w{3}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) GMT", re.ASCII
)


def date_of(text):
    """Seconds since 1970 of a date in the form `Tue, 01 Dec 2026 10:00:00 GMT`; None where it has
    another form, or another day of the week than that date had."""
    found = FORM.fullmatch(text)
    if not found or found[1] not in DAYS or found[3] not in MONTHS:
        return None
    year, month, day = int(found[4]), MONTHS.index(found[3]) + 1, int(found[2])
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    if DAYS[calendar.weekday(year, month, day)] != found[1]:
        return None
    return calendar.timegm((year, month, day, int(found[5]), int(found[6]), int(found[7])))


def dated(seconds):
    """A time as a header has it."""
    there = time.gmtime(seconds)
    day, month = DAYS[there.tm_wday], MONTHS[there.tm_mon - 1]
    clock = time.strftime("%H:%M:%S", there)
    return f"{day}, {there.tm_mday:02} {month} {there.tm_year:04} {clock} GMT"
