"""What students may see, and how often they may try: [feedback] in class.toml, or a file by itself.

    [feedback]
    reveal = "hints"                # what students may read: points, evidence or hints
    hidden = ["4.2", "5"]           # clauses or sections whose verdicts they do not see
    show_hidden = "deadline"        # until then: deadline, published, never
    cooldown = "10m"                # from one try to the next: 90s, 10m, 2h
    attempts_per_day = 6            # tries within 24 hours

A file by itself (feedback.toml, for one run) has these keys without the heading, and `deadline`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conformance.classes.model import Feedback, LabPlan, Reveal, ShowHidden
from conformance.classes.results.granted import read_grants
from conformance.classes.tables import Table
from conformance.verdict.model import Clause, WrongCall, order_of

KEYS = ("reveal", "hidden", "show_hidden", "cooldown", "attempts_per_day")
ALONE = (*KEYS, "deadline")
"""The keys of a file by itself."""

DAY = timedelta(days=1)
MOST_ATTEMPTS = 1_000
_TIME = re.compile(r"(\d{1,5})(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600}


@dataclass(frozen=True)
class Rules:
    """What holds for one run."""

    reveal: Reveal = Reveal.HINTS
    feedback: Feedback = field(default_factory=Feedback)
    hidden: tuple[str, ...] = ()
    """The clauses and sections that are hidden in this lab."""
    deadline: datetime | None = None
    """That of the lab, with its time zone; None if there is none."""
    extended: datetime | None = None
    """When the last extension of it ends; None if there is none. It is somebody's own: no student
    reads it."""

    def hides(self, number: str) -> bool:
        """Whether the clause of this number is one that is hidden."""
        return any(number == part or number.startswith(f"{part}.") for part in self.hidden)

    def is_shown(self, now: datetime) -> bool:
        """Whether students see by now what was hidden. Without a deadline, they never do."""
        if self.feedback.show_hidden is not ShowHidden.DEADLINE or self.deadline is None:
            return False
        return now > max(self.deadline, self.extended or self.deadline)


def read_table(value: Any, where: str) -> tuple[Feedback, Reveal | None]:
    """The table [feedback] of a class file, and what it reveals; None if it does not say so. Raises
    WrongCall."""
    return _read(Table(value, where, KEYS))


def read_reveal(table: Table) -> Reveal | None:
    """How much a table reveals; None if it does not say so. Raises WrongCall."""
    if table.get("reveal") is None:
        return None
    return Reveal(table.choice("reveal", Reveal.HINTS, tuple(Reveal)))


def _read(table: Table) -> tuple[Feedback, Reveal | None]:
    show = table.choice("show_hidden", ShowHidden.DEADLINE, tuple(ShowHidden))
    feedback = Feedback(
        hidden=table.words("hidden"),
        show_hidden=ShowHidden(show),
        cooldown=_seconds(table),
        attempts_per_day=_attempts(table),
    )
    return feedback, read_reveal(table)


def read_rules(path: Path, lab: str) -> Rules:
    """What a feedback.toml, or the class file at `path`, says about a run of `lab`. Raises
    WrongCall."""
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise WrongCall(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise WrongCall(f"{path} is not TOML: {error}") from None
    if "lab" not in values and "feedback" not in values:
        table = Table(values, path.name, ALONE)
        feedback, reveal = _read(table)
        return Rules(reveal or Reveal.HINTS, feedback, feedback.hidden, table.time("deadline"))
    feedback, reveal = read_table(values.get("feedback", {}), f"{path.name}, [feedback]")
    reveal = reveal or read_reveal(Table(values, path.name, tuple(values)))
    plans = values.get("lab", [])
    for plan in plans if isinstance(plans, list) else []:
        if isinstance(plan, dict) and plan.get("name") == lab:
            table = Table(plan, f"{path.name}, lab {lab}", tuple(plan))
            hidden = (*feedback.hidden, *table.words("hidden"))
            deadline = table.time("deadline")
            extended = _last_extension(Table(values, path.name, tuple(values)), lab)
            return Rules(reveal or Reveal.HINTS, feedback, hidden, deadline, extended)
    if plans:
        raise WrongCall(f"{path.name} has no [[lab]] with the name {lab}")
    return Rules(reveal or Reveal.HINTS, feedback, feedback.hidden)


def _last_extension(table: Table, lab: str) -> datetime | None:
    """When the last extension of the lab ends that a class file grants. Raises WrongCall."""
    plans = []
    for plan in table.get("lab", []):
        if isinstance(plan, dict):
            own = Table(plan, f"{table.where}, [[lab]]", tuple(plan))
            plans.append(LabPlan(own.text("name"), deadline=own.time("deadline")))
    asked = read_grants(table, plans)
    return max((each.until for each in asked if each.lab == lab and each.until), default=None)


def require_clauses(hidden: Sequence[str], clauses: Sequence[Clause], where: str) -> None:
    """Raises WrongCall if one of `hidden` is no clause and no section."""
    for part in hidden:
        if not any(clause.within(part) for clause in clauses):
            known = ", ".join(sorted({clause.number for clause in clauses}, key=order_of))
            raise WrongCall(f"{where}: `hidden` names {part!r}; there are only {known}")


def next_try(feedback: Feedback, earlier: Sequence[datetime], now: datetime) -> datetime | None:
    """When the student may try again; None if that is now. `earlier`: the tries before this one."""
    allowed = [now]
    if feedback.cooldown and earlier:
        allowed.append(max(earlier) + timedelta(seconds=feedback.cooldown))
    if feedback.attempts_per_day:
        latest = sorted(earlier, reverse=True)[: feedback.attempts_per_day]
        if len(latest) == feedback.attempts_per_day:
            allowed.append(latest[-1] + DAY)
    return max(allowed) if max(allowed) > now else None


def told_wait(feedback: Feedback, when: datetime) -> str:
    """The sentence for a student who has to wait until then."""
    limits = []
    if feedback.cooldown:
        limits.append(f"{_in_words(feedback.cooldown)} between two tries")
    if feedback.attempts_per_day:
        limits.append(f"at most {feedback.attempts_per_day} in 24 hours")
    at = when.isoformat(sep=" ", timespec="seconds")
    return (
        f"This hand-in was not judged: the next try is possible from {at} on"
        f" ({' and '.join(limits)}). Until then the former result stands."
    )


def _in_words(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min" if minutes and not rest else f"{int(seconds)} s"


def _seconds(table: Table) -> float:
    text = table.text("cooldown")
    found = _TIME.fullmatch(text)
    if text and not found:
        raise table.wrong("cooldown", "a time like 90s, 10m or 2h", text)
    return float(int(found[1]) * _SECONDS[found[2]]) if found else 0.0


def _attempts(table: Table) -> int:
    value = table.get("attempts_per_day", 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_ATTEMPTS:
        raise table.wrong("attempts_per_day", f"a whole number from 0 to {MOST_ATTEMPTS}", value)
    return value
