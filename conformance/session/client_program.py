"""What a scenario of a lab for clients is given: the program, and the lab author's words for what a
server does.

The suite is the server. A scenario says when it listens, and has the program started; what the
program sends, and gets, goes into the transcript.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from conformance.sandbox import SandboxError
from conformance.sandbox.hosts.network import SUITE_ADDRESS
from conformance.session.host import POLL
from conformance.session.name_server import PORT as NAMES
from conformance.session.name_server import NameServer
from conformance.session.visited_server import VisitedServer
from conformance.verdict.checks import promptly, require
from conformance.verdict.delays import Waited, time_to_start
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.thrown.choice import Printed, told
from conformance.verdict.violation import Delay, Fault, Hint, Kind, LeftOut, Violation
from conformance.wire.connection import PATIENCE
from conformance.wire.recorder import NANOSECONDS
from conformance.wire.visitor import Visitor

CONNECTED_WITHIN = 10.0
"""Seconds from the program's start to its connection."""

MORE = 2.0
"""Seconds more than it may take that the program's end is awaited, to tell late from never."""

AGAIN = 0.5
"""Seconds after which it is asked again how long the program was kept waiting."""

SIGNALLED = 128
"""A greater exit status says which signal has ended the program."""

SCREEN = (
    "HeadlessException", "no display name and no $DISPLAY", "Unable to open DISPLAY",
    "cannot open display", "could not connect to display", "Can't connect to X11",
    "No module named 'tkinter'", "No module named '_tkinter'",
)  # fmt: skip
"""What programs print that want a window, where there is no screen."""


