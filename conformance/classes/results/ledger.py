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
import io
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from conformance.classes.file_names import in_short, safe_name
from conformance.classes.model import Class, HandIn, Override, Result, SymptomNote
from conformance.classes.parts import PartOfClass, in_parts
from conformance.classes.results.class_json import class_from_json, class_to_json
from conformance.classes.results.corrections import apply_what_fits, total_that_fits
from conformance.classes.results.fingerprint import work_of
from conformance.classes.results.outlines import Outlines
from conformance.classes.results.record import Damaged, Record, read_run, rests_on, sweep
from conformance.classes.results.symptoms import notes_on
from conformance.verdict.events import Event, from_lines, to_line
from conformance.verdict.model import Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import tally
from conformance.verdict.transcript import Transcript

CLASS_FILE = "class.jsonl"
RUNS = "runs"
EVIDENCE = "evidence"
SCHEMA = "conformance.class/1"

LOGS = (".log", ".txt")
"""How files end that may stand in the folder before the class: a shell may write the output of the
grading there."""

NO_WORK = "none"
"""The work of a correction if nothing was handed in, or it is not clear what."""

Key = tuple[str, str]
"""Author and lab."""


class Ledger:
    """The folder of one class."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seed: int | None = None
        """The seed of all payloads of this class; None before it was graded."""
        self.overrides: list[Override] = []
        self.notes: dict[tuple[str, str], SymptomNote] = {}
        """The teacher's notes, by lab and symptom."""
        self.parts: tuple[PartOfClass, ...] = ()
        """The parts of the class that were graded into this folder, or merged; () for all of it."""
        self.merged = False
        """Whether those parts were merged: then reports are of the whole class."""
        self.judged_by: dict[str, str] = {}
        """What parts are judged by that others could differ in, by its name."""
        self.troubles: dict[Key, tuple[str, bool]] = {}
        """Why there is no run, and whether the hand-in could not be started."""
        self.wanted: dict[Key, str] = {}
        """The fingerprint that a run must have to count; "" where it is not known."""
        self._class: dict[str, Any] | None = None
        self._graded: Class | None = None
        """The class as read from that, once it was asked for."""
        self._read_bytes = 0
        """Bytes of the class's file that have been read."""
        self._latest: dict[Path, tuple[str, Run]] = {}
        """The run that was kept last, as `read_run` returns it: reports ask for it next."""
        self._outlines = Outlines()
        self._outlined: dict[Key, tuple[object, Result]] = {}
        """Outlines, each with all that it was made of."""
        self.refresh()

    # -- the class --------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads what others have recorded since, such as a correction during the grading. Raises
        WrongCall if the file is damaged."""
        with contextlib.suppress(FileNotFoundError), self._file.open("rb") as file:
            self._read_new(file)

    @property
    def _file(self) -> Path:
        return self.folder / CLASS_FILE

    def _read_new(self, file: BinaryIO) -> None:
        """Reads new lines that are complete."""
        if file.seek(0, io.SEEK_END) < self._read_bytes:
            self._read_bytes = 0  # the file was replaced
        file.seek(self._read_bytes)
        told = file.read()
        whole = told[: told.rfind(b"\n") + 1]
        try:
            for event in from_lines(whole.decode("ascii").splitlines()):
                self._take(event)
        except (WrongCall, ValueError, KeyError, TypeError) as error:
            raise WrongCall(f"{self._file} cannot be read: {error}") from None
        self._read_bytes += len(whole)

    def _take(self, event: Event) -> None:
        kind = event["event"]
        told = {name: value for name, value in event.items() if name != "event"}
        if kind == "class":
            if told["schema"] != SCHEMA:
                raise WrongCall(f"the class is of {told['schema']!r}; this suite reads {SCHEMA!r}")
            self.seed, self._class, self._graded = told["seed"], told["class"], None
            self._outlined.clear()
        elif kind == "wanted":
            for author, lab, fingerprint in told["of"]:
                self.wanted[author, lab] = fingerprint
                self.troubles.pop((author, lab), None)
        elif kind == "parts":
            self.parts = tuple(PartOfClass(of, number) for number, of in told["there"])
            self.merged, self.judged_by = told["merged"], told["judged_by"]
        elif kind == "override":
            given = Override(**told)
            self._remove_correction(given.student, given.lab, given.clause)
            self.overrides.append(given)
        elif kind == "withdrawal":
            self._remove_correction(told["student"], told["lab"], told["clause"])
        elif kind == "symptom-note":
            self.notes.pop((told["lab"], told["symptom"]), None)
            if told["text"]:
                self.notes[told["lab"], told["symptom"]] = SymptomNote(**told)
        elif kind == "trouble":
            # An older suite did not say which kind of trouble it was.
            trouble = (told["text"], bool(told.get("refused", False)))
            self.troubles[told["author"], told["lab"]] = trouble

    def _remove_correction(self, *what: str) -> None:
        self.overrides = [o for o in self.overrides if (o.student, o.lab, o.clause) != what]

    @property
    def of(self) -> Class:
        """The class as it was graded last. Raises WrongCall if there is none."""
        if self._class is None:
            raise WrongCall(f"{self.folder} holds no graded class: there is no {CLASS_FILE}")
        try:
            self._graded = self._graded or class_from_json(self._class)
            return self._graded
        except (KeyError, TypeError, ValueError) as error:
            raise WrongCall(f"{self._file} is damaged: {error!r}") from None

    @property
    def shown(self) -> Class:
        """The class as reports show it. Raises WrongCall if there is none."""
        return self.as_shown(self.of)

    def as_shown(self, graded: Class) -> Class:
        """The class as reports show it: of a folder for parts of it, who is in these."""
        return graded if self.merged else in_parts(graded, self.parts)

    def require_same(self, graded: Class) -> None:
        """Raises WrongCall if the folder holds another class, with which this one would be mixed
        up: the authors are all different, and the title or the place is, too; or if it holds files
        of somebody else, and no class."""
        if self._class is None:
            self._require_own_folder()
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

    def _require_own_folder(self) -> None:
        if self._file.exists() or not self.folder.is_dir():
            return
        others = sorted(
            path.name
            for path in self.folder.iterdir()
            if not path.name.startswith(".") and path.suffix not in LOGS
        )
        if others:
            raise WrongCall(
                f"{self.folder} holds other files and no results of a class ({in_short(others)}):"
                " grade into a new or an empty folder (--out)"
            )

    def begin(self, graded: Class, seed: int, wanted: Mapping[Key, str]) -> None:
        """Records that the class is graded as it is now. `wanted`: the fingerprint that a run must
        have to count, for each hand-in; "" if it is not known, so that no run counts."""
        of_class = {
            "event": "class",
            "schema": SCHEMA,
            "seed": seed,
            "class": class_to_json(graded),
        }
        (told,) = from_lines([to_line(of_class)])  # as it would be read again
        news = [[*key, of] for key, of in wanted.items() if self.wanted.get(key) != of]
        # Fingerprints come first: if we are killed in between, results are open, and no result is
        # that of former work.
        events: list[Event] = [{"event": "wanted", "of": news}] if news else []
        if (told["class"], seed) != (self._class, self.seed):
            events.append(told)
        if events:
            self._append(*events)

    def hold(
        self,
        parts: Collection[PartOfClass],
        *,
        merged: bool,
        judged_by: Mapping[str, str] | None = None,
    ) -> None:
        """Records which parts of the class this folder has, and what they are judged by."""
        new = (tuple(sorted(parts)), merged, dict(judged_by or {}))
        if new != (self.parts, self.merged, self.judged_by):
            there = [[part.number, part.of] for part in new[0]]
            told = {"there": there, "merged": merged, "judged_by": new[2]}
            self._append({"event": "parts", **told})

    def correct(self, override: Override) -> None:
        """Records a teacher's correction, which replaces an earlier one of the same thing."""
        self._append({"event": "override", **asdict(override)})

    def withdraw(self, override: Override, because: str, at: str) -> None:
        """Records that a correction is withdrawn. It no longer counts, but stays on record."""
        what = {"student": override.student, "lab": override.lab, "clause": override.clause}
        self._append({"event": "withdrawal", **what, "because": because, "at": at})

    def note(self, note: SymptomNote) -> None:
        """Records a teacher's note, which replaces an earlier one on the same symptom. One without
        a text takes the earlier one back."""
        told = {"lab": note.lab, "symptom": note.symptom, "text": note.text, "at": note.at}
        self._append({"event": "symptom-note", **told})

    def trouble(self, hand_in: HandIn, text: str, *, refused: bool = False) -> None:
        """Records why there is no run, which costs nothing. `refused`: it could not be started."""
        if self.troubles.get((hand_in.author, hand_in.lab)) != (text, refused):
            told = {"author": hand_in.author, "lab": hand_in.lab, "text": text}
            self._append({"event": "trouble", **told, "refused": refused})

    def _append(self, *events: Event) -> None:
        """Writes events to the disk, then takes them in. An incomplete line of a killed writer is
        removed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._read_new(file)
            file.truncate(self._read_bytes)
            file.write("".join(map(to_line, events)).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
            self._read_new(file)

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
