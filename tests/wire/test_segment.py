"""The header of a segment is read as dpkt reads it, whatever the frame."""

from __future__ import annotations

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.segment import decoded, segment

ADDRESSES = (b"\x0a\x09\x09\x01", b"\x0a\x09\x09\x02")


def frame(
    payload: bytes = b"hello\n", *, flags: int = dpkt.tcp.TH_ACK, options: bytes = b""
) -> bytes:
    """An Ethernet frame of a segment from 10.9.9.1:2323 to 10.9.9.2:40000."""
    tcp = dpkt.tcp.TCP(sport=2323, dport=40_000, seq=7, flags=flags, data=payload)
    if options:
        tcp.opts, tcp.off = options, 5 + len(options) // 4
    ip = dpkt.ip.IP(src=ADDRESSES[0], dst=ADDRESSES[1], p=dpkt.ip.IP_PROTO_TCP, data=tcp)
    ip.len = len(ip)
    return bytes(dpkt.ethernet.Ethernet(data=ip))


def test_a_plain_segment() -> None:
    found = segment(frame(flags=dpkt.tcp.TH_FIN | dpkt.tcp.TH_ACK))
    assert found == (("10.9.9.1", 2323, "10.9.9.2", 40_000), 7, 0x11, 6)


def test_the_payload_is_counted_without_tcp_options() -> None:
    found = segment(frame(options=b"\x01" * 12))
    assert found is not None
    assert found.length == 6


def test_the_payload_is_counted_by_the_headers_of_a_frame_that_was_cut() -> None:
    found = segment(frame(b"x" * 900)[:100])
    assert found is not None
    assert found.length == 900


def test_a_datagram_is_none() -> None:
    ip = dpkt.ip.IP(src=ADDRESSES[0], dst=ADDRESSES[1], p=dpkt.ip.IP_PROTO_UDP, data=b"x" * 40)
    assert segment(bytes(dpkt.ethernet.Ethernet(data=ip))) is None


@pytest.mark.parametrize("at", range(0, 60))
def test_a_frame_that_ends_early_is_read_as_dpkt_reads_it(at: int) -> None:
    assert segment(frame()[:at]) == decoded(frame()[:at])


@given(st.integers(12, 53), st.integers(0, 255), st.integers(0, 14))
def test_whatever_byte_is_changed(at: int, value: int, left: int) -> None:
    """Options, fragments, wrong lengths, other protocols, too short a header."""
    changed = bytearray(frame(b"x" * 20, options=b"\x01" * 4))
    changed[at] = value
    cut = bytes(changed[: len(changed) - left])
    assert segment(cut) == decoded(cut)
