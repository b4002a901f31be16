"""From what the user asked for to a plan that the engine can run: the submission taken in
and built, the lab and its parameters resolved, the clauses chosen."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.catalog import Catalog
from conformance.engine import Plan, required
from conformance.lab import Lab, Scenario
from conformance.model import Attempt, Fault, Outcome, Submission, WrongCall
from conformance.sandbox import Isolation, Tier, run_build
from conformance.submissions import BuildFailed, BuildResult, Program, build, open_submission

BUILD_WITHIN = 180.0
"""Seconds for a build: Maven fetches its plugins on a fresh machine."""

OUTPUT_KEPT = 4_000
"""Characters of a build's output that stand in a report: the first errors come first."""


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    path: Path | None = None
    lab: str | None = None
    connect: str | None = None
    """HOST:PORT of a server that runs already."""
    only: str = ""
    """Clauses or sections, separated by commas; empty: all."""
    settings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    scale: float = 1.0
    strict: bool = False
    jobs: int = 4
    keep: Path | None = None
    require_tier: str | None = None
    labs: tuple[Path, ...] = ()
    name: str | None = None
    """The student's, instead of the file's or folder's."""


def read_settings(pairs: Sequence[str]) -> dict[str, str]:
    """The parameters in NAME=VALUE pairs. Raises WrongCall."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise WrongCall(f"--set wants NAME=VALUE, not {pair!r}")
        settings[name.strip()] = value
    return settings


def choose(lab: Lab, plan_scenarios: Sequence[Scenario], only: str) -> list[Scenario]:
    """The scenarios that `only` names. Raises WrongCall for a part that names none."""
    if not only:
        return list(plan_scenarios)
    chosen: list[Scenario] = []
    for part in filter(None, map(str.strip, only.split(","))):
        found = [s for s in plan_scenarios if s.clause.within(part) or s.name == part]
        if not found:
            known = ", ".join(scenario.clause.number for scenario in plan_scenarios)
            raise WrongCall(
                f"--only {part}: the lab {lab.name} has no such clause here; it has {known}"
            )
        chosen += found
    if not chosen:
        raise WrongCall(f"--only {only!r} names no clause")
    return [scenario for scenario in plan_scenarios if scenario in chosen]


def prepare(request: Request, catalog: Catalog, isolation: Isolation, scratch: Path) -> Plan:
    """The plan. Takes the submission in and builds it. Raises WrongCall."""
    plan, submission = take_in(request, catalog, isolation, scratch)
    return built(plan, submission) if submission else plan


def take_in(
    request: Request, catalog: Catalog, isolation: Isolation, scratch: Path
) -> tuple[Plan, Submission | None]:
    """The plan as far as it can be made without building the submission, which comes
    along; None where the server runs already. Raises WrongCall."""
    if request.connect:
        return _connect(request, catalog, isolation, scratch), None
    required(isolation, request.require_tier)
    assert request.path is not None, "the command line asks for a path or for --connect"
    submission = open_submission(request.path, scratch / "submission", name=request.name)
    variant = request.lab or submission.lab
    if variant is None:
        raise WrongCall(
            f"which lab is {submission.name} for? Name it with --lab, or in its submission.toml;"
            f" there are {', '.join(sorted(catalog.labs))}"
        )
    plan = _plan(request, catalog, variant, submission.name, isolation, scratch)
    choose(plan.lab, plan.scenarios, request.only)  # a wrong filter needs no build to say so
    return _with(plan, port=submission.port, note=submission.note), submission


def built(plan: Plan, submission: Submission) -> Plan:
    """The plan with its program, or with why there is none."""
    program, failure = _built(submission, plan.scratch)
    note = plan.note or (program.note if program else "")
    return _with(plan, program=program, build_failure=failure, note=note)


def _connect(request: Request, catalog: Catalog, isolation: Isolation, scratch: Path) -> Plan:
    if request.path is not None:
        raise WrongCall("give a PATH or --connect HOST:PORT, not both")
    if request.lab is None:
        raise WrongCall("--connect needs to know the lab: add --lab LAB")
    host, _, port = (request.connect or "").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise WrongCall(f"--connect wants HOST:PORT, not {request.connect!r}")
    try:
        socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except OSError as error:
        raise WrongCall(f"--connect: {host} cannot be found ({error.strerror})") from None
    name = f"{host}:{port}"
    plan = _plan(request, catalog, request.lab, name, isolation, scratch)
    return _with(plan, remote=(host.strip("[]"), int(port)))


def _plan(
    request: Request,
    catalog: Catalog,
    variant: str,
    submission: str,
    isolation: Isolation,
    scratch: Path,
) -> Plan:
    lab = catalog[variant]
    parameters = lab.resolve(variant, request.settings)
    call = again(request, variant)
    plan = Plan(
        lab=lab,
        variant=variant,
        parameters=parameters,
        submission=submission,
        seed=request.seed,
        isolation=isolation,
        scratch=scratch,
        scale=request.scale,
        strict=request.strict,
        # On the host's own network two servers would want one port.
        jobs=1 if isolation.tier is Tier.NONE or request.connect else request.jobs,
        keep=request.keep,
    )
    return _with(
        plan, again={s.clause.number: f"{call} --only {s.clause.number}" for s in plan.scenarios}
    )


def _with(plan: Plan, **changes: object) -> Plan:
    from dataclasses import replace

    return replace(plan, **changes)  # type: ignore[arg-type]


def again(request: Request, variant: str) -> str:
    """The command that asks for the same once more, without its choice of clauses."""
    words = ["conformance", "check"]
    words += ["--connect", request.connect] if request.connect else [str(request.path)]
    words += ["--lab", variant]
    for folder in request.labs:
        words += ["--labs", str(folder)]
    for name, value in request.settings.items():
        words += ["--set", f"{name}={value}"]
    words += ["--strict"] if request.strict else []
    words += ["--timeout-scale", f"{request.scale:g}"] if request.scale != 1.0 else []
    return shlex.join(words)


def _built(submission: Submission, scratch: Path) -> tuple[Program | None, Attempt | None]:
    """The program, or why there is none: the student's fault, or the machine's."""

    cache = scratch / "build-home"
    cache.mkdir()

    def run(command: Sequence[str], directory: Path, timeout: float) -> BuildResult:
        result = run_build(command, directory, timeout, cache=cache)
        return BuildResult(result.status, result.output, result.timed_out)

    try:
        return build(submission, run, timeout=BUILD_WITHIN), None
    except BuildFailed as failure:
        if failure.machine:
            reason = f"the submission could not be built here: {failure.summary}"
            return None, Attempt(
                Outcome.INCONCLUSIVE, reason=reason, output=failure.output[:OUTPUT_KEPT]
            )
        return None, Attempt(
            Outcome.FAILED,
            expected="the submission builds",
            actual=failure.summary,
            hint="Build it on your own machine, from a fresh copy of what you handed in.",
            fault=Fault.WRONG,
        )
