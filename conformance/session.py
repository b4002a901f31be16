"""One worker process: one world, one server, its scenarios, an attempt each.

Runs in a process of its own, forked by the engine; tells what it finds line by line,
so that whatever happens to it, what it had told is not lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.host import Host, RemoteHost, SubmissionHost
from conformance.lab import Lab, Scenario
from conformance.model import Attempt, NotJudged, Outcome, Parameters, Violation
from conformance.pulse import Pulse
from conformance.sandbox import Host as HostName
from conformance.sandbox import Isolation, Limits, Tier, World, toolchain
from conformance.server import Server
from conformance.submissions import Program
from conformance.wire.capture import Capture

CLOCK_TOLERANCE = 0.05
"""Seconds by which the wall clock may have been moved under a conversation before its
times are no longer believed; NTP slews by less."""

MEMORY_LOOK = 0.5
"""Seconds between two looks at the program's memory: at a gigabyte a second, the most
that a core fills, it stays within reach of the limit."""


@dataclass(frozen=True)
class SessionPlan:
    """One launch of a submission, and the scenarios that are held with it."""

    lab: Lab
    scenarios: tuple[Scenario, ...]
    parameters: Parameters
    seed: int
    scale: float
    port: int
    program: Program | None = None
    """How the program is started; None where it runs already."""
    remote: tuple[str, int] | None = None
    """Family-independent address of a server that runs already."""
    zone: str = "UTC"
    dialect: Mapping[str, Any] = field(default_factory=dict)
    keep: bool = False
    """Leave a capture of each scenario that did not pass in the session's folder."""

    @property
    def longest(self) -> float:
        """Seconds after which the session itself is given up."""
        conversations = {s.of.name if s.of else s.name for s in self.scenarios}
        longest = self.lab.longest(self.parameters)
        return (longest * len(conversations) + 30.0) * self.scale


@dataclass(frozen=True)
class Finding:
    """What a session tells of one scenario."""

    number: str
    attempt: Attempt
    dialect: Mapping[str, Any]
    port: int
    """The port that the program listens on, where it is one other than it should."""


def hold(
    plan: SessionPlan, isolation: Isolation, scratch: Path, tell: Callable[[Finding], None]
) -> None:
    """Holds the session, in this process, and tells each finding as it comes.

    Stops after the first scenario that does not pass on a server that others had used:
    what that one left behind shall not be held against the next.
    """
    if plan.remote is not None:
        host, port = plan.remote
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        there = RemoteHost(str(address[0]), port, family)
        asyncio.run(_Session(plan, None, there, scratch).hold(tell))
        return
    assert plan.program is not None, "a session has a program to start, or one that runs"
    program = plan.program
    readable = (*program.readable, *toolchain(program.command[0]))
    with World(isolation, scratch, names=plan.lab.names, readable=readable) as world:
        own = SubmissionHost(
            world, program, scratch, protocol=plan.lab.protocol, port=plan.port, zone=plan.zone
        )
        asyncio.run(_Session(plan, world, own, scratch).hold(tell))


