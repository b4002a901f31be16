"""One worker process: one world, one server, its scenarios, an attempt each.

Runs in a process of its own, forked by the engine; tells what it finds line by line,
so that whatever happens to it, what it had told is not lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.contract.lab import Conversation, Lab, Scenario
from conformance.sandbox import Exhaustion, Isolation, SandboxError, World
from conformance.sandbox.measure.wait_meter import WaitMeter
from conformance.session import evidence_files
from conformance.session.aftermath import IN_ORDER, MOST_OUTPUT, outlived
from conformance.session.captures import Captures
from conformance.session.host import Host
from conformance.session.loop_lag import LoopLag
from conformance.session.monitor import Monitor
from conformance.session.not_listening import in_background
from conformance.session.remote_host import RemoteHost
from conformance.session.server import START_WITHIN, Server
from conformance.session.submission_host import SubmissionHost
from conformance.submissions import Program
from conformance.verdict.delays import START_AT_MOST, Waited, reckoned
from conformance.verdict.model import (
    Attempt,
    Blame,
    Fault,
    Kind,
    LeftOut,
    NotJudged,
    Outcome,
    Parameters,
    Violation,
)
from conformance.verdict.transcript import MOST_TEXT, shorten
from conformance.wire.capture import stamping
from conformance.wire.client import Client
from conformance.wire.recorder import MOST_TAKEN

CLOCK_TOLERANCE = 0.05
"""Seconds by which the wall clock may have been moved under a conversation before its
times are no longer believed; NTP slews by less."""

LONG_STANDSTILL = 1.0
"""Seconds for which the machine must have stood still for something that never came to be
in doubt: it is waited for longer than that, mostly for five seconds."""

MOST_EXPECTED = 200_000
"""Characters of what was expected: twice the longest line that a clause asks for."""


@dataclass(frozen=True)
class SessionPlan:
    """One launch of a submission, and the scenarios that are held with it."""

    lab: Lab
    scenarios: tuple[Scenario, ...]
    parameters: Parameters
    seed: int
    scale: float
    port: int
    follows: bool = False
    """Whether it is talked to where it listens, if that is one other port."""
    program: Program | None = None
    """How the program is started; None where it runs already."""
    remote: tuple[str, int] | None = None
    """Family-independent address of a server that runs already."""
    zone: str = "UTC"
    dialect: Mapping[str, Any] = field(default_factory=dict)
    void: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Clause number -> the clauses that are no excuse for it, since they hold."""
    found_silent: bool = False
    """What was waited for has never come, in a conversation before."""
    found_elsewhere: int = 0
    """The one other port on which the gate has found it, at the start before."""
    keep: Collection[Outcome] = ()
    """The outcomes of which the evidence is left in the session's folder."""

    @property
    def longest(self) -> float:
        """Seconds from one finding to the next after which the session itself is given up."""
        return self.longest_attempt + 30.0 * self.scale

    @property
    def longest_attempt(self) -> float:
        """Seconds after which an attempt is given up: a lab's own measure, and a slow start."""
        return self.lab.longest(self.parameters) * self.scale + START_AT_MOST


@dataclass(frozen=True)
class Finding:
    """What a session tells of one scenario."""

    number: str
    attempt: Attempt
    dialect: Mapping[str, Any]
    port: int
    """The port that the program listens on, where it is one other than it should."""


def hold(
    plan: SessionPlan,
    isolation: Isolation,
    scratch: Path,
    tell: Callable[[Finding], None],
    started: Callable[[], None] = lambda: None,
) -> None:
    """Holds the session, in this process, and tells each finding as it comes; `started`
    is called once, when the program waits for clients, or is known not to.

    Stops after the first scenario that does not pass on a server that others had used:
    what that one left behind shall not be held against the next.
    """
    if plan.remote is not None:
        there = RemoteHost.find(*plan.remote, plan.lab.protocol)
        asyncio.run(_Session(plan, None, there, scratch).hold(tell, started))
        return
    assert plan.program is not None, "a session has a program to start, or one that runs"
    program = plan.program
    names = plan.lab.names
    with World(isolation, scratch, names=names, readable=program.readable) as world:
        own = SubmissionHost(
            world,
            program,
            scratch,
            protocol=plan.lab.protocol,
            port=plan.port,
            zone=plan.zone,
            follows=plan.follows,
        )
        asyncio.run(_Session(plan, world, own, scratch).hold(tell, started))


