"""The list of labs, and the details of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from conformance.contract.catalog import Catalog
from conformance.contract.lab import Lab
from conformance.reports.run.listing import in_words
from conformance.reports.text import palette
from conformance.reports.text.visible import fit, visible, wrapped
from conformance.verdict.model import Parameters
from conformance.verdict.points import Counting
from conformance.words import _, said, spoken

GAP = "  "
"""What stands between two columns of a table."""

LEAST_OF_LAST = 24
"""Columns of a terminal that a table's last column needs; where there are fewer, it stands below
the others."""

BELOW = " " * 8
"""What it is indented by there."""


def list_labs(catalog: Catalog, console: Console) -> None:
    heads = (_("LAB"), _("PORT"), _("CLAUSES"), _("POINTS"), "--STRICT", "")
    rows = [heads]
    for name, lab in sorted(catalog.labs.items(), key=lambda item: (item[1].name, item[0])):
        parameters = lab.resolve(name, {})
        shown = name if name == lab.name else f"  {name}"
        clauses = str(len(lab.scenarios_for(parameters)))
        most, strict = (str(points(lab, parameters, strict=each)) for each in (False, True))
        rows.append((shown, _port(lab, parameters), clauses, most, strict, _title(lab, parameters)))
    _table(rows, console, right=(2, 3, 4))
    _say("", console)
    _say(_("In detail: conformance labs LAB."), console)
    _say(_("The contract: conformance explain LAB."), console)


def show_lab(lab: Lab, name: str, console: Console) -> None:
    parameters = lab.resolve(name, {})
    _say(f"{name}: {_title(lab, parameters)}", console, "bold")
    variant = said(f", a variant of {lab.name}") if name != lab.name else ""
    most, strict = (points(lab, parameters, strict=each) for each in (False, True))
    worth = said(f"{most} points, {strict} with --strict")
    _say(f"{_port(lab, parameters)}{variant} · {worth}", console)
    _say("", console)
    rows = []
    for scenario in lab.scenarios_for(parameters):
        clause, level = scenario.clause, scenario.level(parameters).value
        rows.append((f"  {clause.number}", level, str(clause.weight), in_words(clause.scenario)))
    _table(rows, console, right=(2,))
    _say("", console)
    _say(_("Parameters (--set NAME=VALUE)"), console, "bold")
    changed = lab.variants.get(name, {})
    told = []
    for each in lab.parameters:
        value = quoted(parameters[each.name]) + _(" (the variant's)") * (each.name in changed)
        choices = ", ".join((*each.also, *each.choices))
        meaning = said(each.meaning)
        meaning = f"{meaning} ({choices})" if choices else meaning
        told.append((f"  {each.name}", value, meaning))
    _table(told, console)
    others = [other for other in (lab.name, *lab.variants) if other != name]
    if others:
        _say("", console)
        _say(said(f"Also given as {', '.join(others)}."), console)


def _title(lab: Lab, parameters: Parameters) -> str:
    return lab.contract_for(parameters, spoken()).title


def points(lab: Lab, parameters: Parameters, *, strict: bool) -> int:
    """The points that a submission can earn if every clause is judged."""
    judged = lab.scenarios_for(parameters)
    return Counting(strict).worth_together((each.clause, each.level(parameters)) for each in judged)


def _port(lab: Lab, parameters: Parameters) -> str:
    port = parameters.get(lab.port_parameter)
    return f"{lab.protocol.upper()} {port}" if port else "-"


def quoted(value: object) -> str:
    """A parameter's value. It is quoted where it is empty, or begins or ends with a space."""
    hidden = isinstance(value, str) and (not value or value != value.strip())
    return f'"{value}"' if hidden else str(value)


def _table(rows: Sequence[Sequence[str]], console: Console, right: Sequence[int] = ()) -> None:
    """Prints columns as wide as their widest cell; those in `right` are aligned to the right. On a
    terminal the cells of the last column are wrapped; where there is no room for it beside the
    others, they stand below."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns[:-1]]
    indent = sum(widths) + len(GAP) * len(widths)
    below = console.is_terminal and console.width - indent < LEAST_OF_LAST
    indent = len(BELOW) if below else indent
    for row in rows:
        cells = [
            f"{cell:>{width}}" if place in right else f"{cell:<{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        style = palette.LABEL if row is rows[0] and row[0].isupper() else ""
        last = wrapped(row[-1], console.width - indent) if console.is_terminal else [row[-1]]
        first = [] if below else [last.pop(0)]
        _say(GAP.join([*cells, *first]), console, style)
        for line in filter(None, last):
            _say(f"{'':<{indent}}{line}", console, style)


def _say(text: str, console: Console, style: str = "") -> None:
    """Prints a line; on a terminal it is wrapped, elsewhere a program may want it whole."""
    shown = fit(visible(text.rstrip()), console.encoding)
    for line in wrapped(shown, console.width) if console.is_terminal else [shown]:
        console.print(Text(line.rstrip(), style), soft_wrap=True)
