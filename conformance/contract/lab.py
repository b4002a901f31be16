"""A lab: its contract, its parameters, and the scenarios that put its clauses to the test.

The lab's author writes one Markdown file and one Python file beside it::

    echo = Lab("echo", __file__, parameters=[Parameter("port", 2323, "TCP port …"), …])

    @echo.scenario("4.1")
    async def hangs_up_after_bye(server): …

Nothing needs to be registered. `Lab.complaints()` says what is missing.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.contract import listening
from conformance.contract.markdown import Contract, read_contract
from conformance.contract.parameter import Parameter, did_you_mean
from conformance.contract.scenario import Condition, Conversation, Judge, Scenario
from conformance.verdict.model import Clause, Level, Parameters, WrongCall

LONGEST_SCENARIO = 150.0
"""Seconds for a scenario, unless the lab says otherwise: a hundred replies that take nearly a
second each, and some more."""

BUDGET = 600.0
"""Seconds of conversation that one submission may take, summed over concurrent sessions: ten times
what a conforming server needs."""


@dataclass
class Lab:
    """An exercise: contract, parameters, scenarios."""

    name: str
    file: str
    """The author's `__file__`; the contract is beside it, with the suffix .md."""
    protocol: str = "tcp"
    """What its server listens on: "tcp" or "udp"."""
    gate: str = "1.1"
    """The clause without which nothing else can be judged."""
    teaches: str = ""
    """The clause that learns the server's dialect, judged right after the gate."""
    outlives: Sequence[str] = ()
    """The clauses that ask the program to outlive its clients. If it ends by itself right after a
    conversation that held, one of these pays for that; if they all hold, the conversation's clause
    fails."""
    parameters: Sequence[Parameter] = ()
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Variants: names for the lab with other values of its parameters."""
    check_parameters: Callable[[Parameters], str | None] = lambda parameters: None
    """Returns one sentence on what is wrong with a combination of parameters, or ""."""
    zone: Callable[[float], str] | None = None
    """Chooses the host's TZ by the present time (seconds since the epoch); None: UTC."""
    shown: Callable[[Parameters], Mapping[str, str]] = lambda parameters: {}
    """Further values that the contract shows, computed from the parameters: see `markdown`."""
    longest: Callable[[Parameters], float] = lambda parameters: LONGEST_SCENARIO
    """Seconds after which a scenario is given up as a fault of the suite: more than all its waits
    together, whatever the parameters."""
    names: Sequence[str] = ()
    """Host names that programs may have built in; each is resolved to the submission's own host."""
    see: str = ""
    """The command that shows the server at work, for scenarios without one of their own."""
    scenarios: list[Scenario] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._markdown = Path(self.file).with_suffix(".md").read_text(encoding="utf-8")
        self.contract: Contract = read_contract(self._markdown)

    def contract_for(self, parameters: Parameters) -> Contract:
        """The contract, with the values of these parameters filled in."""
        return _contract(self._markdown, tuple(self._values(parameters).items()))

    def _values(self, parameters: Parameters) -> Mapping[str, str]:
        plain = {name: _in_words(value) for name, value in parameters.items()}
        return {**plain, **self.shown(parameters)}

    def clause(self, number: str) -> Clause:
        """The clause of that number. Raises WrongCall where there is none."""
        for clause in self.contract.clauses:
            if clause.number == number:
                return clause
        raise WrongCall(f"the lab {self.name} has no clause {number}")

    def scenario(
        self,
        number: str,
        *,
        alone: bool = False,
        destructive: bool = False,
        of: Conversation | None = None,
        begins: Conversation | None = None,
        builds_on: Sequence[str] = (),
        needs: Sequence[str] = (),
        when: Condition | None = None,
        level: Callable[[Parameters], Level] | None = None,
        needs_process: bool = False,
        see: str | None = "",
    ) -> Callable[[Judge], Judge]:
        """Declares that the function puts clause `number` to the test (see Scenario)."""

        def declare(judge: Judge) -> Judge:
            clause = self.clause(number)
            self.scenarios.append(
                Scenario(
                    clause,
                    judge,
                    alone=alone,
                    destructive=destructive,
                    of=of,
                    begins=begins,
                    builds_on=tuple(builds_on),
                    needs=tuple(needs),
                    when=when,
                    level_when=level,
                    needs_process=needs_process,
                    see=see,
                )
            )
            return judge

        return declare

    def listening(self, begins: Conversation | None = None) -> Judge:
        """Declares the scenario for clause 1.1 that all labs share: the server listens on its port.
        `begins`: see Scenario."""
        udp = self.protocol == "udp"
        see = "ss -lunp | grep {port}" if udp else "ss -ltnp | grep {port}"
        declare = self.scenario("1.1", begins=begins, needs_process=udp, see=see)
        return declare(listening.over_udp() if udp else listening.over_tcp())

    def reachable(self) -> Judge:
        """Declares the scenario for clause 1.2 of a TCP lab: the server can be reached from other
        hosts."""
        see = "nc $(hostname -I | cut -d' ' -f1) {port}"
        declare = self.scenario("1.2", needs_process=True, see=see)
        return declare(listening.reachable_from_other_hosts)

    def conversation(self, hold: Callable[..., Awaitable[Any]]) -> Conversation:
        """Declares a conversation whose evidence several scenarios judge."""
        return Conversation(hold.__name__, hold)

    def scenarios_for(self, parameters: Parameters) -> list[Scenario]:
        """The scenarios whose clause applies under these parameters, in the contract's order."""
        applying = {s.clause.number: s for s in self.scenarios if not s.when or s.when(parameters)}
        return [
            replace(applying[clause.number], clause=clause)
            for clause in self.contract_for(parameters).clauses
            if clause.number in applying
        ]

    def resolve(self, variant: str, settings: Mapping[str, Any]) -> Parameters:
        """The parameters of a run: defaults, then the variant's, then `settings`.

        Text in `settings` is read as the parameter's type. Raises WrongCall.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        values = {name: parameter.default for name, parameter in known.items()}
        values.update(self.variants.get(variant, {}))
        for name, value in settings.items():
            if name not in known:
                raise WrongCall(
                    f"the lab {variant} has no parameter {name!r}; it has {', '.join(known)}"
                    f"{did_you_mean(name, known)}"
                )
            values[name] = known[name].read(value) if isinstance(value, str) else value
        for name, value in values.items():
            if name.endswith("port") and not 0 < value < 65_536:
                raise WrongCall(f"{name} is from 1 to 65535, not {value}")
        parameters = Parameters(values)
        if complaint := self.check_parameters(parameters):
            raise WrongCall(complaint)
        return parameters

    def differences(self, variant: str, parameters: Parameters) -> dict[str, Any]:
        """The parameters that differ from the defaults of the lab (or of the variant)."""
        usual = self.resolve(variant, {})
        return {name: value for name, value in parameters.items() if usual[name] != value}

    def reproduce(self, scenario: Scenario, parameters: Parameters) -> str:
        """The command with which a student sees it without the suite."""
        if scenario.see is None:
            return ""
        return (scenario.see or self.see).replace("{port}", str(parameters.port))

    def complaints(self) -> list[str]:
        """Where contract and scenarios disagree, as sentences; empty for a complete lab."""
        told: list[str] = []
        by_number = {scenario.clause.number: scenario for scenario in self.scenarios}
        for clause in self.contract.clauses:
            scenario = by_number.get(clause.number)
            if scenario is None:
                told.append(f"clause {clause.number} has no scenario")
            elif scenario.judge.__name__ != clause.scenario:
                told.append(
                    f"clause {clause.number} is tested by `{clause.scenario}` in the contract,"
                    f" by `{scenario.judge.__name__}` in the code"
                )
            elif not scenario.title:
                told.append(f"{clause.scenario} has no docstring: it is what a student reads")
            told += [
                f"clause {clause.number} builds on {other}, which is no clause"
                for other in (scenario.grounds if scenario else ())
                if other not in by_number
            ]
        if len(by_number) < len(self.scenarios):
            told.append("a clause has two scenarios")
        return [*told, *self._wrong_parameters()]

    def _wrong_parameters(self) -> Iterator[str]:
        """Where contract and code differ in a parameter."""
        known = {parameter.name: parameter for parameter in self.parameters}
        written = self.contract.defaults
        for name in {} if written is None else {**known, **written}:
            if written is None or name not in written:
                yield f"the parameter {name} is missing in the contract's table"
            elif name not in known:
                yield f"the contract has a parameter {name}, which the code does not know"
            elif not known[name].is_written(written[name]):
                default = _in_words(known[name].default)
                yield f"{name} is {written[name]} in the contract, {default} in the code"
        values = self._values(Parameters({name: each.default for name, each in known.items()}))
        for name, text in self.contract.shown:
            if name not in values:
                yield f"the contract shows {name!r}, which is no parameter"
            elif values[name] != text:
                yield f"the contract shows {text!r} for {name}, which is {values[name]!r}"


@functools.lru_cache(maxsize=64)
def _contract(markdown: str, values: tuple[tuple[str, str], ...]) -> Contract:
    return read_contract(markdown, dict(values))


def _in_words(value: object) -> str:
    """A parameter's value as a sentence has it; numbers as 1 and 0.25."""
    return f"{value:g}" if isinstance(value, float) else str(value)
