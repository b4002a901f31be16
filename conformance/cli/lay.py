"""`conformance lay`: the files of a lab, for a student who tries by hand."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from conformance.cli.options import LABS, SETTINGS
from conformance.cli.output import say, speaking_plainly


@click.command()
@click.argument("lab")
@click.option(
    "--into",
    "folder",
    metavar="DIR",
    default=".",
    type=click.Path(path_type=Path),
    help="The folder in which the server will be started; by default the current one.",
)
@click.option("--seed", type=int, help="As a report says it: the very files of that run.")
@click.option("--replace", is_flag=True, help="Takes away what stands there under these names.")
@SETTINGS
@LABS
def lay(
    lab: str,
    folder: Path,
    seed: int | None,
    replace: bool,
    settings: tuple[str, ...],
    labs: tuple[Path, ...],
) -> None:
    """Lay the files that the suite lays for a server of LAB, to try it by hand."""
    from conformance.contract.catalog import load
    from conformance.contract.laid import laid_for
    from conformance.run.prepare import new_seed, read_settings
    from conformance.session import laying
    from conformance.verdict.model import WrongCall

    with speaking_plainly():
        found = load(labs)[lab]
        parameters = found.resolve(lab, read_settings(settings))
        seed = new_seed() if seed is None else seed
        laid = laid_for(found.lays, parameters, seed)
        if not laid:
            raise WrongCall(f"the suite lays nothing for a server of {lab}")
        tops = list(dict.fromkeys(path.split("/")[0] for path in laid))
        there = [name for name in tops if os.path.lexists(folder / name)]
        if there and not replace:
            raise WrongCall(
                f"{', '.join(there)} is in {folder} already: name another folder by --into, or"
                " take it away by --replace"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            laying.clear(folder, laid)
            laying.lay(folder, laid)
        except OSError as error:
            raise WrongCall(f"the files cannot be laid in {folder}: {error.strerror}") from error
        say(f"{len(laid)} files are laid in {folder}, by the seed {seed}: {', '.join(tops)}")
        if folder != Path("."):
            say(f"start the server there: cd {shlex.quote(str(folder))}")
