"""What a student may read of a result, as the class allows. Pure.

Every level says why a clause was not judged, since that explains the points. No level shows
what only the teacher can use, such as paths on the teacher's disk.

What the class hides (`[feedback]`) is open to the student who reads: the clause is listed, its
points are not, and what earned none because of it is hidden with it, so that neither a sum nor a
sentence tells. `seen_run` and `seen` decide that for all reports; call them first.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from conformance.classes.feedback import Rules
from conformance.classes.model import (
    Class,
    HandIn,
    LabPlan,
    Result,
    Reveal,
    ShowHidden,
    SymptomNote,
)
from conformance.submissions.build import ADVICE, NEEDS_DEPENDENCIES
from conformance.verdict.model import Attempt, Blame, Common, Outcome, Run, Search, Verdict

SERVER = "YOUR_SERVER"
"""Stands in commands for the student's own file or folder."""

SEVERAL = 2
"""Clauses that the student sees to be lost, from which on what they have in common is told although
hidden clauses share it."""


def rules_of(graded: Class, plan: LabPlan) -> Rules:
    """What holds for the students of a class in one lab. What is hidden until the deadline is
    hidden until the last extension is over: students talk."""
    own = [grant.until for grant in graded.grants if grant.lab == plan.name and grant.until]
    hidden = (*graded.feedback.hidden, *plan.hidden)
    return Rules(
        graded.reveal, graded.feedback, hidden, plan.deadline, extended=max(own, default=None)
    )


def seen(graded: Class, results: Iterable[Result], now: datetime) -> list[Result]:
    """The results as students may see them now: what is hidden is open. Where a teacher has given
    the points of a whole lab, these stay."""
    rules = {plan.name: rules_of(graded, plan) for plan in graded.labs}
    return [
        replace(result, run=seen_run(result.run, rules[result.hand_in.lab], now))
        if result.run is not None and result.hand_in.lab in rules
        else result
        for result in results
    ]


def seen_run(run: Run, rules: Rules, now: datetime) -> Run:
    """The run as a student may see it now, with all its clauses; the same if nothing is hidden."""
    hidden = hidden_in(run, rules)
    if not hidden or rules.is_shown(now):
        return run
    verdicts = (
        _hidden(verdict, rules) if verdict.clause.number in hidden else _beside(verdict, hidden)
        for verdict in run.verdicts
    )
    shown = replace(run, verdicts=tuple(verdicts))
    # A note, and what a search left out, may rest on a clause that is hidden.
    return replace(shown, notes=(), common=tuple(_of_what_is_seen(shown, hidden)), search=None)


def hidden_in(run: Run, rules: Rules) -> frozenset[str]:
    """The clauses of the run that are hidden, and those not shown because of one of them."""
    hidden = {v.clause.number for v in run.verdicts if rules.hides(v.clause.number)}
    while True:
        more = {
            verdict.clause.number
            for verdict in run.verdicts
            if verdict.not_shown
            and verdict.clause.number not in hidden
            and any(number in hidden for number in verdict.attempt.behind)
        }
        if not more:
            return frozenset(hidden)
        hidden |= more


def why_hidden(rules: Rules) -> str:
    """Until when something is hidden, as a reader is told: in the same words whether or not
    anybody has an extension, which is between that student and the teacher."""
    match rules.feedback.show_hidden:
        case ShowHidden.DEADLINE if rules.deadline is not None:
            until = rules.deadline.isoformat(sep=" ", timespec="minutes")
            return (
                f"hidden until the deadline ({until}) and all extensions of it are over; its points"
                " count, and are not in the sum"
            )
        case ShowHidden.PUBLISHED:
            return "hidden until the grades are published; its points count, and are not in the sum"
    return "hidden by the teacher; its points count, and are not in the sum"


def _hidden(verdict: Verdict, rules: Rules) -> Verdict:
    attempt = Attempt(Outcome.NOT_RUN, reason=why_hidden(rules), blame=Blame.HIDDEN)
    points = None if verdict.possible else 0
    clause, level, possible = verdict.clause, verdict.level, verdict.possible
    return Verdict(clause, level, attempt, possible, points)


def _beside(verdict: Verdict, hidden: Collection[str]) -> Verdict:
    """A verdict that is seen, without what would tell about one that is hidden."""
    return replace(
        verdict,
        attempt=_attempt(verdict.attempt, hidden),
        earlier=tuple(_attempt(attempt, hidden) for attempt in verdict.earlier),
    )


def _attempt(attempt: Attempt, hidden: Collection[str]) -> Attempt:
    names = _naming(hidden)
    return replace(
        attempt,
        reason=names.sub("(hidden)", attempt.reason),
        hint="" if names.search(attempt.hint) else attempt.hint,
        notes=tuple(note for note in attempt.notes if not names.search(note)),
        relies=tuple(number for number in attempt.relies if number not in hidden),
        behind=tuple(number for number in attempt.behind if number not in hidden),
        # Of a server that other conversations have used, the output may be about them.
        output="" if attempt.shared else attempt.output,
    )


