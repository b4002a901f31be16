"""Turns a plan into verdicts: says which session is wanted next, starts it on request, and gives
its findings to the order of scenarios."""

from __future__ import annotations

import contextlib
import selectors
import shlex
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from conformance.run.case import Case, Stage
from conformance.run.doing import Doing, Phase
from conformance.run.plan import Plan
from conformance.run.scenario_order import ScenarioOrder
from conformance.run.scheduler import Start, Wants
from conformance.run.scratch import enterable
from conformance.run.see_yourself import Door, see_yourself
from conformance.sandbox import Isolation
from conformance.session import evidence_files
from conformance.session.session_plan import Finding, SessionPlan
from conformance.session.worker import Worker
from conformance.submissions import Program
from conformance.verdict.model import Attempt, Blame, Outcome, Verdict
from conformance.verdict.points import mark
from conformance.verdict.stands_or_repeat import Ruling, excuse


class RunningSession(Protocol):
    """A session under way; `Worker` is one, and describes these methods."""

    deadline: float
    started: bool
    told: set[str]
    done: bool
    trouble: str

    @property
    def talking(self) -> float: ...

    def fileno(self) -> int: ...

    def read(self) -> tuple[list[Finding], bool]: ...

    def close(self) -> None: ...


StartSession = Callable[[SessionPlan, Isolation, Path], RunningSession]
"""Starts a session with a folder of its own. Raises OSError where there is no room."""


@dataclass(eq=False)
class _Held:
    """A session under way, and the cases that it is to judge."""

    session: RunningSession
    cases: list[Case]
    scratch: Path
    exclusive: bool
    began: float

    @property
    def judges(self) -> str:
        """The clause that it is judging; "" if none: before its program is ready, and at its
        end."""
        if not self.session.started:
            return ""
        numbers = (case.clause.number for case in self.cases)
        return next((number for number in numbers if number not in self.session.told), "")


