"""What the attempts of one run amount to: which ruling stands, and which clause pays. Pure.

No excuse counts unless it is confirmed. A scenario that cannot be judged names the clause that
pays. If that clause has failed, by a fault that explains it, the scenario is NOT RUN; else it is
tried again without that excuse. So is a scenario that was judged in spite of a fault that no clause
pays for. A program that ended by itself is proof, even on a shared server, unless another clause
failed because of that, and pays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from conformance.contract.lab import Lab
from conformance.contract.scenario import Scenario
from conformance.run.case import Case, Stage
from conformance.session.session_plan import LONG
from conformance.verdict.model import Attempt, Blame, Clause, Outcome
from conformance.verdict.remarks import AFTER_IT
from conformance.verdict.stands_or_repeat import (
    Repeat,
    Ruling,
    blamed_on,
    explains,
    rule,
)
from conformance.verdict.violation import Fault, Kind


class Settlement:
    """The cases of one run, and what they show."""

    def __init__(
        self, lab: Lab, known: Sequence[Scenario], *, remote: bool, at_a_time: int = 1
    ) -> None:
        """`known` are all scenarios that apply; `remote`: there is only one server, which runs
        already; `at_a_time`: how many sessions there may be at a time."""
        self._at_a_time = at_a_time
        self._lab = lab
        self._known = {scenario.clause.number: scenario for scenario in known}
        self._remote = remote
        self._cases: dict[str, Case] = {}
        self.other_door = False
        """Whether the gate failed, but the program was found on another port."""
        self._cut_short = 0
        """Sessions that have ended before all of their scenarios were tried."""
        self.nothing_runs = False
        """Whether there is no program at all, because it could not be built."""

    def __getitem__(self, number: str) -> Case:
        return self._cases[number]

    @property
    def cases(self) -> Collection[Case]:
        return self._cases.values()

    def want(self, scenario: Scenario) -> None:
        """Has the scenario judged, and before it those that it depends on."""
        self._add(self._lab.gate, self._lab.teaches, *scenario.grounds, scenario.clause.number)

    def _add(self, *numbers: str) -> None:
        """Has these judged too, as far as they apply."""
        for number in numbers:
            if number in self._known and number not in self._cases:
                self._enter(self._known[number])

    def _enter(self, scenario: Scenario) -> None:
        case = Case(scenario, self._first_stage(scenario))
        self._cases[scenario.clause.number] = case
        if self._remote and (scenario.alone or scenario.destructive or scenario.needs_process):
            reason = "with --connect there is no server of its own for it"
            case.settle(Ruling(Attempt(Outcome.NOT_RUN, reason=reason, blame=Blame.CALL)))

    def _first_stage(self, scenario: Scenario) -> Stage:
        """Where a scenario stands that was not tried yet."""
        own = scenario.alone or scenario.clause.number == self._lab.gate
        return Stage.FRESH if own else Stage.WAITING

    def put_back(self, cases: Collection[Case]) -> None:
        """Their session has ended, and told nothing of them: they are tried in others."""
        self._cut_short += bool(cases)
        for case in cases:
            case.stage = self._first_stage(case.scenario)

    def grounds(self, case: Case) -> list[Case]:
        """The cases of the clauses that this one needs or builds on."""
        return [self._cases[n] for n in case.scenario.grounds if n in self._cases]

    def excuses(self, case: Case, attempt: Attempt) -> list[Clause]:
        """The clauses that have failed and explain what the attempt showed."""
        return [
            ground.clause
            for ground in self.grounds(case)
            if ground.ruling is not None and explains(ground.ruling.attempt, attempt)
        ]

    def _at(self, stage: Stage) -> list[Case]:
        """The cases at that stage that can be tried: no clause that they need or build on is in
        doubt, so what they show has only one meaning."""
        return [
            case
            for case in self.cases
            if case.stage is stage and not any(ground.in_doubt for ground in self.grounds(case))
        ]

    # -- what comes of them -----------------------------------------------------------

    def heard(self, case: Case, attempt: Attempt, *, exclusive: bool) -> None:
        """Settles the case by this attempt, or has it repeated; `exclusive`: nothing else ran
        meanwhile."""
        case.attempts.append(attempt)
        if attempt.behind:  # the clauses that pay for it have to be judged, too
            self._add(*attempt.behind)
            case.stage = Stage.EXCUSED
            self._believe(case)
            return
        if attempt.aftermath:
            # The conversation held, and then the program ended: the clauses that ask it to outlive
            # its clients have to be judged too.
            case.crash, case.stage = attempt, Stage.CRASHED
            self._add(*self._lab.outlives)
            return
        if attempt.outcome is Outcome.FAILED and attempt.kind is Kind.ENDED and attempt.shared:
            case.crash = attempt
        ruling = rule(case.attempts, exclusive=exclusive)
        if isinstance(ruling, Repeat):
            if not attempt.shared and self.excuses(case, attempt):
                case.settle(Ruling(attempt))
            else:
                case.stage = Stage.EXCLUSIVE if ruling.exclusive or self._remote else Stage.FRESH
        elif case.crash is not None and ruling.attempt.outcome is Outcome.PASSED:
            case.stage = Stage.CRASHED
        else:
            self._rely(case, ruling)

    def _rely(self, case: Case, ruling: Ruling) -> None:
        """Lets the ruling stand if it relies on no clause; else has those clauses judged too."""
        self._add(*ruling.attempt.relies)
        case.pending, case.stage = ruling, Stage.RELYING
        self._confirm(case)

    def _confirm(self, case: Case) -> None:
        """Settles a case whose ruling relies on other clauses, once those are settled. If one of
        them holds, no clause pays for the fault that was overlooked: the case is tried again."""
        assert case.pending is not None, "it has been ruled upon"
        payers = [self._cases[n] for n in case.pending.attempt.relies if n in self._cases]
        payers = [payer for payer in payers if payer is not case]
        holding = [payer.clause.number for payer in payers if payer.outcome is Outcome.PASSED]
        if holding:
            case.attempts.clear()
            self._retry_without(case, holding)
        elif all(payer.ruling is not None for payer in payers):
            case.settle(case.pending)

    def _believe(self, case: Case) -> None:
        """Accepts the excuse if the clause that it names has failed, by a fault that explains it.
        If that clause holds, the excuse is void, and the scenario is tried again."""
        excused = case.attempts[-1]
        payers = [self._cases.get(number) for number in excused.behind]
        if any(payer is not None and payer.ruling is None for payer in payers):
            return
        paid = [p for p in payers if p and p.ruling and explains(p.ruling.attempt, excused)]
        if paid:
            case.settle(Ruling(blamed_on([payer.clause for payer in paid], excused)))
        else:
            self._make_void(case, excused)

    def _make_void(self, case: Case, excused: Attempt) -> None:
        """Tries the case again without its excuse. The same excuse a second time proves nothing,
        for the program or against it."""
        if case.void >= set(excused.behind):
            blamed = " and ".join(excused.behind)
            reason = f"{excused.reason}; but clause {blamed} has not failed in such a way"
            unjudged = replace(excused, outcome=Outcome.INCONCLUSIVE, reason=reason, behind=())
            case.settle(Ruling(unjudged))
            return
        self._retry_without(case, excused.behind)

    def _retry_without(self, case: Case, void: Collection[str]) -> None:
        """Has the case tried again; these clauses no longer excuse it."""
        case.void.update(void)
        case.stage = Stage.EXCLUSIVE if self._remote else Stage.FRESH

    def _settle_the_last(self) -> bool:
        """Once all else is settled: decides which clause pays for the program's end, and breaks
        circles of excuses. Returns whether there was anything to settle."""
        for case in self._at(Stage.CRASHED):
            case.settle(Ruling(self._end_of_program(case)))
            return True
        for case in self._at(Stage.RELYING):
            assert case.pending is not None, "it has been ruled upon"
            case.settle(case.pending)
            return True
        for case in self._at(Stage.EXCUSED):
            self._make_void(case, case.attempts[-1])
            return True
        return False

    def _end_of_program(self, case: Case) -> Attempt:
        """The attempt that counts after a crash. If another clause failed because the program ended
        or no longer served anybody, or could not be judged, that is what the conversation itself
        showed; else the program's end counts, because no other clause pays for it."""
        assert case.crash is not None, "it has crashed"
        others = [other for other in self.cases if other is not case]
        asked = [other for other in others if other.clause.number in self._lab.outlives]
        payers = [other for other in others if other.failed_by(Kind.ENDED)]
        payers += [
            other for other in asked if other.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE)
        ]
        if not payers:
            return case.crash
        told = f"{AFTER_IT}: clause {payers[0].clause.number} pays for that."
        held = case.attempts[-1]
        return replace(
            held,
            outcome=Outcome.PASSED,
            expected="",
            actual="",
            hint="",
            output="",
            fault=None,
            kind=None,
            aftermath=False,
            notes=(*held.notes, told),
        )

    def give_up(self, reason: str, blame: Blame) -> None:
        """Judges no more: what is left is NOT RUN, with that blame."""
        for case in self.cases:
            if case.stage is Stage.CRASHED:
                case.settle(Ruling(self._end_of_program(case)))
            elif case.stage is Stage.RELYING and case.pending is not None:
                case.settle(case.pending)
            elif case.stage is not Stage.SETTLED:
                case.settle(Ruling(Attempt(Outcome.NOT_RUN, reason=reason, blame=blame)))

    @property
    def found_late_or_long(self) -> bool:
        """Whether the program was late, or took long for a whole conversation, on a server that
        scenarios share. The gate's takes as long as a start."""
        own = [self._lab.gate, *(n for n, case in self._cases.items() if case.scenario.alone)]
        return any(
            attempt.kind is Kind.LATE or attempt.seconds > LONG
            for number, case in self._cases.items()
            if number not in own
            for attempt in case.attempts
        )

    @property
    def found_slow(self) -> bool:
        """Whether the program was late, or silent, in any conversation."""
        slow = (Kind.LATE, Kind.SILENCE, Kind.OPEN)
        return any(attempt.kind in slow for case in self.cases for attempt in case.attempts)

    @property
    def found_silent(self) -> bool:
        """Whether an awaited reply never came in any conversation; later waits can be shorter
        then."""
        return any(
            attempt.kind is Kind.SILENCE and attempt.fault is Fault.ABSENT
            for case in self.cases
            for attempt in case.attempts
        )
