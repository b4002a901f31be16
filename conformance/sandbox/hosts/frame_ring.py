"""The frames that arrive at an interface, whole, in a buffer shared with the kernel (packet(7),
PACKET_RX_RING): only root of the machine may give a socket a buffer of its own that is as large.
"""

from __future__ import annotations

import mmap
import socket
import struct
from collections.abc import Iterator

SOL_PACKET = 263
_PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION = 5, 6, 10
_TPACKET_V2 = 1

_REQUEST = struct.Struct("IIII")
"""struct tpacket_req: size and number of blocks, size and number of frames."""
_HEADER = struct.Struct("IIIHHII")
"""struct tpacket2_hdr: status, length, length kept, offsets of frame and payload, s, ns."""
_STATUS = struct.Struct("I")
_OURS = 1
"""TP_STATUS_USER: the kernel has filled the place."""
_STATISTICS = struct.Struct("II")
"""struct tpacket_stats: frames, and those dropped."""

_PLACE = 2_048
"""Bytes for a frame of at most 1,514, and its header."""
PLACES = 4_096
"""Frames that may wait for us: a crowd of two hundred that all talk while we get no core."""
_BLOCK = 1 << 16


class FrameRing:
    """The frames that wait to be read from an AF_PACKET socket."""

    @staticmethod
    def prepare(wire: socket.socket, places: int) -> None:
        """Has the kernel keep so many for this socket. Raises OSError where it cannot."""
        wire.setsockopt(SOL_PACKET, _PACKET_VERSION, _TPACKET_V2)
        request = _REQUEST.pack(_BLOCK, _PLACE * places // _BLOCK, _PLACE, places)
        wire.setsockopt(SOL_PACKET, _PACKET_RX_RING, request)

    def __init__(self, wire: socket.socket, places: int) -> None:
        """`wire` is a socket that was prepared, here or in the process that forked this one."""
        self._wire = wire
        self._places = places
        self._memory = mmap.mmap(wire.fileno(), _PLACE * places, mmap.MAP_SHARED)
        self._next = 0

    def frames(self, most: int) -> Iterator[tuple[bytes, int]]:
        """Those that wait, `most` of them, each with the time of its arrival (wall clock, ns)."""
        memory = self._memory
        for _ in range(most):
            at = self._next * _PLACE
            status, _, kept, begins, _, seconds, nanoseconds = _HEADER.unpack_from(memory, at)
            if not status & _OURS:
                return
            frame = bytes(memory[at + begins : at + begins + kept])
            _STATUS.pack_into(memory, at, 0)  # the kernel may fill the place again
            self._next = (self._next + 1) % self._places
            yield frame, seconds * 1_000_000_000 + nanoseconds

    def dropped(self) -> int:
        """How many the kernel had no place for, since the last call."""
        counts = self._wire.getsockopt(SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
        return int(_STATISTICS.unpack(counts)[1])