@dataclass(eq=False)
class Engine:
    """Judges scenarios as they are wanted. `close` ends all sessions."""

    plan: Plan
    selector: selectors.BaseSelector
    """Call `step` when anything in it is readable."""
    start_session: StartSession = Worker

    def __post_init__(self) -> None:
        plan = self.plan
        self.wants = Wants.NOTHING
        self._order = ScenarioOrder(
            plan.lab,
            plan.scenarios,
            remote=plan.prepared.remote is not None,
            at_a_time=plan.jobs,
        )
        self._next: list[Case] = []
        """The cases of the session that is wanted."""
        self._held: list[_Held] = []
        self._sessions = 0
        self._spent = 0.0
        """Seconds of conversation so far, without those in which the machine kept the program
        waiting."""
        self._dialect: Mapping[str, Any] = {}
        self._elsewhere = 0
        """The other port on which the gate last found the program; 0 if none."""
        self._notes: list[str] = []
        self._noted: set[str] = set()
        # The sort is stable: all but the first stay in the contract's order.
        for scenario in sorted(
            plan.chosen, key=lambda s: s.clause.number not in plan.request.first
        ):
            self._order.want(scenario)
        if plan.prepared.build_failure is not None:
            gate = self._order[plan.lab.gate]
            gate.attempts.append(plan.prepared.build_failure)
            gate.settle(Ruling(plan.prepared.build_failure))
            self._order.nothing_runs = True
        self._look_ahead()

    def close(self) -> None:
        """Ends every session under way, even if one of them fails to end."""
        with contextlib.ExitStack() as last:
            for held in self._held:
                last.callback(self._dismiss, held)

    def take_notes(self) -> list[str]:
        """What was noted about the whole run since the last call."""
        taken, self._notes = self._notes, []
        return taken

    @property
    def busy(self) -> bool:
        """Whether anything that was wanted has not been judged yet."""
        return self._order.open

    @property
    def under_way(self) -> list[Start]:
        return [
            Start(Wants.EXCLUSIVE if h.exclusive else Wants.START, h.began, waits=h.session.started)
            for h in self._held
        ]

    @property
    def doing(self) -> Doing:
        """What goes on just now."""
        clauses = tuple(held.judges for held in self._held if held.judges)
        ready = any(held.session.started for held in self._held)
        chosen = [case for case in self._order.cases if self.plan.is_chosen(case.clause.number)]
        return Doing(
            Phase.STARTING if self._held and not ready else Phase.JUDGING,
            clauses,
            alone=any(held.exclusive for held in self._held),
            judged=sum(case.told for case in chosen),
            todo=len(self.plan.chosen),
        )

    # -- moving on ------------------------------------------------------------------

    def step(self) -> list[Verdict]:
        """Takes in what sessions have found, without waiting; returns the verdicts that have become
        final."""
        for key, _ in self.selector.select(0):
            self._hear(key.data)
        for held in list(self._held):
            if time.monotonic() > held.session.deadline:
                self._ended(held, "it did not end in time")
        self._keep_within_budget()
        self._look_ahead()
        return [self._verdict(case) for case in self._order.final()]

    def start(self) -> None:
        """Starts the session that is wanted. Raises OSError where there is no room for it; it stays
        wanted then."""
        cases, exclusive = self._next, self.wants is Wants.EXCLUSIVE
        scratch = enterable(self.plan.scratch / f"session-{self._sessions}")
        session = self.start_session(self._session(cases), self.plan.isolation, scratch)
        self._sessions += 1
        for case in cases:
            case.stage = Stage.HELD
        held = _Held(session, cases, scratch, exclusive, time.monotonic())
        self._held.append(held)
        self.selector.register(session, selectors.EVENT_READ, held)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Finds out what is wanted next."""
        self._next = []
        if len(self._held) < self.plan.jobs:
            self._next = self._order.next([held.cases for held in self._held])
        self.wants = Wants.START if self._next else Wants.NOTHING
        if any(case.stage is Stage.EXCLUSIVE for case in self._next):
            self.wants = Wants.EXCLUSIVE

    def _keep_within_budget(self) -> None:
        """Ends all sessions and judges no more when the submission's time is used up. If the
        program was late or silent, the clauses left count as not shown."""
        budget = self.plan.longest_talk
        talking = sum(held.session.talking for held in self._held)
        if not self._held or self._spent + talking <= budget:
            return
        self.close()
        slow = self._order.found_slow
        why = "most of it was spent waiting for the program" if slow else "it was not enough"
        reason = f"after {budget:.0f} s of conversation no more is judged: {why} (--budget)"
        self._order.give_up(reason, Blame.PROGRAM if slow else Blame.SUITE)

    def _session(self, cases: Sequence[Case]) -> SessionPlan:
        """The session in which they are to be judged."""
        plan = self.plan
        # If the gate has found the program on another port, all other clauses talk to it there.
        is_gate = any(case.clause.number == plan.lab.gate for case in cases)
        return SessionPlan(
            lab=plan.lab,
            scenarios=tuple(case.scenario for case in cases),
            parameters=plan.parameters,
            seed=plan.request.seed,
            scale=plan.request.stretched,
            port=plan.port,
            follows=self._order.other_door and not is_gate,
            program=plan.prepared.program,
            remote=plan.prepared.remote,
            zone=plan.lab.zone(time.time()) if plan.lab.zone else "UTC",
            dialect=self._dialect,
            void={case.clause.number: tuple(case.void) for case in cases if case.void},
            found_silent=self._order.found_silent,
            found_elsewhere=self._elsewhere,
            repeats=any(a.outcome is Outcome.FAILED for case in cases for a in case.attempts),
            emulated=plan.emulated,
            # Drawn anew for each attempt: what was lost once would always be lost.
            network_seed=f"{plan.request.seed} {cases[0].clause.number} {len(cases[0].attempts)}",
            keep=plan.kept_outcomes,
        )

    # -- what is heard --------------------------------------------------------------

    def _hear(self, held: _Held) -> None:
        findings, ended = held.session.read()
        for finding in findings:
            self._found(self._with_evidence(finding, held.scratch), exclusive=held.exclusive)
        if ended:
            self._ended(held, held.session.trouble)

    def _found(self, finding: Finding, *, exclusive: bool) -> None:
        lab = self.plan.lab
        attempt = finding.attempt
        self._spent += max(0.0, attempt.seconds - (attempt.waited or 0.0))
        if self.plan.prepared.remote and exclusive:
            attempt = replace(attempt, shared=False)  # no fresher server can be had
        learnt = finding.number == lab.teaches and not attempt.disordered
        if learnt and finding.dialect != self._dialect:
            self._dialect = finding.dialect
            words = str(finding.dialect.get("words", ""))
            if words and words not in self._noted:
                self._notes.append(words)
                self._noted.add(words)
        if finding.number == lab.gate and finding.port:
            self._order.other_door = True
            self._elsewhere = finding.port
        self._order.heard(self._order[finding.number], attempt, exclusive=exclusive)

    def _with_evidence(self, finding: Finding, scratch: Path) -> Finding:
        """The finding, with its evidence moved to where it is kept, in files of this attempt's
        own."""
        if self.plan.request.keep is None:
            return finding
        number = len(self._order[finding.number].attempts) + 1
        kept = evidence_files.take(finding.attempt, scratch, self.plan.request.keep, number)
        return replace(finding, attempt=kept)

    def _ended(self, held: _Held, trouble: str) -> None:
        """A session has ended: what it has not reported is tried again, or cannot be judged."""
        cases = [case for case in held.cases if case.clause.number not in held.session.told]
        untold = [case for case in cases if case.stage is Stage.HELD]
        blamed = untold if trouble else untold[:1]
        if held.session.done and len(held.cases) > 1:
            blamed = []  # one before it had not passed, so it needs another server
        self._dismiss(held)
        self._order.put_back([case for case in untold if case not in blamed])
        for case in blamed:
            if case not in untold:
                continue
            reason = f"the suite's own worker failed: {trouble or 'it ended early'}"
            attempt = Attempt(Outcome.INCONCLUSIVE, reason=reason)
            found = Finding(case.clause.number, attempt, self._dialect, 0)
            self._found(found, exclusive=held.exclusive)

    def _dismiss(self, held: _Held) -> None:
        self.selector.unregister(held.session)
        self._held.remove(held)
        held.session.close()
        shutil.rmtree(held.scratch, ignore_errors=True)

    # -- what it amounts to ---------------------------------------------------------

    def _verdict(self, case: Case) -> Verdict:
        assert case.ruling is not None, "a case is final once there is a ruling"
        plan = self.plan
        ruling = excuse(case.ruling, self._order.excuses(case, case.ruling.attempt))
        attempt = ruling.attempt
        built = attempt is not plan.prepared.build_failure
        verdict = Verdict(
            clause=case.clause,
            level=case.scenario.level(plan.parameters),
            attempt=attempt,
            seconds=sum(held.seconds for held in case.attempts),
            reproduce=self._see_yourself(case, attempt) if built else plan.prepared.build_command,
            again=plan.again_for(case.clause.number),
            earlier=ruling.earlier,
        )
        return mark(verdict, plan.counting)

    def _see_yourself(self, case: Case, attempt: Attempt) -> str:
        """The commands with which a student sees the fault; "" if nothing failed, or no command
        shows it."""
        if attempt.outcome is not Outcome.FAILED:
            return ""
        plan = self.plan
        host, port = plan.prepared.remote or ("localhost", plan.port)
        if self._elsewhere and case.clause.number != plan.lab.gate:
            port = self._elsewhere
        program = plan.prepared.program
        start = plan.command
        named = [word for word in program.command if "{port}" not in word] if program else [""]
        udp = plan.lab.protocol == "udp"
        word, remembers = named[-1].removeprefix("./"), plan.lab.remembers
        door = Door(host, port, udp, program=word, remembers=remembers)
        filled = {
            **{name: str(value) for name, value in plan.parameters.items()},
            "host": host,
            "port": str(port),
            "start": shlex.join(start),
            **_commands_of_others(program, plan.port),
            "derived": see_yourself(attempt, door) if plan.lab.plays == "server" else "",
        }
        sign = attempt.symptom.sign if attempt.symptom else ""
        shown = plan.lab.reproduce(case.scenario, filled, sign)
        return f"{plan.lay}\n{shown}" if shown and plan.lay else shown


def _commands_of_others(program: Program | None, port: int) -> dict[str, str]:
    """How the other programs of a submission are started, by role; "" for one that there is not."""
    others = program.others if program else {}
    return {r: shlex.join(other.told(port)) if other.made else "" for r, other in others.items()}
