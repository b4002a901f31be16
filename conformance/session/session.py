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
from functools import partial
from pathlib import Path
from typing import Any

from conformance.contract.scenario import Scenario
from conformance.sandbox import Isolation, Tier, World
from conformance.session import evidence_files
from conformance.session.aftermath import outlived, stayed_in_foreground
from conformance.session.attempt import attempt_of, bounded
from conformance.session.captures import Captures
from conformance.session.client_host import LOOPBACK, ClientHost, free_port
from conformance.session.client_program import ClientProgram
from conformance.session.conversations import Conversations
from conformance.session.disturbance import Disturbance
from conformance.session.given import Given
from conformance.session.host import Host
from conformance.session.looking import Looking
from conformance.session.network_disorder import NetworkDisorder
from conformance.session.own_output import until_it_rests, with_own_output
from conformance.session.remote_host import RemoteHost
from conformance.session.server import Server
from conformance.session.session_plan import LONG, Finding, SessionPlan
from conformance.session.stood.look import Seen
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import Kind, Violation
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
    that does not pass on a used server, so that the next does not suffer from it; and after one
    that takes long, so that others need not wait for it."""
    if plan.remote is not None:
        there = RemoteHost.find(*plan.remote, plan.lab.protocol)
        asyncio.run(_Session(plan, None, there, scratch).hold(tell, started))
        return
    assert plan.program is not None, "a session has a program to start, or one that runs"
    program = plan.program
    world = World(
        isolation,
        scratch,
        names=plan.lab.names,
        suite_names=[plan.site] if plan.site else (),
        readable=[*program.readable, *(p for o in program.others.values() for p in o.readable)],
        further=plan.lab.hosts,
        emulated=plan.emulated,
        seed=plan.network_seed,
    )
    with world:
        own = (
            _client_host(plan, world, scratch) if plan.site else _server_host(plan, world, scratch)
        )
        asyncio.run(_Session(plan, world, own, scratch).hold(tell, started))


def _server_host(plan: SessionPlan, world: World, scratch: Path) -> SubmissionHost:
    assert plan.program is not None
    return SubmissionHost(
        world,
        plan.program,
        scratch,
        protocol=plan.lab.protocol,
        port=plan.port,
        zone=plan.zone,
        follows=plan.follows,
        laid=plan.laid,
    )


def _client_host(plan: SessionPlan, world: World, scratch: Path) -> ClientHost:
    """The host of a client. Where no name can lead to the suite, it is told an address and a port
    of this machine."""
    assert plan.program is not None
    site, port = plan.site, plan.port
    if world.tier is Tier.NONE:
        site, port = LOOPBACK, free_port()
    return ClientHost(world, plan.program, scratch, site=site, port=port, zone=plan.zone)


class _Session:
    def __init__(self, plan: SessionPlan, world: World | None, host: Host, scratch: Path) -> None:
        self._plan = plan
        self._scratch = scratch
        self._world = world
        self._host = host
        shared_disk = world is not None and not world.has_disks
        self._disturbance = Disturbance(host, scratch if shared_disk else None)
        self._looking = Looking(host, self._disturbance, repeats=plan.repeats)
        wire = world.wire if world is not None else None
        self._disorder = NetworkDisorder(wire, plan.lab.protocol, plan.allowance)
        self._remarked: list[str] = []
        self._language = plan.program.language if plan.program else ""

    async def hold(self, tell: Callable[[Finding], None], started: Callable[[], None]) -> None:
        plan, disturbance = self._plan, self._disturbance
        asyncio.get_running_loop().set_exception_handler(disturbance.catch)
        with self._capturing() as captures:
            server = self._given(captures, started)
            conversations = Conversations(plan, server, disturbance)
            if isinstance(server, Server):
                server.left_apart = partial(self._leave_apart, server, tell)
            async with self._running(server), disturbance.lag.measuring():
                for number, scenario in enumerate(plan.scenarios):
                    if self._looking.looked and not conversations.is_known(scenario):
                        return
                    # A shared conversation has had its server from the beginning.
                    used = self._host.remote or (number > 0 and scenario.of is None)
                    may_join = scenario.clause.number in plan.joining
                    if may_join and not conversations.joins(scenario):
                        continue  # it was left to another server
                    attempt = await self._attempt(scenario, server, conversations, used=used)
                    before = [held.clause.number for held in plan.scenarios[:number]]
                    killed = self._looking.killed
                    if isinstance(server, Server) and not (killed or scenario.apart):
                        attempt = await outlived(attempt, server, before, self._language)
                    if conversations.are_joined(scenario) and attempt.outcome is not Outcome.PASSED:
                        # Untold, so it is held again: whose fault it was is not known.
                        if self._host.ended():
                            return
                        continue
                    if attempt.kind is Kind.ENDED:  # it was about to end when it was looked at
                        attempt = replace(attempt, stood=(), queued=())
                    is_gate = scenario.clause.number == plan.lab.gate
                    if isinstance(server, Server) and is_gate and not self._looking.killed:
                        attempt = await stayed_in_foreground(attempt, server)
                    printer = _who_printed(server, attempt) or self._host
                    await until_it_rests(attempt, printer)
                    attempt = with_own_output(
                        attempt,
                        printer,
                        server.recorder,
                        gate=is_gate,
                        end_expected=server.end_expected or self._looking.killed,
                    )
                    attempt = self._keep(scenario, attempt, server, captures)
                    elsewhere = server.listening_elsewhere or 0
                    tell(Finding(scenario.clause.number, attempt, server.dialect, elsewhere))
                    if self._took_long(scenario, attempt):
                        return
                    if not conversations.has_spoilt(scenario, attempt):
                        continue
                    # A server that runs already cannot be replaced by a fresh one, so the session
                    # goes on; but the dialect must be known before others are judged.
                    if not self._host.remote or scenario.clause.number == plan.lab.teaches:
                        return

    def _took_long(self, scenario: Scenario, attempt: Attempt) -> bool:
        """Whether a conversation took so long that others had better be held beside the next. The
        gate's takes as long as a start, and what is shared has the length that its lab gives it."""
        if self._host.remote or scenario.of is not None:
            return False
        gate = scenario.clause.number == self._plan.lab.gate
        return not gate and attempt.seconds > LONG * self._plan.scale

    def _given(self, captures: Captures, started: Callable[[], None]) -> Given:
        """What the scenarios are given."""
        plan, disturbance = self._plan, self._disturbance
        common: dict[str, Any] = {
            "scale": plan.scale,
            "captures": captures,
            "dialect": dict(plan.dialect),
            "started": started,
            "delay": lambda: disturbance.lag.delay,
            "network": self._disorder.round_trip,
            "kept_waiting": disturbance.kept_waiting,
            "look": self._looking.look,
            "found_silent": plan.found_silent,
            "found_elsewhere": plan.found_elsewhere,
        }
        if plan.site:
            return ClientProgram(self._host, plan.parameters, scratch=self._scratch, **common)
        server = Server(self._host, plan.parameters, protocol=plan.lab.protocol, **common)
        server.blocking, server.settled = disturbance.lag.blocking, disturbance.listens
        server.aside = disturbance.looking
        server.joinable = set(plan.joining)
        return server

    @contextlib.contextmanager
    def _capturing(self) -> Iterator[Captures]:
        # A client may try to connect to any port.
        captures = Captures(self._world, *(() if self._plan.site else (self._host.port,)))
        try:
            captures.get("suite")  # before the program starts, which may send a beacon at once
            with contextlib.nullcontext() if captures.possible else stamping():
                yield captures
        finally:
            captures.close()

    @contextlib.asynccontextmanager
    async def _running(self, server: Given) -> AsyncIterator[None]:
        """The program, from its start until nothing of it is left. A client is started by its
        scenario."""
        if self._host.remote:
            yield
            return
        try:
            if not self._plan.site:
                self._host.start()
            self._disturbance.monitor.begin()
            yield
        finally:
            self._disturbance.monitor.end()
            await self._host.stop()
            server.close()

    async def _attempt(
        self, scenario: Scenario, server: Given, conversations: Conversations, *, used: bool
    ) -> Attempt:
        """What the scenario shows; `used`: others had used the server before."""
        self._host.take_output()
        if conversations.begin(scenario):
            self._disorder.begin()
        unseen = conversations.is_known(scenario) or self._host.remote

        async def conversation() -> None:
            async with asyncio.timeout(self._plan.longest_attempt):
                with self._disturbance.metering(unseen=unseen):
                    try:
                        await conversations.hold(scenario)
                    except Violation as violation:
                        raised.append(violation)
                        if not server.recorder.someone_left:
                            await server.recorder.evidence_is_complete(violation)
                        raise
                    finally:
                        looking.settle(*raised)

        looking, raised = self._looking, list[Violation]()
        began, looked_before = time.monotonic(), looking.seconds
        lab = Path(self._plan.lab.file).parent
        attempt = await attempt_of(
            conversation(),
            server.recorder,
            self._disturbance,
            lab,
            output=self._host.last_output,
            language=self._language,
        )
        teaches = scenario.clause.number == self._plan.lab.teaches
        attempt = self._disorder.judged(attempt, scenario, teaches=teaches)
        seen = looking.at(*raised) if attempt.outcome is Outcome.FAILED else Seen()
        return bounded(
            replace(
                attempt,
                stood=seen.stood,
                queued=seen.queued,
                transcript=server.recorder.transcript(attempt.proof),
                notes=(*server.recorder.notes, *self._new_remarks()),
                seconds=time.monotonic() - began - (looking.seconds - looked_before),
                shared=used or conversations.are_joined(scenario),
                relies=tuple(sorted(server.relied)),
                waited=self._disturbance.waited(server.recorder),
            )
        )

    def _leave_apart(
        self, server: Server, tell: Callable[[Finding], None], clause: str, why: str
    ) -> None:
        """Tells that a scenario is not held here: so it is held on another server at once."""
        attempt = Attempt(Outcome.INCONCLUSIVE, reason=why, shared=True)
        tell(Finding(clause, attempt, server.dialect, server.listening_elsewhere or 0))

    def _new_remarks(self) -> list[str]:
        """New remarks on the program's use of this machine."""
        new = [remark for remark in self._host.remarks() if remark not in self._remarked]
        self._remarked += new
        return new

    def _keep(
        self, scenario: Scenario, attempt: Attempt, server: Given, captures: Captures
    ) -> Attempt:
        """The attempt, with the name of its evidence if that is to be kept."""
        if attempt.outcome not in self._plan.keep:
            return attempt
        began = server.recorder.began
        try:
            name = evidence_files.write(
                self._scratch, scenario.clause, attempt, began, captures.values(), self._plan.about
            )
        except OSError as error:  # a full disk costs evidence, but no points
            return evidence_files.lost(attempt, error)
        return replace(attempt, capture=name)


def _who_printed(server: Given, attempt: Attempt) -> Host | None:
    """The other program of the submission that the attempt is about; None if it is the server."""
    return server.program_called(attempt.client) if isinstance(server, Server) else None
