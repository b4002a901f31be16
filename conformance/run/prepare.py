"""From what the user asked for to a plan that the engine can run: the submission taken in
and built, the lab and its parameters resolved, the clauses chosen."""

from __future__ import annotations

import errno
import os
import random
import re
import shlex
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.contract.budget import BUDGET
from conformance.contract.catalog import Catalog
from conformance.run.chosen import chosen_by
from conformance.run.plan import Plan, Prepared, Request
from conformance.sandbox import Isolation, Tier, others_may_read, run_build
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.sandbox.hosts.emulation import Emulated, emulated
from conformance.sandbox.measure.slowness import chosen_or_measured
from conformance.submissions import (
    BuildFailed,
    BuildResult,
    build,
    open_submission,
    readable_by,
)
from conformance.submissions.apart import RECOGNISED_WITHIN
from conformance.submissions.submission import Submission
from conformance.verdict.model import BUILDS, Attempt, Outcome, WrongCall
from conformance.verdict.violation import Fault

BUILD_WITHIN = 180.0
"""Seconds for a build, in which Maven may have to fetch its plugins; stretched on a slow
machine."""

THE_MACHINES = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO),
        *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ESTALE),
    }
)
"""Errors that may be the machine's, and so prove nothing about the submission."""

OUTPUT_KEPT = 4_000
"""Characters of a build's output that a report quotes, from its start: the first errors matter."""


def new_seed() -> int:
    """A seed for a run that was given none: eight digits that can be typed again."""
    return random.SystemRandom().randrange(10_000_000, 100_000_000)


def read_request(
    *,
    settings: Sequence[str],
    arguments: str | None,
    seed: int | None,
    scale: float | None,
    jobs: int | None,
    labs: Sequence[str | Path],
    network: str | None = None,
    **asked: Any,
) -> Request:
    """The request that these options make, with defaults for the rest. Raises WrongCall."""
    scale, stretch = chosen_or_measured(scale)
    return Request(
        settings=read_settings(settings),
        arguments=read_arguments(arguments or ""),
        seed=new_seed() if seed is None else seed,
        scale=scale,
        stretch=stretch,
        jobs=jobs or 2 * (os.cpu_count() or 1),
        labs=tuple(map(Path, labs)),
        network=read_network(network),
        **asked,
    )


def read_network(text: str | None) -> NetworkConditions:
    """The conditions in words; without any, a wire. Raises WrongCall."""
    return NetworkConditions() if text is None else NetworkConditions.read(text)


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
    """The words of a line, split as a shell would. Raises WrongCall."""
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


def prepare(request: Request, catalog: Catalog, isolation: Isolation, scratch: Path) -> Prepared:
    """Takes the submission in and builds it. Raises WrongCall."""
    taken, submission = take_in(request, catalog, isolation, scratch)
    return build_it(taken, submission, request, scratch)


def plan(
    request: Request, catalog: Catalog, isolation: Isolation, scratch: Path, prepared: Prepared
) -> Plan:
    """How the prepared submission of that request is to be judged. Raises WrongCall."""
    lab = catalog[prepared.variant]
    if request.connect and lab.plays == "client":
        raise WrongCall(
            f"--connect is for servers: in the lab {prepared.variant} the submission is a client,"
            " and the suite is the server that it connects to; give its PATH"
        )
    parameters = lab.resolve(prepared.variant, request.settings)
    chosen = chosen_by(request, lab, prepared.variant, parameters)
    if request.search and request.connect:
        raise WrongCall("--search starts the program afresh: not with --connect")
    if request.search and lab.state_model is None:
        raise WrongCall(f"--search: the lab {lab.name} does not say what holds of any conversation")
    return Plan(
        request=request,
        prepared=prepared,
        lab=lab,
        parameters=parameters,
        chosen=chosen.scenarios,
        isolation=isolation,
        scratch=scratch,
        again=again(request, prepared.variant),
        emulated=network_of(request.network, isolation, remote=bool(request.connect)),
        left_out=chosen.left_out,
    )


def network_of(
    conditions: NetworkConditions, isolation: Isolation, *, remote: bool = False
) -> Emulated | None:
    """The network between the hosts; None for a wire. Raises WrongCall where there are no hosts of
    the suite's own."""
    if not conditions:
        return None
    if remote:
        raise WrongCall("--network is about the suite's own wire: not with --connect")
    if isolation.tier is Tier.NONE:
        why = isolation.reason or "it has no network namespaces"
        raise WrongCall(f"--network needs hosts of the suite's own, tier network or full: {why}")
    return emulated(conditions, user_namespace=isolation.user_namespace)


