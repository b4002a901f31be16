"""What a class was judged with: suites, tiers, clocks, and the parameters of each lab. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.classes.model import Class, Result
from conformance.reports.run.cadence import clock
from conformance.verdict.model import Run
from conformance.verdict.points import counted

MAX_KINDS = 6
"""Values that are listed of one thing: a class is graded with few."""


def provenance(graded: Class, results: Iterable[Result]) -> Sequence[tuple[str, str]]:
    """What it was, and its value, in the order in which it is read. Where hand-ins differ, each
    value has how many of them."""
    runs = [result.run for result in results if result.run is not None]
    told = [
        ("suite", _values(f"conformance {run.suite}" for run in runs)),
        ("isolation (tier)", _values(run.tier for run in runs)),
        ("clock", _values(_clock(run) for run in runs)),
        ("network", _values(run.network for run in runs)),
        ("graded", _when(runs)),
        ("seed", _values(str(run.seed) for run in runs)),
    ]
    told += [(f"lab {plan.name}", "; ".join(_lab(graded, plan.name, runs))) for plan in graded.labs]
    return [(name, value) for name, value in told if value]


def _values(found: Iterable[str]) -> str:
    numbers = Counter(filter(None, found))
    told = [
        value if len(numbers) == 1 else f"{value} ({counted(number, 'run')})"
        for value, number in numbers.most_common(MAX_KINDS)
    ]
    more = [f"and {len(numbers) - MAX_KINDS} more"] if len(numbers) > MAX_KINDS else []
    return "; ".join([*told, *more])


def _clock(run: Run) -> str:
    """By which clock its conversations were timed; "" where none was kept."""
    held = [verdict.attempt.transcript for verdict in run.verdicts]
    kept = next((transcript for transcript in held if len(transcript)), None)
    return clock(kept).partition(":")[0].rstrip(".") if kept is not None else ""


def _when(runs: Sequence[Run]) -> str:
    """From the first day to the last, UTC."""
    days = sorted({run.started[:10] for run in runs if run.started})
    return f"{' to '.join(dict.fromkeys([days[0], days[-1]]))} (UTC)" if days else ""


def _lab(graded: Class, lab: str, runs: Iterable[Run]) -> Iterator[str]:
    plan = next(plan for plan in graded.labs if plan.name == lab)
    settings: Mapping[str, object] = next(
        (run.parameters for run in runs if run.lab == lab), plan.settings
    )
    yield ", ".join(f"{name} = {value}" for name, value in settings.items()) or "default parameters"
    if plan.only:
        yield f"only {plan.only}"
    if plan.counts:
        yield f"of the SHOULD clauses count {', '.join(plan.counts)}"
    if len(graded.labs) > 1:
        yield f"weight {plan.weight:g}"
