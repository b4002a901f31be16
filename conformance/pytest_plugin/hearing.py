"""One submission before the judge: its plan, its engine, the verdicts so far.

Nothing is built, and no session held, before a first clause is wanted; then only what
is wanted is judged, with what it builds on.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from conformance.contract.catalog import load
from conformance.reports.run.console import facts
from conformance.reports.run.junit import details, message_and_text
from conformance.reports.run.started import how_started
from conformance.reports.text import palette
from conformance.reports.text.visible import visible
from conformance.run.check import describe, host_to_ourselves, new_seed
from conformance.run.engine import Engine, Plan
from conformance.run.prepare import Request, built, choose, read_arguments, read_settings, take_in
from conformance.run.scratch import enterable
from conformance.sandbox import Isolation, Tier, preload, probe
from conformance.sandbox.measure.slowness import chosen_or_measured
from conformance.submissions.submission import Submission
from conformance.verdict.events import judged, noted, run_began, run_ended, to_line
from conformance.verdict.model import Level, Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import counts, is_advice, told_left_out, told_not_shown

Answer = dict[str, Any]
"""What an item is told: a verdict, rendered; or the trouble that there is none."""


class Hearing:
    """One submission, from being taken in to its last verdict."""

    def __init__(
        self,
        plan: Plan,
        submission: Submission | None,
        request: Request,
        stack: contextlib.ExitStack,
    ) -> None:
        self.plan = plan
        self.name = ""
        """What the submission is called among the others."""
        self.engine: Engine | None = None
        self.answers: dict[str, Answer] = {}
        self.notes: list[str] = []
        self._told: list[Verdict] = []
        """The verdicts on what was wanted."""
        self._submission = submission
        self._fetch = request.fetch
        self._arguments = request.arguments
        self._stack = stack
        self._scenarios = {
            s.clause.number: s for s in choose(plan.lab, plan.scenarios, request.only)
        }
        self._wanted: list[str] = []
        self._began = time.monotonic()
        self._log: TextIO | None = None

    def opening(self) -> dict[str, Any]:
        """What pytest needs to know to collect its items."""
        run = describe(self.plan)
        return {
            "lab": visible(self.plan.variant),
            "name": self.name,
            "facts": facts(run),
            "scenarios": [
                {
                    "clause": number,
                    "name": scenario.name,
                    "level": scenario.level(self.plan.parameters).value,
                    "section": scenario.clause.section,
                }
                for number, scenario in self._scenarios.items()
            ],
        }

    def want(self, numbers: Sequence[str]) -> None:
        known = [number for number in numbers if number in self._scenarios]
        self._wanted += [number for number in known if number not in self._wanted]
        if self.engine is not None:
            self.engine.want([self._scenarios[number] for number in known])

    @property
    def busy(self) -> bool:
        """Whether something that was wanted has not been judged yet."""
        return any(number not in self.answers for number in self._wanted)

    def step(self) -> dict[str, Answer]:
        """Moves on, without waiting for anything but a build; returns new answers."""
        try:
            if self.engine is None:
                self._open()
            assert self.engine is not None
            verdicts = self.engine.step(0)
            told = [noted(note) for note in self.engine.take_notes()]
        except Exception as error:  # ours, and never a grade
            return self._in_trouble(f"{type(error).__name__}: {error}")
        self.notes += [visible(event["text"]) for event in told]
        self._write([*told, *map(judged, verdicts)])
        run = self._run()
        self._told += [v for v in verdicts if v.clause.number in self._wanted]
        new = {v.clause.number: self._answer(v, run) for v in verdicts}
        self.answers |= new
        return new

    def _answer(self, verdict: Verdict, run: Run) -> Answer:
        """As `answer`; but what was not shown, and decides, fails where no item does that pays
        for it: nobody may take the run for a green one."""
        told = answer(verdict, run, self.name)
        if verdict.not_shown and counts(verdict, strict=run.strict):
            paid = any(self._fails_in_sight(number, run) for number in verdict.attempt.behind)
            return told if paid else {**told, "outcome": Outcome.FAILED.value}
        return told

    def _fails_in_sight(self, number: str, run: Run) -> bool:
        """Whether that clause is an item of this session, and no mere advice when it fails."""
        if number not in self._wanted:
            return False
        level = self._scenarios[number].level(self.plan.parameters)
        return level is Level.MUST or (level is Level.SHOULD and run.strict)

    def remarks(self) -> list[str]:
        """What holds for the whole run; and a line for what was not shown, and left out."""
        run = replace(self._run(), verdicts=tuple(self._told))
        missing = (told_not_shown(run.verdicts), told_left_out(run))
        return [*self.notes, *map(visible, filter(None, missing))]

    def _open(self) -> None:
        """Builds the submission, and opens its engine."""
        remote = self.plan.remote is not None
        self._stack.enter_context(host_to_ourselves(self.plan.isolation, remote=remote))
        if self._submission is not None:
            self.plan = built(
                self.plan, self._submission, fetch=self._fetch, arguments=self._arguments
            )
        run = describe(self.plan)
        self.notes += map(visible, filter(None, [*run.notes, how_started(run)]))
        if self.plan.keep is not None:
            log = (self.plan.keep / "run.jsonl").open("w", encoding="ascii")
            self._log = self._stack.enter_context(log)
        self._write([run_began(self._run())])
        self.engine = self._stack.enter_context(Engine(self.plan))
        self.engine.want([self._scenarios[number] for number in self._wanted])

    def _run(self) -> Run:
        return describe(self.plan)

    def _in_trouble(self, trouble: str) -> dict[str, Answer]:
        """Nothing that is still wanted can be judged."""
        open_ones = [number for number in self._wanted if number not in self.answers]
        new: dict[str, Answer] = {number: {"trouble": trouble} for number in open_ones}
        self.answers |= new
        return new

    def _write(self, events: Sequence[dict[str, Any]]) -> None:
        if self._log is not None:
            self._log.writelines(map(to_line, events))
            self._log.flush()

    def close(self) -> None:
        """Ends the record of the run."""
        if self.engine is not None:
            seconds = time.monotonic() - self._began
            self._write([run_ended(seconds, interrupted=self.busy)])


def answer(verdict: Verdict, run: Run, name: str) -> Answer:
    """The verdict as an item tells it."""
    advice = verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=run.strict)
    unjudged = verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_RUN)
    beginning = f"{palette.word(verdict)}: " if unjudged else ""
    beginning = "advice, costs no points: " if advice else beginning
    message, text = message_and_text(verdict, beginning)
    passed = verdict.outcome is Outcome.PASSED
    return {
        "outcome": "advice" if advice else verdict.outcome.value,
        "message": "" if passed else message,
        "text": "" if passed else text,
        "seconds": verdict.seconds,
        "notes": [visible(note) for note in verdict.notes],
        "properties": [*details(verdict, run).items(), ("submission", name)],
    }


def hearings(orders: dict[str, Any], scratch: Path, stack: contextlib.ExitStack) -> list[Hearing]:
    """A hearing for each submission. Raises WrongCall."""
    preload()
    paths = [Path(path) for path in orders["submissions"]]
    if paths and orders["connect"]:
        raise WrongCall("give --submission PATH or --connect HOST:PORT, not both")
    isolation = Isolation(Tier.NONE) if orders["connect"] else probe()
    folders = tuple(Path(folder) for folder in orders["labs"])
    catalog = load(folders)
    scale, stretch = chosen_or_measured(orders["scale"])
    request = Request(
        lab=orders["lab"],
        connect=orders["connect"],
        only=orders["only"],
        settings=read_settings(orders["settings"]),
        arguments=read_arguments(orders["arguments"]),
        seed=new_seed() if orders["seed"] is None else orders["seed"],
        budget=orders["budget"],
        scale=scale,
        stretch=stretch,
        strict=orders["strict"],
        jobs=orders["jobs"] or 2 * (os.cpu_count() or 1),
        require_tier=orders["require_tier"],
        fetch=orders["fetch"],
        labs=folders,
    )
    called: Counter[tuple[str, str]] = Counter()
    made = []
    for number, path in enumerate(paths or [None]):
        place = enterable(scratch / str(number))
        plan, submission = take_in(replace(request, path=path), catalog, isolation, place)
        hearing = Hearing(plan, submission, request, stack)
        called[plan.variant, plan.submission] += 1
        times = called[plan.variant, plan.submission]
        hearing.name = visible(plan.submission) + (f" ({times})" if times > 1 else "")
        if orders["keep"] is not None:
            keep = Path(orders["keep"], *([] if len(paths) < 2 else [str(number + 1)]))
            keep.mkdir(parents=True, exist_ok=True)
            hearing.plan = replace(hearing.plan, keep=keep)
        made.append(hearing)
    return made
