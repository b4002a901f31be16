"""A plan becomes verdicts: sessions are started as the docket has them, several at a time,
and what they find goes back to it. `Engine.step` moves it all on."""

from __future__ import annotations

import selectors
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.contract.lab import BUDGET, LONGEST, Lab, Scenario
from conformance.run.case import Case, Stage
from conformance.run.docket import Docket
from conformance.run.scratch import enterable
from conformance.run.turnstile import Open, Turnstile
from conformance.sandbox import Isolation
from conformance.session import evidence_files
from conformance.session.forked import NO_ROOM
from conformance.session.plan import Finding, SessionPlan
from conformance.session.worker import Worker
from conformance.submissions import Program
from conformance.verdict.judgement import Ruling, excuse
from conformance.verdict.model import Attempt, Blame, Outcome, Parameters, Verdict
from conformance.verdict.points import Counting, mark


@dataclass(frozen=True)
class Plan:
    """One submission, one lab, and how it is to be judged."""

    lab: Lab
    variant: str
    """The name under which the lab was asked for."""
    parameters: Parameters
    submission: str
    seed: int
    isolation: Isolation
    scratch: Path
    """An empty folder, for this run alone, that the sessions' users may enter."""
    program: Program | None = None
    build_failure: Attempt | None = None
    """Why there is no program: the gate fails with this."""
    remote: tuple[str, int] | None = None
    port: int | None = None
    """The port that the manifest names, instead of the lab's."""
    scale: float = 1.0
    budget: float = BUDGET
    """Seconds of conversation after which no more is held."""
    stretch: float = 1.0
    """The part of `scale` that was measured: this machine is so slow."""
    strict: bool = False
    counts: tuple[str, ...] = ()
    """SHOULD clauses that count without `strict`; ("all",) for every one."""
    worth: frozenset[str] | None = None
    """The clauses that earn points; None: all. What is judged beside them, because they
    cannot be judged without it, is shown, and is worth nothing."""
    jobs: int = 4
    """Sessions at a time."""
    keep: Path | None = None
    """The folder of the evidence: of what did not pass, and with `keep_all` of all."""
    keep_all: bool = False
    note: str = ""
    """How the submission was recognised, where a reader should know."""
    again: Mapping[str, str] = field(default_factory=dict)
    """Clause number -> the command that runs its scenario again."""

    @property
    def scenarios(self) -> list[Scenario]:
        """All that apply, in the contract's order."""
        return self.lab.scenarios_for(self.parameters)

    @property
    def counting(self) -> Counting:
        return Counting(self.strict, self.counts, self.worth)


