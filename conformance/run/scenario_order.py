"""The order of scenarios: where each stands, which come next, and what waits for what.

The gate comes first, then the scenario that learns the server's dialect, then everything else. What
came late or not at all is tried again on a fresh server. What is in doubt even then is tried alone
at the end. A scenario that builds on a clause in doubt waits until that clause is settled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from conformance.run.case import Case, Stage
from conformance.run.settlement import Settlement
from conformance.verdict.model import Blame, Outcome
from conformance.verdict.stands_or_repeat import Ruling, blamed_on, not_shown


class ScenarioOrder(Settlement):
    """The cases of one run, in the order in which they were wanted."""

    # -- which are next ---------------------------------------------------------------

    def next(self, under_way: Collection[Sequence[Case]]) -> list[Case]:
        """The cases of the next session; none while a session under way has to end first."""
        gate = self._cases.get(self._lab.gate)
        if gate is not None and not gate.decided:
            return self._ready([gate, *self._behind(gate)], under_way)
        if gate is not None and not self._others_can_be_judged(gate):
            self._settle_behind(gate)
        teacher = self._cases.get(self._lab.teaches)
        if teacher is not None and not teacher.decided:
            alone = teacher.attempts or teacher.stage is Stage.HELD
            return self._ready([teacher] if alone else self._sharing_with(teacher), under_way)
        self._settle_without_trial()
        for case in self._at(Stage.WAITING):
            parts = 1 if case.scenario.of else self._parts
            if parts > 1:
                return self._sharing_with(case)[::parts]  # dealt out: every so many-th to each
            if not _shared_already(case, under_way):
                return self._sharing_with(case)
        for stage in (Stage.FRESH, Stage.EXCLUSIVE):
            for case in self._at(stage):
                alike = self._sharing_with(case) if case.scenario.of else [case]
                return self._ready(alike, under_way)
        if not under_way and self._settle_the_last():
            return self.next(under_way)
        return []

    def _behind(self, gate: Case) -> list[Case]:
        """What runs on the gate's own server once the gate has passed, which saves a start: first
        what goes on with its client, or may join that, or learns the dialect."""
        if gate.stage is not Stage.FRESH or gate.attempts:
            return []
        begun = gate.scenario.begins
        following = [c for c in self._at(Stage.WAITING) if c.scenario.of in (None, begun)]
        joining = [c for c in self._at(Stage.FRESH) if c.scenario.joins and not c.attempts]
        following += [c for c in joining if c.scenario.joins is begun]
        return sorted(following, key=self._turn)

    def _turn(self, case: Case) -> tuple[bool, bool, bool]:
        """Sort key among the cases that share a server: conversations of several clauses first,
        what learns the dialect before what needs it, the destructive last."""
        scenario = case.scenario
        teaches = case.clause.number == self._lab.teaches
        return not (scenario.of or scenario.joins), not teaches, scenario.destructive

    def _sharing_with(self, first: Case) -> list[Case]:
        """The cases that can share a server with `first`: those of its shared conversation, or, if
        it has none, those that have none either."""
        like = [case for case in self._at(first.stage) if case.scenario.of == first.scenario.of]
        return sorted(like, key=self._turn)

    @property
    def _parts(self) -> int:
        """Into how many sessions the cases that can share a server are divided. A program that is
        late takes long for each, so that several sessions at a time are quicker than one after
        another. So they are where each spoils the server for the next; that is known after the
        second."""
        if self._cut_short and self.found_late_or_long:
            return self._at_a_time
        return min(self._at_a_time, max(1, self._cut_short))

    @staticmethod
    def _ready(cases: list[Case], under_way: Collection[Sequence[Case]]) -> list[Case]:
        """The cases; none if they are under way, or have to run alone and cannot yet."""
        if cases[0].stage is Stage.HELD or (cases[0].stage is Stage.EXCLUSIVE and under_way):
            return []
        return cases

    def _settle_without_trial(self) -> None:
        """Settles repeats whose failure another clause already explains. What cannot be tried,
        because the reply that it needs never comes, is NOT RUN."""
        for case in list(self.cases):
            if case.stage is Stage.EXCUSED:
                self._believe(case)
            elif case.stage is Stage.RELYING:
                self._confirm(case)
            elif case.stage in (Stage.WAITING, Stage.FRESH, Stage.EXCLUSIVE):
                needed = [self._cases[n] for n in case.scenario.needs if n in self._cases]
                hopeless = [ground.clause for ground in needed if ground.nothing_came]
                last = case.attempts[-1] if case.attempts else None
                if last is not None and not last.shared and (paid := self.excuses(case, last)):
                    case.settle(Ruling(blamed_on(paid, last) if last.behind else last))
                elif hopeless:
                    case.settle(Ruling(not_shown(hopeless[:1])))

    def _others_can_be_judged(self, gate: Case) -> bool:
        """Whether the others can be judged: the gate holds, or the program listens on another
        port."""
        if gate.ruling is None:  # the gate passed, but the program ended later
            return True
        holds = gate.ruling.attempt.outcome in (Outcome.PASSED, Outcome.NOT_RUN)
        return holds or gate.ruling.attempt.aftermath or self.other_door

    def _settle_behind(self, gate: Case) -> None:
        """Nothing can be judged behind a gate that does not hold, or could not be judged, but what
        is about another program."""
        behind = not_shown([gate.clause])
        if not gate.failed:
            reason = f"nothing can be judged behind clause {gate.clause.number}, which could not be"
            stumbled = gate.ruling is not None and gate.ruling.attempt.stumbled
            behind = replace(behind, reason=reason, blame=Blame.SUITE, stumbled=stumbled)
        for case in self.cases:
            can_be = case.scenario.apart and not self.nothing_runs
            if case.stage is not Stage.SETTLED and not can_be:
                case.settle(Ruling(behind))

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
        """Whether the verdict of any wanted scenario has not been returned by `final` yet."""
        return any(not case.told for case in self.cases)


def _shared_already(case: Case, under_way: Collection[Sequence[Case]]) -> bool:
    """Whether a session under way already shares a server among scenarios of this kind."""
    return any(
        len(cases) > 1
        and any(held.scenario.of == case.scenario.of and not held.scenario.alone for held in cases)
        for cases in under_way
    )
