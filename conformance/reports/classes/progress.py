"""The progress of a grading: a bar on a terminal, plain lines elsewhere.

Neither starts a thread: the grading forks, and may have only one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from conformance.classes.file_names import in_short
from conformance.classes.model import Class, HandIn, Result
from conformance.reports.text import palette
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import MAX_WRAPPED, fit, shorten_middle, visible
from conformance.verdict.model import Outcome
from conformance.verdict.points import counted, tally

if TYPE_CHECKING:
    from conformance.classes.machines.presence import MachineWatcher

NAME = 40
"""Columns for the author of a hand-in."""

MAX_NAMES = 10
"""Names that are listed of the hand-ins that are repeated alone."""

REDRAW = 0.1
"""Seconds between two drawings of the bar at least, unless a hand-in has ended."""

WINDOW = 600.0
"""Seconds of the past from which the time left is estimated: hand-ins often end together."""


def progress(console: Console) -> MachineWatcher:
    """A bar if the screen can be redrawn, else a line for each hand-in."""
    # If a CI job asks for colours, rich takes it for a terminal, but it cannot redraw.
    screen = console.is_interactive and console.file.isatty()
    return Bars(console) if screen else Lines(console)


@dataclass
class _Count:
    todo: int = 0
    ended: int = 0
    failed: int = 0
    """Those that lost points."""
    open: int = 0
    """Those that could not be judged completely."""
    running: dict[tuple[str, str], None] = field(default_factory=dict)
    """Author and lab of each hand-in under way, in the order in which they started."""
    names: Mapping[str, str] = field(default_factory=dict)
    machines: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where each hand-in under way is judged, or was, if that is another machine."""

    def end(self, result: Result) -> None:
        self.running.pop((result.hand_in.author, result.hand_in.lab), None)
        self.ended += 1
        self.failed += _mark(result)[0] is Outcome.FAILED
        self.open += _mark(result)[0] is Outcome.INCONCLUSIVE


def _mark(result: Result) -> tuple[Outcome, str]:
    """The result of a hand-in, as an outcome and in words."""
    if result.total is not None:
        points, most = result.total.points, result.total.possible
        told = f"{points} of {most}, corrected by hand"
        return Outcome.PASSED if points == most else Outcome.FAILED, told
    if result.run is None:
        outcome = Outcome.FAILED if result.blame == "student" else Outcome.INCONCLUSIVE
        return outcome, result.told or "no result"
    total = tally(result.run.verdicts)
    told = f"{total.points} of {total.possible}"
    if total.provisional or result.run.interrupted or not total.possible:
        return Outcome.INCONCLUSIVE, f"{told}, provisional"
    return Outcome.PASSED if total.points == total.possible else Outcome.FAILED, told


def names_of(graded: Class) -> Mapping[str, str]:
    """Author -> name in the roster; of a group, the names of its members."""
    names: dict[str, list[str]] = {}
    for student in graded.students:
        name = student.name or (student.id if student.group else "")
        names.setdefault(graded.author_of(student), []).extend([name] if name else [])
    return {author: ", ".join(each) for author, each in names.items() if each}


def whose(author: str, names: Mapping[str, str]) -> str:
    """The author as a teacher reads it: the id, then the name."""
    told = shorten_middle(visible(author), NAME)
    name = names.get(author, "")
    same = name.casefold() == author.casefold()
    return told if not name or same else f"{told} ({shorten_middle(visible(name), NAME)})"


