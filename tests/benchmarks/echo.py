"""A class of echo servers, MUST clauses and all clauses: wall time, and whose CPU time.

Whose it is, `metered` tells. The plain suite asks what the MUST clauses ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conformance.contract.catalog import load
from conformance.verdict.model import Level

from .grading import Graded, grade
from .handed_in import Press, Program, echoes, lab, take_turns
from .tables import Sizes, Table, say, times
from .xdist import Plain

USUAL = 100
FEW = {2: (4, 12), 0: (3, 6)}


def must() -> list[str]:
    """The MUST clauses that apply to an echo server of which nothing is known."""
    contract = load(())["echo"]
    parameters = contract.resolve("echo", {})
    return [
        scenario.clause.number
        for scenario in contract.scenarios_for(parameters)
        if scenario.level(parameters) is Level.MUST
    ]


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    programs = take_turns(echoes(), sizes.of(USUAL))
    press = Press(folder / "press")
    graded = {}
    for name, only in (("MUST clauses", must()), ("all clauses", ())):
        say(f"echo: {len(programs)} submissions, {name}")
        made = press.hand_in(programs, folder / name, lab("echo", only))
        graded[name] = grade(made, folder / f"{name}.out")
    yield wall(sizes, graded, programs, press, folder)
    yield cpu(sizes, graded)


def wall(
    sizes: Sizes,
    graded: dict[str, Graded],
    programs: list[Program],
    press: Press,
    folder: Path,
) -> Table:
    limits = {"MUST clauses": 60, "all clauses": 110}
    rows = [
        [
            f"conformance grade, {name}",
            f"{each.seconds:.1f} s",
            sizes.target(USUAL, each.seconds, under=limits[name]),
            "",
            f"{each.launches} launches; {each.found}",
        ]
        for name, each in graded.items()
    ]
    mine = graded["MUST clauses"].seconds
    for workers, target in ((16, 3.0), (2, 0.0), (0, 4.0)):
        plain = Plain("test_echo.py", workers)
        if workers in FEW:
            seconds, how = plain.extrapolated(programs, press, folder, FEW[workers])
        else:
            seconds, how = plain.seconds(programs, press, folder / "plain-all"), "measured"
        wanted = sizes.target(USUAL, seconds / mine, over=target) if target else ""
        rows.append([plain.name, f"{seconds:.1f} s", wanted, times(seconds / mine), how])
    return Table(
        f"{len(programs)} echo servers (Python, Java, Node)",
        ["", "wall time", "target", "of ours, MUST clauses", ""],
        rows,
    )


def cpu(sizes: Sizes, graded: dict[str, Graded]) -> Table:
    rows = [
        [
            name,
            times(each.ours / each.servers),
            sizes.target(USUAL, each.ours / each.servers, under=0.7),
            f"{each.ours:.1f} s",
            f"{each.servers:.1f} s",
            f"{1000 * each.ours / each.launches:.0f} ms",
            f"{1000 * each.servers / each.launches:.0f} ms",
        ]
        for name, each in graded.items()
    ]
    header = ["echo", "ours / servers'", "target", "ours", "servers'"]
    return Table("CPU time", [*header, "ours a launch", "servers' a launch"], rows)
