"""What has become of a class, on disk: the truth is in the events, all else is made of them.

    DIR/class.jsonl              the class as it was graded, corrections, what went wrong
    DIR/runs/AUTHOR/LAB.jsonl    the events of the last whole run
    DIR/evidence/AUTHOR/LAB/     its captures

A run counts while it rests on what is wanted: what was handed in when the class was graded
last, judged as the class asks for. A run of other work is no result.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from conformance.classes.file_names import safe_name
from conformance.classes.model import Class, HandIn, Override, Result
from conformance.classes.results.class_json import class_from_json, class_to_json
from conformance.classes.results.corrections import apply_what_fits, total_that_fits
from conformance.classes.results.fingerprint import work_of
from conformance.classes.results.record import Damaged, Record, read_run, rests_on, sweep
from conformance.verdict.events import Event, from_lines, to_line
from conformance.verdict.model import Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import tally
from conformance.verdict.transcript import Transcript

CLASS_FILE = "class.jsonl"
RUNS = "runs"
EVIDENCE = "evidence"
SCHEMA = "conformance.class/1"

NO_WORK = "none"
"""What a correction is of where nothing was handed in, or nobody can tell what."""

Key = tuple[str, str]
"""Author and lab."""


class Ledger:
    """One class's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seed: int | None = None
        """The seed of all payloads of this class; None until it was graded."""
        self.overrides: list[Override] = []
        self._troubles: dict[Key, tuple[str, bool]] = {}
        """Why there is no run, and whether what was handed in could not be started."""
        self._wanted: dict[Key, str] = {}
        self._class: dict[str, Any] | None = None
        self._heard = 0
        """Bytes of the class's file that have been taken in."""
        self._latest: dict[Path, tuple[str, Run]] = {}
        """The run that was kept last, as `read_run` gives it: several reports ask for it at
        once."""
        self.refresh()

    # -- the class --------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads what others have recorded since, such as a correction while the class is graded.
        Raises WrongCall where the file is damaged."""
        with contextlib.suppress(FileNotFoundError), self._file.open("rb") as file:
            self._hear(file)

    @property
    def _file(self) -> Path:
        return self.folder / CLASS_FILE

    def _hear(self, file: BinaryIO) -> None:
        """Reads the whole lines that are new."""
        if file.seek(0, io.SEEK_END) < self._heard:
            self._heard = 0  # it is another file
        file.seek(self._heard)
        told = file.read()
        whole = told[: told.rfind(b"\n") + 1]
        try:
            for event in from_lines(whole.decode("ascii").splitlines()):
                self._take(event)
        except (WrongCall, ValueError, KeyError, TypeError) as error:
            raise WrongCall(f"{self._file} cannot be read: {error}") from None
        self._heard += len(whole)

    def _take(self, event: Event) -> None:
        kind = event["event"]
        told = {name: value for name, value in event.items() if name != "event"}
        if kind == "class":
            if told["schema"] != SCHEMA:
                raise WrongCall(f"the class is of {told['schema']!r}; this suite reads {SCHEMA!r}")
            self.seed, self._class = told["seed"], told["class"]
        elif kind == "wanted":
            for author, lab, fingerprint in told["of"]:
                self._wanted[author, lab] = fingerprint
                self._troubles.pop((author, lab), None)
        elif kind == "override":
            given = Override(**told)
            self._forget(given.student, given.lab, given.clause)
            self.overrides.append(given)
        elif kind == "withdrawal":
            self._forget(told["student"], told["lab"], told["clause"])
        elif kind == "trouble":
            # An older suite did not say which kind of trouble it was.
            trouble = (told["text"], bool(told.get("refused", False)))
            self._troubles[told["author"], told["lab"]] = trouble

    def _forget(self, *what: str) -> None:
        """No correction of that (student, lab, clause) is in force any longer."""
        self.overrides = [o for o in self.overrides if (o.student, o.lab, o.clause) != what]

    @property
    def of(self) -> Class:
        """The class as it was graded last. Raises WrongCall where there is none."""
        if self._class is None:
            raise WrongCall(f"{self.folder} holds no graded class: there is no {CLASS_FILE}")
        try:
            return class_from_json(self._class)
        except (KeyError, TypeError, ValueError) as error:
            raise WrongCall(f"{self._file} is damaged: {error!r}") from None

    def require_same(self, graded: Class) -> None:
        """Raises WrongCall where the folder holds another class: nobody of this one is in
        it, and its title or its place is another. The two would be mixed."""
        if self._class is None:
            return
        former = self.of
        ours, theirs = ({h.author for h in c.hand_ins} for c in (graded, former))
        if not ours or not theirs or ours & theirs:
            return
        here, there = ({h.path.parent for h in c.hand_ins if h.path} for c in (graded, former))
        if graded.title != former.title or not here & there:
            raise WrongCall(
                f"{self.folder} holds another class, {former.title!r}, with nobody of this one:"
                " grade into another folder (--out)"
            )

    def begin(self, graded: Class, seed: int, wanted: Mapping[Key, str]) -> None:
        """The class is graded, as it is now. `wanted`: what a run has to rest on to count,
        for each hand-in; "" where that cannot be told, so that none does."""
        told = class_to_json(graded)
        news = [[*key, of] for key, of in wanted.items() if self._wanted.get(key) != of]
        # What is wanted comes first: if we are killed in between, results are open, and none is
        # of former work.
        events: list[Event] = [{"event": "wanted", "of": news}] if news else []
        if (told, seed) != (self._class, self.seed):
            events.append({"event": "class", "schema": SCHEMA, "seed": seed, "class": told})
        if events:
            self._append(*events)

    def correct(self, override: Override) -> None:
        """Records a teacher's correction; a later one of the same thing replaces it."""
        self._append({"event": "override", **asdict(override)})

    def withdraw(self, override: Override, because: str, at: str) -> None:
        """Records that a correction is withdrawn: it no longer counts, and stays on record."""
        what = {"student": override.student, "lab": override.lab, "clause": override.clause}
        self._append({"event": "withdrawal", **what, "because": because, "at": at})

    def trouble(self, hand_in: HandIn, text: str, *, refused: bool = False) -> None:
        """Records why there is no run of it, which costs no points. `refused`: what was
        handed in could not be started."""
        if self._troubles.get((hand_in.author, hand_in.lab)) != (text, refused):
            told = {"author": hand_in.author, "lab": hand_in.lab, "text": text}
            self._append({"event": "trouble", **told, "refused": refused})

    def _append(self, *events: Event) -> None:
        """Writes to the disk before anything else changes. A line that a killed writer left
        unfinished is removed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._hear(file)
            file.truncate(self._heard)
            file.write("".join(map(to_line, events)).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
            self._hear(file)

    @contextlib.contextmanager
    def ours(self) -> Iterator[None]:
        """One grader at a time. Raises WrongCall where another is at work."""
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
        """One writer of reports at a time (a correction and a grader wait for each other),
        which knows all that has been recorded."""
        with (self.folder / ".rendering").open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.refresh()
            yield

    # -- runs -------------------------------------------------------------------------

    def file(self, hand_in: HandIn) -> Path:
        """Where its last whole run is, if there is one."""
        return self.folder / RUNS / safe_name(hand_in.author) / f"{safe_name(hand_in.lab)}.jsonl"

    def is_current(self, hand_in: HandIn) -> bool:
        """Whether its last whole run is of what is wanted."""
        wanted = self._wanted_of(hand_in)
        return bool(wanted) and rests_on(self.file(hand_in)) == wanted

    def work(self, hand_in: HandIn) -> str:
        """What was handed in, apart from how it is judged (see `fingerprint`)."""
        return work_of(self._wanted_of(hand_in)) or NO_WORK

    def _wanted_of(self, hand_in: HandIn) -> str:
        if hand_in.path is None or hand_in.problem:
            return ""
        return self._wanted.get((hand_in.author, hand_in.lab), "")

    def run(self, hand_in: HandIn) -> Run | None:
        """The run that counts, as it was judged."""
        return self._standing(hand_in)[0]

    def _standing(self, hand_in: HandIn) -> tuple[Run | None, str]:
        """The run that counts; else what is wrong with the one that is there."""
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
        """What became of it, corrections applied. What passed comes without its
        conversation: a class of them all has to find room in memory."""
        run, damage = self._standing(hand_in)
        outlived = self.outlived(hand_in)
        given = [o for o in self.given(hand_in) if o not in outlived]
        if run is not None:
            corrected, misfits = apply_what_fits(run, given)
            total, unfit = total_that_fits(given, tally(run.verdicts).possible, hand_in.lab)
            left_out = [
                f"a correction of {each.of} was left out: it was given to an earlier hand-in"
                for each in outlived
            ]
            notes = (*corrected.notes, *misfits, *unfit, *left_out)
            light = tuple(map(_light, corrected.verdicts))
            run = replace(corrected, verdicts=light, notes=notes)
            return Result(hand_in, run, tuple(given), total=total)
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
            told, refused = self._troubles.get(key, ("not graded yet", False))
        told = "; ".join([told, *unfit])
        return Result(
            hand_in, None, tuple(totals), trouble=told, blame=blame, total=total, refused=refused
        )

    def worth(self, hand_in: HandIn) -> int:
        """The points that its lab is worth in this class: as its run says, else as the class
        does; 0 where nobody knows."""
        run = self.run(hand_in)
        if run is not None:
            return tally(run.verdicts).possible
        return next((plan.possible for plan in self.of.labs if plan.name == hand_in.lab), 0)

    def given(self, hand_in: HandIn) -> list[Override]:
        """The corrections of it that have not been withdrawn."""
        whose = (hand_in.author, hand_in.lab)
        return [each for each in self.overrides if (each.student, each.lab) == whose]

    def outlived(self, hand_in: HandIn) -> list[Override]:
        """The corrections of it that were given to an earlier hand-in: they do not count."""
        work = self.work(hand_in)
        return [each for each in self.given(hand_in) if each.work and each.work != work]

    def record(self, hand_in: HandIn, fingerprint: str) -> Record:
        """A new run of it begins. Raises OSError."""
        kept = self.folder / EVIDENCE / safe_name(hand_in.author) / safe_name(hand_in.lab)
        about = {"event": "hand-in", "author": hand_in.author, "lab": hand_in.lab}
        return Record(self.file(hand_in), kept, {**about, "fingerprint": fingerprint})

    def keep(self, record: Record) -> None:
        """A run has ended, and counts from here on. Raises OSError, Damaged."""
        run = record.keep()
        self._latest = {record.file: (record.fingerprint, run)}

    def sweep(self) -> None:
        """Removes what a killed grader left. Only for the one grader at work (`ours`)."""
        sweep(self.folder / RUNS, self.folder / EVIDENCE)


def _light(verdict: Verdict) -> Verdict:
    if verdict.outcome is not Outcome.PASSED:
        return verdict
    return replace(verdict.with_attempt(transcript=Transcript()), earlier=())
