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
"""Bytes kept of a packet: headers and any line that a person would read."""

MOST_AT_FIRST = 1_536 * 1024
"""Bytes of packets that are kept from the beginning of a conversation."""

MOST_AT_LAST = 512 * 1024
"""Bytes of those that came last, where there were more: a flood must fill neither the
grader's memory nor the teacher's disk, and what went wrong shows at the end."""


class Packet(NamedTuple):
    """What is kept of one packet."""

    at: int
    """When it crossed the wire, in ns."""
    length: int
    """Bytes that it had, whatever is kept of them."""
    data: bytes
    """Its first bytes, from the Ethernet header on."""


class Packets:
    """The first packets of a conversation, and the last ones."""

    def __init__(self, foreign: Callable[[Packet], bool] = lambda packet: False) -> None:
        """`foreign` tells which packets are of another conversation, and not to be shown."""
        self._foreign = foreign
        self._first: list[Packet] = []
        self._last: deque[Packet] = deque()
        self._room_at_first = MOST_AT_FIRST
        self._room_at_last = MOST_AT_LAST
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
        # Asked here, of the few conversations that are kept: most are not.
        return (each for each in chain(self._first, self._last) if not self._foreign(each))


def write_pcap(packets: Iterable[Packet], path: Path) -> None:
    """Writes a capture file (pcap, nanoseconds) that Wireshark opens."""
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file, snaplen=SNAPLEN, nano=True)
        for packet in packets:
            # As two whole numbers: a float of today's date has not the digits.
            header = dpkt.pcap.LEPktHdr(
                tv_sec=packet.at // NANOSECONDS,
                tv_usec=packet.at % NANOSECONDS,
                caplen=len(packet.data),
                len=packet.length,
            )
            file.write(bytes(header) + packet.data)
        writer.close()
