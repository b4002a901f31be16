"""What differs between two states of a result, by clause, and what it rests on that has changed in
between. Pure.

What has changed is no proof of a cause: where several things have, each may be the reason. Where
nothing that is recorded has, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from conformance.classes.model import TOTAL
from conformance.classes.results.fingerprint import work_of
from conformance.classes.results.on_record import OnRecord
from conformance.verdict.model import Blame, Outcome, Run, Verdict, order_of
from conformance.verdict.points import counted
from conformance.verdict.transcript import shorten

MAX_VALUE = 60
"""Characters of a value in a sentence."""

MAX_SAID = 2_000
"""Characters of what a teacher said, which is not cut for want of room."""

WITHDRAWN = "it was withdrawn"

UNEXPLAINED = "nothing that is recorded changed: the machine, or chance"


NOT_RUN = {
    Blame.PROGRAM.value: "not shown",
    Blame.CALL.value: "left out",
    Blame.HIDDEN.value: "hidden",
}
"""The words of the reports for a clause that was not run, by whose doing that is."""


class Factor(StrEnum):
    """What a verdict rests on."""

    FIRST = "first"
    """There was no verdict before."""
    WORK = "work"
    LAB = "lab"
    PARAMETERS = "parameters"
    """Also which clauses are judged, which count, and what deadlines are stretched by."""
    SEED = "seed"
    SUITE = "suite"
    MACHINE = "machine"
    BUILD = "build"
    """A program could be made of the work once, and not the other time."""
    BY_HAND = "by hand"
    NOT_RECORDED = "not recorded"
    """An older suite did not record it."""
    NOTHING = "nothing"
    """Nothing that is recorded has changed."""


@dataclass(frozen=True)
class Explanation:
    """Something that has changed between two verdicts."""

    factor: Factor
    told: str
    """What has changed, in words."""


@dataclass(frozen=True)
class ClauseState:
    """A clause in one of the two."""

    outcome: str
    """As in the run's events; "" if the clause is not in the run."""
    points: int | None = None
    possible: int = 0
    corrected: str = ""
    """What a teacher said when correcting it."""
    blame: str = ""
    """As in the run's events: whose doing it is that it was not run; "" if it was run."""

    @classmethod
    def of(cls, verdict: Verdict | None) -> ClauseState:
        if verdict is None:
            return cls("")
        was_run = verdict.outcome is not Outcome.NOT_RUN
        blame = "" if was_run or verdict.attempt.blame is None else verdict.attempt.blame.value
        points = verdict.points, verdict.possible
        return cls(verdict.outcome.value, *points, verdict.corrected, blame)

    @property
    def told(self) -> str:
        """`failed 0/3`."""
        if not self.outcome:
            return "not in the run"
        outcome = NOT_RUN.get(self.blame) or self.outcome.replace("_", " ")
        if self.points is None:
            return f"{outcome}, open (of {self.possible})"
        points = f"{outcome} {self.points}/{self.possible}" if self.possible else outcome
        return f"{points} by hand" if self.corrected else points


@dataclass(frozen=True)
class ClauseChange:
    clause: str
    scenario: str
    before: ClauseState
    after: ClauseState


@dataclass(frozen=True)
class ResultChange:
    """What has changed of one hand-in."""

    author: str
    lab: str
    before: str
    """Its points, in words; or why it has none."""
    after: str
    clauses: tuple[ClauseChange, ...]
    why: tuple[Explanation, ...]
    points: tuple[int | None, int | None] = (None, None)
    """The points before and after; None where there are none."""


def compare(before: OnRecord, after: OnRecord) -> ResultChange | None:
    """What differs in outcomes and points; None if nothing does."""
    clauses = tuple(_clauses(before.run, after.run))
    told = _points(before), _points(after)
    if not clauses and told[0] == told[1]:
        return None
    why = tuple(_why(before, after, clauses))
    earned = _earned(before), _earned(after)
    return ResultChange(after.author, after.lab, *told, clauses, why, earned)


def compare_all(
    before: Iterable[OnRecord], after: Iterable[OnRecord]
) -> tuple[Sequence[ResultChange], int]:
    """The changes of two classes, by author and lab, and how many hand-ins are the same."""
    former, current = ({each.key: each for each in one} for one in (before, after))
    changes = []
    keys = dict.fromkeys(chain(former, current))
    for key in keys:
        gone = OnRecord(*key, trouble="not in this class")
        if change := compare(former.get(key, gone), current.get(key, gone)):
            changes.append(change)
    return changes, len(keys) - len(changes)


def _points(of: OnRecord) -> str:
    if of.tally is None:
        return of.trouble or "not graded yet"
    told = f"{of.tally.points} of {counted(of.tally.possible)}"
    return f"{told} so far" if of.tally.provisional else told


def _earned(of: OnRecord) -> int | None:
    return None if of.tally is None else of.tally.points


def _clauses(before: Run | None, after: Run | None) -> Iterator[ClauseChange]:
    if before is None or after is None:
        return  # the points say it
    former, current = ({v.clause.number: v for v in run.verdicts} for run in (before, after))
    for number in sorted({*former, *current}, key=order_of):
        old, new = (ClauseState.of(of.get(number)) for of in (former, current))
        if old != new:
            named = current.get(number) or former[number]
            yield ClauseChange(number, named.clause.scenario, old, new)