def _naming(hidden: Collection[str]) -> re.Pattern[str]:
    """Finds the numbers of hidden clauses in a sentence."""
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, hidden))})(?!\w|\.\d| m?s\b| %)")


def _of_what_is_seen(run: Run, hidden: frozenset[str]) -> Iterator[Common]:
    """What failures have in common, of those that are seen. A sentence that hidden ones share is
    told only where several others show it by themselves."""
    lost = _seen_lost(run)
    names = _naming(hidden)
    for each in run.common:
        if hidden.isdisjoint(each.clauses):
            yield each
            continue
        left = tuple(number for number in each.clauses if number in lost)
        if len(left) >= SEVERAL and not names.search(each.sentence):
            yield replace(each, clauses=left)


def revealed(result: Result, reveal: Reveal) -> Result:
    """The result without what the class does not reveal."""
    if result.run is None:
        return replace(result, trouble=_without_path(result.trouble, result.hand_in))
    verdicts = tuple(_verdict(verdict, result, reveal) for verdict in result.run.verdicts)
    notes = () if reveal is Reveal.POINTS else result.run.notes  # evidence: how it answers
    common = tuple(_to_mend(result.run)) if reveal is Reveal.HINTS else ()
    search = _search(result.run.search) if reveal is Reveal.HINTS else None
    run = replace(result.run, verdicts=verdicts, notes=notes, common=common, search=search)
    return replace(result, run=run, notes=_notes(result, run))


def revealed_run(run: Run, reveal: Reveal) -> Run:
    """A run of no class, without what is not revealed."""
    told = revealed(Result(HandIn("", run.lab, None), run), reveal).run
    assert told is not None, "what is revealed of a run is a run"
    return told


def _to_mend(run: Run) -> Iterator[Common]:
    """What failures have in common, as far as a teacher has not given all their points."""
    settled = {verdict.clause.number for verdict in run.verdicts if verdict.settled}
    for each in run.common:
        if left := tuple(number for number in each.clauses if number not in settled):
            yield replace(each, clauses=left)


def _notes(result: Result, run: Run) -> tuple[SymptomNote, ...]:
    """The teacher's notes, each on the clauses that the student sees to be lost: nothing tells of
    others, nor of hidden ones that share the symptom."""
    seen = _seen_lost(run)
    notes = [replace(n, clauses=tuple(c for c in n.clauses if c in seen)) for n in result.notes]
    return tuple(note for note in notes if note.clauses)


def _seen_lost(run: Run) -> set[str]:
    """The clauses that a reader of the run sees to be lost."""
    lost = (v for v in run.verdicts if v.outcome is Outcome.FAILED or v.not_shown)
    return {verdict.clause.number for verdict in lost if not verdict.settled}


def _search(search: Search | None) -> Search | None:
    """What a search has found, without the command that repeats it: its seed is that of the whole
    class."""
    if search is None:
        return None
    verdict = search.verdict and replace(search.verdict, again="").with_attempt(capture="")
    return replace(search, again="", verdict=verdict)


def _verdict(verdict: Verdict, result: Result, reveal: Reveal) -> Verdict:
    # Students cannot change how the class is graded.
    reason = verdict.attempt.reason.replace(ADVICE, NEEDS_DEPENDENCIES)
    reason = _without_path(reason, result.hand_in)
    verdict = replace(
        verdict.with_attempt(capture="", reason=reason),
        earlier=tuple(replace(attempt, capture="") for attempt in verdict.earlier),
        again=_without_path(verdict.again, result.hand_in),
    )
    if reveal is Reveal.HINTS:
        return verdict
    verdict = replace(
        verdict.with_attempt(hint=""),
        reproduce="",
        again="",
        earlier=tuple(replace(attempt, hint="") for attempt in verdict.earlier),
    )
    if reveal is Reveal.EVIDENCE:
        return verdict
    held = verdict.attempt
    return replace(
        verdict,
        attempt=Attempt(held.outcome, reason=held.reason, blame=held.blame, behind=held.behind),
        earlier=tuple(Attempt(attempt.outcome) for attempt in verdict.earlier),
    )


def _without_path(text: str, hand_in: HandIn) -> str:
    """The text with SERVER in place of the path on the teacher's disk."""
    if hand_in.path is None:
        return text
    path = str(hand_in.path)
    return text.replace(shlex.quote(path), SERVER).replace(path, SERVER)


def why_no_run(result: Result) -> str:
    """Why nothing was judged, in words."""
    hand_in = result.hand_in
    nothing = "nothing handed in" if hand_in.is_absent else "not graded yet"
    return result.told or hand_in.problem or nothing
