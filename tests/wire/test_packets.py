"""The packets of a conversation, kept as evidence: bounded, and as long as they were."""

from __future__ import annotations

from pathlib import Path

import dpkt
import pytest

from conformance.wire import packets as kept
from conformance.wire.packets import Packet, Packets, write_pcap

AT = 1_795_370_289_123_456_789


def test_a_file_has_nanoseconds_and_the_lengths_that_packets_had(tmp_path: Path) -> None:
    path = tmp_path / "some.pcap"
    write_pcap([Packet(AT, 65_549, b"x" * 60), Packet(AT + 1, 42, b"y" * 42)], path)
    with path.open("rb") as file:
        reader = dpkt.pcap.Reader(file)
        assert [data for _, data in reader] == [b"x" * 60, b"y" * 42]
    raw = path.read_bytes()[24:]
    first = dpkt.pcap.LEPktHdr(raw[:16])
    assert (first.tv_sec, first.tv_usec) == divmod(AT, 10**9)
    assert (first.caplen, first.len) == (60, 65_549)


def test_a_flood_keeps_its_beginning_its_end_and_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "MAX_AT_FIRST", 300)
    monkeypatch.setattr(kept, "MAX_AT_LAST", 200)
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
