from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict.transcript import (
    MAX_ENTRIES,
    MAX_TEXT,
    Entry,
    Transcript,
    as_bytes,
    as_text,
    assemble,
    shorten,
)


@given(st.binary())
def test_any_bytes_survive_as_text(data: bytes) -> None:
    assert as_bytes(as_text(data)) == data


def test_bytes_that_are_no_text_are_kept_beside_those_that_are() -> None:
    assert as_text("é\n".encode() + b"\xe9") == "é\n\udce9"


def test_entries_come_in_the_order_of_time_and_of_arrival_within_it() -> None:
    entries = [Entry(0.2, "server", "b"), Entry(0.1, "client", "a"), Entry(0.2, "server", "c")]
    transcript = assemble(entries, "capture")
    assert [entry.what for entry in transcript] == ["a", "b", "c"]
    assert transcript.clock == "capture"
    assert len(transcript) == 3


def test_a_flood_keeps_its_beginning_its_end_and_its_number() -> None:
    transcript = assemble((Entry(n, "server", str(n)) for n in range(10_000)), "clock")
    assert len(transcript) == MAX_ENTRIES + 1
    assert transcript.entries[0].what == "0"
    assert transcript.entries[-1].what == "9999"
    (remark,) = [entry for entry in transcript if entry.is_remark]
    assert f"{10_000 - MAX_ENTRIES} more entries" in remark.what
    assert [entry.at for entry in transcript] == sorted(entry.at for entry in transcript)


def test_a_conversation_that_just_fits_is_kept_whole() -> None:
    transcript = assemble((Entry(n, "client", "x") for n in range(MAX_ENTRIES)), "clock")
    assert len(transcript) == MAX_ENTRIES
    assert not any(entry.is_remark for entry in transcript)


def test_long_data_is_shortened_in_its_middle_and_says_by_how_much() -> None:
    (entry,) = assemble([Entry(0, "server", "a" + "x" * 100_000 + "z\n")], "clock")
    assert entry.what.startswith("ax")
    assert entry.what.endswith("xz\n")
    assert len(entry.what) < MAX_TEXT + 40
    assert f"({100_003 - MAX_TEXT} characters)" in entry.what


@given(st.text(max_size=50))
def test_what_is_short_is_left_alone(text: str) -> None:
    assert shorten(text, 50) == text


def test_a_remark_is_not_data() -> None:
    assert Entry(0, "suite", "client connected").is_remark
    assert not Entry(0, "server to client 2", "x").is_remark
    assert len(Transcript()) == 0
