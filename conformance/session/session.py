"""One session, in a process of its own: one world, one server, and one attempt at each of its
scenarios.

It reports each finding at once, so that none is lost, whatever happens to the session later.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

from conformance.contract.scenario import Scenario
from conformance.sandbox import Isolation, World
from conformance.session import evidence_files
from conformance.session.aftermath import outlived, stayed_in_foreground
from conformance.session.attempt import attempt_of, bounded
from conformance.session.captures import Captures
from conformance.session.conversations import Conversations
from conformance.session.disturbance import Disturbance
from conformance.session.host import Host
from conformance.session.remote_host import RemoteHost
from conformance.session.server import Server
from conformance.session.session_plan import Finding, SessionPlan
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.model import Attempt, Outcome
from conformance.wire.capture import stamping


def hold(
    plan: SessionPlan,
    isolation: Isolation,
    scratch: Path,
    tell: Callable[[Finding], None],
    started: Callable[[], None] = lambda: None,
) -> None:
    """Runs the session in this process, and reports each finding by `tell`. `started` is called
    once, when the program waits for clients, or is known not to. Stops after the first scenario
    that does not pass on a used server, so that the next does not suffer from it."""
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
        shared_disk = world is not None and not world.has_disks
        self._disturbance = Disturbance(host, scratch if shared_disk else None)
        self._remarked: list[str] = []

    async def hold(self, tell: Callable[[Finding], None], started: Callable[[], None]) -> None:
        plan, disturbance = self._plan, self._disturbance
        asyncio.get_running_loop().set_exception_handler(disturbance.catch)
        with self._capturing() as captures:
            server = Server(
                self._host,
                plan.parameters,
                protocol=plan.lab.protocol,
                scale=plan.scale,
                captures=captures,
                dialect=dict(plan.dialect),
                started=started,
                delay=lambda: disturbance.lag.delay,
                kept_waiting=disturbance.kept_waiting,
                found_silent=plan.found_silent,
                found_elsewhere=plan.found_elsewhere,
            )
            conversations = Conversations(plan, server, disturbance)
            async with self._running(), disturbance.lag.measuring():
                for number, scenario in enumerate(plan.scenarios):
                    # A shared conversation has had its server from the beginning.
                    used = self._host.remote or (number > 0 and scenario.of is None)
                    attempt = await self._attempt(scenario, server, conversations, used=used)
                    before = [held.clause.number for held in plan.scenarios[:number]]
                    attempt = await outlived(attempt, server, before)
                    if scenario.clause.number == plan.lab.gate:
                        attempt = await stayed_in_foreground(attempt, server)
                    attempt = self._keep(scenario, attempt, server, captures)
                    elsewhere = server.listening_elsewhere or 0
                    tell(Finding(scenario.clause.number, attempt, server.dialect, elsewhere))
                    if not conversations.has_spoilt(scenario, attempt):
                        continue
                    # A server that runs already cannot be replaced by a fresh one, so the session
                    # goes on; but the dialect must be known before others are judged.
                    if not self._host.remote or scenario.clause.number == plan.lab.teaches:
                        return

    @contextlib.contextmanager
    def _capturing(self) -> Iterator[Captures]:
        captures = Captures(self._world, self._host.port)
        try:
            captures.get("suite")  # before the program starts, which may send a beacon at once
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
            self._disturbance.monitor.begin()
            yield
        finally:
            self._disturbance.monitor.end()
            await self._host.stop()

    async def _attempt(
        self, scenario: Scenario, server: Server, conversations: Conversations, *, used: bool
    ) -> Attempt:
        """What the scenario shows; `used`: others had used the server before."""
        conversations.begin(scenario)
        unseen = conversations.is_known(scenario) or self._host.remote

        async def conversation() -> None:
            async with asyncio.timeout(self._plan.longest_attempt):
                with self._disturbance.metering(unseen=unseen):
                    await conversations.hold(scenario)

        began = time.monotonic()
        lab = Path(self._plan.lab.file).parent
        attempt = await attempt_of(conversation(), server.recorder, self._disturbance, lab)
        return bounded(
            replace(
                attempt,
                transcript=server.recorder.transcript(),
                notes=(*server.recorder.notes, *self._new_remarks()),
                seconds=time.monotonic() - began,
                shared=used,
                relies=tuple(sorted(server.relied)),
                waited=self._disturbance.waited(server.recorder),
                output="" if attempt.outcome is Outcome.PASSED else self._host.last_output(),
            )
        )

    def _new_remarks(self) -> list[str]:
        """New remarks on the program's use of this machine."""
        new = [remark for remark in self._host.remarks() if remark not in self._remarked]
        self._remarked += new
        return new

    def _keep(
        self, scenario: Scenario, attempt: Attempt, server: Server, captures: Captures
    ) -> Attempt:
        """The attempt, with the name of its evidence if that is to be kept."""
        if attempt.outcome not in self._plan.keep:
            return attempt
        began = server.recorder.began
        try:
            name = evidence_files.write(
                self._scratch, scenario.clause, attempt, began, captures.values()
            )
        except OSError as error:  # a full disk costs evidence, but no points
            return evidence_files.lost(attempt, error)
        return replace(attempt, capture=name)
