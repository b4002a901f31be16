"""What a run is made of: the request, the submission as it turned out to be, and how it is
judged."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conformance import __version__
from conformance.contract.budget import BUDGET
from conformance.contract.lab import LONGEST_SCENARIO, Lab
from conformance.contract.scenario import Scenario
from conformance.sandbox import Isolation, Tier
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.sandbox.hosts.emulation import Emulated
from conformance.sandbox.measure.slowness import why_stretched
from conformance.submissions import Program
from conformance.verdict.model import Attempt, Blame, Outcome, Parameters, Run, Verdict
from conformance.verdict.points import Counting, mark


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    path: Path | None = None
    lab: str | None = None
    connect: str | None = None
    """HOST:PORT of a server that runs already, instead of a `path`."""
    only: str = ""
    """Clauses or sections, separated by commas; empty: all."""
    without: str = ""
    """Clauses or sections that are left out, separated by commas."""
    must: bool = False
    """All clauses but MUST are left out."""
    failed: Mapping[str, Sequence[str]] | None = None
    """Only these clauses, those that did not pass when it was checked last; by lab. None: all."""
    first: Collection[str] = ()
    """Clauses to be judged first, as far as the order of a run allows it."""
    settings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    scale: float = 1.0
    budget: float = BUDGET
    """Seconds of conversation after which the submission is given up."""
    stretch: float = 1.0
    """The factor by which deadlines are stretched as well because this machine is slow; 1.0 where
    `scale` was chosen by hand."""
    strict: bool = False
    jobs: int = 4
    keep: Path | None = None
    """The folder in which evidence is kept."""
    keep_all: bool = False
    """Also keep the evidence of what passed."""
    require_tier: str | None = None
    labs: tuple[Path, ...] = ()
    """The folders of labs that were named, for commands that name them, too."""
    name: str | None = None
    """The student's name; empty: the name of the file or folder is used."""
    fetch: bool = False
    """Its build may reach the registries that this machine is configured for."""
    counts: tuple[str, ...] = ()
    """SHOULD clauses that count without `strict`; ("all",) for every one."""
    arguments: tuple[str, ...] = ()
    """The program's arguments, unless its manifest names them; `{port}` stands for the port."""
    search: float = 0.0
    """Seconds of the search for a conversation that breaks the contract; 0: there is none."""
    network: NetworkConditions = field(default_factory=NetworkConditions)
    """The conditions of the network between the hosts."""
    called: Path | None = None
    """How reports name `path`, where it was brought here from another machine; None: as it is."""
    unattended: bool = False
    """It is one entry of a class: files beside a single file belong to other students."""

    @property
    def stretched(self) -> float:
        """The factor by which deadlines are stretched in all."""
        return self.scale * self.stretch


@dataclass(frozen=True)
class Prepared:
    """What a submission has turned out to be. Can be pickled; a plan cannot, because its lab is
    code."""

    variant: str
    submission: str
    program: Program | None = None
    build_failure: Attempt | None = None
    build_command: str = ""
    """The command of the build that failed, for reports; "" if it would not show why."""
    remote: tuple[str, int] | None = None
    port: int | None = None
    """The name in its manifest."""
    note: str = ""


@dataclass(frozen=True)
class RuledOut:
    """A scenario that was asked for in general, and ruled out by an option."""

    scenario: Scenario
    reason: str


