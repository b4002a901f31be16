"""`conformance labs` and `conformance explain`: labs and their contracts."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.language import LANGUAGE
from conformance.cli.options import LABS, SETTINGS
from conformance.cli.output import new_console, speaking_plainly


@click.command()
@click.argument("lab", required=False)
@LABS
@LANGUAGE
def labs(lab: str | None, labs: tuple[Path, ...]) -> None:
    """List the labs. With LAB, its clauses and parameters."""
    from conformance.contract.catalog import load
    from conformance.reports.suite.labs import list_labs, show_lab

    with speaking_plainly():
        catalog = load(labs)
        if lab is None:
            list_labs(catalog, new_console())
        else:
            show_lab(catalog[lab], lab, new_console())


@click.command()
@click.argument("lab")
@click.argument("clause", required=False)
@click.option("--source", is_flag=True, help="Also the code of the scenarios.")
@SETTINGS
@LABS
@LANGUAGE
def explain(
    lab: str,
    clause: str | None,
    source: bool,
    settings: tuple[str, ...],
    labs: tuple[Path, ...],
) -> None:
    """Print the contract of LAB. With CLAUSE, that clause (4.1) or section (4) only."""
    from conformance.contract.catalog import load
    from conformance.reports.suite.explain import explain as print_contract
    from conformance.run.prepare import read_settings

    with speaking_plainly():
        found = load(labs)[lab]
        parameters = found.resolve(lab, read_settings(settings))
        print_contract(found, parameters, clause, source=source, console=new_console())
