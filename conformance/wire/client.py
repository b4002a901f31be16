"""A TCP client of ours, as a real one would be: what a scenario expects to read.

What is expected is compared with whole lines, each at its own deadline; checks of
promptness go by when a line arrived, not by when we got round to reading it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from conformance.verdict.expectations import Expected, describe, matches
from conformance.verdict.model import Delay, Fault, Kind, Violation
from conformance.verdict.transcript import as_bytes
from conformance.wire.connection import PASSING, PATIENCE, Connection
from conformance.wire.lines import Ending, Line
from conformance.wire.recorder import NANOSECONDS


class Client(Connection):
    """A client of the server. Use it in an `async with`: it leaves at the end."""

    _next = 0
    """The line that is read next."""
    _in_dialogue = False
    """Whether a reply has come: what came before is the greeting."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.leave()

    async def read_line(
        self, within: float = PATIENCE, *, awaited: str = "a line", hint: str = ""
    ) -> Line:
        """The next line. Violation where none comes: `awaited` says what was."""
        if await self._until(lambda: self._next < len(self.lines), within):
            self._next += 1
            return self.lines[self._next - 1]
        raise await self._nothing(awaited, within, hint=hint)

    async def expect_line(
        self, expected: Expected, within: float = PATIENCE, *, hint: str = "", skip: int = 0
    ) -> Line:
        """The next line, which must be `expected`; up to `skip` others may come before it.

        Before the first expected line of a connection anything may come: that is the
        server's greeting, and no scenario depends on where it ends.
        """
        if not self._in_dialogue:
            line = await self.wait_for_line(expected, within, hint=hint)
            self._in_dialogue = True
            return line
        for _ in range(skip + 1):
            line = await self.read_line(within, awaited=describe(expected), hint=hint)
            if matches(expected, line.text):
                return line
        raise Violation(describe(expected), line.text, hint=hint)

    async def pass_over(self, count: int, within: float = 1.0) -> None:
        """Reads up to so many lines more, as far as they come."""
        await self._until(lambda: len(self.lines) >= self._next + count, within)
        self._next = min(len(self.lines), self._next + count)

    async def wait_for_line(
        self, expected: Expected, within: float = PATIENCE, *, hint: str = ""
    ) -> Line:
        """The first line to come that is `expected`; other lines may come before it."""
        first = self._next

        def found() -> bool:
            while self._next < len(self.lines):
                self._next += 1
                if matches(expected, self.lines[self._next - 1].text):
                    return True
            return False

        if await self._until(found, within):
            return self.lines[self._next - 1]
        raise await self._nothing(describe(expected), within, self.lines[first:], hint)

    async def expect_unended(
        self, expected: Expected, within: float = PATIENCE, *, hint: str = ""
    ) -> Line:
        """What comes next is `expected`, and no end of line behind it; the next bytes are
        those of the next line."""

        def length() -> int:
            if isinstance(expected, str):
                return len(as_bytes(expected)) * self.unfinished.startswith(expected)
            return len(as_bytes(self.unfinished)) * matches(expected, self.unfinished)

        if await self._until(lambda: length() > 0, within):
            self._next = len(self.lines) + 1
            self._in_dialogue = True
            return self.cut(length())
        raise await self._nothing(describe(expected), within, hint=hint)

    def take_unended(self) -> Line:
        """What has come since the last line end, as a line that has been read."""
        self._next = len(self.lines) + 1
        return self.cut(self.pending)

    async def expect_silence(self, lasting: float, *, hint: str = "") -> None:
        """Not a byte more, and no close, for `lasting` seconds: neither a line that has not
        been read, nor part of one that begins now."""
        known = self.pending

        def spoken() -> bool:
            return self._next < len(self.lines) or self.pending > known

        window = f"nothing for {lasting:g} s"
        if await self._until(spoken, lasting):
            unread = self.lines[self._next :]
            came = unread[0].text if unread else f"{self.unfinished}, without an end of line"
            raise Violation(window, came, hint=hint)
        if self.ending is not None:
            raise await self._nothing(window, lasting, hint=hint)

    async def expect_close(self, within: float = PATIENCE, *, hint: str = "") -> Ending:
        """The server ends the connection, by FIN or RST, at most `within` seconds after
        the last line that was read, or sent. What it says before is not judged."""
        since = self.arrival(self.lines[self._next - 1]) if self._next else self.connected_at
        since = max(since, self.sent_at)
        wait = max(within, PATIENCE)
        if not await self._until(lambda: self.ending is not None, wait, even_closed=True):
            raise Violation(
                f"the server closes the connection within {within:g} s",
                f"it was still open after {wait:g} s",
                hint=hint,
                fault=Fault.ABSENT,
                kind=Kind.OPEN,
            )
        ending = self.closed_at()
        took = (ending - since) / NANOSECONDS
        limit = within * self._scale + self.close_error
        if took > limit:
            told = f"it closed after {took:.2f} s"
            raise Violation(
                f"the server closes the connection within {within:g} s",
                told,
                hint=hint,
                fault=Fault.LATE,
                delays=[Delay(since / NANOSECONDS, ending / NANOSECONDS, took - limit, told)],
            )
        assert self.ending is not None
        return self.ending

    async def watch(self, enough: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Reads on until it is `enough`, until the close, or for `within` seconds at most;
        whether it was enough. The lines stay to be read."""
        return await self._until(enough, within)

    async def gather(self, lasting: float) -> list[Line]:
        """All lines that come until the close, or for `lasting` seconds at most."""
        await self._until(lambda: False, lasting)
        return self.gather_now()

    def gather_now(self) -> list[Line]:
        """All lines that have come and have not been read."""
        taken = self.lines[self._next :]
        self._next = len(self.lines)
        return taken

    async def _nothing(
        self, awaited: str, within: float, passed: Iterable[Line] = (), hint: str = ""
    ) -> Violation:
        """What to say when something awaited did not come."""
        passed = list(passed)
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
        elif passed and self._in_dialogue:
            actual = passed[-1].text
            fault, kind = Fault.WRONG, kind if kind is Kind.ENDED else Kind.FORM
        elif passed:  # a greeting, perhaps
            actual = f"{actual}; the last line before was: {passed[-1].text}"
        return Violation(awaited, actual, hint=hint, fault=fault, kind=kind)
