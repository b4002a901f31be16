"""The packets of one conversation, kept as evidence: bounded, and written for Wireshark."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import dpkt

from conformance.wire.recorder import NANOSECONDS

SNAPLEN = 2_048
"""Bytes kept of a packet: its headers and any line that a person would read."""

MAX_AT_FIRST = 1_536 * 1024
"""Bytes of packets that are kept from the beginning of a conversation."""

MAX_AT_LAST = 512 * 1024
"""Bytes of packets that are kept from the end of a longer conversation, where what went wrong
shows. A flood must fill neither the grader's memory nor the teacher's disk."""


class Packet(NamedTuple):
    at: int
    """When it crossed the wire, in ns."""
    length: int
    """Its whole length in bytes, however much is kept."""
    data: bytes
    """Its first bytes, from the Ethernet header on."""


class Packets:
    """The first packets of a conversation, and the last ones."""

    def __init__(self, foreign: Callable[[Packet], bool] = lambda packet: False) -> None:
        """`foreign` says which packets belong to another conversation and are left out."""
        self._foreign = foreign
        self._first: list[Packet] = []
        self._last: deque[Packet] = deque()
        self._room_at_first = MAX_AT_FIRST
        self._room_at_last = MAX_AT_LAST
        self.left_out = 0
        """Packets between the first and the last that were not kept."""

    def keep(self, packet: Packet) -> None:
        size = len(packet.data)
        if not self._last and size <= self._room_at_first:
            self._room_at_first -= size
            self._first.append(packet)
            return
        self._last.append(packet)
        self._room_at_last -= size
        while self._room_at_last < 0:
            self._room_at_last += len(self._last.popleft().data)
            self.left_out += 1

    def __iter__(self) -> Iterator[Packet]:
        # Tested only here, because most conversations are never written out.
        return (each for each in chain(self._first, self._last) if not self._foreign(each))


def write_pcap(packets: Iterable[Packet], path: Path) -> None:
    """Writes a capture file (pcap, nanoseconds) that Wireshark opens."""
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file, snaplen=SNAPLEN, nano=True)
        for packet in packets:
            # Two whole numbers, because a float has too few digits for a date in nanoseconds.
            header = dpkt.pcap.LEPktHdr(
                tv_sec=packet.at // NANOSECONDS,
                tv_usec=packet.at % NANOSECONDS,
                caplen=len(packet.data),
                len=packet.length,
            )
            file.write(bytes(header) + packet.data)
        writer.close()
