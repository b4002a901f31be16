"""The docket of a run: where each scenario stands, and which are to be held next.

The order: the gate first; then the scenario that learns the server's dialect; then
everything else, and again, on a fresh server, what came late or not at all; at last, alone,
what was in doubt even then. What builds on a clause that is in doubt waits until it is
settled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from conformance.judgement import Repeat, Ruling, cannot_be_judged, explains, rule
from conformance.lab import Lab, Scenario
from conformance.model import Attempt, Clause, Fault, Outcome


class Stage(Enum):
    """Where a scenario stands."""

    WAITING = auto()
    """For a session that it may share with others."""
    FRESH = auto()
    """For a session of its own."""
    CALM = auto()
    """For a session of its own while nothing else runs."""
    HELD = auto()
    """Its session is under way."""
    SETTLED = auto()


@dataclass
class Case:
    """One scenario of the run."""

    scenario: Scenario
    stage: Stage
    attempts: list[Attempt] = field(default_factory=list)
    ruling: Ruling | None = None
    told: bool = False

    @property
    def clause(self) -> Clause:
        return self.scenario.clause

    @property
    def failed(self) -> bool:
        return self.ruling is not None and self.ruling.attempt.outcome is Outcome.FAILED

    @property
    def nothing_came(self) -> bool:
        """Whether it has failed because what it waited for never came."""
        return self.ruling is not None and self.ruling.attempt.fault is Fault.ABSENT

    def settle(self, ruling: Ruling) -> None:
        self.stage = Stage.SETTLED
        self.ruling = ruling


class Docket:
    """The cases of one run, in the order in which they were wanted."""

    def __init__(self, lab: Lab, known: Sequence[Scenario], *, remote: bool) -> None:
        """`known` are all scenarios that apply; with `remote` there is one server only,
        which runs already."""
        self._lab = lab
        self._known = {scenario.clause.number: scenario for scenario in known}
        self._remote = remote
        self._cases: dict[str, Case] = {}
        self.other_door = False
        """The gate failed, but the program was found on another port."""

    def __getitem__(self, number: str) -> Case:
        return self._cases[number]

    @property
    def cases(self) -> Collection[Case]:
        return self._cases.values()

    def want(self, scenario: Scenario) -> None:
        """It is to be judged, and first what it cannot be judged without."""
        for number in (self._lab.gate, self._lab.teaches, *scenario.grounds):
            if number in self._known:
                self._add(self._known[number])
        self._add(scenario)

    def _add(self, scenario: Scenario) -> None:
        if scenario.clause.number in self._cases:
            return
        own = scenario.alone or scenario.clause.number == self._lab.gate
        case = Case(scenario, Stage.FRESH if own else Stage.WAITING)
        self._cases[scenario.clause.number] = case
        if self._remote and (scenario.alone or scenario.rough or scenario.needs_process):
            reason = "with --connect there is no server of its own for it"
            case.settle(Ruling(Attempt(Outcome.NOT_RUN, reason=reason)))

    def grounds(self, case: Case) -> list[Case]:
        """The cases of the clauses that this one needs or builds on."""
        return [self._cases[n] for n in case.scenario.grounds if n in self._cases]

    def excuses(self, case: Case, attempt: Attempt) -> list[Clause]:
        """The clauses that have failed and explain what the attempt showed."""
        return [
            ground.clause
            for ground in self.grounds(case)
            if ground.failed
            and ground.ruling is not None
            and explains(
                ground.ruling.attempt,
                attempt,
                built_on=ground.clause.number in case.scenario.builds_on,
            )
        ]

    # -- which are next ---------------------------------------------------------------

    def next(self, under_way: Collection[Sequence[Case]]) -> list[Case]:
        """The cases of the next session; none: wait for one of those that are under way."""
        gate = self._cases.get(self._lab.gate)
        if gate is not None and gate.stage is not Stage.SETTLED:
            return self._ready([gate, *self._behind(gate)], under_way)
        if gate is not None and not self._passable(gate):
            self._behind_gate()
            return []
        teacher = self._cases.get(self._lab.teaches)
        if teacher is not None and teacher.stage is not Stage.SETTLED:
            alone = teacher.attempts or teacher.stage is Stage.HELD
            return self._ready([teacher] if alone else self._with_its_like(teacher), under_way)
        self._settle_what_needs_no_trial()
        for case in self._at(Stage.WAITING):
            if not _shared_already(case, under_way):
                return self._with_its_like(case)
        for stage in (Stage.FRESH, Stage.CALM):
            for case in self._at(stage):
                alike = self._with_its_like(case) if case.scenario.of else [case]
                return self._ready(alike, under_way)
        return []

    def _behind(self, gate: Case) -> list[Case]:
        """What is held on the gate's own server, once that has passed: a start is what costs.
        First of them what goes on with its client, or learns the dialect for the others."""
        if gate.stage is not Stage.FRESH or gate.attempts:
            return []
        begun = gate.scenario.begins
        following = [c for c in self._at(Stage.WAITING) if c.scenario.of in (None, begun)]
        return sorted(following, key=self._turn)

    def _turn(self, case: Case) -> tuple[bool, bool, bool]:
        """When it comes, of those that share a server: a conversation of several clauses
        first, what learns the dialect before what needs it, and the rough last."""
        teaches = case.clause.number == self._lab.teaches
        return case.scenario.of is None, not teaches, case.scenario.rough

    def _at(self, stage: Stage) -> list[Case]:
        """The cases at that stage that can be held: none of their grounds is in doubt, so
        that what they show can mean one thing only."""
        return [
            case
            for case in self.cases
            if case.stage is stage
            and not any(ground.attempts and ground.ruling is None for ground in self.grounds(case))
        ]

    def _with_its_like(self, first: Case) -> list[Case]:
        """Those that share a server with `first`: the same conversation, or none."""
        like = [case for case in self._at(first.stage) if case.scenario.of == first.scenario.of]
        return sorted(like, key=self._turn)

    @staticmethod
    def _ready(cases: list[Case], under_way: Collection[Sequence[Case]]) -> list[Case]:
        """The cases, unless they are under way, or have to be alone and are not."""
        if cases[0].stage is Stage.HELD or (cases[0].stage is Stage.CALM and under_way):
            return []
        return cases

    def _settle_what_needs_no_trial(self) -> None:
        """What is excused already need not be seen again; what cannot be tried at all,
        because what it needs never comes, is NOT RUN."""
        for case in self.cases:
            if case.stage in (Stage.SETTLED, Stage.HELD):
                continue
            needed = [self._cases[n] for n in case.scenario.needs if n in self._cases]
            hopeless = [ground.clause for ground in needed if ground.nothing_came]
            if case.attempts and self.excuses(case, case.attempts[-1]):
                case.settle(Ruling(case.attempts[-1]))
            elif hopeless:
                reason = cannot_be_judged(hopeless[:1])
                case.settle(Ruling(Attempt(Outcome.NOT_RUN, reason=reason)))

    # -- what comes of them -----------------------------------------------------------

    def heard(self, case: Case, attempt: Attempt, *, calm: bool) -> None:
        """An attempt was made, alone (`calm`) or not: settles the case, or has it repeated."""
        case.attempts.append(attempt)
        ruling = rule(case.attempts, calm=calm)
        if isinstance(ruling, Repeat) and self.excuses(case, attempt):
            ruling = Ruling(attempt)
        if isinstance(ruling, Ruling):
            case.settle(ruling)
        else:
            case.stage = Stage.CALM if ruling.calm or self._remote else Stage.FRESH

    def _passable(self, gate: Case) -> bool:
        """Whether the others can be judged: the gate holds, or there is another door."""
        assert gate.ruling is not None, "asked of a gate that is settled"
        holds = gate.ruling.attempt.outcome in (Outcome.PASSED, Outcome.NOT_RUN)
        return holds or self.other_door

    @property
    def gate_fails(self) -> bool:
        """Whether there is proof that the gate does not hold."""
        gate = self._cases.get(self._lab.gate)
        return gate is not None and gate.failed

    def _behind_gate(self) -> None:
        why = "does not hold" if self.gate_fails else "could not be judged"
        reason = f"nothing can be judged behind clause {self._lab.gate}, which {why}"
        for case in self.cases:
            if case.stage is not Stage.SETTLED:
                case.settle(Ruling(Attempt(Outcome.NOT_RUN, reason=reason), gated=True))

    def final(self) -> list[Case]:
        """The cases whose verdict has become final since the last call."""
        ready = [
            case
            for case in self.cases
            if not case.told
            and case.ruling is not None
            and all(ground.ruling is not None for ground in self.grounds(case))
        ]
        for case in ready:
            case.told = True
        return ready

    @property
    def open(self) -> bool:
        """Whether anything that was wanted has not been told yet."""
        return any(not case.told for case in self.cases)


def _shared_already(case: Case, under_way: Collection[Sequence[Case]]) -> bool:
    """Whether a server is being shared already by scenarios of this kind."""
    return any(
        len(cases) > 1
        and any(held.scenario.of == case.scenario.of and not held.scenario.alone for held in cases)
        for cases in under_way
    )