@dataclass(eq=False, repr=False)
class ClientProgram(VisitedServer):
    """The submission's program, which is a client, and the server that the suite is to it."""

    async def ready(self) -> None:
        """Nothing: a scenario starts the program when its own side is ready."""

    # -- the program ------------------------------------------------------------------

    def start(self) -> None:
        """Starts the program in its terminal. Raises LeftOut where no name can be made to lead to
        the suite, and the program is not told where to connect to."""
        if not self._on_a_wire and not self.own.takes_host_and_port:
            raise LeftOut(
                "this machine offers no hosts of the suite's own, so the name that the program has"
                " built in does not lead to the suite; one that takes {host} and {port} as"
                " arguments can be judged here"
            )
        if self._on_a_wire and self._names is None:
            wire = self.host.socket("suite", socket.AF_INET, socket.SOCK_DGRAM)
            wire.bind(("", NAMES))
            self._names = NameServer(wire, {self.site: SUITE_ADDRESS})
        self.recorder.remark("the program is started")
        self.host.start()

    @contextlib.asynccontextmanager
    async def visiting(
        self, *, within: float = CONNECTED_WITHIN, hint: Hint = ""
    ) -> AsyncIterator[Visitor]:
        """The suite listens, the program is started and connects: its first connection. The suite
        leaves it at the end of the block."""
        with self.listening():
            self.start()
            visitor = await self.expect_visit(within=within, hint=hint)
            try:
                yield visitor
            finally:
                for each in self.visitors:
                    await each.leave()

    async def expect_visit(self, *, within: float = CONNECTED_WITHIN, hint: Hint = "") -> Visitor:
        """The program's first connection, at most `within` seconds after its start. Time that the
        machine keeps the program waiting is added, up to a minute in all."""
        began = self.started_at
        await self.until(lambda: bool(self.visitors), began + within + MORE - self.now())
        while not self.visitors and not self.host.ended():
            waited = self.kept_waiting(self.own.started_at)
            own = within * self.scale + MORE + self.round_trip
            if self.now() >= began + time_to_start(own, waited):
                break
            await self.until(lambda: bool(self.visitors), AGAIN)
        if not self.visitors:  # it may have connected, and ended at once
            await asyncio.sleep(POLL)
        self._has_started()
        if not self.visitors:
            raise self._no_visit(within, hint)
        came, slack = self.visitors[0].opened_at, self.slack(within)
        what, told = self._wanted(), "it connected"
        late = promptly(began, came, within=within, what=what, came=told, hint=hint, slack=slack)
        require(late)
        return self.visitors[0]

    def _has_started(self) -> None:
        self.started()
        self.started = lambda: None

    def _no_visit(self, within: float, hint: Hint) -> Violation:
        self.require_no_screen()
        wanted = f"{self._wanted()}, within {within:g} s"
        elsewhere = [one for one in self.tried() if one.port != self.own.site_port]
        ended = self.host.ended()
        if elsewhere:
            return self.went_elsewhere(elsewhere[0], hint)
        if ended:
            asked = self._asked_for()
            how = Symptom(Sign.ENDED, facts={"how": ended.partition(": ")[2], "output": 1})
            actual = f"{ended}, without a connection{asked}"
            return Violation(wanted, actual, hint=hint, kind=Kind.ENDED, symptom=how)
        took = self.now() - self.started_at
        told = f"none in {took:.1f} s{self._asked_for()}"
        return Violation(
            wanted,
            told,
            hint=hint,
            fault=Fault.ABSENT,
            symptom=Sign.NO_VISIT.value,
            delays=[Delay(self.started_at, self.now(), took - within - self.slack(within), told)],
        )

    async def expect_refused(self) -> float:
        """The program has tried to connect, and nobody listened: when that was. Where the wire does
        not show it, when the program was started."""
        self.recorder.remark(f"nobody listens on port {self.port}")
        await self.until(lambda: bool(self.tried()), CONNECTED_WITHIN)
        self._has_started()
        tried_at = [one.at for one in self.tried()]
        return tried_at[0] if tried_at else self.started_at

    async def until_read(self, visitor: Visitor) -> None:
        """Waits until the program has read all that was sent to it, or does not read."""
        await self.until(
            lambda: not (visitor.unacknowledged() or self.host.unread(visitor.port)), PATIENCE
        )
        await asyncio.sleep(POLL)  # what it has read, it takes in

    # -- what it prints ---------------------------------------------------------------

    @property
    def printed(self) -> bytes:
        """All that it has printed so far, on stdout and stderr, as it was written."""
        return self.own.printed_so_far()

    def require_no_screen(self) -> None:
        """Raises SandboxError, so that nothing is judged, if the program wants a window: there is
        no screen here."""
        said = self.printed.decode("utf-8", "replace")
        if any(words in said for words in SCREEN):
            raise SandboxError(
                "the program opens a window, and there is no screen where it is judged: it has to"
                " work in a terminal"
            )

    def note_answers(self) -> None:
        """Notes which questions of the program were answered."""
        terminal = self.own.terminal
        for question, about in (terminal.answered if terminal else {}).items():
            given = terminal.answers[about] if terminal else ""
            self.note(f"The program asked `{question}`, and was answered `{given}`.")

    async def until(self, condition: Callable[[], bool], within: float) -> bool:
        """Waits until the condition holds, the program has ended, or so many seconds have passed;
        returns whether it holds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within * self.scale + self.round_trip
        while not condition():
            if self.host.ended() or loop.time() >= deadline:
                return condition()
            await asyncio.sleep(POLL)
        return True

    # -- its end ----------------------------------------------------------------------

    async def expect_end(self, since: float, *, within: float = PATIENCE, hint: Hint = "") -> None:
        """The program ends by itself, at most `within` seconds after `since`. One that does not is
        watched until it has had as much time of its own, however long it was kept waiting."""
        await self.until(lambda: False, since + within + MORE - self.now())
        while not self.host.ended():
            waited = self._waited_since(since)
            own = within * self.scale + MORE + self.round_trip
            if self.now() >= since + time_to_start(own, waited):
                break
            await self.until(lambda: False, AGAIN)
        self.require_no_screen()
        what, over = "the program ends", self.now()
        slack = self.slack(within) + self.delay() + 2 * POLL
        if not self.host.ended():
            told = f"it was still running after {over - since:.1f} s"
            raise Violation(
                f"{what} within {within:g} s",
                told,
                hint=hint,
                fault=Fault.ABSENT,
                kind=Kind.OPEN,
                symptom=Sign.STAYS.value,
                delays=[Delay(since, over, over - since - within - slack, told)],
            ).seen_at(since, until=over)
        late = promptly(
            since, over, within=within, what=what, came="it ended", hint=hint, slack=slack
        )
        require(late)

    def _waited_since(self, since: float) -> Waited:
        """How long the program was kept waiting since a moment of the conversation."""
        return self.kept_waiting(self.recorder.began + round(since * NANOSECONDS))

    def has_crashed(self) -> bool:
        """Whether a signal has ended it, or an exception that it did not catch."""
        status = self.host.exit_status() or 0
        if status == 0 or self.end_expected:
            return False
        text = self.printed.decode("utf-8", "backslashreplace")
        seen = told(Printed(during=text), self.host.own_files(), kind=Kind.ENDED, status=status)
        return status > SIGNALLED or seen.thrown is not None
