"""The packets of one conversation, kept as evidence: bounded, and written for Wireshark."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import dpkt

SNAPLEN = 2_048
"""Bytes kept of a packet: its headers and any line that a person would read."""

MAX_COMMENT = 4_096
"""Bytes of one comment."""

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


def write_pcapng(
    packets: Iterable[Packet],
    path: Path,
    *,
    about: Sequence[str] = (),
    comments: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Writes a capture file (pcapng, nanoseconds) that Wireshark opens. `about`: comments on the
    whole file; `comments`: on packets, by their index."""
    notes = [*map(_comment, about), _option(dpkt.pcapng.PCAPNG_OPT_SHB_USERAPPL, b"conformance")]
    precision = _option(dpkt.pcapng.PCAPNG_OPT_IF_TSRESOL, bytes([_DIGITS]))
    section = dpkt.pcapng.SectionHeaderBlockLE(opts=[*notes, _END])
    interface = dpkt.pcapng.InterfaceDescriptionBlockLE(snaplen=SNAPLEN, opts=[precision, _END])
    with path.open("wb") as file:
        file.write(bytes(section) + bytes(interface))
        for index, packet in enumerate(packets):
            file.write(_block(packet, comments.get(index, ())))


_DIGITS = 9
"""Decimals of a second in a time."""

_BLOCK = struct.Struct("<7I")
_END = dpkt.pcapng.PcapngOptionLE()


def _option(code: int, data: bytes) -> dpkt.pcapng.PcapngOptionLE:
    return dpkt.pcapng.PcapngOptionLE(code=code, data=data)


def _comment(text: str) -> dpkt.pcapng.PcapngOptionLE:
    data = text.encode("utf-8", "replace")[:MAX_COMMENT].decode("utf-8", "ignore")
    return _option(dpkt.pcapng.PCAPNG_OPT_COMMENT, data.encode())


def _block(packet: Packet, comments: Sequence[str]) -> bytes:
    """An enhanced packet block. That of dpkt has no room for the length of a packet of which only
    the first bytes were kept."""
    data = packet.data + bytes(-len(packet.data) % 4)
    options = b"".join(bytes(each) for each in (*map(_comment, comments), _END) if comments)
    length = _BLOCK.size + len(data) + len(options) + 4
    at = divmod(packet.at, 2**32)
    kind = dpkt.pcapng.PCAPNG_BT_EPB
    head = _BLOCK.pack(kind, length, 0, *at, len(packet.data), packet.length)
    return head + data + options + length.to_bytes(4, "little")
