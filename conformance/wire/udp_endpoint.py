"""A UDP endpoint of ours: sends datagrams, and keeps each one that comes with its time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from conformance.verdict.expectations import Expected, describe, matches, mismatch
from conformance.verdict.symptoms import TELLING, Moment
from conformance.verdict.transcript import REMARK, as_bytes, as_text
from conformance.verdict.violation import Fault, Hint, Violation
from conformance.wire.capture import SO_TIMESTAMPNS, stamp
from conformance.wire.connection import PATIENCE
from conformance.wire.expecting import Expecting
from conformance.wire.recorder import Recorder, now, rounded_up

MAX_DATAGRAM_BYTES = 65_536
"""Bytes: no UDP datagram is longer (RFC 768: a length of 16 bits)."""

MAX_AT_ONCE = 12_000
"""Datagrams that are read at a time, so that other sockets are read and deadlines kept. The kernel
queues no more than that."""

RECEIVE_BUFFER = 4 * 2**20
"""Two hundred people who arrive at once cause forty thousand notices."""


@dataclass(frozen=True, slots=True)
class Datagram:
    data: bytes
    source: tuple[str, int]
    at: float
    """When it reached the host, in seconds since the conversation began."""

    @property
    def text(self) -> str:
        """Its text without a final newline, which is optional on both sides."""
        return as_text(self.data).removesuffix("\n").removesuffix("\r")

    @property
    def lines(self) -> list[str]:
        """Its lines, without their ends."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]


