"""From what the user asked for to a plan that the engine can run: the submission taken in
and built, the lab and its parameters resolved, the clauses chosen."""

from __future__ import annotations

import errno
import re
import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.contract.catalog import Catalog
from conformance.contract.lab import BUDGET, Lab, Scenario
from conformance.run.engine import Plan
from conformance.sandbox import Isolation, Tier, others_may_read, run_build
from conformance.submissions import (
    BuildFailed,
    BuildResult,
    Program,
    build,
    open_submission,
    readable_by,
)
from conformance.submissions.apart import RECOGNISED_WITHIN
from conformance.submissions.submission import Submission
from conformance.verdict.model import Attempt, Fault, Outcome, WrongCall

BUILD_WITHIN = 180.0
"""Seconds for a build: Maven fetches its plugins on a fresh machine. A slow one has longer."""

THE_MACHINES = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO),
        *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ESTALE),
    }
)
"""Errors that say nothing of what was handed in, or may not."""

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
    budget: float = BUDGET
    """Seconds of conversation that it may take before it is given up."""
    stretch: float = 1.0
    """By how much deadlines are stretched beside, since this machine is slow; 1.0 where
    `scale` was chosen by hand."""
    strict: bool = False
    jobs: int = 4
    keep: Path | None = None
    """The folder in which evidence is kept."""
    keep_all: bool = False
    """Also that of what passed."""
    require_tier: str | None = None
    labs: tuple[Path, ...] = ()
    name: str | None = None
    """The student's, instead of the file's or folder's."""
    fetch: bool = False
    """Its build may reach the registries that this machine is configured for."""
    counts: tuple[str, ...] = ()
    """SHOULD clauses that count without `strict`; ("all",) for every one."""
    arguments: tuple[str, ...] = ()
    """What the program is started with, unless its manifest says so; `{port}` stands for the
    port."""
    unattended: bool = False
    """It is one entry of a class: what lies beside a lone file is other students'."""


def read_settings(pairs: Sequence[str]) -> dict[str, str]:
    """The parameters in NAME=VALUE pairs. Raises WrongCall."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise WrongCall(f"--set wants NAME=VALUE, not {pair!r}")
        settings[name.strip()] = value
    return settings


def read_arguments(text: str) -> tuple[str, ...]:
    """The words of a line as a shell would read it. Raises WrongCall."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise WrongCall(f"--arguments {text!r} cannot be read: {str(error).lower()}") from None
    if any("\0" in word for word in words):
        raise WrongCall("--arguments: no program can be given a NUL")
    return words


def written_arguments(arguments: Sequence[str]) -> str:
    """The line that `read_arguments` makes of these words."""
    plain = re.compile(r"[\w@%+=:,./{}-]+", re.ASCII)
    return " ".join(w if plain.fullmatch(w) else shlex.quote(w) for w in arguments)


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
    numbers = {scenario.clause.number for scenario in chosen}
    return [scenario for scenario in plan_scenarios if scenario.clause.number in numbers]


def chosen(request: Request, plan: Plan) -> tuple[Plan, list[Scenario]]:
    """The plan, and the scenarios that are to be judged: what is chosen is what the run is
    worth, whatever else is told because it does not hold. Raises WrongCall."""
    scenarios = choose(plan.lab, plan.scenarios, request.only)
    worth = frozenset(scenario.clause.number for scenario in scenarios)
    return _with(plan, worth=worth), scenarios


@dataclass(frozen=True)
class Prepared:
    """What a submission has turned out to be. Can be sent from one process to another, as a
    plan, whose lab is code, cannot."""

    variant: str
    submission: str
    program: Program | None
    build_failure: Attempt | None
    port: int | None
    note: str

    @classmethod
    def of(cls, plan: Plan) -> Prepared:
        return cls(
            plan.variant, plan.submission, plan.program, plan.build_failure, plan.port, plan.note
        )

    def plan(self, request: Request, catalog: Catalog, isolation: Isolation, scratch: Path) -> Plan:
        """The plan that was prepared for that request. Raises WrongCall."""
        plan = _plan(request, catalog, self.variant, self.submission, isolation, scratch)
        return _with(
            plan,
            program=self.program,
            build_failure=self.build_failure,
            port=self.port,
            note=self.note,
        )


def prepare(request: Request, catalog: Catalog, isolation: Isolation, scratch: Path) -> Plan:
    """The plan. Takes the submission in and builds it. Raises WrongCall."""
    plan, submission = take_in(request, catalog, isolation, scratch)
    if submission is None:
        return plan
    return built(plan, submission, fetch=request.fetch, arguments=request.arguments)


