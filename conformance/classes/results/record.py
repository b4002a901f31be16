"""The run of one hand-in on disk: writing it, and reading it again.

A new run is written beside the one that counts. It replaces that one, with its evidence, when it
has ended and can be read completely. A killed grader leaves the former run, if any, and parts that
the next call removes.
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


class Damaged(Exception):  # noqa: N818 - it describes the file
    """A run that cannot be read. The message names the file."""


def read_run(file: Path) -> tuple[str, Run]:
    """The run, and its fingerprint before it. Raises FileNotFoundError, Damaged."""
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
    """The fingerprint of the run in `file`; "" if it cannot be read."""
    try:
        with file.open("rb") as lines:
            event = next(from_lines([lines.readline().decode("ascii")]), {})
        return str(event.get("fingerprint", ""))
    except (OSError, ValueError, WrongCall):
        return ""


class Record:
    """A run that is being written."""

    def __init__(self, file: Path, kept: Path, about: Event) -> None:
        """`file` and the folder `kept` will hold the run and its evidence. `about` is its first
        event: whose it is, and its fingerprint. Raises OSError."""
        self.file = file
        self._kept = kept
        self.fingerprint = str(about["fingerprint"])
        self._part = file.with_suffix(PART)
        self.evidence = kept.with_name(kept.name + PART)
        """The folder of its evidence until it counts."""
        shutil.rmtree(self.evidence, ignore_errors=True)
        self.evidence.mkdir(parents=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._out = self._part.open("wb", buffering=0)
        self.write(about)

    def write(self, event: Event) -> None:
        """Writes an event, so that it outlives this process. Raises OSError."""
        data = to_line(self._at_its_place(event)).encode("ascii")
        while data:  # a full disk takes a part, then raises
            data = data[self._out.write(data) :]

    def _at_its_place(self, event: Event) -> Event:
        """The event, with the paths that its captures have once the run counts."""
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
        """Ends the run, and makes it the one that counts. Returns it as read from the disk. Raises
        OSError or Damaged: then the former run still counts."""
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
        """Removes the unfinished run: the former one still counts. Does nothing after `keep`."""
        self._out.close()
        self._part.unlink(missing_ok=True)
        shutil.rmtree(self.evidence, ignore_errors=True)
        _remove_empty(self.evidence)


def _remove_empty(folder: Path) -> None:
    """Removes the folder of a hand-in's evidence, and its author's, if they are empty."""
    for each in (folder, folder.parent):
        try:
            each.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return


def sweep(*folders: Path) -> None:
    """Removes unfinished runs and evidence that a killed grader left."""
    for folder in folders:
        for part in folder.glob(f"*/*{PART}"):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
                _remove_empty(part)
            else:
                part.unlink(missing_ok=True)
