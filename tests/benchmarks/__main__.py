"""The benchmarks of the suite: what grading a class takes, beside what else one could do.

    python -m tests.benchmarks [NAME…] [--size N]

Each prints tables in Markdown, ratios first; how it goes on is told on stderr. They belong
on a quiet machine: nothing in a table tells what else ran meanwhile, but the line that
names the load at the beginning.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from conformance.session.forked import terminable

from . import (
    broken,
    check,
    echo,
    flat,
    lines,
    loaded,
    machines,
    memory,
    page,
    parts,
    real,
    same,
    scale,
    serving,
    streaming,
    timing,
    web,
)
from .machine import facts
from .tables import Sizes, Table

BENCHMARKS: dict[str, Callable[[Sizes, Path], Iterator[Table]]] = {
    "streaming": streaming.run,
    "memory": memory.run,
    "echo": echo.run,
    "broken": broken.run,
    "flat": flat.run,
    "timing": timing.run,
    "loaded": loaded.run,
    "same": same.run,
    "machines": machines.run,
    "serving": serving.run,
    "lines": lines.run,
    "page": page.run,
    "parts": parts.run,
    "real": real.run,
    "scale": scale.run,
    "check": check.run,
    "web": web.run,
}


@contextmanager
def folder_for(name: str) -> Iterator[Path]:
    """A folder for one benchmark, that other users can pass through: so sessions may."""
    with tempfile.TemporaryDirectory(prefix=f"benchmark-{name}-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        yield folder


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--size", type=click.IntRange(min=1), help="Submissions, instead of the usual.")
@click.option("--lines", type=click.IntRange(min=3), default=15, help="Lines of each stream.")
@click.option("--seconds", type=float, default=15.0, help="Seconds for each row of `timing`.")
@click.option("--loops", type=click.IntRange(min=0), help="Busy loops, instead of the usual.")
@click.option(
    "--starts", type=click.IntRange(min=1), help="Programs of `loaded` starting at a time."
)
def main(names: Sequence[str], **asked: Any) -> None:
    """Run the benchmarks NAME…, or all, one after another."""
    sizes = Sizes(**asked)
    click.echo(f"{facts()}\n")
    with terminable():
        for name in names or BENCHMARKS:
            with folder_for(name) as folder:
                for table in BENCHMARKS[name](sizes, folder):
                    click.echo(f"{table.markdown()}\n")


main()
