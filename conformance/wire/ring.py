"""A buffer that an AF_PACKET socket shares with the kernel (packet(7), PACKET_RX_RING).

The kernel charges all of a 64 KB segment to a socket's own buffer, however little of it we keep.
Three segments overrun the usual 208 KB, which only root of the machine may raise. The ring holds
only what we keep of each packet.
"""

from __future__ import annotations

import mmap
import socket
import struct
from collections.abc import Iterator

PACKET_RX_RING = 5
PACKET_VERSION = 10
TPACKET_V2 = 1
SOL_PACKET = 263

_REQUEST = struct.Struct("IIII")
"""struct tpacket_req: size and number of blocks, size and number of frames."""
_HEADER = struct.Struct("IIIHHII")
"""struct tpacket2_hdr: status, length, length kept, offsets of packet and payload, s, ns."""
_STATUS = struct.Struct("I")
_KIND_AT = 32 + 10
"""sll_pkttype of the struct sockaddr_ll behind the header of 32 bytes."""

FRAME = 1_024
"""Bytes kept of a packet, with its header: enough for any line that a person would read. Half as
much would be less than the text beside the capture quotes."""
FRAMES = 2_048
"""Packets that may wait for us. With two hundred clients that all talk while we are busy, 1,072
were seen to wait on an otherwise idle machine."""
BLOCK = 1 << 16
OURS = 1
"""TP_STATUS_USER: the kernel has filled the frame."""


class Ring:
    """The packets that wait to be read. Raises OSError where the kernel has no such ring."""

    def __init__(self, wire: socket.socket) -> None:
        wire.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        size = FRAME * FRAMES
        request = _REQUEST.pack(BLOCK, size // BLOCK, FRAME, FRAMES)
        wire.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        self._memory = mmap.mmap(wire.fileno(), size, mmap.MAP_SHARED)
        self._memory.madvise(mmap.MADV_DONTFORK)  # a forked program has no use for it
        self._next = 0

    def packets(self) -> Iterator[tuple[int, int, int, bytes]]:
        """(time in ns, kind of packet, length, first bytes) of all that wait."""
        memory = self._memory
        while True:
            at = self._next * FRAME
            status, length, kept, begins, _, seconds, nanoseconds = _HEADER.unpack_from(memory, at)
            if not status & OURS:
                return
            data = bytes(memory[at + begins : at + begins + kept])
            kind = memory[at + _KIND_AT]
            _STATUS.pack_into(memory, at, 0)  # return the frame to the kernel
            self._next = (self._next + 1) % FRAMES
            yield seconds * 1_000_000_000 + nanoseconds, kind, length, data

    def close(self) -> None:
        self._memory.close()
