"""`conformance new-lab`: writes a lab that works at once, for its author to change."""

from __future__ import annotations

import keyword
import shlex
from pathlib import Path

import click

from conformance.cli.options import FOLDER
from conformance.cli.output import say, speaking_plainly

TEMPLATES = Path(__file__).parent / "templates"
"""A folder for each protocol. NAME, in names and texts of its files, stands for the lab's name. The
suffix `.txt` keeps tools from reading templates as Python."""


@click.command("new-lab")
@click.argument("name")
@click.option("--udp", is_flag=True, help="Its server listens on a UDP port, not on a TCP port.")
@click.option("--into", type=FOLDER, default=".", metavar="DIR", help="Where (default: here).")
def new_lab(name: str, udp: bool, into: Path) -> None:
    """Write a small lab, which works, into the new folder NAME. It is there to be changed.

    It has a contract, scenarios, a reference server, two mutants of it, and two impostors.
    """
    from conformance.contract.catalog import load
    from conformance.verdict.model import WrongCall

    with speaking_plainly():
        if not is_possible(name):
            raise WrongCall(f"a lab's name is an identifier of Python, in lower case, not {name!r}")
        for taken in load().labs:
            if taken.replace("-", "_") == name:
                raise WrongCall(f"there is a lab {taken} already")
        if (into / name).exists():
            raise WrongCall(f"{into / name} is there already: choose another name")
        write(name, TEMPLATES / ("udp" if udp else "tcp"), into / name)
        say(f"{into / name}: a contract, scenarios, a reference server, mutants and impostors:")
        labs = shlex.quote(str(into))
        reference = shlex.quote(str(into / name / "python/reference.py"))
        say(f"conformance check {reference} --lab {name} --labs {labs}")
        say(f"conformance selfcheck {name} --labs {labs} --references {labs} --impostors")


def is_possible(name: str) -> bool:
    """Whether a lab may have that name, which is also the name of its module."""
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    return plain and not name.startswith("_") and not keyword.iskeyword(name)


def write(name: str, template: Path, folder: Path) -> None:
    """Copies a template into a new folder, and fills in the lab's name."""
    for file in sorted(path for path in template.rglob("*") if path.is_file()):
        place = str(file.relative_to(template)).removesuffix(".txt").replace("NAME", name)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(file.read_text("utf-8").replace("NAME", name), "utf-8")
