"""Whose sound is in a payload, whatever its form."""

from __future__ import annotations

import json

import pytest

from conformance.labs.orchestra.sounds import sounds_in

SOUNDS = {
    "piano": "ti-ta-ti",
    "trumpet": "pouet",
    "flute": "trulu",
    "violin": "gzi-gzi",
    "drum": "boum-boum",
}


@pytest.mark.parametrize(
    "payload",
    [
        b"ti-ta-ti",
        b"ti-ta-ti\n",
        b'{"sound":"ti-ta-ti"}',
        b'{"uuid": "06db", "music": {"notes": ["ti-ta-ti"]}}',
        b"{'sound': 'ti-ta-ti'}",  # Python's str()
        b"06db;ti-ta-ti;2016",
        b"sound=ti-ta-ti",
        b"\xac\xed\x00\x05t\x00\x08ti-ta-ti",  # a serialized object of Java's
        b"ti-ta-ti\x00\x00\x00",  # a buffer that was sent as it is
        '{"note": "♪ ti-ta-ti ♪"}'.encode(),
    ],
)
def test_the_sound_is_found_in(payload: bytes) -> None:
    assert sounds_in(payload, SOUNDS) == ["piano"]


@pytest.mark.parametrize(
    "payload",
    [
        b"ti-ta-ti'",
        b'{"sound": "ti-ta-ti\'"}',
        b"ti-ta-ti-ta",
        b"Xti-ta-ti",
        b"TI-TA-TI",
        b"piano",
        b"bum-boum",
        b"",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_no_sound_is_found_in(payload: bytes) -> None:
    assert sounds_in(payload, SOUNDS) == []


def test_all_sounds_are_found() -> None:
    assert sounds_in(" ".join(SOUNDS.values()).encode(), SOUNDS) == list(SOUNDS)
    assert sounds_in(json.dumps(SOUNDS).encode(), SOUNDS) == list(SOUNDS)