class _Session:
    def __init__(self, plan: SessionPlan, world: World | None, host: Host, scratch: Path) -> None:
        self._plan = plan
        self._scratch = scratch
        self._world = world
        self._host = host
        self._evidence: dict[str, Any] = {}
        self._exceeded = ""
        self._pulse = Pulse()

    async def hold(self, tell: Callable[[Finding], None]) -> None:
        plan = self._plan
        with self._capturing() as captures:
            server = Server(
                self._host,
                plan.parameters,
                protocol=plan.lab.protocol,
                scale=plan.scale,
                captures=captures,
                dialect=dict(plan.dialect),
            )
            async with self._running(), self._pulse.beating():
                used = self._host.remote
                for scenario in plan.scenarios:
                    attempt = await self._attempt(scenario, server, used=used)
                    self._keep(scenario, attempt, captures)
                    elsewhere = server.listening_elsewhere or 0
                    tell(Finding(scenario.clause.number, attempt, server.dialect, elsewhere))
                    if scenario.of is None:
                        if attempt.outcome is not Outcome.PASSED and not self._host.remote:
                            return
                        used = True

    @contextlib.contextmanager
    def _capturing(self) -> Any:
        """The capture of each host's interface, where there are namespaces of ours."""
        captures: dict[HostName, Capture] = {}
        if self._world is not None and self._world.tier is not Tier.NONE:
            interfaces: dict[HostName, str] = {"suite": "eth0", "submission": "lo"}
            for host, interface in interfaces.items():
                wire = self._world.socket(host, socket.AF_PACKET, socket.SOCK_RAW)
                captures[host] = Capture(wire, interface)
                captures[host].open()
        try:
            yield captures
        finally:
            for capture in captures.values():
                capture.close()

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        """The program, from its start until nothing of it is left."""
        if self._host.remote:
            yield
            return
        watch: asyncio.Task[None] | None = None
        try:
            self._host.start()
            watch = asyncio.create_task(self._watch_memory())
            yield
        finally:
            if watch is not None:
                watch.cancel()
            await self._host.stop()

    async def _watch_memory(self) -> None:
        """Ends the program when it takes more than its share: that is no verdict, but
        the machine must go on grading others."""
        limit = Limits().memory_bytes
        while True:
            await asyncio.sleep(MEMORY_LOOK)
            with contextlib.suppress(NotJudged, OSError):
                used = self._host.usage().memory_bytes
                if used > limit:
                    self._exceeded = (
                        f"the program took {used / 2**30:.1f} GiB of memory, more than the"
                        f" {limit / 2**30:g} GiB that one submission may, and was stopped"
                    )
                    await self._host.stop()
                    return

    async def _attempt(self, scenario: Scenario, server: Server, *, used: bool) -> Attempt:
        shared = scenario.of is not None and scenario.of.name in self._evidence
        if not shared:
            server.begin(scenario.name, self._plan.seed)
            self._pulse.begin()
        began = time.monotonic()
        result = Attempt(Outcome.PASSED)
        longest = self._plan.lab.longest(self._plan.parameters)
        try:
            async with asyncio.timeout(longest * self._plan.scale):
                await self._converse(scenario, server)
        except Violation as violation:
            result = Attempt(
                Outcome.FAILED,
                expected=violation.expected,
                actual=violation.actual,
                hint=violation.hint,
                fault=violation.fault,
            )
            result = self._doubted(result, server, timed=violation.timed)
        except NotJudged as why:
            result = Attempt(Outcome.NOT_RUN, reason=str(why))
        except Exception as error:  # whatever else is raised is ours, and costs nothing
            where = "".join(traceback.format_exception(error)[-3:])
            reason = f"the suite itself stumbled: {type(error).__name__}: {error}\n{where}"
            result = Attempt(Outcome.INCONCLUSIVE, reason=reason)
        passed = result.outcome is Outcome.PASSED
        return Attempt(
            **{
                **vars(result),
                "transcript": server.recorder.transcript(),
                "notes": tuple(server.recorder.notes),
                "seconds": time.monotonic() - began,
                "shared": used,
                "output": "" if passed else self._host.last_output(),
            }
        )

    async def _converse(self, scenario: Scenario, server: Server) -> None:
        name = scenario.of.name if scenario.of else ""
        gate = scenario.clause.number == self._plan.lab.gate
        if not gate and not self._host.remote and name not in self._evidence:
            await server.expect_listening()
        if scenario.of is None:
            await scenario.judge(server)
            return
        if name not in self._evidence:
            try:
                self._evidence[name] = await scenario.of.hold(server)
            except Violation as violation:
                self._evidence[name] = violation
        evidence = self._evidence[name]
        if isinstance(evidence, Violation):
            raise evidence
        scenario.judge(evidence)

    def _doubted(self, failed: Attempt, server: Server, *, timed: bool) -> Attempt:
        """The attempt that failed, or why it proves nothing; `timed` says that it rests
        on when something came."""
        moved, still = server.recorder.clock_was_set(), self._pulse.standstill
        reason = self._exceeded
        if not reason and timed and moved > CLOCK_TOLERANCE:
            reason = f"the machine's clock was set by {moved:.2f} s during the conversation"
        elif not reason and timed and still:
            reason = f"the machine stood still for {still:.2f} s during the conversation"
        return Attempt(Outcome.INCONCLUSIVE, reason=reason) if reason else failed

    def _keep(
        self, scenario: Scenario, attempt: Attempt, captures: Mapping[HostName, Capture]
    ) -> None:
        """Writes the capture of a scenario that did not pass."""
        if not self._plan.keep or attempt.outcome in (Outcome.PASSED, Outcome.NOT_RUN):
            return
        for host, capture in captures.items():
            capture.drain()
            if capture.packets and self._host.route().host == host:
                name = f"{scenario.clause.number}-{scenario.name}.pcap"
                capture.pcap(str(self._scratch / name))