@dataclass(frozen=True)
class Plan:
    """One submission, one lab, and how it is to be judged."""

    request: Request
    prepared: Prepared
    lab: Lab
    parameters: Parameters
    chosen: tuple[Scenario, ...]
    """What is to be judged and what the points come from. Scenarios that these depend on are judged
    and shown as well, but bring no points."""
    isolation: Isolation
    scratch: Path
    """An empty folder for this run alone, which the sessions' users may enter."""
    again: str = ""
    """The command that repeats this run, without its choice of clauses."""
    emulated: Emulated | None = None
    """The conditions of its network, and what draws them; None: a wire."""
    left_out: tuple[RuledOut, ...] = ()
    """What the call leaves out of what could be judged: it is no part of the points possible."""

    @property
    def scenarios(self) -> list[Scenario]:
        """All that apply, in the contract's order."""
        return self.lab.scenarios_for(self.parameters)

    @property
    def port(self) -> int:
        """The port that the program is to listen on."""
        return self.prepared.port or int(self.parameters[self.lab.port_parameter])

    @property
    def command(self) -> tuple[str, ...]:
        """The command that starts the program, for reports; () where it runs already."""
        host = self.parameters[self.lab.host_parameter] if self.lab.plays == "client" else ""
        program = self.prepared.program
        return program.told(self.port, str(host)) if program else ()

    @property
    def jobs(self) -> int:
        """Sessions at a time; one on the host's own network, where two servers would want the same
        port."""
        on_host = self.isolation.tier is Tier.NONE or self.prepared.remote is not None
        return 1 if on_host else self.request.jobs

    @property
    def longest_talk(self) -> float:
        """Seconds of conversation after which the submission is given up; more for a lab whose
        conversations are longer than usual."""
        longest = self.lab.longest(self.parameters)
        allowance = self.emulated.conditions.allowance(self.lab.protocol) if self.emulated else 0.0
        stretched = self.request.stretched + allowance
        return self.request.budget * stretched * max(1.0, longest / LONGEST_SCENARIO)

    @property
    def kept_outcomes(self) -> Collection[Outcome]:
        """The outcomes whose evidence is kept; a scenario that was not run has none."""
        if self.request.keep is None:
            return ()
        doubtful = {Outcome.FAILED, Outcome.INCONCLUSIVE}
        return doubtful | {Outcome.PASSED} if self.request.keep_all else doubtful

    def is_chosen(self, number: str) -> bool:
        return any(scenario.clause.number == number for scenario in self.chosen)

    @property
    def counting(self) -> Counting:
        numbers = frozenset(scenario.clause.number for scenario in self.chosen)
        return Counting(self.request.strict, self.request.counts, numbers)

    @property
    def lay(self) -> str:
        """The command that lays what this run has laid; "" where that is nothing."""
        if self.lab.lays is None:
            return ""
        words = ["conformance", "lay", self.prepared.variant, "--seed", str(self.request.seed)]
        for name, value in self.request.settings.items():
            words += ["--set", f"{name}={value}"]
        return shlex.join(words)

    def again_for(self, number: str) -> str:
        """The command that runs that clause's scenario again."""
        return f"{self.again} --only {number}" if self.again else ""

    def verdict_on(self, left_out: RuledOut) -> Verdict:
        """The verdict on a clause that the call leaves out."""
        scenario = left_out.scenario
        attempt = Attempt(Outcome.NOT_RUN, reason=left_out.reason, blame=Blame.CALL)
        verdict = Verdict(
            scenario.clause,
            scenario.level(self.parameters),
            attempt,
            again=self.again_for(scenario.clause.number),
        )
        return mark(verdict, self.counting)

    def described(self) -> Run:
        """The run as it begins."""
        request, prepared, program = self.request, self.prepared, self.prepared.program
        notes = [prepared.note] if prepared.note else []
        if prepared.remote is None:
            notes += [f"Isolation: {told}" for told in self.isolation.shortcomings()]
        if slow := why_stretched(request.stretch):
            notes.append(slow)
        if request.failed is not None:
            of = f"{len(self.chosen)} of {len(self.scenarios)} clauses"
            notes.append(f"Checked is what did not pass last time: {of}.")
        return Run(
            lab=prepared.variant,
            submission=prepared.submission,
            parameters=self.lab.differences(prepared.variant, self.parameters),
            seed=request.seed,
            tier="remote" if prepared.remote else self.isolation.tier.value,
            suite=__version__,
            strict=request.strict,
            title=self.lab.contract.title,
            notes=tuple(notes),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            worth=self.counting.worth_together(
                (scenario.clause, scenario.level(self.parameters)) for scenario in self.chosen
            ),
            command=self.command,
            folder=program.folder if program else ".",
            language=program.language if program else "",
            doubt=program.doubt if program else "",
            network=self.emulated.told if self.emulated else "",
        )
