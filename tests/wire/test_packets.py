"""The packets of a conversation, kept as evidence: bounded, and as long as they were."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.wire import packets as kept_packets
from conformance.wire.packets import Packet, Packets, write_pcapng

AT = 1_795_370_289_123_456_789


def test_a_file_has_nanoseconds_the_lengths_that_packets_had_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "some.pcapng"
    packets = [Packet(AT, 65_549, b"x" * 59), Packet(AT + 1, 42, b"y" * 42)]
    write_pcapng(packets, path, about=["a lab"], comments={1: ["step 1", "é" * 9_999]})
    section, interface, first, second = blocks(path.read_bytes())
    assert texts(section, 24) == ["a lab"]
    assert (1, b"a lab") in options(section, 24)
    assert (9, b"\t") in options(interface, 16), "nanoseconds"
    for block, packet in ((first, packets[0]), (second, packets[1])):
        high, low, kept, length = struct.unpack_from("<4I", block, 12)
        assert (high << 32 | low, length) == (packet.at, packet.length)
        assert block[28 : 28 + kept] == packet.data
    assert texts(first, 28 + 60) == []
    step, cut = texts(second, 28 + 44)
    assert (step, {*cut}) == ("step 1", {"é"})
    assert len(cut.encode()) <= kept_packets.MAX_COMMENT


def blocks(raw: bytes) -> Iterator[bytes]:
    """The blocks of a file (pcapng, section 3.1): each says its length at both ends."""
    while raw:
        (length,) = struct.unpack_from("<I", raw, 4)
        assert raw[length - 4 : length] == raw[4:8]
        yield raw[:length]
        raw = raw[length:]


def options(block: bytes, at: int) -> list[tuple[int, bytes]]:
    """The options of a block, which begin there: code and value."""
    found = []
    while at < len(block) - 4:
        code, length = struct.unpack_from("<HH", block, at)
        found.append((code, block[at + 4 : at + 4 + length]))
        at += 4 + length + -length % 4
    return found


def texts(block: bytes, at: int) -> list[str]:
    return [value.decode() for code, value in options(block, at) if code == 1]


def test_a_flood_keeps_its_beginning_its_end_and_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_packets, "MAX_AT_FIRST", 300)
    monkeypatch.setattr(kept_packets, "MAX_AT_LAST", 200)
    some = Packets()
    for number in range(20):
        some.keep(Packet(number, 100, b"." * 100))
    assert [packet.at for packet in some] == [0, 1, 2, 18, 19]
    assert some.left_out == 15


def test_what_just_fits_is_kept_whole() -> None:
    some = Packets()
    for number in range(100):
        some.keep(Packet(number, 100, b"." * 100))
    assert [packet.at for packet in some] == list(range(100))
    assert some.left_out == 0
