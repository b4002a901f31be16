"""The search for a conversation that breaks the contract, when all clauses are judged.

One session searches. What it has found is held twice more, each time on a fresh server that has the
machine to itself, with the contract's own patience; it counts only if both break the same clause,
undisturbed. It never costs points.
"""

from __future__ import annotations

import selectors
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.contract.lab import Lab
from conformance.contract.scenario import Scenario
from conformance.contract.state_model import TAG, Act, Turn
from conformance.run.doing import Doing, Phase
from conformance.run.engine import RunningSession, StartSession
from conformance.run.plan import Plan
from conformance.run.scheduler import Start, Wants
from conformance.run.scratch import enterable
from conformance.session.search import scenarios
from conformance.session.session_plan import Finding, SessionPlan
from conformance.session.worker import Worker
from conformance.verdict.model import Attempt, Blame, Level, Outcome, Search, Verdict
from conformance.verdict.transcript import shorten
from conformance.verdict.violation import Fault

TIMES = 2
"""How often what was found must show again."""

TRIES = 5
"""How often that is tried where the machine keeps the program waiting."""

MAX_WAITED = 1.0
"""Seconds for which the program may have been kept waiting where something never came: less than a
fifth of what is waited for it."""

MAX_TOLD = 12
"""Turns told in that sentence; of more, the first and the last."""

LONGEST_LINE = 40
"""Characters of a line in the sentence that a report begins with."""


