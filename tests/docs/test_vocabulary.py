"""The author's vocabulary in CONTRIBUTING.md is the one that there is: each name, each method
and each argument of it, and no other."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

import pytest

import conformance
from conformance import Draw, Fault, Kind, Lab, Level, Wording
from conformance.session.server import Server
from conformance.wire.lines import Line
from conformance.wire.tcp_client import Client
from conformance.wire.udp_endpoint import Datagram, Datagrams
from kit.pages import section, text_of, without_code

PAGE = text_of("CONTRIBUTING.md")
VOCABULARY = section(PAGE, "The author's vocabulary")

WORDS: dict[str, type] = {
    "server": Server,
    "client": Client,
    "endpoint": Datagrams,
    "line": Line,
    "datagram": Datagram,
    "draw": Draw,
    "lab": Lab,
}
"""What stands before the dot, and what it is."""

NOT_FOR_LABS = {
    "server": {
        "begin", "captures", "delay", "kept_waiting", "started",  # what the session makes it with
        "end_expected", "found_elsewhere", "found_silent", "listening_elsewhere",  # and asks it
    },
    "client": {
        "abandon", "start_reading", "stop_reading", "push", "unacknowledged",  # the connection's
        "cut", "take",  # of the bytes that come
        "said", "stamped_by",  # the transcript's, the benchmarks'
    },
    "endpoint": {"said", "stamped_by"},
}  # fmt: skip
"""Public, since other modules of the suite use it."""

FIRST_CELLS = "\n".join(re.findall(r"^\| (`.*?) \| ", VOCABULARY, re.MULTILINE))
CALLS = re.findall(r"`([\w.]+)\((.*?)\)`", FIRST_CELLS)


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def has(kind: type, name: str) -> bool:
    """Whether it is one of its methods or fields, or is set by one of its methods."""
    classes = [each for each in kind.__mro__ if each is not object]
    sets = re.compile(rf"\bself\.{name}\b[^=(]*=[^=]|^    {name}: ", re.MULTILINE)
    return hasattr(kind, name) or any(sets.search(inspect.getsource(each)) for each in classes)


def called(name: str) -> Any:
    """What a call of the vocabulary calls."""
    of, _, method = name.rpartition(".")
    return getattr(WORDS[of] if of else conformance, method)


def parameters(function: Any) -> list[str]:
    """The names, and a star before those that are given by name only."""
    if inspect.isclass(function) and dataclasses.is_dataclass(function):
        fields = [each.name for each in dataclasses.fields(function)]
        return [name for name in fields if (function, name) != (Lab, "scenarios")]
    told: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in told:
            told.append("*")
        told += [name] if name != "self" else []
    return told


@pytest.mark.parametrize("name", conformance.__all__)
def test_each_name_to_import_is_told_of(name: str) -> None:
    assert re.search(rf"^\| `{name}\b", VOCABULARY, re.MULTILINE) or f"is a `{name}`" in VOCABULARY


@pytest.mark.parametrize("word", ["server", "client", "endpoint", "draw"])
def test_each_method_is_told_of(word: str) -> None:
    told = set(re.findall(rf"`{word}\.(\w+)", VOCABULARY))
    assert public(WORDS[word]) - NOT_FOR_LABS.get(word, set()) <= told
    assert not NOT_FOR_LABS.get(word, set()) & told


def test_each_word_that_is_told_of_is_there() -> None:
    told = re.findall(rf"\b({'|'.join(WORDS)})\.(\w+)", without_code(PAGE))
    missing = {
        f"{word}.{name}"
        for word, name in told
        if name not in ("md", "py") and not has(WORDS[word], name)
    }
    assert len(told) > 100
    assert not missing


@pytest.mark.parametrize(("name", "told"), CALLS, ids=[name for name, _ in CALLS])
def test_each_call_has_the_arguments_that_are_told(name: str, told: str) -> None:
    if name == "Wording.template":  # whose arguments are the parts of the text
        assert Wording.template("{name} says: {text}", name="Ann").words == "Ann says: …"
        return
    assert [word for word in told.split(", ") if word] == parameters(called(name))


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("of `Lab`", set(parameters(Lab))),
        ("of `lab.scenario`", set(parameters(Lab.scenario)) - {"*"}),
        ("`Kind` | what was seen", {kind.name for kind in Kind}),
    ],
)
def test_each_argument_has_its_row(heading: str, names: set[str]) -> None:
    table = VOCABULARY.partition(f"| {heading} |")[2].partition("\n\n")[0]
    told = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    assert {name for row in told for name in row} == names


def test_each_fault_and_level_is_told_of() -> None:
    for each in (*Fault, *Level):
        assert f"`{each.name}`" in VOCABULARY
