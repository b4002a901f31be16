"""Which clauses a run is to judge: those that were asked for, less those that the call leaves
out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contract.lab import Lab
from conformance.contract.scenario import Scenario
from conformance.run.plan import Request, RuledOut
from conformance.verdict.model import Level, Parameters, WrongCall


@dataclass(frozen=True)
class Chosen:
    scenarios: tuple[Scenario, ...]
    """What is to be judged, in the contract's order."""
    left_out: tuple[RuledOut, ...]
    """What was asked for, but for `--except` and `--must`."""


def chosen_by(request: Request, lab: Lab, variant: str, parameters: Parameters) -> Chosen:
    """What the request chooses of the clauses that apply. Raises WrongCall if that is nothing."""
    known = lab.scenarios_for(parameters)
    asked = choose(lab, known, request.only)
    if request.failed is not None:
        last = _failed_last(request, variant)
        asked = [scenario for scenario in asked if scenario.clause.number in last]
    without: list[Scenario] = []
    if request.without:
        without = choose(lab, known, request.without, option="--except")
    excepted = {scenario.clause.number for scenario in without}
    left_out = []
    for scenario in asked:
        if scenario.clause.number in excepted:
            left_out.append(RuledOut(scenario, f"ruled out by --except {request.without}"))
        elif request.must and scenario.level(parameters) is not Level.MUST:
            left_out.append(RuledOut(scenario, "ruled out by --must"))
    numbers = {each.scenario.clause.number for each in left_out}
    chosen = tuple(each for each in asked if each.clause.number not in numbers)
    if not chosen:
        raise WrongCall(f"no clause is left to check by {_options(request)}")
    return Chosen(chosen, tuple(left_out))


def choose(
    lab: Lab, plan_scenarios: Sequence[Scenario], only: str, *, option: str = "--only"
) -> list[Scenario]:
    """The scenarios that `only` names; all if it is empty. Raises WrongCall, which quotes the
    `option`, for a part that names none."""
    if not only:
        return list(plan_scenarios)
    chosen: list[Scenario] = []
    for part in filter(None, map(str.strip, only.split(","))):
        found = [s for s in plan_scenarios if s.clause.within(part) or s.name == part]
        if not found:
            known = ", ".join(scenario.clause.number for scenario in plan_scenarios)
            raise WrongCall(
                f"{option} {part}: the lab {lab.name} has no such clause here; it has {known}"
            )
        chosen += found
    if not chosen:
        raise WrongCall(f"{option} {only!r} names no clause")
    numbers = {scenario.clause.number for scenario in chosen}
    return [scenario for scenario in plan_scenarios if scenario.clause.number in numbers]


def _failed_last(request: Request, variant: str) -> Sequence[str]:
    """The clauses that did not pass when the submission was checked last. Raises WrongCall if there
    are none."""
    last = (request.failed or {}).get(variant)
    if last is None:
        raise WrongCall(
            f"--failed: no earlier check of {request.path or request.connect} for the lab {variant}"
            " is remembered; check it once without --failed"
        )
    if not last:
        raise WrongCall("--failed: all that was checked last time passed; check without --failed")
    return last


def _options(request: Request) -> str:
    """The options that choose clauses, as they were given."""
    given = {
        "--failed": request.failed is not None,
        f"--only {request.only}": bool(request.only),
        f"--except {request.without}": bool(request.without),
        "--must": request.must,
    }
    return " and ".join(option for option, is_given in given.items() if is_given)
