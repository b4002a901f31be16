"""A network between two hosts, made of a process of ours: it passes packets on from one interface
to the other, late, doubled, out of order, or not at all.

It works where the kernel has no netem, draws by a seed, and counts what it did: a verdict has to
know whether anything was lost. The process makes no decision after its start, and ends with its
parent.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import mmap
import os
import random
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, NoReturn

from conformance.sandbox.hosts.conditions import HELD_BACK, NetworkConditions
from conformance.sandbox.hosts.frame_ring import SOL_PACKET, FrameRing
from conformance.sandbox.kernel import die_with_parent, forking

_ETH_P_ALL = 0x0003
_PACKET_IGNORE_OUTGOING = 23
_SIOCETHTOOL = 0x8946
_OFFLOADS = (0x17, 0x1F)
"""ETHTOOL_STXCSUM and ETHTOOL_STSO of ethtool(8): checksums, and the cutting of long segments."""

_MOST_QUEUED = 64 * 2**20
"""Bytes under way in one direction. What more is sent meanwhile is lost, and counted."""
_LONGEST_WAIT = 1_000_000_000
"""More than this is no age of a frame: the machine's clock was set."""
_AT_ONCE = 64
"""Frames that are read of one host before the other has its turn."""

_ETHERTYPE = slice(12, 14)
_PROTOCOL_AT = {b"\x08\x00": 14 + 9, b"\x86\xdd": 14 + 6}
"""By network protocol, IPv4 and IPv6: where in a frame it names the transport."""
_OF_A_CONVERSATION = frozenset({socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_ICMP, 44})
"""44 is a fragment (RFC 8200, section 4.5). Nothing happens to what hosts say of themselves: how
neighbours find each other (ARP, ICMPv6), or join a group (IGMP, MLD). A first packet would be late
by seconds, and the kernel's timers would decide which packet of a conversation is lost."""


_LOST, _DOUBLED, _SWAPPED, _LATENESS = range(4)
"""The numbers that both processes see; the last is in ns."""


@dataclass(frozen=True)
class NetworkCounts:
    """What has happened to packets, of both directions together."""

    lost: int = 0
    doubled: int = 0
    swapped: int = 0
    lateness: float = 0.0
    """Seconds by which a packet was passed on later than it was to be, at most."""

    @property
    def disorder(self) -> bool:
        return bool(self.lost or self.doubled or self.swapped)


class Cable(NamedTuple):
    """What is between two hosts: a socket for the frames that one of them sends (see
    `packet_socket`), and one for those of the other."""

    one: socket.socket
    other: socket.socket
    places: int
    """Frames that may wait at each."""


