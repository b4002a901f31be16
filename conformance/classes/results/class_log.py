"""What is known of a class beside its runs: an event in its file for each thing.

DIR/class.jsonl    the class as it was graded, what a run must rest on, corrections, notes,
                   what went wrong
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from conformance.classes.file_names import in_short
from conformance.classes.model import Class, HandIn, Override, SymptomNote
from conformance.classes.parts import PartOfClass, in_parts
from conformance.classes.results.class_json import class_from_json, class_to_json
from conformance.verdict.events import Event, from_lines, to_line
from conformance.verdict.model import WrongCall

CLASS_FILE = "class.jsonl"
SCHEMA = "conformance.class/1"

LOGS = (".log", ".txt")
"""How files end that may stand in the folder before the class: a shell may write the output of the
grading there."""

Key = tuple[str, str]
"""Author and lab."""


class ClassLog:
    """The file of one class."""

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
        self.refresh()

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