def take_in(
    request: Request, catalog: Catalog, isolation: Isolation, scratch: Path
) -> tuple[Prepared, Submission | None]:
    """What is known before the build, and the submission; None where the server runs already.
    Raises WrongCall, also if the suite cannot take in or recognise the submission, which proves
    nothing against it."""
    if request.connect:
        taken, submission = _connect(request), None
    else:
        isolation.require(request.require_tier)
        assert request.path is not None, "the command line asks for a path or for --connect"
        with others_may_read():
            submission = open_submission(
                request.path,
                scratch / "submission",
                name=request.name,
                alone=request.unattended,
                plays=lambda lab: plays_of(request.lab or lab, catalog),
                within=RECOGNISED_WITHIN * max(1.0, request.stretched),
                roles=lambda lab: programs_of(request.lab or lab, catalog),
                to_be_built=True,
            )
        variant = request.lab or submission.lab
        if variant is None:
            raise WrongCall(
                f"which lab is {submission.name} for? Name it with --lab, or in its"
                f" submission.toml; there are {', '.join(sorted(catalog.labs))}"
            )
        taken = Prepared(variant, submission.name, port=submission.port, note=submission.note)
    plan(request, catalog, isolation, scratch, taken)  # find wrong options before the build
    return taken, submission


def programs_of(variant: str | None, catalog: Catalog) -> Sequence[str]:
    """The programs that a submission for this lab consists of; empty if it is one program, or
    there is no such lab."""
    lab = catalog.labs.get(variant or "")
    return lab.programs if lab is not None else ()


def plays_of(variant: str | None, catalog: Catalog) -> str:
    """Whether a submission for this lab is a "server" or a "client"; if there is no such lab, that
    is told later."""
    lab = catalog.labs.get(variant or "")
    return lab.plays if lab is not None else "server"


def build_it(
    taken: Prepared, submission: Submission | None, request: Request, scratch: Path
) -> Prepared:
    """What was taken in, with its program or with the reason why there is none."""
    if submission is None:
        return taken
    refused: list[str] = []
    slowness = max(1.0, request.stretched)
    cache = scratch / "build-home"
    cache.mkdir()

    def run(command: Sequence[str], directory: Path, timeout: float) -> BuildResult:
        readable, fetch = readable_by(command), request.fetch
        result = run_build(command, directory, timeout, cache=cache, fetch=fetch, readable=readable)
        refused.extend(place for place in result.refused if place not in refused)
        return BuildResult(
            result.status, result.output, result.timed_out, result.exceeded, result.unreached
        )

    program, failure, failed_at = None, None, ""
    try:
        with others_may_read():
            built = build(
                submission,
                run,
                timeout=BUILD_WITHIN * slowness,
                offline=not request.fetch,
                within=RECOGNISED_WITHIN * slowness,
            )
        own = submission.arguments
        program = built.given(request.arguments if own is None else own)
    except BuildFailed as failed:
        failure, failed_at = _not_built(failed), failed.told
    note = taken.note or (program.note if program else "")
    if refused:
        told = f"the build tried to reach {', '.join(refused)}: refused, no configured registry"
        note = f"{note}; {told}" if note else told
    return replace(
        taken, program=program, build_failure=failure, build_command=failed_at, note=note
    )


def of_machine(wrong: WrongCall) -> bool:
    """Whether this machine refused (a full disk, no permission) and the submission is not at
    fault."""
    error: BaseException | None = wrong
    while error is not None:
        if isinstance(error, OSError) and error.errno in THE_MACHINES:
            return True
        error = error.__cause__ or error.__context__
    return False


def _connect(request: Request) -> Prepared:
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
    return Prepared(request.lab, f"{host}:{port}", remote=(host.strip("[]"), int(port)))


def again(request: Request, variant: str) -> str:
    """The command that repeats this request, without its choice of clauses."""
    words = ["conformance", "check"]
    words += (
        ["--connect", request.connect] if request.connect else [str(request.called or request.path)]
    )
    words += ["--lab", variant]
    for folder in request.labs:
        words += ["--labs", str(folder)]
    for name, value in request.settings.items():
        words += ["--set", f"{name}={value}"]
    words += ["--arguments", written_arguments(request.arguments)] if request.arguments else []
    words += ["--fetch-dependencies"] if request.fetch else []
    words += ["--network", str(request.network)] if request.network else []
    words += ["--strict"] if request.strict else []
    words += ["--budget", f"{request.budget:g}"] if request.budget != BUDGET else []
    words += ["--timeout-scale", f"{request.scale:g}"] if request.scale != 1.0 else []
    return shlex.join(words)


def _not_built(failed: BuildFailed) -> Attempt:
    """Why there is no program: the student's fault, or the machine's."""
    if failed.machine:
        return Attempt(
            Outcome.INCONCLUSIVE,
            reason=f"the submission could not be built here: {failed.summary}",
            output=failed.output[:OUTPUT_KEPT],
        )
    return Attempt(
        Outcome.FAILED,
        expected=BUILDS,
        actual=failed.summary,
        hint="Build it on your own machine, from a fresh copy of what you handed in.",
        fault=Fault.WRONG,
    )
