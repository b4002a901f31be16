"""The results of a class on disk. Everything else is made from these events.

    DIR/class.jsonl              the class as it was graded, corrections, what went wrong
    DIR/runs/AUTHOR/LAB.jsonl    the events of the last whole run
    DIR/evidence/AUTHOR/LAB/     its captures

A run counts while its fingerprint is the wanted one: that of the latest hand-in, judged by the
class's current settings. A run of other work is no result.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conformance.classes.file_names import safe_name
from conformance.classes.model import HandIn, Override, Result
from conformance.classes.results.class_log import ClassLog, Key
from conformance.classes.results.corrections import apply_what_fits, total_that_fits
from conformance.classes.results.fingerprint import work_of
from conformance.classes.results.outlines import Outlines
from conformance.classes.results.record import Damaged, Record, read_run, rests_on, sweep
from conformance.classes.results.symptoms import notes_on
from conformance.verdict.events import Event
from conformance.verdict.model import Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import tally
from conformance.verdict.transcript import Transcript

RUNS = "runs"
EVIDENCE = "evidence"

NO_WORK = "none"
"""The work of a correction if nothing was handed in, or it is not clear what."""


class Ledger(ClassLog):
    """The folder of one class."""

    def __init__(self, folder: Path) -> None:
        self._latest: dict[Path, tuple[str, Run]] = {}
        """The run that was kept last, as `read_run` returns it: reports ask for it next."""
        self._outlines = Outlines()
        self._outlined: dict[Key, tuple[object, Result]] = {}
        """Outlines, each with all that it was made of."""
        super().__init__(folder)

    def _take(self, event: Event) -> None:
        super()._take(event)
        if event["event"] == "class":
            self._outlined.clear()

    @contextlib.contextmanager
    def grading(self) -> Iterator[None]:
        """Lets one grader in at a time. Raises WrongCall if another is at work."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".grading").open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WrongCall(f"somebody is grading into {self.folder} right now") from None
            self.refresh()
            yield

    @contextlib.contextmanager
    def rendering(self) -> Iterator[None]:
        """Lets one writer of reports in at a time, and reads the latest events."""
        with (self.folder / ".rendering").open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.refresh()
            yield

    # -- runs -------------------------------------------------------------------------

    def file(self, hand_in: HandIn) -> Path:
        """The file of its last complete run, if there is one."""
        return self.folder / RUNS / safe_name(hand_in.author) / f"{safe_name(hand_in.lab)}.jsonl"

    def evidence(self, hand_in: HandIn) -> Path:
        """The folder of its last complete run's evidence, if there is any."""
        return self.folder / EVIDENCE / safe_name(hand_in.author) / safe_name(hand_in.lab)

    def is_current(self, hand_in: HandIn) -> bool:
        """Whether its last complete run has the fingerprint that is wanted."""
        wanted = self._wanted_of(hand_in)
        return bool(wanted) and rests_on(self.file(hand_in)) == wanted

    def work(self, hand_in: HandIn) -> str:
        """Identifies what was handed in, however it is judged (see `fingerprint`)."""
        return work_of(self._wanted_of(hand_in)) or NO_WORK

    def _wanted_of(self, hand_in: HandIn) -> str:
        if hand_in.path is None or hand_in.problem:
            return ""
        return self.wanted.get((hand_in.author, hand_in.lab), "")

    def run(self, hand_in: HandIn) -> Run | None:
        """The run that counts, without corrections."""
        return self._current_run(hand_in)[0]

    def _current_run(self, hand_in: HandIn) -> tuple[Run | None, str]:
        """The run that counts; or None, and what is wrong with the file, if anything."""
        wanted = self._wanted_of(hand_in)
        file = self.file(hand_in)
        if not wanted:
            return None, ""
        try:
            fingerprint, run = self._latest.get(file) or read_run(file)
        except FileNotFoundError:
            return None, ""
        except Damaged as damage:
            return None, f"not graded: {damage}; the next call grades it again"
        return (None if fingerprint != wanted or run.interrupted else run), ""

    def result(self, hand_in: HandIn) -> Result:
        """The result, with corrections applied. Clauses that passed come without their
        conversations, to save memory."""
        run, damage = self._current_run(hand_in)
        outdated = self.outdated_corrections(hand_in)
        given = [o for o in self.given(hand_in) if o not in outdated]
        if run is not None:
            corrected, misfits = apply_what_fits(run, given)
            total, unfit = total_that_fits(given, tally(run.verdicts).possible, hand_in.lab)
            left_out = [
                f"a correction of {each.of} was left out: it was given to an earlier hand-in"
                for each in outdated
            ]
            notes = (*corrected.notes, *misfits, *unfit, *left_out)
            light = tuple(map(_light, corrected.verdicts))
            run = replace(corrected, verdicts=light, notes=notes)
            on_symptoms = notes_on(hand_in.lab, run, self.notes.values())
            return Result(hand_in, run, tuple(given), total=total, notes=on_symptoms)
        totals = [each for each in given if each.is_total]
        worth = self.worth(hand_in) if totals else 0
        total, unfit = total_that_fits(totals, worth, hand_in.lab)
        refused = False
        if hand_in.is_absent:
            told, blame = "nothing handed in", "student"
        elif hand_in.problem or damage:
            told, blame = hand_in.problem or damage, "suite"
        else:
            key, blame = (hand_in.author, hand_in.lab), "suite"
            told, refused = self.troubles.get(key, ("not graded yet", False))
        told = "; ".join([told, *unfit])
        return Result(
            hand_in, None, tuple(totals), trouble=told, blame=blame, total=total, refused=refused
        )

    def outline(self, hand_in: HandIn, result: Result | None = None) -> Result:
        """The result without its conversations. It is kept while what it rests on is the same, so
        that a class is read once. `result`: what `result` has just returned, where it has."""
        key = (hand_in.author, hand_in.lab)
        rests = self._rests_on(hand_in)
        known = self._outlined.get(key)
        if known is None or known[0] != rests:
            known = (rests, self._outlines.of(result or self.result(hand_in)))
            self._outlined[key] = known
        return known[1]

    def _rests_on(self, hand_in: HandIn) -> object:
        """All from which a result is made; its run, by the size and the time of its file."""
        key, stamp = (hand_in.author, hand_in.lab), None
        with contextlib.suppress(OSError):
            found = self.file(hand_in).stat()
            stamp = (found.st_size, found.st_mtime_ns, found.st_ino)
        notes = [note for note in self.notes.values() if note.lab == hand_in.lab]
        wanted, trouble = self.wanted.get(key), self.troubles.get(key)
        return hand_in, stamp, wanted, trouble, self.given(hand_in), notes

    def trouble_of(self, hand_in: HandIn) -> str:
        """Why it has no run although something was handed in; "" if that is not known."""
        if hand_in.problem:
            return hand_in.problem
        told, refused = self.troubles.get((hand_in.author, hand_in.lab), ("", False))
        return f"could not be started: {told}" if refused else told

    def worth(self, hand_in: HandIn) -> int:
        """The points that its lab is worth: by its run, else by the class; 0 if not known."""
        run = self.run(hand_in)
        if run is not None:
            return tally(run.verdicts).possible
        return next((plan.possible for plan in self.of.labs if plan.name == hand_in.lab), 0)

    def given(self, hand_in: HandIn) -> list[Override]:
        """Its corrections that were not withdrawn."""
        whose = (hand_in.author, hand_in.lab)
        return [each for each in self.overrides if (each.student, each.lab) == whose]

    def outdated_corrections(self, hand_in: HandIn) -> list[Override]:
        """Its corrections that were given to an earlier hand-in: they do not count."""
        work = self.work(hand_in)
        return [each for each in self.given(hand_in) if each.work and each.work != work]

    def record(self, hand_in: HandIn, fingerprint: str) -> Record:
        """Begins a new run of the hand-in. Raises OSError."""
        about = {"event": "hand-in", "author": hand_in.author, "lab": hand_in.lab}
        about["fingerprint"] = fingerprint
        return Record(self.file(hand_in), self.evidence(hand_in), about)

    def keep(self, record: Record) -> None:
        """Makes a run count that has ended. Raises OSError, Damaged."""
        run = record.keep()
        self._latest = {record.file: (record.fingerprint, run)}

    def sweep(self) -> None:
        """Removes what a killed grader left. Only to be called within `grading`."""
        sweep(self.folder / RUNS, self.folder / EVIDENCE)


def _light(verdict: Verdict) -> Verdict:
    if verdict.outcome is not Outcome.PASSED:
        return verdict
    return replace(verdict.with_attempt(transcript=Transcript()), earlier=())