@dataclass(eq=False)
class SearchPhase:
    """The search of one check; started and stepped as the engine is. `close` ends its session."""

    plan: Plan
    verdicts: Sequence[Verdict]
    """What is known of the clauses."""
    selector: selectors.BaseSelector
    start_session: StartSession = Worker
    found: Search = field(init=False)
    """What is known so far; final when it is no longer `busy`."""
    busy: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        plan = self.plan
        failed = {each.clause.number for each in self.verdicts if _is_not_shown(each)}
        self._sought = scenarios.Sought(plan.lab, plan.parameters, frozenset(failed))
        again = f"{plan.again} --search {plan.request.search:g}s --seed {plan.request.seed}"
        self.found = Search(plan.request.search, again=again if plan.again else "")
        self._turns: tuple[Turn, ...] = ()
        """The conversation that was found; () until then."""
        self._shown: list[str] = []
        """The clauses that it broke when it was held again; "" where it broke none."""
        self._tries = 0
        self._session: RunningSession | None = None
        self._scratch = Path()
        self._sessions = 0
        self._began = 0.0
        missing = [number for number in self._needs if number in failed]
        if missing or plan.prepared.program is None:
            said = f"{', '.join(missing) or plan.lab.gate} did not pass"
            self._end(f"{said}, without which no conversation shows anything")

    @property
    def _needs(self) -> Sequence[str]:
        return [self.plan.lab.gate, *self._sought.model().needs]

    @property
    def wants(self) -> Wants:
        if not self.busy or self._session is not None:
            return Wants.NOTHING
        return Wants.EXCLUSIVE if self._turns else Wants.START

    @property
    def under_way(self) -> list[Start]:
        if self._session is None:
            return []
        kind = Wants.EXCLUSIVE if self._turns else Wants.START
        return [Start(kind, self._began, waits=self._session.started)]

    @property
    def doing(self) -> Doing:
        judged = len(self.plan.chosen)
        return Doing(Phase.SEARCHING, alone=bool(self._turns), judged=judged, todo=judged)

    def start(self) -> None:
        """Starts the session that is wanted. Raises OSError where there is no room for it."""
        plan, seconds = self.plan, self.plan.request.search
        lab, scenario = plan.lab, scenarios.show(self._sought, self._turns)
        if not self._turns:
            lab = scenarios.with_time(lab, seconds)
            scenario = scenarios.search(self._sought, seconds, plan.request.seed)
        scratch = enterable(plan.scratch / f"search-{self._sessions}")
        session = self.start_session(self._plan_of(scenario, lab), plan.isolation, scratch)
        self._session, self._scratch, self._began = session, scratch, time.monotonic()
        self._sessions += 1
        self.selector.register(session, selectors.EVENT_READ, self)

    def _plan_of(self, scenario: Scenario, lab: Lab) -> SessionPlan:
        plan = self.plan
        return SessionPlan(
            lab=lab,
            scenarios=(scenario,),
            parameters=plan.parameters,
            seed=plan.request.seed,
            scale=plan.request.stretched,
            port=plan.port,
            program=plan.prepared.program,
            zone=plan.lab.zone(time.time()) if plan.lab.zone else "UTC",
        )

    def step(self) -> None:
        """Takes in what its session has reported, without waiting."""
        session = self._session
        if session is None:
            return
        findings, ended = session.read()
        late = time.monotonic() > session.deadline
        if findings:
            self._dismiss()
            self._heard(findings[0])
        elif ended or late:
            trouble = session.trouble or ("it did not end in time" if late else "it ended early")
            self._dismiss()
            self._end(f"the suite's own worker failed: {trouble}")

    def close(self) -> None:
        """Ends its session, if one is under way."""
        self.busy = False
        self._dismiss()

    def _dismiss(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            self.selector.unregister(session)
            session.close()
            shutil.rmtree(self._scratch, ignore_errors=True)

    # -- what is heard ----------------------------------------------------------------

    def _heard(self, finding: Finding) -> None:
        left = finding.dialect.get(scenarios.LEAVES, {})
        if self._turns:
            self._showed(finding.attempt, left)
            return
        if "held" not in left:
            self._end(finding.attempt.reason or "the program could not be started for it")
            return
        self.found = replace(self.found, conversations=left["held"])
        self._turns = scenarios.turns_from_json(left["turns"])
        if not self._turns:
            self._end()

    def _showed(self, attempt: Attempt, left: Mapping[str, Any]) -> None:
        self._tries += 1
        if _is_in_doubt(attempt):
            if self._tries == TRIES:
                self._end("a conversation broke the contract, but the machine is too busy to tell")
            return
        self._shown.append(left.get("clause", ""))
        if not all(self._shown) or len(set(self._shown)) > 1:
            times = self._shown.count(self._shown[0]) if self._shown[0] else 0
            told = f"it did so {times} times in {self._tries} when it was held again"
            self._end(f"a conversation broke the contract, but {told}")
        elif len(self._shown) == TIMES:
            self._found(attempt, left)

    def _found(self, attempt: Attempt, left: Mapping[str, Any]) -> None:
        clauses = self.plan.lab.contract_for(self.plan.parameters).clauses
        clause = next((each for each in clauses if each.number == left["clause"]), None)
        if clause is None:
            self._end(f"the lab's model names the clause {left['clause']!r}, which there is not")
            return
        turns = self._turns[: left["at"] + 1]
        said = sentence(turns, left["client"], left["wanted"], left["actual"])
        free = replace(clause, level=Level.INFO)
        # A hint is for what a scenario asks for, and knows nothing of this conversation.
        shown = replace(attempt, hint="")
        verdict = Verdict(free, Level.INFO, shown, again=self.found.again)
        self.found = replace(self.found, sentence=said, verdict=verdict)
        self._end()

    def _end(self, reason: str = "") -> None:
        self.found = replace(self.found, reason=reason)
        self.busy = False


def _is_not_shown(verdict: Verdict) -> bool:
    """Whether the clause was looked at, and is not known to hold."""
    by_the_call = verdict.outcome is Outcome.NOT_RUN and verdict.attempt.blame is Blame.CALL
    return verdict.outcome is not Outcome.PASSED and not by_the_call


def _is_in_doubt(attempt: Attempt) -> bool:
    """Whether the machine may be why the attempt failed, or showed nothing."""
    if attempt.outcome is not Outcome.FAILED:
        return attempt.outcome is not Outcome.PASSED
    unknown = attempt.waited is None or attempt.waited > MAX_WAITED
    return unknown and attempt.fault is not Fault.WRONG


def sentence(turns: Sequence[Turn], client: int, wanted: str, actual: str) -> str:
    """The conversation, and what is wrong with it: "LOAD, LOAD: the server says 2, it should say
    1". Clients have names where there are several."""
    numbers: dict[int, int] = {}
    told: list[str] = []
    speaking = {turn.who for turn in turns if turn.act not in (Act.COMES, Act.LEAVES, Act.RESETS)}
    came = 0
    for place, turn in enumerate(turns):
        if turn.act is Act.COMES:
            came += 1
            numbers[turn.who] = came
            if turn.who in speaking and place < len(turns) - 1:
                continue
        told.append(_in_words(turn, numbers[turn.who]))
    if len(told) > MAX_TOLD:  # the time was up before it could be made shorter
        left_out = f"… {len(told) - MAX_TOLD} more …"
        told = [*told[: MAX_TOLD // 2], left_out, *told[-MAX_TOLD // 2 :]]
    alone = came == 1
    said = ", ".join(each.removeprefix("client: ") if alone else each for each in told)
    to = "" if alone else f" to {_name(client)}"
    return f"{said}: the server says{to}: {shorten(actual, 200)}; it should say: {wanted}"


def _in_words(turn: Turn, number: int) -> str:
    text = turn.text.replace(TAG, "").replace("\n", "⏎").replace("\r", "␍")
    if text != text.strip():
        text = text.replace(" ", "␣")
    line = shorten(text, LONGEST_LINE)
    name = _name(number)
    match turn.act:
        case Act.COMES:
            return f"{name} connects"
        case Act.LEAVES:
            return f"{name} leaves"
        case Act.RESETS:
            return f"{name} resets its connection"
        case Act.BEGINS:
            return f"{name} begins to say {line}"
        case Act.ENDS:
            return f"{name} ends that line"
    return f"{name}: {line or 'an empty line'}"


def _name(number: int) -> str:
    return "client" if number == 1 else f"client {number}"