def take_in(
    request: Request, catalog: Catalog, isolation: Isolation, scratch: Path
) -> tuple[Plan, Submission | None]:
    """The plan as far as it can be made without building the submission, which comes
    along; None where the server runs already. Raises WrongCall: also what this suite cannot
    take, or recognise, proves nothing against a submission."""
    if request.connect:
        return _connect(request, catalog, isolation, scratch), None
    isolation.require(request.require_tier)
    assert request.path is not None, "the command line asks for a path or for --connect"
    with others_may_read():
        submission = open_submission(
            request.path,
            scratch / "submission",
            name=request.name,
            alone=request.unattended,
            within=RECOGNISED_WITHIN * max(1.0, request.scale * request.stretch),
        )
    variant = request.lab or submission.lab
    if variant is None:
        raise WrongCall(
            f"which lab is {submission.name} for? Name it with --lab, or in its submission.toml;"
            f" there are {', '.join(sorted(catalog.labs))}"
        )
    plan = _plan(request, catalog, variant, submission.name, isolation, scratch)
    choose(plan.lab, plan.scenarios, request.only)  # a wrong filter needs no build to say so
    return _with(plan, port=submission.port, note=submission.note), submission


def built(
    plan: Plan, submission: Submission, *, fetch: bool = False, arguments: Sequence[str] = ()
) -> Plan:
    """The plan with its program, or with why there is none. `fetch`, `arguments`: see
    `Request`."""
    refused: list[str] = []
    program, failure = _built(submission, plan.scratch, refused, scale=plan.scale, fetch=fetch)
    if program is not None:
        own = submission.arguments
        program = program.given(arguments if own is None else own)
    note = plan.note or (program.note if program else "")
    if refused:
        told = f"the build tried to reach {', '.join(refused)}: refused, no configured registry"
        note = f"{note}; {told}" if note else told
    return _with(plan, program=program, build_failure=failure, note=note)


def of_machine(wrong: WrongCall) -> bool:
    """Whether it was this machine that refused (a full disk, no permission), and not what was
    handed in."""
    error: BaseException | None = wrong
    while error is not None:
        if isinstance(error, OSError) and error.errno in THE_MACHINES:
            return True
        error = error.__cause__ or error.__context__
    return False


def _connect(request: Request, catalog: Catalog, isolation: Isolation, scratch: Path) -> Plan:
    if request.path is not None:
        raise WrongCall("give a PATH or --connect HOST:PORT, not both")
    if request.arguments:
        raise WrongCall("--arguments are for a program that is started here: not with --connect")
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
        budget=request.budget,
        scale=request.scale * request.stretch,
        stretch=request.stretch,
        strict=request.strict,
        counts=request.counts,
        # On the host's own network two servers would want one port.
        jobs=1 if isolation.tier is Tier.NONE or request.connect else request.jobs,
        keep=request.keep,
        keep_all=request.keep_all,
    )
    return _with(
        plan, again={s.clause.number: f"{call} --only {s.clause.number}" for s in plan.scenarios}
    )


def _with(plan: Plan, **changes: object) -> Plan:
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
    words += ["--arguments", written_arguments(request.arguments)] if request.arguments else []
    words += ["--fetch-dependencies"] if request.fetch else []
    words += ["--strict"] if request.strict else []
    words += ["--budget", f"{request.budget:g}"] if request.budget != BUDGET else []
    words += ["--timeout-scale", f"{request.scale:g}"] if request.scale != 1.0 else []
    return shlex.join(words)


def _built(
    submission: Submission, scratch: Path, refused: list[str], *, scale: float, fetch: bool
) -> tuple[Program | None, Attempt | None]:
    """The program, or why there is none: the student's fault, or the machine's.

    `refused` gets the places that the build tried to reach and might not.
    """

    cache = scratch / "build-home"
    cache.mkdir()

    def run(command: Sequence[str], directory: Path, timeout: float) -> BuildResult:
        readable = readable_by(command)
        result = run_build(command, directory, timeout, cache=cache, fetch=fetch, readable=readable)
        refused.extend(place for place in result.refused if place not in refused)
        return BuildResult(
            result.status, result.output, result.timed_out, result.exceeded, result.unreached
        )

    try:
        with others_may_read():
            slowness = max(1.0, scale)
            return build(
                submission,
                run,
                timeout=BUILD_WITHIN * slowness,
                offline=not fetch,
                within=RECOGNISED_WITHIN * slowness,
            ), None
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
