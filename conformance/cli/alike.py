"""`conformance alike`: which hand-ins of a class are similar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import FILE, LABS, REFERENCES
from conformance.cli.output import new_console, require_places, speaking_plainly

if TYPE_CHECKING:
    from conformance.classes.model import Class
    from conformance.contract.catalog import Catalog


@click.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--lab", "names", multiple=True, metavar="LAB", help="Only the hand-ins for this lab."
)
@click.option(
    "--base",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="What was handed out to all, such as a skeleton: it is nobody's own.",
)
@click.option("--html", type=FILE, metavar="FILE", help="A page with the passages side by side.")
@click.option("--json", "json_file", type=FILE, metavar="FILE", help="As JSON.")
@LABS
@REFERENCES
def alike(
    path: Path,
    names: tuple[str, ...],
    base: tuple[Path, ...],
    html: Path | None,
    json_file: Path | None,
    labs: tuple[Path, ...],
    references: Path | None,
) -> None:
    """List hand-ins that are similar, for the teacher's eyes. DIR is a class as `grade` takes it,
    or the folder that `grade` wrote.

    Passages are found under other names, in another order, and with other comments. It is no
    verdict and gives no points.
    """
    from conformance import __version__
    from conformance.classes.alike.of_class import compare_class
    from conformance.contract.catalog import load
    from conformance.reports.classes.alike import render, to_json
    from conformance.reports.pages.alike import to_html
    from conformance.reports.text.file import put_in_place

    with speaking_plainly():
        require_places(html, json_file)
        catalog = load(labs)
        graded = _class(path, names, catalog)
        programs = _references(graded, references, catalog)
        found = list(compare_class(graded, programs, base))
        if json_file is not None:
            put_in_place(json_file, to_json(graded.title, __version__, found, graded.warnings))
        if html is not None:
            put_in_place(html, to_html(graded.title, __version__, found, graded.warnings))
        render(found, warnings=graded.warnings, console=new_console())


def _class(path: Path, names: tuple[str, ...], catalog: Catalog) -> Class:
    """The class, as it is or as it was graded. Raises WrongCall."""
    from conformance.classes.class_file import open_class
    from conformance.classes.results.class_log import CLASS_FILE
    from conformance.classes.results.ledger import Ledger
    from conformance.verdict.model import WrongCall

    if not (path / CLASS_FILE).is_file():
        return open_class(path, names, catalog)
    graded = Ledger(path).of
    there = [plan.name for plan in graded.labs]
    for name in names:
        if name not in there:
            raise WrongCall(f"the class is not graded for {name!r}; there are {', '.join(there)}")
    return graded.for_labs(names) if names else graded


def _references(graded: Class, folder: Path | None, catalog: Catalog) -> dict[str, list[Path]]:
    """The reference programs of each lab of the class; none for a lab that has none."""
    from conformance.selfcheck.references import read_library, reference_folder

    library = read_library(reference_folder(folder), catalog)
    found: dict[str, list[Path]] = {}
    for plan in graded.labs:
        lab = catalog[plan.name]
        found[plan.name] = [r.path for r in library.references if catalog[r.variant] is lab]
    return found
