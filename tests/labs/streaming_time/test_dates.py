"""The forms in which programs write a date, and the mistakes that must show."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.labs.streaming_time.dates import how_far_off, offset_of, readings, zone_for

AT = datetime(2026, 11, 22, 13, 20, 28, 400_000, UTC).timestamp()
ZONE = "Etc/GMT-9"
"""In which it is 22:20:28."""

UNDERSTOOD = [
    # C, date(1), Python
    "Sun Nov 22 22:20:28 +09 2026",
    "Sun Nov 22 13:20:28 UTC 2026",
    "Sun Nov 22 22:20:28 2026",
    "Sun Nov  22 22:20:28 2026",
    "2026-11-22 22:20:28",
    "2026-11-22 22:20:28.412345",
    "2026-11-22T22:20:28.412345+09:00",
    "2026-11-22 22:20:28+0900",
    "2026-11-22T13:20:28Z",
    "2026-11-22-22:20:28",
    "2026-11-22 22-20-28",
    "1795353628",
    "1795353628.4123",
    # Java
    "Sun Nov 22 22:20:28 GMT+09:00 2026",
    "2026-11-22T22:20:28.412345678",
    "2026-11-22T22:20:28.412345678+09:00[Etc/GMT-9]",
    "2026-11-22T13:20:28.412Z[UTC]",
    "Nov 22, 2026, 10:20:28 PM",
    "Nov 22, 2026, 10:20:28\u202fPM",
    "Sunday, November 22, 2026 at 10:20:28 PM GMT+09:00",
    "22 nov. 2026, 22:20:28",
    "dimanche 22 novembre 2026 à 22:20:28",
    "So., 22. Nov. 2026 14:20:28 MEZ",
    "22.11.2026 22:20:28",
    "22.11.26, 22:20:28",
    "22/11/2026 22:20:28",
    "22:20:28 22-11-2026",
    "22 Nov 2026 13:20:28 GMT",
    "1795353628400",
    "2026-11-22 22:20:28 Etc/GMT-9",
    "Sun Nov 22 22:20:28 Etc/GMT-9 2026",
    "2026-11-22T22:20:28.412[Etc/GMT-9]",
    "2026-11-22 13:20:28 Etc/UTC",
    "22:20:28 Etc/GMT-9",
    "Etc/GMT-9 22:20:28",
    "Etc/GMT-9 2026-11-22 22:20:28",
    "Etc/GMT-9: 22.11.2026 22:20:28",
    "2026-11-22_22:20:28_Etc/GMT-9",
    # JavaScript
    "11/22/2026, 10:20:28 PM Etc/GMT-9",
    "11/22/2026, 10:20:28 PM (Etc/GMT-9)",
    "2026-11-22T13:20:28.412Z Etc/GMT-9",  # the date's own zone counts
    "2026-11-22 22:20:28 GMT+0900 Etc/GMT-9",
    "2026-11-22 22:20:28 GMT+09:00",
    "2026-11-22 22:20:28 GMT+0900",
    "2026-11-22 22:20:28 UTC+9",
    "Sun Nov 22 2026 22:20:28 GMT+0900 (GMT+09:00)",
    "Sun Nov 22 2026 22:20:28 GMT+0900 (Japan Standard Time)",
    "11/22/2026, 10:20:28 PM",
    "10:20:28 PM",
    "22:20:28",
    "22:20:28 GMT+0900 (GMT+09:00)",
    "Sun, 22 Nov 2026 13:20:28 GMT",
    # Go
    "2026-11-22 22:20:28.412345678 +0900 +09 m=+0.000123",
    "Sunday, 22-Nov-26 22:20:28 +09",
    "Nov 22 22:20:28",
    # by hand
    "20261122T222028",
    "20261122T132028Z",
    "22h20m28s",
    "22 h 20 min 28 s",
    "2026/11/22 22:20:28",
    "26/11/22 22:20:28",
    "26-11-22 22:20:28",
    "26.11.22 22:20:28 Etc/GMT-9",
    "10:20:28 p.m. 22.11.2026",
    "2026. gada 22. novembris 22:20:28",
    "2026-11-22 22:20:28 XYZT",  # a zone that nobody knows may be any
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_the_usual_forms_are_understood(text: str) -> None:
    off = how_far_off(text, AT, ZONE)
    assert off is not None
    assert abs(off) < 1.0


WRONG = [
    ("Sun Nov 22 10:20:28 2026", -12 * 3_600),  # a clock of 12 hours
    ("2026-11-22 10:20:28", -12 * 3_600),
    ("10:20:28", 12 * 3_600),  # as near to tomorrow's as to today's
    ("2026-11-22 13:20:28", -9 * 3_600),  # the time of Greenwich, and no zone
    ("2026-10-22 22:20:28", -31 * 86_400),  # months from 0
    ("2026-11-22T22:20:28Z", 9 * 3_600),
    ("2026-11-22 22:20:58", 30),
    ("2026-11-22 22:20:28 Etc/GMT+9", 18 * 3_600),  # the sign of an id is POSIX's
    ("2026-11-22 13:20:28 Etc/GMT-9", -9 * 3_600),
    ("2026-11-22 10:20:28 Etc/GMT-9", -12 * 3_600),
    ("2026-11-22 10:20:28 TZ=Etc/GMT-9", -12 * 3_600),
    ("2026-11-22 22:20:28 Etc/UTC", 9 * 3_600),
    ("2026-11-22 22:20:28 GMT-9", 18 * 3_600),  # that of an offset is not
    ("26/10/22 22:20:28", -31 * 86_400),  # months from 0
]


@pytest.mark.parametrize(("text", "off"), WRONG)
def test_a_wrong_time_is_off_by_as_much(text: str, off: float) -> None:
    found = how_far_off(text, AT, ZONE)
    assert found is not None
    assert abs(abs(found) - abs(off)) < 1.0


def test_1970_is_more_than_half_a_century_away() -> None:
    off = how_far_off("Wed Jan 21 1970 18:42:33 GMT+0900 (GMT+09:00)", AT, ZONE)
    assert off is not None
    assert off < -50 * 365 * 86_400


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "2026-20-22 10:20:28", "25:61:00", "2026-11-22", "12345",
        "2026-11-326 22:20:28", "11/326/2026 22:20:28", "326.11.2026 22:20:28",  # of the year
        "22:20:28 2026-11-326", "2026-11-326T22:20:28Z",
    ],
)  # fmt: skip
def test_what_is_no_date_has_no_reading(text: str) -> None:
    assert readings(text, AT, ZONE) == []
    assert how_far_off(text, AT, ZONE) is None


def test_megabytes_are_no_date_and_are_not_looked_through() -> None:
    """That would take minutes: a search in a run of letters begins at each of them."""
    assert readings("x" * 12_000_000, AT, ZONE) == []


def test_without_a_known_zone_any_of_whole_hours_may_be_meant() -> None:
    assert abs(how_far_off("2026-11-22 05:20:28", AT, "") or 0.0) < 1.0
    assert abs(how_far_off("03:20:28", AT, "") or 0.0) < 1.0
    assert abs(how_far_off("2026-11-22 05:50:28", AT, "") or 0.0) > 1_000


def test_the_id_of_a_zone_is_read_where_nobody_knows_the_hosts() -> None:
    assert abs(how_far_off("2026-11-22 22:20:28 Etc/GMT-9", AT, "") or 0.0) < 1.0
    assert abs(how_far_off("2026-11-22 04:20:28 Etc/GMT+9", AT, "") or 0.0) < 1.0
    off = how_far_off("2026-11-22 10:20:28 Etc/GMT-9", AT, "")
    assert off is not None
    assert abs(off + 12 * 3_600) < 1.0


def test_a_bare_clock_is_of_today_also_around_midnight() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    assert how_far_off("23:59:59", midnight + 1, "UTC") == -2.0
    assert how_far_off("00:00:01", midnight - 1, "UTC") == 2.0


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("minute", [0, 59])
def test_the_zone_is_one_of_whole_hours_in_the_afternoon(hour: int, minute: int) -> None:
    at = datetime(2026, 11, 22, hour, minute, tzinfo=UTC).timestamp()
    zone = zone_for(at)
    assert zone != "Etc/GMT+0"
    for later in (0, 1_800):
        local = datetime.fromtimestamp(at + later + offset_of(zone), UTC)
        assert 13 <= local.hour < 22