class Engine:
    """Judges scenarios as they are wanted. Use it in a `with`: all workers end with it."""

    def __init__(self, plan: Plan, turnstile: Turnstile | None = None) -> None:
        """`turnstile` is passed before each session; without one, sessions start at once."""
        self.plan = plan
        self._turnstile = turnstile or Open()
        self._queueing = False
        """A session could start, but was not let pass yet, or found no room."""
        self._docket = Docket(plan.lab, plan.scenarios, remote=plan.remote is not None)
        self._selector = selectors.DefaultSelector()
        self._workers: dict[Worker, list[Case]] = {}
        self._sessions = 0
        self._spent = 0.0
        """Seconds of conversation so far, without those that the program was kept waiting."""
        self._dialect: Mapping[str, Any] = {}
        self._elsewhere = 0
        """The one other port on which the gate has found the program last."""
        self._notes: list[str] = []
        self._noted: set[str] = set()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends every session that is under way."""
        for worker in list(self._workers):
            self._dismiss(worker)
        self._selector.close()

    def want(self, scenarios: Sequence[Scenario]) -> None:
        """These are to be judged, and first what they cannot be judged without."""
        for scenario in scenarios:
            self._docket.want(scenario)
        gate, failure = self.plan.lab.gate, self.plan.build_failure
        if failure is not None and not self._docket[gate].attempts:
            self._docket[gate].attempts.append(failure)
            self._docket[gate].settle(Ruling(failure))

    def fileno(self) -> int:
        """Readable when a session has told something: an engine can stand in a selector
        of somebody else's, who then calls `step(0)`, and at least once a second, and when
        its turnstile lets it pass."""
        return self._selector.fileno()

    def take_notes(self) -> list[str]:
        """What was found out for the whole run since the last call."""
        taken, self._notes = self._notes, []
        return taken

    @property
    def busy(self) -> bool:
        """Whether anything that was wanted has not been judged yet."""
        return self._docket.open

    # -- moving on ------------------------------------------------------------------

    def step(self, timeout: float) -> list[Verdict]:
        """Starts what can start, waits up to `timeout` seconds for findings, and returns
        the verdicts that have become final."""
        self._start()
        if self._workers or self._queueing:
            for key, _ in self._selector.select(timeout):
                self._hear(key.data)
            for worker in list(self._workers):
                if time.monotonic() > worker.deadline:
                    worker.trouble = "it did not end in time"
                    self._ended(worker)
            self._keep_within_budget()
            self._start()  # at once where others have ended: the next call may be later
        if not self._queueing:
            self._turnstile.decline()
        return [self._verdict(case) for case in self._docket.final()]

    def _keep_within_budget(self) -> None:
        """Ends what is under way, and judges no more, when the submission has taken all the
        time that it has. Where it was late, or silent, that is its own doing; a lab whose
        conversations last longer than usual has so much more of it."""
        longest = self.plan.lab.longest(self.plan.parameters)
        budget = self.plan.budget * self.plan.scale * max(1.0, longest / LONGEST)
        if self._spent + sum(worker.talking for worker in self._workers) <= budget:
            return
        for worker in list(self._workers):
            self._dismiss(worker)
        slow = self._docket.found_slow
        why = "most of it was spent waiting for the program" if slow else "it was not enough"
        reason = f"after {budget:.0f} s of conversation no more is judged: {why} (--budget)"
        self._docket.give_up(reason, Blame.PROGRAM if slow else Blame.SUITE)

    def _start(self) -> None:
        self._queueing = False
        while not self._queueing and len(self._workers) < self.plan.jobs:
            if not (cases := self._docket.next(self._workers.values())):
                return
            calm = any(case.stage is Stage.CALM for case in cases)
            may_start = self._turnstile.may_start(calm=calm)
            self._queueing = not (may_start and self._hold(cases, calm=calm))

    def _hold(self, cases: list[Case], *, calm: bool) -> bool:
        """Starts their session; whether there was room for it, which comes when another has
        ended. Raises OSError where there is no other."""
        plan = self.plan
        scratch = enterable(plan.scratch / f"session-{self._sessions}")
        session = SessionPlan(
            lab=plan.lab,
            scenarios=tuple(case.scenario for case in cases),
            parameters=plan.parameters,
            seed=plan.seed,
            scale=plan.scale,
            port=self.plan.port or int(self.plan.parameters.port),
            follows=self._follows(cases),
            program=plan.program,
            remote=plan.remote,
            zone=plan.lab.zone(time.time()) if plan.lab.zone else "UTC",
            dialect=self._dialect,
            void={case.clause.number: tuple(case.void) for case in cases if case.void},
            found_silent=self._docket.found_silent,
            found_elsewhere=self._elsewhere,
            keep=_kept(plan),
        )
        try:
            worker = Worker(session, plan.isolation, scratch, calm=calm)
        except OSError as error:
            if error.errno in NO_ROOM and (self._turnstile.refused(calm=calm) or self._workers):
                return False
            raise
        self._sessions += 1
        for case in cases:
            case.stage = Stage.HELD
        self._workers[worker] = cases
        self._selector.register(worker, selectors.EVENT_READ, worker)
        return True

    def _follows(self, cases: Sequence[Case]) -> bool:
        """Whether the program is talked to where it listens: where the gate has found it on one
        other port, for all clauses but the gate itself."""
        gate = any(case.scenario.clause.number == self.plan.lab.gate for case in cases)
        return self._docket.other_door and not gate

    # -- what is heard --------------------------------------------------------------

    def _hear(self, worker: Worker) -> None:
        starting = not worker.started
        findings, ended = worker.read()
        if starting and worker.started:
            self._turnstile.started()
        for finding in findings:
            self._found(self._with_evidence(finding, worker.scratch), calm=worker.calm)
        if ended:
            self._ended(worker)

    def _found(self, finding: Finding, *, calm: bool) -> None:
        lab = self.plan.lab
        attempt = finding.attempt
        self._spent += max(0.0, attempt.seconds - (attempt.waited or 0.0))
        if self.plan.remote and calm:
            attempt = replace(attempt, shared=False)  # no server can be had that is fresher
        if finding.number == lab.teaches and finding.dialect != self._dialect:
            self._dialect = finding.dialect
            words = str(finding.dialect.get("words", ""))
            if words and words not in self._noted:
                self._notes.append(words)
                self._noted.add(words)
        if finding.number == lab.gate and finding.port:
            self._docket.other_door = True
            self._elsewhere = finding.port
        self._docket.heard(self._docket[finding.number], attempt, calm=calm)

    def _with_evidence(self, finding: Finding, scratch: Path) -> Finding:
        """The finding, its evidence where it is kept: each attempt has files of its own."""
        if self.plan.keep is None:
            return finding
        number = len(self._docket[finding.number].attempts) + 1
        kept = evidence_files.take(finding.attempt, scratch, self.plan.keep, number)
        return replace(finding, attempt=kept)

    def _ended(self, worker: Worker) -> None:
        """A worker is gone: what it has not told is held again, or cannot be judged."""
        cases = [c for c in self._workers[worker] if c.clause.number not in worker.told]
        untold = [case for case in cases if case.stage is Stage.HELD]
        blamed = untold if worker.trouble else untold[:1]
        if worker.done and len(self._workers[worker]) > 1:
            blamed = []  # an earlier one had not passed: another server
        self._dismiss(worker)
        for case in untold:
            if case not in blamed:
                case.stage = Stage.WAITING
                continue
            reason = f"the suite's own worker failed: {worker.trouble or 'it ended early'}"
            attempt = Attempt(Outcome.INCONCLUSIVE, reason=reason)
            self._found(Finding(case.clause.number, attempt, self._dialect, 0), calm=worker.calm)

    def _dismiss(self, worker: Worker) -> None:
        self._selector.unregister(worker)
        del self._workers[worker]
        worker.close()
        if not worker.started:
            self._turnstile.started()
        self._turnstile.ended()
        shutil.rmtree(worker.scratch, ignore_errors=True)

    # -- what it amounts to ---------------------------------------------------------

    def _verdict(self, case: Case) -> Verdict:
        assert case.ruling is not None, "a case is final once there is a ruling"
        plan = self.plan
        ruling = excuse(case.ruling, self._docket.excuses(case, case.ruling.attempt))
        attempt = ruling.attempt
        verdict = Verdict(
            clause=case.clause,
            level=case.scenario.level(plan.parameters),
            attempt=attempt,
            seconds=sum(held.seconds for held in case.attempts),
            reproduce=""
            if attempt is plan.build_failure
            else plan.lab.reproduce(case.scenario, plan.parameters),
            again=plan.again.get(case.clause.number, ""),
            earlier=ruling.earlier,
        )
        return mark(verdict, plan.counting)


def _kept(plan: Plan) -> Collection[Outcome]:
    """The outcomes whose evidence is kept; what was not held has none."""
    if plan.keep is None:
        return ()
    doubtful = {Outcome.FAILED, Outcome.INCONCLUSIVE}
    return doubtful | {Outcome.PASSED} if plan.keep_all else doubtful


def verdicts(
    engine: Engine,
    scenarios: Sequence[Scenario],
    asked_to_end: Callable[[], bool] = lambda: False,
) -> Iterator[Verdict]:
    """Judges these scenarios, and yields each verdict when it is final; stops early when
    it is asked to.

    Also yields what was not asked for, but does not hold, and stands in the way of what
    was: a filter must not make a broken program look whole.
    """
    wanted = {scenario.clause.number for scenario in scenarios}
    engine.want(scenarios)
    while engine.busy and not asked_to_end():
        yield from (v for v in engine.step(timeout=1.0) if is_told(v, wanted))


def is_told(verdict: Verdict, wanted: Collection[str]) -> bool:
    """Whether a verdict is shown to whoever wanted those clauses: see `verdicts`."""
    unheld = verdict.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE)
    return verdict.clause.number in wanted or unheld
