"""A lab: its contract, its parameters, and the scenarios that put its clauses to the test.

The lab's author writes one Markdown file and one Python file beside it::

    echo = Lab("echo", __file__, parameters=[Parameter("port", 2323, "TCP port …"), …])

    @echo.scenario("4.1")
    async def hangs_up_after_bye(server): …

Nothing needs to be registered. `Lab.complaints()` says what is missing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from conformance.contract import listening
from conformance.contract.draw import Draw
from conformance.contract.laid import Lays
from conformance.contract.markdown import Contract, ContractError, read_contract
from conformance.contract.parameter import Parameter, did_you_mean
from conformance.contract.scenario import Condition, Conversation, Judge, Scenario, See
from conformance.contract.state_model import StateModel
from conformance.contract.translation import Translation, read_translation, translations_beside
from conformance.verdict.causes import Cause
from conformance.verdict.model import Clause, Level, Parameters, WrongCall

Model = TypeVar("Model", bound=StateModel)

LONGEST_SCENARIO = 150.0
"""Seconds for a scenario, unless the lab says otherwise: a hundred replies that take nearly a
second each, and some more."""


@dataclass
class Lab:
    """An exercise: contract, parameters, scenarios."""

    name: str
    file: str
    """The author's `__file__`; the contract is beside it, with the suffix .md, and may be there in
    French, too, with the suffix .fr.md."""
    protocol: str = "tcp"
    """What its server listens on: "tcp" or "udp"."""
    plays: Literal["server", "client"] = "server"
    """What the submission is. The suite plays the other one: to a client it is the server, and each
    scenario starts the program when it is ready."""
    gate: str = "1.1"
    """The clause without which nothing else can be judged."""
    teaches: str = ""
    """The clause that learns the server's dialect, judged right after the gate."""
    outlives: Sequence[str] = ()
    """The clauses that ask the program to outlive its clients. If it ends by itself right after a
    conversation that held, one of these pays for that; if they all hold, the conversation's clause
    fails."""
    parameters: Sequence[Parameter] = ()
    port_parameter: str = "port"
    """The parameter that says which port it is about."""
    host_parameter: str = "host"
    """For a client: the parameter with the name of the server that it connects to."""
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
    programs: Sequence[str] = ()
    """The names of a submission's programs where it is several; the first is the server. They are
    the tables of its manifest, and files or folders are called after them."""
    hosts: Sequence[str] = ()
    """Names of further hosts of a session, on which `server.start` starts programs."""
    names: Sequence[str] = ()
    """Host names that programs may have built in; each is resolved to the submission's own host."""
    lays: Lays | None = None
    """What the suite lays in the folder in which the program is started, before it starts; None:
    nothing."""
    answers: Callable[[Draw, bytes, float], bytes] | None = None
    """For clients: what `conformance serve` answers to one that has said these bytes, and has been
    connected for so many seconds; b"" as long as more is awaited."""
    remembers: bool = False
    """Whether what its server answers depends on all that was said before, so that nothing is left
    out where a fault is shown by hand."""
    see: str = ""
    """The command that shows the server at work, for scenarios without one of their own: see
    Scenario."""
    causes: Sequence[Cause] = ()
    """Faults that cost several clauses; the first that was seen is told first."""
    scenarios: list[Scenario] = field(default_factory=list)
    state_model: type[StateModel] | None = field(default=None, init=False)
    """What it promises of any conversation; None where nobody has said that."""

    def __post_init__(self) -> None:
        self._markdown = Path(self.file).with_suffix(".md").read_text(encoding="utf-8")
        self.contract: Contract = read_contract(self._markdown)

    @functools.cached_property
    def translations(self) -> Mapping[str, Translation]:
        """The contract in other languages. Raises ContractError where one is another contract."""
        found = translations_beside(Path(self.file).with_suffix(".md"))
        return {language: read_translation(at, self.contract) for language, at in found.items()}

    def contract_for(self, parameters: Parameters, language: str = "en") -> Contract:
        """The contract, with the values of these parameters filled in; in English where it is not
        there in this language."""
        values = tuple(self._values(parameters).items())
        if language == "en" or language not in self.translations:
            return _contract(self._markdown, values)
        return _translated(self.translations[language], values)

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
        apart: bool = False,
        of: Conversation | None = None,
        begins: Conversation | None = None,
        joins: Conversation | None = None,
        builds_on: Sequence[str] = (),
        needs: Sequence[str] = (),
        when: Condition | None = None,
        level: Callable[[Parameters], Level] | None = None,
        needs_process: bool = False,
        bears_loss: bool = False,
        see: See = "",
    ) -> Callable[[Judge], Judge]:
        """Declares that the function puts clause `number` to the test (see Scenario)."""

        def declare(judge: Judge) -> Judge:
            clause = self.clause(number)
            self.scenarios.append(
                Scenario(
                    clause,
                    judge,
                    alone=alone or self.plays == "client",
                    destructive=destructive,
                    apart=apart,
                    of=of,
                    begins=begins,
                    joins=joins,
                    builds_on=tuple(builds_on),
                    needs=tuple(needs),
                    when=when,
                    level_when=level,
                    needs_process=needs_process,
                    bears_loss=bears_loss,
                    see=see,
                )
            )
            return judge

        return declare

    see_ports = staticmethod(listening.see_ports)

    def listening(self, begins: Conversation | None = None) -> Judge:
        """Declares the scenario for clause 1.1 that all labs share: the server listens on its port.
        `begins`: see Scenario."""
        udp = self.protocol == "udp"
        see = self.see_ports("u" if udp else "t")
        declare = self.scenario("1.1", begins=begins, needs_process=udp, bears_loss=True, see=see)
        return declare(listening.over_udp() if udp else listening.over_tcp())

    def reachable(self) -> Judge:
        """Declares the scenario for clause 1.2 of a TCP lab: the server can be reached from other
        hosts."""
        see = "ss -ltn | grep :{port}   # must say 0.0.0.0, * or [::], not 127.0.0.1"
        declare = self.scenario("1.2", needs_process=True, see=see)
        return declare(listening.reachable_from_other_hosts)

    def conversation(self, hold: Callable[..., Awaitable[Any]]) -> Conversation:
        """Declares a conversation whose evidence several scenarios judge."""
        return Conversation(hold.__name__, hold)

    def model(self, promises: type[Model]) -> type[Model]:
        """Declares what the lab promises of any conversation."""
        self.state_model = promises
        return promises

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
        given = dict(self.variants.get(variant, {}))
        for name, value in settings.items():
            if name not in known:
                raise WrongCall(
                    f"the lab {variant} has no parameter {name!r}; it has {', '.join(known)}"
                    f"{did_you_mean(name, known)}"
                )
            given[name] = known[name].read(value) if isinstance(value, str) else value
        values: dict[str, Any] = {}
        for name, parameter in known.items():
            values[name] = given[name] if name in given else parameter.usual(values)
        for name, value in values.items():
            if name.endswith("port") and not 0 < value < 65_536:
                raise WrongCall(f"{name} is from 1 to 65535, not {value}")
        parameters = Parameters(values)
        if complaint := self.check_parameters(parameters):
            raise WrongCall(complaint)
        return parameters

    def differences(self, variant: str, parameters: Parameters) -> dict[str, Any]:
        """The parameters that differ from what they are where only the variant is named: with
        these alone, `resolve` gives the same again."""
        usual = {**self.resolve(variant, {})}
        for parameter in self.parameters:
            if parameter.follows and parameter.name not in self.variants.get(variant, {}):
                usual[parameter.name] = parameter.usual(parameters)
        return {name: value for name, value in parameters.items() if usual[name] != value}

    def reproduce(self, scenario: Scenario, filled: Mapping[str, str], sign: str = "") -> str:
        """The commands with which a student sees a fault without the suite: the scenario's, or
        `filled["derived"]`, those that do what our clients did in the conversation that failed.
        `filled`: what the scenario's may refer to, see Scenario; "" where it is not known. `sign`:
        what was seen of the fault."""
        see = scenario.see
        if isinstance(see, Mapping):
            see = see.get(sign, see[""])
        see = see if see is None else see or self.see
        derived = filled["derived"]
        if see is None or (derived and "{derived}" not in see):
            return "" if see is None else derived
        names = [name for name in re.findall(r"\{(\w+)\}", see) if name in filled]
        if not all(filled[name] for name in names):
            return ""
        return re.sub(r"\{(\w+)\}", lambda found: filled.get(found[1], found[0]), see)

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
        for cause in self.causes:
            named = {*cause.failed, *cause.passed, *cause.explains, *cause.hides}
            told += [
                f"the cause {cause.name!r} names {number}, which is no clause"
                for number in sorted(named - by_number.keys())
            ]
        return [*told, *self._wrong_parameters(), *self._wrong_translations()]

    def _wrong_translations(self) -> Iterator[str]:
        try:
            _ = self.translations
        except (ContractError, UnicodeDecodeError) as error:
            yield str(error)

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


@functools.lru_cache(maxsize=64)
def _translated(translation: Translation, values: tuple[tuple[str, str], ...]) -> Contract:
    return translation.with_values(dict(values))


def _in_words(value: object) -> str:
    """A parameter's value as a sentence has it; numbers as 1 and 0.25."""
    return f"{value:g}" if isinstance(value, float) else str(value)
