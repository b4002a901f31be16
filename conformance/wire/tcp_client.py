"""A TCP client that behaves like a real one, with what a scenario can expect to read.

Expectations are compared with whole lines. `patience` is how long a line is waited for; `within` is
how soon it has to come, judged afterwards by the kernel's time of its arrival. That is why a late
line and an absent one are two different findings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from conformance.verdict.checks import promptly, require
from conformance.verdict.expectations import Expected, describe, matches, mismatch
from conformance.verdict.symptoms import TELLING, Moment
from conformance.verdict.transcript import REMARK, as_bytes
from conformance.verdict.violation import Fault, Hint, Kind, Violation
from conformance.wire.connection import PASSING, PATIENCE, Connection
from conformance.wire.expecting import Expecting
from conformance.wire.lines import Ending, Line

DRAINED_AT_ONCE = 2**20
"""Bytes of one read of what is not kept."""


class Digest(Protocol):
    """As of hashlib."""

    def update(self, data: bytes, /) -> None: ...


class Client(Connection, Expecting[Line]):
    """A client of the server. Use it in an `async with`: it leaves at the end."""

    _in_dialogue = False
    """Whether the greeting is over: before that, anything may come before an expected line."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.leave()

    def _items(self) -> list[Line]:
        return self.lines

    @property
    def label(self) -> str:
        return self.name

    @property
    def has_unread(self) -> bool:
        """Whether a line has come that was not read."""
        return self._next < len(self.lines)

    def _place(self, item: Line) -> Moment:
        return Moment(self.arrival(item), self.other, item.text[:TELLING])

    def _last_seen(self) -> list[Moment]:
        unended = [self._unended()] if self.pending else []
        return [*unended, self._silence() if self.ending is None else self._close_seen()]

    def _unended(self) -> Moment:
        """Where what has come since the last line end stands in the transcript."""
        return Moment(self._pending_seen, self.other, self.unfinished[:TELLING])

    def _silence(self) -> Moment:
        """That nothing has come since the last that was said, by us or by the server."""
        last = max([self.sent_at, *(self.arrival(line) for line in self.lines[-1:])])
        last = max(last, self._pending_seen if self.pending else last)
        return Moment(last, self.label, silence=max(0.0, self._recorder.now() - last))

    def _close_seen(self) -> Moment:
        """Where the server's close stands in the transcript."""
        return Moment(self.closed_at or self._recorder.now(), REMARK, "the server ")

    def _arrival_and_error(self, item: Line) -> tuple[float, float]:
        # In this order: what the capture learns in between makes the time earlier, never the
        # error smaller.
        error = self.uncertainty(item)
        return self.arrival(item), error

    async def read_line(
        self, *, patience: float = PATIENCE, awaited: str = "a line", hint: Hint = ""
    ) -> Line:
        """The next line. Violation where none comes; `awaited` says what was expected. Who reads
        line by line knows where the greeting ends: it is over."""
        if (line := await self._read_next(patience)) is not None:
            self._in_dialogue = True
            return line
        raise await self._nothing(awaited, patience, hint=hint)

    async def expect_line(
        self,
        expected: Expected,
        *,
        within: float | None = None,
        since: float | None = None,
        patience: float = PATIENCE,
        what: str = "",
        hint: Hint = "",
        skip: int = 0,
    ) -> Line:
        """The next line, which must be `expected`; up to `skip` others may come before it.

        It must have come at most `within` seconds after what was sent last (or the connect), or
        after `since`; `within` None: at any time. It is waited for at least `patience` seconds.
        `what` names what was late in a report: "a reply". Until the greeting is over, anything may
        come before the expected line, so that no scenario depends on where it ends: it is over once
        something expected has come, or a line was read by `read_line`."""
        wait = max(within or 0.0, patience)
        if not self._in_dialogue:
            line = await self._first_of(expected, wait, hint)
            self._in_dialogue = True
        else:
            for _ in range(skip + 1):
                line = await self.read_line(patience=wait, awaited=describe(expected), hint=hint)
                if matches(expected, line.text):
                    break
            else:
                wrong = mismatch(expected, line.text, hint=hint)
                raise wrong.rests_on(self._place(line), client=self.label)
        return self._in_time(line, within, since, what or describe(expected), hint)

    async def pass_over(self, count: int, within: float = 1.0) -> None:
        """Reads up to `count` more lines, as far as they come. Others may still be on their way, so
        the greeting does not end by that."""
        await self._until(lambda: len(self.lines) >= self._next + count, within)
        self._next = min(len(self.lines), self._next + count)

    async def wait_for_line(
        self,
        expected: Expected,
        *,
        within: float | None = None,
        since: float | None = None,
        patience: float = PATIENCE,
        what: str = "",
        hint: Hint = "",
    ) -> Line:
        """The first line that is `expected`, passing over others; times as for `expect_line`. The
        greeting is over then."""
        line = await self._first_of(expected, max(within or 0.0, patience), hint)
        self._in_dialogue = True
        return self._in_time(line, within, since, what or describe(expected), hint)

    async def _first_of(self, expected: Expected, wait: float, hint: Hint) -> Line:
        first = self._next
        if (line := await self._read_until(expected, wait)) is not None:
            return line
        raise await self._nothing(describe(expected), wait, self.lines[first:], hint)

    async def expect_unended(
        self,
        expected: Expected,
        *,
        within: float | None = None,
        since: float | None = None,
        patience: float = PATIENCE,
        what: str = "",
        hint: Hint = "",
    ) -> Line:
        """What comes next is `expected` without a line end; the bytes after it belong to the next
        line. Times as for `expect_line`."""
        wait = max(within or 0.0, patience)

        def length() -> int:
            if isinstance(expected, str):
                return len(as_bytes(expected)) * self.unfinished.startswith(expected)
            return len(as_bytes(self.unfinished)) * matches(expected, self.unfinished)

        if not await self._until(lambda: length() > 0, wait):
            raise await self._nothing(describe(expected), wait, hint=hint)
        self._next = len(self.lines) + 1
        self._in_dialogue = True
        line = self.cut(length())
        return self._in_time(line, within, since, what or describe(expected), hint)

    def take_unended(self) -> Line:
        """What has come since the last line end, as a line that has been read."""
        self._next = len(self.lines) + 1
        return self.cut(self.pending)

    async def expect_silence(self, lasting: float, *, awaited: str = "", hint: Hint = "") -> None:
        """For `lasting` seconds there is no unread line, no byte of a new one, and no close.
        `awaited` says in a report what that silence is: "nothing before …"; without it, how long it
        was to last."""
        known = self.pending

        def spoken() -> bool:
            return self._next < len(self.lines) or self.pending > known

        window = awaited or f"nothing for {lasting:g} s"
        if await self._until(spoken, lasting):
            unread = self.lines[self._next :]
            came = unread[0].text if unread else f"{self.unfinished}, without an end of line"
            proof = self._place(unread[0]) if unread else self._unended()
            raise Violation(window, came, hint=hint).rests_on(proof, client=self.label)
        if self.ending is not None:
            raise await self._nothing(window, lasting, hint=hint)

    async def expect_close(
        self, within: float = PATIENCE, *, after: str = "", hint: Hint = ""
    ) -> Ending:
        """The server ends the connection, by FIN or RST, at most `within` seconds after
        the last line that was read, or sent. What it says before is not judged. `after` names in a
        report what it answers by that."""
        since = self.arrival(self.lines[self._next - 1]) if self._next else self.connected_at
        since = max(since, self.sent_at)
        wait, what = max(within, PATIENCE), "the server closes the connection"
        if after:
            what = f"after {after} the server closes the connection"
        if not await self._until(lambda: self.ending is not None, wait, even_closed=True):
            raise Violation(
                f"{what} within {within:g} s",
                f"it was still open after {wait:g} s",
                hint=hint,
                fault=Fault.ABSENT,
                kind=Kind.OPEN,
            ).rests_on(self._silence(), client=self.label)
        assert self.ending is not None
        assert self.closed_at is not None
        slack = self._slack(within) + self.close_error
        closed, came = self.closed_at, "it closed"
        late = promptly(since, closed, within=within, what=what, came=came, hint=hint, slack=slack)
        waited = Moment(since, self.label, silence=max(0.0, closed - since))
        require(late and late.rests_on(waited, self._close_seen(), client=self.label))
        return self.ending

    async def watch(self, enough: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Receives until `enough`, until the close, or for `within` seconds at most; returns
        whether it was enough. The lines stay unread."""
        return await self._until(enough, within)

    async def drain(
        self, count: int, within: float = PATIENCE, digest: Digest | None = None
    ) -> int:
        """Reads up to `count` more bytes, which are not kept: a large file, of which only the size
        and the `digest` matter. Returns how many came, in `within` seconds, or until the close.
        What else comes stays unread, until something is awaited."""
        self.stop_reading()
        began, left = self._recorder.now(), count
        if self.pending:
            self.take_unended()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within * self._scale + self._round_trip()):
                while left and self.ending is None:
                    data = await self._receive(min(left, DRAINED_AT_ONCE))
                    left -= len(data)
                    self._drop(len(data), self._recorder.now())
                    if digest is not None:
                        digest.update(data)
                    self._drain()  # before the capture runs out of room
        took = self._recorder.now() - began
        self.tell(f"{self.name} has read {count - left:,} bytes in {took:.2f} s: not shown")
        return count - left

    def gather_now(self) -> list[Line]:
        """All lines that have come and have not been read."""
        return self._unread()

    async def _nothing(
        self, awaited: str, within: float, passed: Iterable[Line] = (), hint: Hint = ""
    ) -> Violation:
        """What to say when something awaited did not come."""
        passed = list(passed)
        proof = self._last_seen()
        if self.ending is not None:
            await self._until(lambda: bool(self._why_gone()), PASSING, even_closed=True)
            gone = self._why_gone()
            actual = "the server closed the connection" + (f" ({gone})" if gone else "")
            if self.ending.how == "RST":
                actual = "the server reset the connection" + (f" ({gone})" if gone else "")
            fault, kind = Fault.WRONG, Kind.ENDED if gone else Kind.CLOSED
        else:
            actual = f"nothing within {within:g} s"
            fault, kind = Fault.ABSENT, Kind.SILENCE
        if self.unfinished:
            actual = f"{self.unfinished}, without an end of line, then {actual}"
            kind = kind if kind is Kind.ENDED else Kind.FORM
        elif passed:
            actual = f"{actual}; the last line before was: {passed[-1].text}"
            if self._in_dialogue and kind is not Kind.ENDED:  # else a greeting, perhaps
                kind = Kind.FORM
        wrong = Violation(awaited, actual, hint=hint, fault=fault, kind=kind)
        return wrong.rests_on(*proof, client=self.label)


@dataclass
class DeafClient:
    """Sends its data until the server can no longer send its answers, and reads nothing."""

    client: Client
    data: bytes
    pushed: int = 0
    """Bytes that have left us."""

    async def stuff(self) -> int:
        """Sends until all data is sent, or until the server takes no more; returns how many bytes
        that were. A server that was kept from reading takes no more for a while: it is full only if
        it takes nothing after it has answered somebody else."""
        taken, before = 1, self.pushed
        while taken and self.pushed < len(self.data):
            taken = await self.client.push(self.data[self.pushed : self.pushed + 65_536])
            self.pushed += taken
        if self.pushed > before:
            self.client.tell(f"{self.client.name} has sent {self.pushed:,} bytes and read nothing")
        return self.pushed - before

    def close(self) -> None:
        """Closes without having read, which sends a reset, as a machine that hangs would."""
        self.client.abandon()