@dataclass
class _Follower:
    """The common part of both: counting, and the messages at the start and at the end."""

    console: Console
    _count: _Count = field(default_factory=_Count)

    def began(self, graded: Class, todo: int, current: int) -> None:
        self._count = _Count(todo, names=names_of(graded))
        title = f"{shorten_middle(visible(graded.title), NAME)}: " if graded.title else ""
        kept = f", {current} results still hold" if current else ""
        self._say(f"{title}{todo} to grade{kept}")

    def started(self, hand_in: HandIn) -> None:
        self._count.running[hand_in.author, hand_in.lab] = None

    def placed(self, hand_in: HandIn, machine: str) -> None:
        self._count.machines[hand_in.author, hand_in.lab] = machine

    def withdrawn(self, hand_in: HandIn) -> None:
        for known in (self._count.running, self._count.machines):
            known.pop((hand_in.author, hand_in.lab), None)

    def noticed(self, machine: str, told: str) -> None:
        shown = f"{shorten_middle(visible(machine), NAME)} " if machine else ""
        self._say(f"{shown}{shorten_middle(visible(told), MAX_WRAPPED)}")

    def judged(self, hand_in: HandIn) -> None:
        pass

    def ended(self, hand_in: HandIn, result: Result) -> None:
        self._count.end(result)

    def repeating_alone(self, waiting: int) -> None:
        shown = [
            f"{whose(author, self._count.names)} {shorten_middle(visible(lab), NAME)}"
            for author, lab in self._count.running
        ]
        told = in_short(shown, MAX_NAMES) or str(waiting)
        self._say(f"All else has ended; in doubt, and repeated alone: {told}")

    def _stopped(self) -> None:
        """Prints a message if not all hand-ins were graded."""
        ended, todo = self._count.ended, self._count.todo
        if ended < todo:
            self._say(f"Stopped after {ended} of {todo}; the next call goes on from here.")

    def _show(self, hand_in: HandIn, result: Result) -> None:
        """Prints the line of a hand-in that has ended."""
        outcome, told = _mark(result)
        number = f"{self._count.ended:>{len(str(self._count.todo))}}/{self._count.todo}"
        author = whose(hand_in.author, self._count.names)
        machine = self._count.machines.pop((hand_in.author, hand_in.lab), "")
        told = f"{told}, on {shorten_middle(visible(machine), NAME)}" if machine else told
        page = Page(width=self.console.width, encoding=self.console.encoding)
        show(self.console, page.line(
            f"  {number} ", (palette.MARKS[outcome], palette.COLOURS[outcome]),
            f" {author} {visible(hand_in.lab)} ", shorten_middle(visible(told), MAX_WRAPPED),
        ))  # fmt: skip

    def _say(self, text: str) -> None:
        show(self.console, Page(encoding=self.console.encoding).line(text))


@dataclass
class Lines(_Follower):
    """A line for each hand-in that has ended: for files and CI."""

    def ended(self, hand_in: HandIn, result: Result) -> None:
        super().ended(hand_in, result)
        self._show(hand_in, result)

    def closed(self) -> None:
        self._stopped()


@dataclass
class Bars(_Follower):
    """A bar with the numbers of hand-ins done, running, failed and open, and the time left. Above
    it, a line for each hand-in that could not be judged."""

    _drawn: float = 0.0
    _bar: Progress | None = None
    _task: TaskID | None = None
    _quiet: bool = False

    def began(self, graded: Class, todo: int, current: int) -> None:
        super().began(graded, todo, current)
        if not todo:
            return
        self._bar = Progress(
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=self.console,
            auto_refresh=False,  # it would need a thread
            redirect_stdout=False,
            redirect_stderr=False,
            speed_estimate_period=WINDOW,
            expand=True,
        )
        self._task = self._bar.add_task(self._told(), total=todo)
        self._bar.start()

    def started(self, hand_in: HandIn) -> None:
        super().started(hand_in)
        self._draw()

    def judged(self, hand_in: HandIn) -> None:
        self._draw()  # updates the time left

    def ended(self, hand_in: HandIn, result: Result) -> None:
        super().ended(hand_in, result)
        if self._bar and _mark(result)[0] is Outcome.INCONCLUSIVE:
            self._show(hand_in, result)
        self._draw(at_once=True)

    def repeating_alone(self, waiting: int) -> None:
        self._quiet = True
        if self._bar:
            super().repeating_alone(waiting)
        self._draw(at_once=True)

    def closed(self) -> None:
        if self._bar is None:
            return
        self._draw(at_once=True)
        self._bar.stop()
        self._bar = None
        self._stopped()

    def _told(self) -> str:
        count = self._count
        running = f"{len(count.running)} running" + (" alone" if self._quiet else "")
        machines = len({count.machines[key] for key in count.running if key in count.machines})
        running += f" on {counted(machines, 'machine')}" if machines else ""
        words = [running, f"{count.failed} failed", f"{count.open} open"]
        return fit(" · ".join(words), self.console.encoding)

    def _draw(self, *, at_once: bool = False) -> None:
        if self._bar is None or self._task is None:
            return
        now = self.console.get_time()
        if not at_once and now - self._drawn < REDRAW:
            return
        self._drawn = now
        self._bar.update(self._task, completed=self._count.ended, description=self._told())
        self._bar.refresh()
