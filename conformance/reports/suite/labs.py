"""The list of labs, and the details of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from conformance.contract.catalog import Catalog
from conformance.contract.lab import Lab
from conformance.reports.run.console import in_words
from conformance.reports.text import palette
from conformance.reports.text.visible import fit, visible
from conformance.verdict.model import Parameters
from conformance.verdict.points import Counting


def list_labs(catalog: Catalog, console: Console) -> None:
    rows = [("LAB", "PORT", "CLAUSES", "POINTS", "--STRICT", "")]
    for name, lab in sorted(catalog.labs.items(), key=lambda item: (item[1].name, item[0])):
        parameters = lab.resolve(name, {})
        shown = name if name == lab.name else f"  {name}"
        clauses = str(len(lab.scenarios_for(parameters)))
        most, strict = (str(points(lab, parameters, strict=each)) for each in (False, True))
        rows.append((shown, _port(lab, parameters), clauses, most, strict, lab.contract.title))
    _table(rows, console, right=(2, 3, 4))
    _say("", console)
    _say("In detail: conformance labs LAB.  The contract: conformance explain LAB.", console)


def show_lab(lab: Lab, name: str, console: Console) -> None:
    parameters = lab.resolve(name, {})
    _say(f"{name}: {lab.contract.title}", console, "bold")
    variant = f", a variant of {lab.name}" if name != lab.name else ""
    most, strict = (points(lab, parameters, strict=each) for each in (False, True))
    worth = f"{most} points, {strict} with --strict"
    _say(f"{_port(lab, parameters)}{variant} · {worth}", console)
    _say("", console)
    rows = []
    for scenario in lab.scenarios_for(parameters):
        clause, level = scenario.clause, scenario.level(parameters).value
        rows.append((f"  {clause.number}", level, str(clause.weight), in_words(clause.scenario)))
    _table(rows, console, right=(2,))
    _say("", console)
    _say("Parameters (--set NAME=VALUE)", console, "bold")
    changed = lab.variants.get(name, {})
    told = []
    for each in lab.parameters:
        value = quoted(parameters[each.name]) + " (the variant's)" * (each.name in changed)
        choices = ", ".join((*each.also, *each.choices))
        meaning = f"{each.meaning} ({choices})" if choices else each.meaning
        told.append((f"  {each.name}", value, meaning))
    _table(told, console)
    others = [other for other in (lab.name, *lab.variants) if other != name]
    if others:
        _say("", console)
        _say(f"Also given as {', '.join(others)}.", console)


def points(lab: Lab, parameters: Parameters, *, strict: bool) -> int:
    """The points that a submission can earn if every clause is judged."""
    judged = lab.scenarios_for(parameters)
    return Counting(strict).worth_together((each.clause, each.level(parameters)) for each in judged)


def _port(lab: Lab, parameters: Parameters) -> str:
    return f"{lab.protocol.upper()} {parameters['port']}" if "port" in parameters else "-"


def quoted(value: object) -> str:
    """A parameter's value. It is quoted where it is empty, or begins or ends with a space."""
    hidden = isinstance(value, str) and (not value or value != value.strip())
    return f'"{value}"' if hidden else str(value)


def _table(rows: Sequence[Sequence[str]], console: Console, right: Sequence[int] = ()) -> None:
    """Prints columns as wide as their widest cell; those in `right` are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            f"{cell:>{width}}" if place in right else f"{cell:<{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        style = palette.LABEL if row is rows[0] and row[0].isupper() else ""
        _say("  ".join(cells), console, style)


def _say(text: str, console: Console, style: str = "") -> None:
    console.print(Text(fit(visible(text.rstrip()), console.encoding), style), soft_wrap=True)