class _Session:
    def __init__(self, plan: SessionPlan, world: World | None, host: Host, scratch: Path) -> None:
        self._plan = plan
        self._scratch = scratch
        self._world = world
        self._host = host
        self._evidence: dict[str, Any] = {}
        self._begun: Client | None = None
        """The gate's client, with which the next conversation goes on."""
        shared = world is not None and not world.has_disks
        self._exhaustion = Exhaustion(scratch if shared else None)
        self._remarked: list[str] = []
        self._stumbled: BaseException | None = None
        """What was raised where nobody could catch it: something that came was not taken in."""
        self._meter = WaitMeter(host.pids, lambda: self._lag.delayed)
        self._monitor = Monitor(host, self._meter)
        self._lag = LoopLag(self._monitor.check_if_due)
        self._listening = 0
        """Since when the program listens (wall clock, ns): how long it was kept waiting
        while it started says nothing of the conversation."""

    async def hold(self, tell: Callable[[Finding], None], started: Callable[[], None]) -> None:
        plan = self._plan
        asyncio.get_running_loop().set_exception_handler(self._stumbles)
        with self._capturing() as captures:
            server = Server(
                self._host,
                plan.parameters,
                protocol=plan.lab.protocol,
                scale=plan.scale,
                captures=captures,
                dialect=dict(plan.dialect),
                started=started,
                delay=lambda: self._lag.delay,
                kept_waiting=self._kept_waiting,
            )
            server.found_silent = plan.found_silent
            server.found_elsewhere = plan.found_elsewhere
            async with self._running(), self._lag.measuring():
                for number, scenario in enumerate(plan.scenarios):
                    # A conversation of several clauses has its server from the beginning.
                    used = self._host.remote or (number > 0 and scenario.of is None)
                    attempt = await self._attempt(scenario, server, used=used)
                    before = [held.clause.number for held in plan.scenarios[:number]]
                    attempt = await outlived(attempt, server, before)
                    if scenario.clause.number == plan.lab.gate:
                        attempt = await self._in_foreground(attempt, server)
                    attempt = self._keep(scenario, attempt, server, captures)
                    elsewhere = server.listening_elsewhere or 0
                    tell(Finding(scenario.clause.number, attempt, server.dialect, elsewhere))
                    if not self._spoilt(scenario, attempt):
                        continue
                    # Of a server that runs already there is no fresher one; but what others
                    # are judged by has to be known first.
                    if not self._host.remote or scenario.clause.number == plan.lab.teaches:
                        return

    async def _in_foreground(self, attempt: Attempt, server: Server) -> Attempt:
        """The attempt at the gate; where the program has ended in good order meanwhile, and does
        so since it goes into the background, that is what it shows, however far it came."""
        host = self._host
        shown = attempt.outcome in (Outcome.PASSED, Outcome.FAILED)
        if not isinstance(host, SubmissionHost) or not shown or server.end_expected:
            return attempt
        if IN_ORDER not in host.ended():
            return attempt
        try:
            violation = await in_background(host, START_WITHIN * self._plan.scale)
        except SandboxError:  # it cannot be looked at once more: what it has shown stands
            return attempt
        if violation is None:
            return attempt
        server.listening_elsewhere = None  # nobody can be served there for long
        return failed(attempt, violation)

    def _spoilt(self, scenario: Scenario, attempt: Attempt) -> bool:
        """Whether the server is no longer what the next scenario expects: it has failed one, or
        was left in the middle of a conversation of which there is no evidence."""
        if scenario.of is not None:
            return scenario.of.name not in self._evidence
        return attempt.outcome is not Outcome.PASSED

    @contextlib.contextmanager
    def _capturing(self) -> Iterator[Captures]:
        captures = Captures(self._world, self._host.port)
        try:
            captures.get("suite")  # before the program starts: a beacon may be its first word
            with contextlib.nullcontext() if captures.possible else stamping():
                yield captures
        finally:
            captures.close()

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        """The program, from its start until nothing of it is left."""
        if self._host.remote:
            yield
            return
        try:
            self._host.start()
            self._monitor.begin()
            yield
        finally:
            self._monitor.end()
            await self._host.stop()

    async def _attempt(self, scenario: Scenario, server: Server, *, used: bool) -> Attempt:
        shared = scenario.of is not None and scenario.of.name in self._evidence
        if not shared and not self._begun:
            void = self._plan.void.get(scenario.clause.number, ())
            server.begin(scenario.name, self._plan.seed, void)
            self._lag.begin()
            self._meter.begin()
            self._listening = 0
        began = time.monotonic()
        result = Attempt(Outcome.PASSED)
        timed = proven = False
        try:
            unseen = shared or self._host.remote
            async with asyncio.timeout(self._plan.longest_attempt):
                with contextlib.nullcontext() if unseen else self._meter.sampling():
                    await self._converse(scenario, server)
        except Violation as violation:
            result = failed(Attempt(Outcome.FAILED), violation)
            if server.recorder.flooded:
                result = _in_a_flood(result)
            timed = violation.timed
            result = self._doubted(result, server, timed=timed)
            if result.outcome is Outcome.FAILED:
                delays, steps = (
                    [delay.counted_from(server.epoch) for delay in known]
                    for known in (violation.delays, violation.steps)
                )
                result = reckoned(result, delays, self._meter.waiting(), steps)
            proven = not self._monitor.exceeded and result.fault is Fault.WRONG
        except NotJudged as why:
            result = Attempt(
                Outcome.NOT_RUN,
                reason=str(why),
                blame=Blame.PROGRAM,
                behind=(why.clause,),
                kind=why.kind,
            )
        except LeftOut as why:
            result = Attempt(Outcome.NOT_RUN, reason=str(why), blame=Blame.CALL)
        except SandboxError as refused:
            result = Attempt(Outcome.INCONCLUSIVE, reason=str(refused))
        except Exception as error:  # whatever else is raised is ours, and costs nothing
            result = _stumbled(error)
        if self._stumbled is not None:
            result = _stumbled(self._stumbled)
        # Also what passed: the close that was awaited may be our doing.
        if self._monitor.exceeded and not proven:
            result = Attempt(Outcome.INCONCLUSIVE, reason=self._monitor.exceeded)
        passed = result.outcome is Outcome.PASSED
        expected = shorten(result.expected, MOST_EXPECTED)
        return Attempt(
            **{
                **vars(result),
                # What the program had a hand in is bounded: a session is heard by one who
                # hears of many.
                "expected": expected,
                "actual": shorten(result.actual, MOST_TEXT + 2 * len(expected)),
                "hint": shorten(result.hint),
                "reason": shorten(result.reason, 2 * MOST_TEXT),
                "transcript": server.recorder.transcript(),
                "notes": tuple(map(shorten, (*server.recorder.notes, *self._new_remarks()))),
                "seconds": time.monotonic() - began,
                "shared": used,
                "relies": tuple(sorted(server.relied)),
                "timed": timed,
                "waited": self._waited(server),
                "output": "" if passed else shorten(self._host.last_output(), MOST_OUTPUT),
            }
        )

    def _stumbles(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The event loop caught what one of our callbacks raised."""
        if "handle" in context:
            self._stumbled = self._stumbled or context.get("exception")
        else:
            loop.default_exception_handler(context)

    def _waited(self, server: Server) -> float | None:
        """Seconds that the program was kept waiting since it listened, at the most."""
        if server.recorder.clock_was_set() > CLOCK_TOLERANCE:
            return None
        return self._meter.waiting().since(self._listening).most

    def _kept_waiting(self, since: int) -> Waited:
        """What the program was kept waiting since that moment (ns), and until now."""
        self._meter.sample()
        return self._meter.waiting().since(since)

    def _new_remarks(self) -> list[str]:
        """What is to be said of the program's use of this machine, and was not said before."""
        new = [remark for remark in self._host.remarks() if remark not in self._remarked]
        self._remarked += new
        return new

    async def _converse(self, scenario: Scenario, server: Server) -> None:
        name = scenario.of.name if scenario.of else ""
        gate = scenario.clause.number == self._plan.lab.gate and not scenario.begins
        known = name in self._evidence or self._begun
        if not gate and not self._host.remote and not known:
            await server.expect_listening()
            self._listening = self._meter.sample()
        if scenario.of is None:
            client = await scenario.judge(server)
            if isinstance(client, Client):
                await self._go_on(scenario.begins, client)
            return
        if name not in self._evidence:
            begun = [self._begun] if self._begun else []
            self._begun = None
            try:
                self._evidence[name] = await scenario.of.hold(server, *begun)
            except (Violation, NotJudged, LeftOut) as why:
                self._evidence[name] = why
        evidence_files = self._evidence[name]
        if isinstance(evidence_files, (Violation, NotJudged, LeftOut)):
            raise evidence_files
        scenario.judge(evidence_files)

    async def _go_on(self, conversation: Conversation | None, client: Client) -> None:
        """With the client of the gate, where it begins a conversation that is held next."""
        if conversation and any(one.of is conversation for one in self._plan.scenarios):
            self._begun = client
        else:
            await client.leave()

    def _doubted(self, failed: Attempt, server: Server, *, timed: bool) -> Attempt:
        """The attempt that failed, or why it proves nothing; `timed` says that it rests
        on when something came."""
        moved, still = server.recorder.clock_was_set(), self._lag.standstill
        reason = ""
        if lacked := self._exhaustion.reason():
            reason = f"{lacked} while the program ran"
        elif missed := self._host.missed():
            reason = f"this machine lacks what the program asks for: {missed}"
        elif timed and moved > CLOCK_TOLERANCE:
            reason = f"the machine's clock was set by {moved:.2f} s during the conversation"
        elif still and (timed or (failed.fault is Fault.ABSENT and still >= LONG_STANDSTILL)):
            reason = f"the machine stood still for {still:.2f} s during the conversation"
        return Attempt(Outcome.INCONCLUSIVE, reason=reason, kind=failed.kind) if reason else failed

    def _keep(
        self,
        scenario: Scenario,
        attempt: Attempt,
        server: Server,
        captures: Captures,
    ) -> Attempt:
        """The attempt, with the name of its evidence, where that is to be kept."""
        if attempt.outcome not in self._plan.keep:
            return attempt
        began = server.recorder.began
        try:
            name = evidence_files.write(
                self._scratch, scenario.clause, attempt, began, captures.values()
            )
        except OSError as error:  # a full disk costs evidence, and no points
            return evidence_files.lost(attempt, error)
        return replace(attempt, capture=name)


def failed(attempt: Attempt, violation: Violation) -> Attempt:
    """The attempt, which has shown that violation."""
    return replace(
        attempt,
        outcome=Outcome.FAILED,
        expected=violation.expected,
        actual=violation.actual,
        hint=violation.hint,
        fault=violation.fault,
        kind=violation.kind,
    )


def _stumbled(error: BaseException) -> Attempt:
    """An attempt that shows nothing, for something of ours went wrong."""
    where = "".join(traceback.format_exception(error)[-3:])
    reason = f"the suite itself stumbled: {type(error).__name__}: {error}\n{where}"
    return Attempt(Outcome.INCONCLUSIVE, reason=reason)


def _in_a_flood(failed: Attempt) -> Attempt:
    """The attempt in which more came than is taken in. What is not among all that is not late:
    no machine, however slow, has sent so much in its place."""
    if failed.fault is not Fault.ABSENT:
        return failed
    actual = f"{failed.actual}; and more came than the {MOST_TAKEN // 2**20} MiB that are taken in"
    kind = Kind.FORM if failed.kind is Kind.SILENCE else failed.kind
    return replace(failed, fault=Fault.WRONG, kind=kind, actual=actual)
