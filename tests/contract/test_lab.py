"""Labs: parameters and their values, the choice of clauses, and what a lab lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.lab import Lab
from conformance.contract.markdown import ContractError
from conformance.contract.parameter import Parameter
from conformance.contract.scenario import Scenario
from conformance.run.chosen import choose
from conformance.verdict.causes import Cause
from conformance.verdict.model import Clause, Level, Parameters, WrongCall
from conformance.verdict.symptoms import Sign

CONTRACT = """# ping: it says pong

One sentence.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.

## 4 Goodbye
- **4.1** MUST (2) `says_pong`: it says pong. *Faults: says ping.*
- **4.10** SHOULD (1) `says_it_again`: and again.

## 41 Beyond
- **41.1** SHOULD (1) `goes_on`: and on.
"""


def at_least_one(parameters: Parameters) -> str | None:
    return "clients is at least 1" if parameters.clients == 0 else None


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "ping.md").write_text(CONTRACT)
    return Lab(
        "ping",
        str(tmp_path / "ping.py"),
        parameters=[
            Parameter("port", 7, "TCP port"),
            Parameter("period", 1.5, "seconds"),
            Parameter("prefix", "> ", "what stands first"),
            Parameter("greeting", "any", "lines", also=("any",)),
            Parameter("zone", "any", "which", choices=("any", "UTC")),
            Parameter("clients", 20, "how many"),
        ],
        variants={"ping-loud": {"prefix": "!", "port": 8}},
        check_parameters=at_least_one,
        see="nc localhost {port}",
    )


def judge(name: str, title: str = "It does.") -> Callable[..., Any]:
    async def scenario(server: object) -> None: ...

    scenario.__name__ = name
    scenario.__doc__ = title
    return scenario


def complete(lab: Lab) -> Lab:
    for number, name in (
        ("1.1", "listens"), ("4.1", "says_pong"), ("4.10", "says_it_again"), ("41.1", "goes_on"),
    ):  # fmt: skip
        lab.scenario(number)(judge(name))
    return lab


# -- parameters -----------------------------------------------------------------------


def test_defaults_then_the_variant_then_what_was_set(lab: Lab) -> None:
    assert lab.resolve("ping", {}).port == 7
    loud = lab.resolve("ping-loud", {"prefix": ""})
    assert (loud.port, loud.prefix, loud.clients) == (8, "", 20)
    assert lab.differences("ping-loud", loud) == {"prefix": ""}
    assert lab.differences("ping-loud", lab.resolve("ping-loud", {})) == {}


def test_a_value_may_follow_another(lab: Lab) -> None:
    """Where nobody sets it; and what follows is no difference of its own."""
    loud = Parameter("loud", 1, "how loud", follows=lambda others: others["clients"] * 2)
    lab.parameters = [*lab.parameters, loud]
    many = lab.resolve("ping", {"clients": 30})
    assert (many.loud, lab.differences("ping", many)) == (60, {"clients": 30})
    quiet = lab.resolve("ping", {"clients": 30, "loud": 3})
    assert (quiet.loud, lab.differences("ping", quiet)) == (3, {"clients": 30, "loud": 3})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "2323", 2323),
        ("period", "0.25", 0.25),
        ("period", "2", 2.0),
        ("prefix", "", ""),
        ("prefix", "12", "12"),
        ("greeting", "any", "any"),
        ("greeting", "2", 2),
        ("zone", "UTC", "UTC"),
    ],
)
def test_a_value_is_read_as_its_parameter_is(lab: Lab, name: str, text: str, value: object) -> None:
    read = lab.resolve("ping", {name: text})[name]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("port", "many", "port is a whole number, not 'many'"),
        ("port", "1.5", "port is a whole number, not '1.5'"),
        ("port", "-1", "port is at least 0, not '-1'"),
        ("period", "soon", "period is a number, not 'soon'"),
        ("greeting", "some", "greeting is a whole number, or any, not 'some'"),
        ("greeting", "1.5", "greeting is a whole number, or any, not '1.5'"),
        ("zone", "MEZ", "zone is one of any, UTC, not 'MEZ'"),
        ("clients", "0", "clients is at least 1"),
        ("colour", "red", "the lab ping has no parameter 'colour'; it has port, period"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence(lab: Lab, name: str, text: str, sentence: str) -> None:
    with pytest.raises(WrongCall) as wrong:
        lab.resolve("ping", {name: text})
    assert str(wrong.value).startswith(sentence)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_is_refused(lab: Lab, text: str) -> None:
    with pytest.raises(WrongCall, match="period"):
        lab.resolve("ping", {"period": text})


def test_parameters_read_like_attributes(lab: Lab) -> None:
    parameters = lab.resolve("ping", {})
    assert parameters["period"] == parameters.period
    assert "period" in parameters
    with pytest.raises(AttributeError, match="no parameter 'colour'"):
        parameters.colour  # noqa: B018 - the access is what is tested


# -- the choice of clauses ------------------------------------------------------------


@pytest.mark.parametrize(
    ("only", "numbers"),
    [
        ("", ["1.1", "4.1", "4.10", "41.1"]),
        ("4.1", ["4.1"]),
        ("4", ["4.1", "4.10"]),
        ("41", ["41.1"]),
        ("4.10,1", ["1.1", "4.10"]),
        ("says_pong, 1.1", ["1.1", "4.1"]),
        ("4,4.1", ["4.1", "4.10"]),
    ],
)
def test_only_these(lab: Lab, only: str, numbers: list[str]) -> None:
    chosen = choose(lab, complete(lab).scenarios, only)
    assert [scenario.clause.number for scenario in chosen] == numbers


@pytest.mark.parametrize("only", ["9.9", "4.2", "4.1.1", "say", "4.1,9"])
def test_a_filter_that_matches_nothing_is_an_error(lab: Lab, only: str) -> None:
    with pytest.raises(WrongCall, match=r"the lab ping has no such clause here; it has 1\.1, 4\.1"):
        choose(lab, complete(lab).scenarios, only)


@pytest.mark.parametrize("only", [",", " "])
def test_a_filter_without_a_word_is_an_error(lab: Lab, only: str) -> None:
    with pytest.raises(WrongCall, match=r"--only .* names no clause"):
        choose(lab, complete(lab).scenarios, only)


def test_scenarios_stand_in_the_order_of_the_contract(lab: Lab) -> None:
    for number, name in (("4.10", "says_it_again"), ("4.1", "says_pong"), ("1.1", "listens")):
        lab.scenario(number)(judge(name))
    ordered = lab.scenarios_for(lab.resolve("ping", {}))
    assert [scenario.clause.number for scenario in ordered] == ["1.1", "4.1", "4.10"]


def test_a_clause_applies_under_its_condition_only(lab: Lab) -> None:
    lab.scenario("1.1")(judge("listens"))
    lab.scenario("4.1", when=lambda parameters: parameters.clients > 5)(judge("says_pong"))
    assert len(lab.scenarios_for(lab.resolve("ping", {}))) == 2
    assert len(lab.scenarios_for(lab.resolve("ping", {"clients": "2"}))) == 1


def test_a_level_may_hang_on_a_parameter(lab: Lab) -> None:
    def level(parameters: Parameters) -> Level:
        return Level.INFO if parameters.greeting == "any" else Level.MUST

    lab.scenario("1.1", level=level)(judge("listens"))
    scenario = lab.scenarios[0]
    assert scenario.level(lab.resolve("ping", {})) is Level.INFO
    assert scenario.level(lab.resolve("ping", {"greeting": "0"})) is Level.MUST


@pytest.mark.parametrize(
    ("see", "derived", "shown"),
    [
        ("", "printf 'x' | nc here 99", "printf 'x' | nc here 99"),
        ("ss | grep :{port}", "", "ss | grep :99"),
        ("ss | grep :{port}", "printf 'x' | nc here 99", "printf 'x' | nc here 99"),
        ("date; {derived}", "nc here 99", "date; nc here 99"),
        ("date; {derived}", "", ""),
        ("LC_ALL=C {start}; awk '{print}' {host}", "", "LC_ALL=C ./ping; awk '{print}' here"),
        ("", "", "ping here"),
        (None, "nc here 99", ""),
    ],
)
def test_how_to_see_it_oneself(lab: Lab, see: str | None, derived: str, shown: str) -> None:
    lab.see = "ping {host}"
    lab.scenario("1.1", see=see)(judge("listens"))
    filled = {"host": "here", "port": "99", "start": "./ping", "derived": derived}
    assert lab.reproduce(lab.scenarios[0], filled) == shown


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        (Sign.ENDED, "./ping   # must go on running"),
        (Sign.OTHER_PORT, "ss -ltnp"),
        (Sign.SWAPPED_PORT, "ss -ltnp"),
        (Sign.OTHER_PROTOCOL, "ss -ltunp"),
        (Sign.NO_PORT, "ss -ltnp | grep :99   # must find it"),
        ("", "ss -ltnp | grep :99   # must find it"),
    ],
)
def test_a_server_that_does_not_listen_is_looked_for_where_it_is(
    lab: Lab, sign: str, shown: str
) -> None:
    lab.listening()
    filled = {"host": "here", "port": "99", "start": "./ping", "derived": ""}
    assert lab.reproduce(lab.scenarios[0], filled, sign) == shown


def test_a_program_that_was_not_started_cannot_be_started_again(lab: Lab) -> None:
    lab.scenario("1.1", see="LC_ALL=C {start}")(judge("listens"))
    filled = {"host": "here", "port": "99", "start": "", "derived": ""}
    assert lab.reproduce(lab.scenarios[0], filled) == ""


# -- what a lab lacks -----------------------------------------------------------------


def test_a_complete_lab_has_no_complaints(lab: Lab) -> None:
    assert complete(lab).complaints() == []


def test_a_cause_names_clauses_that_there_are(lab: Lab) -> None:
    lab.causes = [Cause("deaf", "It hears nothing.", {"1.1": ()}, ("7.7",), ("4.1", "8.8"))]
    assert complete(lab).complaints() == [
        "the cause 'deaf' names 7.7, which is no clause",
        "the cause 'deaf' names 8.8, which is no clause",
    ]


def test_what_is_missing_is_told(lab: Lab) -> None:
    lab.scenario("1.1")(judge("listens_well"))
    lab.scenario("4.1", builds_on=("9.9",))(judge("says_pong", title=""))
    lab.scenario("4.10")(judge("says_it_again"))
    lab.scenario("4.10")(judge("says_it_again"))
    assert lab.complaints() == [
        "clause 1.1 is tested by `listens` in the contract, by `listens_well` in the code",
        "says_pong has no docstring: it is what a student reads",
        "clause 4.1 builds on 9.9, which is no clause",
        "clause 41.1 has no scenario",
        "a clause has two scenarios",
    ]


def test_a_scenario_for_no_clause(lab: Lab) -> None:
    with pytest.raises(WrongCall, match=r"the lab ping has no clause 7\.7"):
        lab.scenario("7.7")(judge("listens"))


def test_a_lab_without_contract(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Lab("ping", str(tmp_path / "ping.py"))
    (tmp_path / "ping.md").write_text("no heading")
    with pytest.raises(ContractError):
        Lab("ping", str(tmp_path / "ping.py"))


def test_the_title_is_the_first_sentence_of_the_docstring() -> None:
    clause = Clause("1.1", Level.MUST, 1, "x", "…")
    held = Scenario(clause, judge("x", "One\n    two.\n\n    More."))
    assert held.title == "One two."


@pytest.mark.parametrize(("protocol", "port"), [("tcp", "TCP"), ("udp", "UDP")])
def test_the_first_clauses_may_be_those_that_every_lab_shares(
    tmp_path: Path, protocol: str, port: str
) -> None:
    more = "\n- **1.2** MUST (1) `reachable_from_other_hosts`: it is reached."
    contract = CONTRACT.replace("it listens.", f"it listens.{more}")
    (tmp_path / "ping.md").write_text(contract)
    lab = Lab("ping", str(tmp_path / "ping.py"), protocol=protocol)
    lab.listening()
    lab.reachable()
    first, second = lab.scenarios
    assert first.name == first.judge.__name__ == "listens"
    assert first.title.startswith(f"The server listens on its {port} port within 10 s")
    assert second.name == second.judge.__name__
    assert first.source.startswith("async def listens(server")
