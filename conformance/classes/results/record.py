"""The run of one hand-in on disk: while it is being written, and read again.

A run is written beside the one that counts, with its evidence, and takes its place when it
has ended and can be read again as a whole. A killed grader leaves the former run, or none, and
parts that the next call removes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from conformance.verdict.events import Event, from_lines, replay, to_line
from conformance.verdict.model import Run, WrongCall

PART = ".part"


class Damaged(Exception):  # noqa: N818 - what the file is
    """A run that cannot be read: the sentence names the file."""


def read_run(file: Path) -> tuple[str, Run]:
    """What the run rests on (its fingerprint), and the run. Raises FileNotFoundError, Damaged."""
    try:
        with file.open(encoding="ascii") as lines:
            events = from_lines(lines)
            first = next(events, {})
            rests_on = str(first.get("fingerprint", "")) if first.get("event") == "hand-in" else ""
            return rests_on, replay(events if rests_on else chain([first], events))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(f"{file} cannot be read: {error.strerror}") from None
    except (WrongCall, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{file} is damaged: {error}") from None


def rests_on(file: Path) -> str:
    """The fingerprint of the run in `file`; "" where there is none to be read."""
    try:
        with file.open("rb") as lines:
            event = next(from_lines([lines.readline().decode("ascii")]), {})
        return str(event.get("fingerprint", ""))
    except (OSError, ValueError, WrongCall):
        return ""


class Record:
    """A run that is being written."""

    def __init__(self, file: Path, kept: Path, about: Event) -> None:
        """The run will be `file`, and its evidence the folder `kept`; `about` says whose it
        is, and what it rests on. Raises OSError."""
        self.file = file
        self._kept = kept
        self.fingerprint = str(about["fingerprint"])
        self._part = file.with_suffix(PART)
        self.evidence = kept.with_name(kept.name + PART)
        """Where its evidence goes meanwhile."""
        shutil.rmtree(self.evidence, ignore_errors=True)
        self.evidence.mkdir(parents=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._out = self._part.open("wb", buffering=0)
        self.write(about)

    def write(self, event: Event) -> None:
        """On disk (or with the kernel, which outlives us) before it returns. Raises OSError."""
        data = to_line(self._at_its_place(event)).encode("ascii")
        while data:  # a disk that fills up takes a part of it, and says so
            data = data[self._out.write(data) :]

    def _at_its_place(self, event: Event) -> Event:
        """The event, with its captures where they are once the run counts."""
        if event["event"] != "verdict":
            return event
        earlier = [self._moved(attempt) for attempt in event.get("earlier", ())]
        return {**self._moved(event), "earlier": earlier}

    def _moved(self, told: Mapping[str, object]) -> Event:
        capture, meanwhile = str(told.get("capture", "")), f"{self.evidence}{os.sep}"
        if not capture.startswith(meanwhile):
            return dict(told)
        return {**told, "capture": str(self._kept / capture.removeprefix(meanwhile))}

    def keep(self) -> Run:
        """Ends it: from here on it is the run that counts, as read again from the disk. Raises
        OSError, Damaged: then the former one still counts."""
        os.fsync(self._out.fileno())
        self._out.close()
        _, run = read_run(self._part)
        if run.interrupted:
            raise Damaged(f"{self._part} does not hold the whole run")
        shutil.rmtree(self._kept, ignore_errors=True)
        if any(self.evidence.iterdir()):
            self.evidence.rename(self._kept)
        else:
            _remove_empty(self.evidence)
        self._part.replace(self.file)
        return run

    def drop(self) -> None:
        """Gives it up, as it has not ended as it should: the former run still counts. Does nothing
        after `keep`."""
        self._out.close()
        self._part.unlink(missing_ok=True)
        shutil.rmtree(self.evidence, ignore_errors=True)
        _remove_empty(self.evidence)


def _remove_empty(folder: Path) -> None:
    """Removes the folder of a hand-in's evidence, and its author's, where they are empty."""
    for each in (folder, folder.parent):
        try:
            each.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return


def sweep(*folders: Path) -> None:
    """Removes what a killed grader left: parts of runs, and of evidence."""
    for folder in folders:
        for part in folder.glob(f"*/*{PART}"):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
                _remove_empty(part)
            else:
                part.unlink(missing_ok=True)
