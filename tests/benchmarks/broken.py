"""A class of echo servers of which half are broken, beside one of the same size that are right.

Where the time goes is told by kind of fault: what was spent in sessions, first and repeated, and
alone, while the whole machine waited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path

from .breakages import BREAKAGES
from .echo import must
from .grading import Graded, grade
from .handed_in import Press, author, echoes, lab, take_turns
from .tables import Sizes, Table, say, times

USUAL = 100
RIGHT = "right"


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size = sizes.of(USUAL)
    press = Press(folder / "press")
    right = take_turns(echoes(), size)
    # Broken and right ones in turns, as in any class.
    kinds = [BREAKAGES[number % len(BREAKAGES)] for number in range(size // 2)]
    pairs = zip_longest(((RIGHT, one) for one in right[: size - len(kinds)]), [
        (kind.name, kind.program()) for kind in kinds
    ])  # fmt: skip
    mixed = [each for each in chain.from_iterable(pairs) if each is not None]
    names = {author(number): name for number, (name, _) in enumerate(mixed)}
    rows, tables = [], []
    for clauses, only in (("MUST clauses", must()), ("all clauses", ())):
        graded = {}
        for name, programs in ((RIGHT, right), ("broken", [program for _, program in mixed])):
            say(f"broken: {len(programs)} submissions, {clauses}, {name}")
            here = f"{name}, {clauses}"
            made = press.hand_in(programs, folder / here, lab("echo", only))
            graded[name] = grade(made, folder / f"{here}.out")
        rows.append(_row(sizes, clauses, graded[RIGHT], graded["broken"]))
        tables.append(where_it_goes(clauses, graded["broken"], names))
    yield Table(
        f"{size} echo servers, all right, and half of them broken",
        [
            *("", "wall time, of the right class", "target", "CPU time, of the right class"),
            *("right", "half broken", "CPU", "CPU, half broken"),
        ],
        rows,
    )
    yield from tables


def _row(sizes: Sizes, clauses: str, right: Graded, broken: Graded) -> list[str]:
    ratio = broken.seconds / right.seconds
    cpu = [each.ours + each.servers for each in (right, broken)]
    return [
        clauses, times(ratio), sizes.target(USUAL, ratio, under=3.0), times(cpu[1] / cpu[0]),
        f"{right.seconds:.1f} s", f"{broken.seconds:.1f} s", *(f"{each:.1f} s" for each in cpu),
    ]  # fmt: skip


def where_it_goes(clauses: str, graded: Graded, names: dict[str, str]) -> Table:
    """The sessions of a class, by kind of fault."""
    by_kind = defaultdict(list)
    for session in graded.sessions:
        by_kind[names[session.whose]].append(session)
    people = defaultdict(set)
    for whose, name in names.items():
        people[name].add(whose)

    def seconds(sessions: Sequence[object]) -> float:
        return sum(each.ended - each.began for each in sessions)  # type: ignore[attr-defined]

    def row(name: str, each: Sequence[object]) -> list[str]:
        count = len(people[name]) if name in people else len(names)
        again = [s for s in each if s.repeats and not s.exclusive]  # type: ignore[attr-defined]
        alone = [s for s in each if s.exclusive]  # type: ignore[attr-defined]
        return [
            name,
            f"{seconds(each) / count:.1f} s",
            f"{seconds(again) / count:.1f} s",
            f"{seconds(alone):.1f} s",
            f"{len(each) / count:.1f}",
            f"{len(again) / count:.1f}",
            str(len(alone)),
        ]

    most = sorted(by_kind, key=lambda name: -seconds(by_kind[name]) / len(people[name]))
    first = min(s.began for s in graded.sessions)
    shared = [s for s in graded.sessions if not s.exclusive]
    last = max(s.ended for s in shared) - first
    whole = max(s.ended for s in graded.sessions) - first
    return Table(
        f"Where it goes, {clauses}: sessions of each hand-in, by what is wrong with it",
        ["", "seconds each", "repeats", "alone, together", "sessions each", "repeats", "alone"],
        [row("all", graded.sessions), *(row(name, by_kind[name]) for name in most)],
        [f"After {last:.1f} s of {whole:.1f} only what had to be alone was left."],
    )