class Datagrams(Expecting[Datagram]):
    """A bound UDP socket. Use it in a `with`."""

    def __init__(
        self,
        wire: socket.socket,
        server: tuple[str, int],
        recorder: Recorder,
        *,
        name: str = "",
        scale: float = 1.0,
        round_trip: Callable[[], float] = lambda: 0.0,
        why_gone: Callable[[], str] = lambda: "",
        quiet: bool = False,
    ) -> None:
        """`wire` is a bound, non-blocking socket; `server` is where `send` sends to; `quiet` keeps
        what it sends and receives out of the transcript."""
        self._wire = wire
        self.server = server
        self._recorder = recorder
        self._scale = scale
        self._round_trip = round_trip
        self._why_gone = why_gone
        self._quiet = quiet
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._stamped = False
        self.received: list[Datagram] = []
        """Every datagram that has come."""
        self._flooded = False
        """Whether so much has come in this conversation that nothing more is read."""
        self._said: list[tuple[float, str, str]] = []
        """(time, to whom, text) of what was sent, "" being the server; or (time, REMARK, text)."""
        self.handed_at = 0.0
        """When we began to send the last datagram (s): it cannot have arrived earlier."""
        self.sent_at = 0.0
        """When the last datagram had left us. On a wire within one machine it had arrived by
        then."""
        self.number = recorder.join(self)
        self.name = name or ("client" if self.number == 1 else f"client {self.number}")
        self._recorder.bears(self.name)
        for option, value in ((SO_TIMESTAMPNS, 1), (socket.SO_RCVBUF, RECEIVE_BUFFER)):
            with contextlib.suppress(OSError):
                wire.setsockopt(socket.SOL_SOCKET, option, value)
        self._loop.add_reader(wire, self._read)

    @property
    def address(self) -> tuple[str, int]:
        """Its own address and port."""
        host, port = self._wire.getsockname()[:2]
        return host, port

    @property
    def label(self) -> str:
        """What it is called in the transcript: its name, with its number if others bear it."""
        return self._recorder.label(self.name, self.number)

    def _voice(self, datagram: Datagram) -> str:
        """Whose datagram it is, as the transcript calls it."""
        if datagram.source[0] != self.server[0]:
            return f"{datagram.source[0]} to {self.label}"
        return "server" if self.label == "client" else f"server to {self.label}"

    def _place(self, item: Datagram) -> Moment:
        return Moment(item.at, self._voice(item), as_text(item.data)[:TELLING])

    def _last_seen(self) -> list[Moment]:
        last = max([self.handed_at, *(datagram.at for datagram in self.received[-1:])])
        return [Moment(last, self.label, silence=max(0.0, self._recorder.now() - last))]

    def _items(self) -> list[Datagram]:
        return self.received

    def _arrival_and_error(self, item: Datagram) -> tuple[float, float]:
        return item.at, self.clock_error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the port: what comes later is answered by ICMP port unreachable."""
        if self._wire.fileno() >= 0:
            self._read()
            self._loop.remove_reader(self._wire)
            self._wire.close()

    def _read(self) -> None:
        if self._flooded or self._wire.fileno() < 0:
            return
        for _ in range(MAX_AT_ONCE):
            try:
                data, ancillary, _, source = self._wire.recvmsg(MAX_DATAGRAM_BYTES, 64)
            except BlockingIOError:
                break
            except OSError:
                continue  # an ICMP error caused by an earlier datagram of ours
            at = stamp(ancillary)
            self._stamped = self._stamped or at > 0
            seconds = self._recorder.seconds(at or now())
            self.received.append(Datagram(data, source[:2], seconds))
            if not self._recorder.has_room(len(data), 1):
                self._flooded = True
                self._loop.remove_reader(self._wire)
                self.remark(f"more came than is taken in: {self.name} reads no further")
                break
        self._changed.set()

    def send(self, text: str | bytes, to: tuple[str, int] | None = None) -> None:
        """Sends one datagram, to the server or to another address (also broadcast)."""
        data = as_bytes(text) if isinstance(text, str) else text
        target = to or self.server
        self.handed_at = self._recorder.now()
        if not self._quiet:
            other = "" if target == self.server else f" to {target[0]}"
            self._said.append((self.handed_at, other, as_text(data)))
        with contextlib.suppress(ConnectionError, BlockingIOError):
            self._wire.sendto(data, target)
        self.sent_at = self._recorder.now()

    def pass_on(self, text: str, times: int) -> None:
        """Sends a datagram `times` times, as an unreliable network may deliver it: 0, 1 or 2."""
        if times == 0:
            self.remark(f"a datagram of {self.name} is lost: {text}")
        for _ in range(times):
            self.send(text)

    async def read(
        self, *, patience: float = PATIENCE, awaited: str = "a datagram", hint: Hint = ""
    ) -> Datagram:
        """The next datagram. Violation where none comes."""
        if (datagram := await self._read_next(patience)) is not None:
            return datagram
        raise self._nothing(awaited, patience, hint=hint)

    async def expect(
        self,
        expected: Expected,
        *,
        within: float | None = None,
        since: float | None = None,
        patience: float = PATIENCE,
        what: str = "",
        hint: Hint = "",
    ) -> Datagram:
        """The next datagram, whose text must be `expected`, at most `within` seconds after what was
        sent last, or after `since`; `within` None: at any time. It is waited for at least
        `patience` seconds. `what` names what was late in a report."""
        wait = max(within or 0.0, patience)
        datagram = await self.read(patience=wait, awaited=describe(expected), hint=hint)
        if not matches(expected, datagram.text):
            wrong = mismatch(expected, datagram.text, hint=hint)
            raise wrong.rests_on(self._place(datagram), client=self.label)
        return self._in_time(datagram, within, since, what or describe(expected), hint)

    async def wait_for(
        self,
        expected: Expected,
        *,
        within: float | None = None,
        since: float | None = None,
        patience: float = PATIENCE,
        what: str = "",
        about: str = "",
        hint: Hint = "",
    ) -> Datagram:
        """The first datagram that is `expected`, passing over others; times as for `expect`. If it
        does not come, but one that contains `about`, that one counts as the server's wrong
        answer."""
        wait, first = max(within or 0.0, patience), self._next
        if (datagram := await self._read_until(expected, wait)) is not None:
            return self._in_time(datagram, within, since, what or describe(expected), hint)
        passed = self.received[first:]
        instead = [datagram for datagram in passed if about and about in datagram.text]
        if instead:
            wrong = mismatch(expected, instead[-1].text, hint=hint)
            raise wrong.rests_on(self._place(instead[-1]), client=self.label)
        raise self._nothing(describe(expected), wait, passed, hint)

    async def expect_silence(self, lasting: float, *, awaited: str = "", hint: Hint = "") -> None:
        """No datagram for `lasting` seconds. `awaited` says in a report what that silence is: "no
        datagram in answer to …"; without it, how long it was to last."""
        if await self._until(lambda: self._next < len(self.received), lasting):
            came = self.received[self._next]
            silence = awaited or f"no datagram for {lasting:g} s"
            wrong = Violation(silence, came.text, hint=hint)
            raise wrong.rests_on(self._place(came), client=self.label)

    def forget(self) -> None:
        """Drops all unread datagrams."""
        self._read()
        self._next = len(self.received)

    async def _until(self, condition: Callable[[], bool], within: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within * self._scale + self._round_trip()):
                while not condition():
                    if self._flooded:
                        return False
                    self._changed.clear()
                    await self._changed.wait()
                return True
        return condition()  # what came in the last moment counts

    def _nothing(
        self, awaited: str, within: float, passed: Iterable[Datagram] = (), hint: Hint = ""
    ) -> Violation:
        gone = self._why_gone()
        passed = list(passed)
        actual = f"nothing within {within:g} s" + (f" ({gone})" if gone else "")
        if passed and not gone:
            actual = f"nothing of it within {within:g} s; what came last was: {passed[-1].text}"
        wrong = Violation(awaited, actual, hint=hint, fault=Fault.ABSENT)
        return wrong.rests_on(*self._last_seen(), client=self.label)

    @property
    def stamped_by(self) -> str:
        return "kernel" if self._stamped or not self.received else "clock"

    @property
    def clock_error(self) -> float:
        """0.0 where the kernel stamps datagrams, because each is read by itself."""
        return rounded_up(self._recorder.delay()) if self.stamped_by == "clock" else 0.0

    def said(self) -> Iterable[tuple[float, str, str]]:
        for at, other, text in self._said:
            yield at, REMARK if other == REMARK else f"{self.label}{other}", text
        if self._quiet:
            return
        for datagram in self.received:
            yield datagram.at, self._voice(datagram), as_text(datagram.data)

    def join_group(self, group: str, interface: str = "0.0.0.0") -> None:
        """Receives from now on what is sent to the multicast group (RFC 1112), on the interface
        with the address `interface` (0.0.0.0: the default route's). The socket must be bound to the
        group's address; else all that is sent to its port would look as if sent to the group."""
        member = socket.inet_aton(group) + socket.inet_aton(interface)
        self._wire.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def remark(self, text: str) -> None:
        """Puts an event into the transcript: what became of a datagram on its way."""
        self._said.append((self._recorder.now(), REMARK, text))
