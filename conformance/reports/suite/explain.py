"""Prints a contract: all of it, a section, or one clause with its scenario."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.text import Text
from rich.theme import Theme

from conformance.contract.lab import Lab
from conformance.contract.scenario import Scenario
from conformance.reports.run.listing import in_words
from conformance.reports.suite.labs import quoted
from conformance.reports.text import palette
from conformance.reports.text.page import MAX_WIDTH, Page, show
from conformance.reports.text.visible import fit
from conformance.verdict.model import Clause, Level, Parameters
from conformance.verdict.points import counted
from conformance.words import _, said, spoken

_THEME = Theme({"markdown.code": palette.CODE})
"""Code has the same colour here as in the account of a failure."""


def explain(
    lab: Lab,
    parameters: Parameters,
    clause: str | None,
    *,
    source: bool = False,
    console: Console,
) -> None:
    """Prints the contract, or its clause (or section) of that number, with the parameters' values.

    `source`: also the code of the scenarios. On a terminal the Markdown is rendered; elsewhere it
    is printed as it is. Raises WrongCall if the lab has no such clause.
    """
    idle = {each.clause.number for each in lab.scenarios if each.when and not each.when(parameters)}
    contract = lab.contract_for(parameters, spoken())
    chosen = lab.differences(lab.name, parameters)
    if clause is None:
        _print_markdown(contract.markdown, console)
        clauses: Sequence[Clause] = contract.clauses if source else ()
    else:
        clauses = [each for each in contract.clauses if each.within(clause)]
        clauses = clauses or [lab.clause(clause)]  # raises WrongCall: no such clause
    for number, each in enumerate(clauses):
        if number or clause is None:
            console.print()
        if clause is not None:
            _print_clause(lab, each, console, applies=each.number not in idle)
        if source:
            _print_source(lab, each, console)
    if chosen:
        console.print()
        values = ", ".join(f"{name} {quoted(value)}" for name, value in chosen.items())
        told = _("Other than the default: {values}. Examples show the default.")
        rows = _page(console).prose(told.format(values=values), indent="", style=palette.QUIET)
        show(console, *rows)


def _print_clause(lab: Lab, clause: Clause, console: Console, *, applies: bool) -> None:
    worth = f", {said(counted(clause.weight))}" if clause.weight else ""
    page = _page(console)
    title = (f"{clause.number} {in_words(clause.scenario)}", "bold")
    show(console, page.line(title, (f"   {clause.level.value}{worth}", palette.QUIET)), Text())
    _print_markdown(clause.text[:1].upper() + clause.text[1:], console)
    if clause.faults:
        show(console, Text(), page.line((_("What students get wrong here"), palette.LABEL)))
        for fault in clause.faults.split(";"):
            first, *others = page.prose(fault.strip(), indent="    ", ours=False)
            show(console, page.line("  · ") + first[4:], *others)
    if not applies:
        told = (_("With these parameters it does not apply."), palette.LABEL)
        show(console, Text(), page.line(told))
    elif rule := _points(lab, clause):
        show(console, Text(), *page.prose(rule, indent="", style=palette.QUIET))


def _points(lab: Lab, clause: Clause) -> str:
    """What the rules about points mean for this clause."""
    if clause.level is Level.INFO:
        return ""
    if clause.number == lab.gate:
        if lab.plays == "client":
            return (
                "If it fails, nothing else can be shown, and the whole lab earns no point; but a"
                " client that connects to something else is judged there."
            )
        return (
            "If it fails, nothing else can be shown, and the whole lab earns no point; but a server"
            " that listens on exactly one other port is judged there."
        )
    scenario = _scenario(lab, clause)
    grounds = list(dict.fromkeys((lab.gate, *(scenario.grounds if scenario else ()))))
    first = grounds[0] if len(grounds) == 1 else ", ".join(grounds[:-1]) + _(" or ") + grounds[-1]
    return (
        f"It earns its points when it was shown to hold. If {first} fails by a fault that shows"
        " here, too, this clause is not shown, and earns nothing until that is mended."
    )


def _scenario(lab: Lab, clause: Clause) -> Scenario | None:
    return next((each for each in lab.scenarios if each.clause.number == clause.number), None)


def _print_source(lab: Lab, clause: Clause, console: Console) -> None:
    scenario = _scenario(lab, clause)
    if scenario is None:
        return  # `conformance selfcheck` reports that
    console.print()
    shared = [inspect.getsource(scenario.of.hold), ""] if scenario.of else []
    for code in [*shared, scenario.source]:
        text = fit(code.rstrip("\n"), console.encoding)
        if console.is_terminal:
            console.print(Syntax(text, "python", background_color="default"))
        else:
            show(console, Text(text))


def _print_markdown(markdown: str, console: Console) -> None:
    if console.is_terminal and console.encoding.startswith("utf"):
        with console.use_theme(_THEME):
            console.print(Markdown(markdown), width=min(console.width, MAX_WIDTH))
    else:
        show(console, Text(fit(markdown.rstrip("\n"), console.encoding)))


def _page(console: Console) -> Page:
    """The page, which may be narrower than one with a table."""
    return replace(Page.on(console), width=min(console.width, MAX_WIDTH))
