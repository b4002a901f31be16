"""A contract's own words in the language that is spoken: its title, the sentences of its clauses,
and what each clause is called.

A stored run holds the English contract of its day. A clause is shown in another language where that
is what the contract of today says, with the run's parameters; else as it was stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from conformance.contract.catalog import Catalog, load
from conformance.contract.markdown import Contract, ContractError
from conformance.verdict.model import Clause, Run, Verdict, WrongCall
from conformance.words import spoken
from conformance.words.language import ENGLISH


def title_of(scenario: str) -> str:
    """What a scenario is called: `hangs up after bye`."""
    return _titles(spoken()).get(scenario) or scenario.replace("_", " ")


def in_language(run: Run) -> Run:
    """The run with its contract's words."""
    if spoken() == ENGLISH:
        return run
    contracts = _contracts(run.lab, tuple(run.parameters.items()), spoken())
    if contracts is None:
        return run
    here, there = contracts
    search = run.search
    if search is not None and search.verdict is not None:
        search = replace(search, verdict=clause_in_language(search.verdict, run))
    return replace(
        run,
        title=there.title if run.title == here.title else run.title,
        verdicts=tuple(clause_in_language(verdict, run) for verdict in run.verdicts),
        search=search,
    )


def clause_in_language(verdict: Verdict, run: Run) -> Verdict:
    """A verdict of that run, with its clause's words."""
    if spoken() == ENGLISH:
        return verdict
    contracts = _contracts(run.lab, tuple(run.parameters.items()), spoken())
    if contracts is None:
        return verdict
    return replace(verdict, clause=_clause(verdict.clause, *contracts))


def _clause(stored: Clause, here: Contract, there: Contract) -> Clause:
    ours = next((each for each in here.clauses if each.number == stored.number), None)
    theirs = next((each for each in there.clauses if each.number == stored.number), None)
    if ours is None or theirs is None:
        return stored
    clause = stored
    if stored.text == ours.text:
        clause = replace(clause, text=theirs.text, faults=theirs.faults)
    if stored.section == ours.section:
        clause = replace(clause, section=theirs.section)
    return clause


@cache
def _labs() -> Catalog:
    return load()


@cache
def _titles(language: str) -> Mapping[str, str]:
    """What each scenario is called, where the language is not English."""
    if language == ENGLISH:
        return {}
    found: dict[str, str] = {}
    for name, lab in _labs().labs.items():
        if name == lab.name:
            contract = lab.contract_for(lab.resolve(name, {}), language)
            for clause in contract.clauses:
                if title := contract.titles.get(clause.number):
                    found[clause.scenario] = title
    return found


@lru_cache(maxsize=256)
def _contracts(
    name: str, parameters: tuple[tuple[str, Any], ...], language: str
) -> tuple[Contract, Contract] | None:
    """The contract of a run in English and in the language; None where there is no such lab."""
    try:
        lab = _labs()[name]
        resolved = lab.resolve(name, dict(parameters))
        return lab.contract_for(resolved), lab.contract_for(resolved, language)
    except (WrongCall, ContractError):  # a lab of another folder, or of another year
        return None