class Forwarder:
    """The process. `close` ends it."""

    def __init__(self, lines: Sequence[Cable], conditions: NetworkConditions, seed: str) -> None:
        """The sockets are its own: they are closed here. Raises OSError."""
        self._shared = mmap.mmap(-1, mmap.PAGESIZE)
        self._numbers = memoryview(self._shared).cast("Q")
        parent = os.getpid()
        with forking():
            self._pid = os.fork()
        if self._pid == 0:
            _be_forwarder(parent, lines, conditions, seed, self._numbers)
        for line in lines:
            line.one.close()
            line.other.close()
        self._before = NetworkCounts()

    @property
    def pid(self) -> int:
        return self._pid

    def begin(self) -> None:
        """What happens from now on is counted."""
        self._numbers[_LATENESS] = 0
        self._before = NetworkCounts(*self._numbers[:_LATENESS])

    def counts(self) -> NetworkCounts:
        """Since `begin`."""
        lost, doubled, swapped, late = self._numbers[: _LATENESS + 1]
        before = self._before
        return NetworkCounts(
            lost - before.lost, doubled - before.doubled, swapped - before.swapped, late / 1e9
        )

    def close(self) -> None:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def packet_socket(interface: str, places: int) -> socket.socket:
    """A socket for all frames that arrive at that interface of the host we are in, with room for so
    many. Raises OSError."""
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    try:
        made.setsockopt(SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        FrameRing.prepare(made, places)
        made.bind((interface, _ETH_P_ALL))
    except OSError:
        made.close()
        raise
    return made


def finish_frames(interface: str) -> None:
    """Has the host we are in send whole frames by that interface, no longer than the wire allows
    and with their checksums: what a virtual wire leaves undone, its other end would have to do.
    Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for command in _OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("II", command, 0), 8)
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(any_socket, _SIOCETHTOOL, request)


def _be_forwarder(
    parent: int,
    lines: Sequence[Cable],
    conditions: NetworkConditions,
    seed: str,
    numbers: memoryview,
) -> NoReturn:
    try:
        die_with_parent(parent)
        kept = [2, *sorted(end.fileno() for line in lines for end in (line.one, line.other))]
        for before, after in pairwise([*kept, os.sysconf("SC_OPEN_MAX")]):
            os.closerange(before + 1, after)
        directions = []
        for number, (one, other, places) in enumerate(lines):
            there, back = (random.Random(f"{seed} {number} {way}") for way in ("there", "back"))
            directions += [
                _Direction(FrameRing(one, places), one, other, conditions, there, numbers),
                _Direction(FrameRing(other, places), other, one, conditions, back, numbers),
            ]
        _forward(directions)
    finally:
        os._exit(1)


def _forward(directions: list[_Direction]) -> NoReturn:
    poller = select.epoll()
    by_fd = {each.arriving.fileno(): each for each in directions}
    for fd in by_fd:
        poller.register(fd, select.EPOLLIN)
    while True:
        due = min(each.next_due for each in directions)
        wait = -1.0 if due == _NEVER else max(0.0, (due - time.monotonic_ns()) / 1e9)
        # poll() rounds up to whole milliseconds: the last of them is slept through below.
        for fd, _ in poller.poll(wait if wait < 0 else max(0.0, wait - _TICK)):
            by_fd[fd].take_in()
        if 0 <= wait <= _TICK:
            time.sleep(max(0.0, min(_TICK, (due - time.monotonic_ns()) / 1e9)))
        for each in directions:
            each.pass_on()


_NEVER = sys.maxsize
_TICK = 0.001
_HELD_BACK = round(HELD_BACK * 1e9)


class _Direction:
    """The packets from one host to the other."""

    def __init__(
        self,
        ring: FrameRing,
        arriving: socket.socket,
        leaving: socket.socket,
        conditions: NetworkConditions,
        draw: random.Random,
        numbers: memoryview,
    ) -> None:
        self.arriving = arriving
        self._ring = ring
        self._leaving = leaving
        self._conditions = conditions
        self._draw = draw
        self._numbers = numbers
        self._queue: list[tuple[int, int, bytes]] = []
        """(when it is due in ns, a number that keeps the order, frame)."""
        self._count = 0
        self._latest = 0
        """When the latest packet of the conversation is due (ns): no later one is due before."""
        self._held: tuple[int, bytes] | None = None
        """A packet that the next one is to overtake, and when it was to leave (ns)."""
        self._queued = 0
        """Bytes in the queue."""
        self._not_before = 0
        """When it is tried again to send (ns): the other host has not taken the last packet."""

    @property
    def next_due(self) -> int:
        """When `pass_on` has something to do, by the monotonic clock (ns)."""
        held = self._held[0] + _HELD_BACK if self._held else _NEVER
        due = self._queue[0][0] if self._queue else _NEVER
        return max(min(due, held), self._not_before)

    def take_in(self) -> None:
        for frame, stamp in self._ring.frames(_AT_ONCE):
            waited = min(max(0, time.time_ns() - stamp), _LONGEST_WAIT)
            self._arrived(frame, time.monotonic_ns() - waited)
        self._numbers[_LOST] += self._ring.dropped()

    def _arrived(self, frame: bytes, at: int) -> None:
        """Draws what becomes of it. Each draw is made for each packet, so that the others do not
        change what it meets."""
        if not _is_of_a_conversation(frame):
            self._enter(at, frame)
            return
        asked, draw = self._conditions, self._draw
        lost, doubled, swapped, shift = (draw.random() for _ in range(4))
        due = at + round((asked.delay + asked.jitter * (2 * shift - 1)) * 1e9)
        due = self._latest = max(due, self._latest)
        if 100 * lost < asked.loss:
            self._numbers[_LOST] += 1
            return
        if self._held is not None:
            _, before = self._held
            self._held = None
            self._enter(due, frame)
            self._enter(due, before)
            self._numbers[_SWAPPED] += 1
        elif 100 * swapped < asked.reorder:
            self._held = due, frame
        else:
            self._enter(due, frame)
        if 100 * doubled < asked.duplicate:
            self._enter(due, frame)
            self._numbers[_DOUBLED] += 1

    def _enter(self, due: int, frame: bytes) -> None:
        if self._queued > _MOST_QUEUED:
            self._numbers[_LOST] += 1
            return
        self._queued += len(frame)
        self._count += 1
        heapq.heappush(self._queue, (due, self._count, frame))

    def pass_on(self) -> None:
        """Sends what is due."""
        now = time.monotonic_ns()
        if self._held is not None and now >= self._held[0] + _HELD_BACK:
            due, frame = self._held  # nothing came that could overtake it
            self._held = None
            self._enter(due + _HELD_BACK, frame)
        while self._queue and self._queue[0][0] <= now:
            due, _, frame = self._queue[0]
            try:
                self._leaving.send(frame)
            except BlockingIOError:
                self._not_before = now + round(_TICK * 1e9)
                return
            except OSError:  # the interface is gone, or takes no such frame
                self._numbers[_LOST] += 1
            heapq.heappop(self._queue)
            self._queued -= len(frame)
            self._numbers[_LATENESS] = max(self._numbers[_LATENESS], now - due)


def _is_of_a_conversation(frame: bytes) -> bool:
    at = _PROTOCOL_AT.get(frame[_ETHERTYPE], 0)
    return bool(at) and len(frame) > at and frame[at] in _OF_A_CONVERSATION
