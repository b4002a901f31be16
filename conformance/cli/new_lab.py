"""`conformance new-lab`: writes a lab that works at once, for its author to change."""

from __future__ import annotations

import keyword
import re
import shlex
from pathlib import Path

import click

from conformance.cli.options import FOLDER
from conformance.cli.output import say, speaking_plainly

TEMPLATES = Path(__file__).parent / "templates"
"""A folder for each protocol. In names and texts of its files, NAME stands for the lab's name, 7007
for its port, and 7008 for another port. The suffix `.txt` keeps tools from reading templates as
Python."""


@click.command("new-lab")
@click.argument("name")
@click.option("--udp", is_flag=True, help="Its server listens on a UDP port, not on a TCP port.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=7007,
    metavar="N",
    help="The port that its server listens on (default: 7007).",
)
@click.option("--into", type=FOLDER, default=".", metavar="DIR", help="Where (default: here).")
def new_lab(name: str, udp: bool, port: int, into: Path) -> None:
    """Write a small lab, which works, into the new folder NAME. It is there to be changed.

    It has a contract, scenarios, a reference server, mutants of it, and impostors.
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
        write(name, TEMPLATES / ("udp" if udp else "tcp"), into / name, port)
        where = f"{'UDP' if udp else 'TCP'} port {port}"
        say(f"{into / name}: contract, scenarios, reference, mutants and impostors, on {where}:")
        labs = shlex.quote(str(into))
        reference = shlex.quote(str(into / name / "python/reference.py"))
        say(f"conformance check {reference} --lab {name} --labs {labs}")
        say(f"conformance selfcheck {name} --labs {labs} --references {labs} --impostors")


def is_possible(name: str) -> bool:
    """Whether a lab may have that name, which is also the name of its module."""
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    return plain and not name.startswith("_") and not keyword.iskeyword(name)


def write(name: str, template: Path, folder: Path, port: int) -> None:
    """Copies a template into a new folder, and fills in the lab's name and port."""
    another = port + 1 if port < 65535 else port - 1
    words = {"NAME": name, "7007": str(port), "7008": str(another)}
    for file in sorted(path for path in template.rglob("*") if path.is_file()):
        place = str(file.relative_to(template)).removesuffix(".txt").replace("NAME", name)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        text = re.sub("|".join(words), lambda word: words[word[0]], file.read_text("utf-8"))
        (folder / place).write_text(text, "utf-8")
