"""A run as a platform is told of it: each clause with its points, and a few sentences on the whole.

What is open, or hidden, is in no sum: a platform that adds up must not take it for a zero. Where
a platform can leave a hand-in without a grade, `is_unsettled` says when it has to.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.reports.classes.reveal import SERVER
from conformance.reports.run.junit import message_and_text
from conformance.reports.run.listing import in_words, score
from conformance.reports.run.searched import in_one_sentence
from conformance.reports.text import palette
from conformance.reports.text.contract_words import in_language
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import disarm, shorten_middle, visible
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import counted, is_advice, is_open
from conformance.words import _, said

MAX_NAME = 120
"""Characters of a clause's name."""

MAX_SENTENCE = 400
"""Characters of a sentence that the suite did not write alone."""

NOTHING = "Nothing that counts could be judged."


@dataclass(frozen=True)
class Ungraded:
    """Why there is no run at all."""

    sentence: str
    by_hand_in: bool = False
    """Whether what was handed in could not be taken in or recognised; else the call, the machine
    or the suite is why."""
    lab: str = ""
    """The lab, where the call named it."""

    @property
    def told(self) -> str:
        """What a student reads."""
        told = _("This was not judged, which is no fault of yours: {why}")
        if self.by_hand_in:
            told = _("This could not be started, and was not judged: {why}")
        return told.format(why=plain(said(self.sentence)))


@dataclass(frozen=True)
class Scored:
    """A clause with its points."""

    verdict: Verdict
    strict: bool

    @property
    def name(self) -> str:
        """`4.1 hangs up after bye`."""
        words = f"{self.verdict.clause.number} {in_words(self.verdict.clause.scenario)}"
        return plain(words, MAX_NAME)

    @property
    def points(self) -> int | None:
        """What it has earned; None while that is open or hidden."""
        return self.verdict.points if self.verdict.counts else 0

    @property
    def possible(self) -> int:
        return self.verdict.possible

    @property
    def is_known(self) -> bool:
        """Whether its points are part of the sum."""
        return self.verdict.counts and self.points is not None

    @property
    def passed(self) -> bool:
        """Whether it is as it should be: by its points, where a teacher may have given them."""
        if self.verdict.counts:
            return self.points == self.possible
        return self.verdict.outcome is Outcome.PASSED

    @property
    def failed(self) -> bool:
        """Whether it has lost points."""
        return self.is_known and not self.passed

    @property
    def is_advice(self) -> bool:
        """Whether it does not hold, and costs nothing."""
        failed = self.verdict.outcome is Outcome.FAILED
        return failed and is_advice(self.verdict, strict=self.strict)

    @property
    def heading(self) -> str:
        """`hangs up after bye: 0 of 3 points`, in words that fit its outcome."""
        if self.is_known:
            told = score(self.points or 0, self.possible)
        elif self.verdict.counts:
            what = _("hidden") if self.verdict.is_hidden else _("still open")
            told = f"{what}, {said(counted(self.possible))}"
        else:
            told = _("advice, costs no points") if self.is_advice else _(palette.word(self.verdict))
        return f"{self.name}{_(': ')}{told}"

    @property
    def message(self) -> str:
        """Why it is not as it should be, in one line; "" where it is."""
        if self.passed and not self.verdict.corrected:
            return ""
        return disarm(message_and_text(self.verdict)[0])

    @property
    def text(self) -> str:
        """All that a student reads of it; of what passed its notes. Every line is finished, and no
        command to a runner."""
        if self.passed and not self.verdict.corrected:
            return "\n".join(plain(said(note)) for note in self.verdict.notes)
        account = message_and_text(self.verdict)[1].partition("\n\n")[2]  # below the message
        return account.rstrip("\n")


def scored(run: Run) -> list[Scored]:
    """All clauses, in their order."""
    run = in_language(run)
    ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
    return [Scored(_of_a_student(verdict), run.strict) for verdict in ordered]


def _of_a_student(verdict: Verdict) -> Verdict:
    """The verdict without what only the platform's own machine has: paths, and captures."""
    words: list[str] = []
    with contextlib.suppress(ValueError):  # a stored run may hold anything
        words = shlex.split(verdict.again) if verdict.again.startswith("conformance ") else []
    if len(words) > 2 and not words[2].startswith("--"):
        verdict = replace(verdict, again=shlex.join([*words[:2], SERVER, *words[3:]]))
    earlier = tuple(replace(attempt, capture="") for attempt in verdict.earlier)
    return replace(verdict.with_attempt(capture=""), earlier=earlier)


def points_of(clauses: Sequence[Scored]) -> tuple[int, int]:
    """Points earned, and points possible, of what is known."""
    known = [each for each in clauses if each.is_known]
    return sum(each.points or 0 for each in known), sum(each.possible for each in known)


def is_unsettled(run: Run) -> bool:
    """Whether something that counts could not be judged, or nothing of it is known here, so that a
    grade would be a guess. What is hidden was judged: the rest has a grade."""
    seen = [verdict for verdict in run.verdicts if not verdict.is_hidden]
    unjudged = any(v.points is None and (v.counts or is_open(v)) for v in seen)
    nothing = not points_of(scored(run))[1]
    return run.interrupted or unjudged or nothing


def overall(run: Run) -> Iterator[str]:
    """Sentences on the whole run."""
    clauses = scored(run)
    points, possible = points_of(clauses)
    begin = _("Not final: ") if is_unsettled(run) else ""
    yield f"{begin}{score(points, possible)}." if possible else _(NOTHING)
    if run.interrupted:
        yield _("The run was interrupted: clauses that are not listed were not judged.")
    unknown = [each for each in clauses if each.verdict.counts and not each.is_known]
    if is_out := [each for each in unknown if not each.verdict.is_hidden]:
        yield said(
            f"Still open, which is no fault of yours: {_numbers(is_out)}"
            f" ({counted(sum(each.possible for each in is_out))}, in no sum yet)."
        )
    if hidden := [each for each in unknown if each.verdict.is_hidden]:
        reason = said(hidden[0].verdict.attempt.reason).partition(";")[0]
        told = _("{reason}: {clauses} ({points}, in no sum here).")
        yield told.format(
            reason=reason[:1].upper() + reason[1:],
            clauses=_numbers(hidden),
            points=said(counted(sum(each.possible for each in hidden))),
        )
    for common in run.common:
        yield plain(said(common.told))
    if run.search is not None:
        yield plain(said(in_one_sentence(run.search)))


def plain(text: str, most: int = MAX_SENTENCE) -> str:
    """The text on one line, shortened, and no command to a runner."""
    return disarm(visible(shorten_middle(text, most)))


def put(path: Path, text: str) -> None:
    """Writes a document to its file; `-`: to stdout. Raises WrongCall if that fails."""
    if str(path) == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        put_in_place(path, text)


def _numbers(clauses: Sequence[Scored]) -> str:
    return ", ".join(each.verdict.clause.number for each in clauses)