def _why(
    before: OnRecord, after: OnRecord, clauses: Sequence[ClauseChange]
) -> Iterator[Explanation]:
    yield from _by_hand(before, after, clauses)
    if before.run is None or after.run is None:
        if before.run is None and after.run is not None:
            yield Explanation(Factor.FIRST, "there was no verdict before")
        return
    if not any(_is_judged_anew(change) for change in clauses):
        return
    yield from [*_changed(before, after)] or [Explanation(Factor.NOTHING, UNEXPLAINED)]


def _is_judged_anew(change: ClauseChange) -> bool:
    """Whether it differs by more than a correction."""
    if change.before.outcome != change.after.outcome:
        return True
    by_hand = change.before.corrected or change.after.corrected
    return change.before.possible != change.after.possible or not by_hand


def _by_hand(
    before: OnRecord, after: OnRecord, clauses: Sequence[ClauseChange]
) -> Iterator[Explanation]:
    for change in clauses:
        if change.before.corrected != change.after.corrected:
            corrected, told = change.after.corrected, after.not_counted.get(change.clause)
            verb = "corrected again" if change.before.corrected and corrected else "the correction"
            told = _whole(corrected) or told or WITHDRAWN
            yield Explanation(Factor.BY_HAND, f"clause {change.clause}, {verb}: {told}")
    if before.total != after.total:
        told = after.not_counted.get(TOTAL, WITHDRAWN)
        told = _whole(after.total.told) if after.total else told
        yield Explanation(Factor.BY_HAND, f"the correction of the total: {told}")


def _changed(before: OnRecord, after: OnRecord) -> Iterator[Explanation]:
    """What a run rests on that has changed."""
    old, new = before.basis, after.basis
    if not (old.is_known and new.is_known):
        yield from _as_far_as_known(before, after)
        return
    if old.work != new.work:
        yield Explanation(Factor.WORK, "not the same as before")
    if old.lab != new.lab:
        yield Explanation(Factor.LAB, "its files are not the same")
    yield from _settings(old.settings, new.settings)
    if old.suite != new.suite:
        yield Explanation(Factor.SUITE, _versions(before, after))
    yield from _built(before, after)
    for name, was, now in _differing(old.machine, new.machine):
        # Only the tools of the language are asked, which is not known of what does not build.
        if _same_language(before, after) or {name} <= {*old.machine} & {*new.machine}:
            yield Explanation(Factor.MACHINE, f"{name}: {was} → {now}")


def _built(before: OnRecord, after: OnRecord) -> Iterator[Explanation]:
    assert before.run is not None
    assert after.run is not None
    was, now = before.run.not_built, after.run.not_built
    if was != now:
        told = f"it did not build: {_short(now)}" if now else "before, it did not build"
        yield Explanation(Factor.BUILD, told)
    elif bool(before.run.command) != bool(after.run.command):
        once = "now" if before.run.command else "before"
        yield Explanation(Factor.BUILD, f"no program was started {once}")


def _same_language(before: OnRecord, after: OnRecord) -> bool:
    assert before.run is not None
    assert after.run is not None
    return before.run.language == after.run.language


def _as_far_as_known(before: OnRecord, after: OnRecord) -> Iterator[Explanation]:
    """The same, where one of the two was written by a suite that did not record its parts."""
    assert before.run is not None
    assert after.run is not None
    (old, rest), (new, other_rest) = (
        (work_of(each.fingerprint) or each.basis.work, each.fingerprint.partition("-")[2])
        for each in (before, after)
    )
    if old and new and old != new:
        yield Explanation(Factor.WORK, "not the same as before")
    told = ({**_of_run(run)} for run in (before.run, after.run))
    yield from _settings(*told)
    if before.run.suite != after.run.suite:
        yield Explanation(Factor.SUITE, _versions(before, after))
    if before.run.tier != after.run.tier:
        yield Explanation(Factor.MACHINE, f"tier: {before.run.tier} → {after.run.tier}")
    if not (rest and rest == other_rest):
        more = "the lab, the suite and the machine may have changed, too"
        more = more if old and new else f"the work, {more}"
        yield Explanation(Factor.NOT_RECORDED, f"an older suite did not record all: {more}")


def _of_run(run: Run) -> Mapping[str, Any]:
    return {"settings": run.parameters, "seed": run.seed, "strict": run.strict}


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Explanation]:
    for name, was, now in _differing(_flat(old), _flat(new)):
        factor = Factor.SEED if name == "seed" else Factor.PARAMETERS
        yield Explanation(factor, f"{name}: {was} → {now}")


def _flat(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The lab's parameters beside the other settings."""
    parameters = settings.get("settings")
    own = parameters if isinstance(parameters, Mapping) else {}
    others = {name: value for name, value in settings.items() if name != "settings"}
    return {**others, **{f"{name}=": value for name, value in own.items()}}


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys(chain(old, new)):
        was, now = old.get(name), new.get(name)
        if (was or None) != (now or None):
            yield name.removesuffix("="), _value(was), _value(now)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    if value is None or value == "" or value == {}:
        return "none"
    return _short({True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))


def _versions(before: OnRecord, after: OnRecord) -> str:
    assert before.run is not None
    assert after.run is not None
    was, now = before.run.suite, after.run.suite
    return f"{was} → {now}" if was != now else f"{now}, other sources"


def _whole(text: str) -> str:
    """What a teacher said, on one line."""
    return shorten(" ".join(text.split()), MAX_SAID)


def _short(text: str) -> str:
    return shorten(text.partition("\n")[0], MAX_VALUE)
