"""The author's vocabulary in CONTRIBUTING.md is the one that there is: each name, each method
and each argument of it, and no other."""

from __future__ import annotations

import enum
import inspect
import re
from typing import Any

import pytest

import conformance
from conformance import Draw, Fault, Kind, Lab, Level, Wording
from conformance.session.client_program import ClientProgram
from conformance.session.companion import Companion
from conformance.session.server import Server
from conformance.wire.lines import Line
from conformance.wire.tcp_client import Client
from conformance.wire.udp_endpoint import Datagram, Datagrams
from conformance.wire.visitor import Visitor
from kit.pages import section, text_of, without_code

PAGE = text_of("CONTRIBUTING.md")
VOCABULARY = section(PAGE, "The author's vocabulary")

WORDS: dict[str, type] = {
    "server": Server,
    "client": Client,
    "program": ClientProgram,
    "visitor": Visitor,
    "endpoint": Datagrams,
    "companion": Companion,
    "line": Line,
    "datagram": Datagram,
    "draw": Draw,
    "lab": Lab,
}
"""What stands before the dot, and what it is."""

OF_THE_SESSION = {
    "begin", "captures", "close", "delay", "kept_waiting", "look", "network", "ready", "started",
    "end_expected", "found_elsewhere", "found_silent", "left_apart", "listening_elsewhere",
}  # fmt: skip
"""What makes what a scenario is given, and asks it."""

OF_OTHER_PROGRAMS = {"aside", "blocking", "program_called", "settled"}
"""What the session gives a server for other programs beside it, and asks of them."""

OF_A_CONNECTION = {
    "unacknowledged",
    "cut", "take",  # of the bytes that come
    "said", "stamped_by",  # the transcript's, the benchmarks'
}  # fmt: skip

LIKE_A_SERVER = {
    "clock_error", "epoch", "excuse", "expect_alive", "fate", "look_inside", "note", "now", "port",
    "record", "relies_on", "remote", "round_trip", "scale", "slack", "started_at", "usage",
    "void", "zone",
}  # fmt: skip

NOT_FOR_LABS = {
    "server": OF_THE_SESSION | OF_OTHER_PROGRAMS,
    "program": OF_THE_SESSION | LIKE_A_SERVER | {"own", "scratch"},
    "client": OF_A_CONNECTION,
    "visitor": OF_A_CONNECTION,
    "endpoint": {"said", "stamped_by"},
}  # fmt: skip
"""Public, since other modules of the suite use it."""

FIRST_CELLS = "\n".join(re.findall(r"^\| (`.*?) \| ", VOCABULARY, re.MULTILINE))
CALLS = re.findall(
    r"`(await |async with |)([\w.]+)\((.*?)\)`(?: → ([\w\[\]]+(?: or \w+)*))?", FIRST_CELLS
)
"""How it is called, its name, its arguments, and what it returns."""

NAMES_ONLY = ("Lab", "lab.scenario")
"""Their arguments have rows of their own."""


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


def parameters(function: Any, *, names_only: bool = False) -> list[str]:
    """The names, with their defaults, and a star before those that are given by name only."""
    told: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not any(t.startswith("*") for t in told):
            told.append("*")
        if name == "self" or (function, name) == (Lab, "scenarios"):
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            name = f"*{name}"
        needed = names_only or parameter.default is parameter.empty
        told.append(name if needed else f"{name}={in_words(parameter.default)}")
    return told


def in_words(default: Any) -> str:
    """A default as Python has it; a fresh mapping, which a dataclass hides behind a factory."""
    if repr(default) == "<factory>":
        return "{}"
    if isinstance(default, enum.Enum):
        return f"{type(default).__name__}.{default.name}"
    if isinstance(default, str):
        return '"' + repr(default)[1:-1] + '"'
    return f"{default:g}" if isinstance(default, float) else repr(default)


def way_of_calling(function: Any) -> str:
    inner = inspect.unwrap(function)
    if inspect.isasyncgenfunction(inner):
        return "async with "
    gives = str(inspect.signature(function).return_annotation)
    waits = inspect.iscoroutinefunction(inner) or gives.startswith("Coroutine[")
    return "await " if waits else ""


def returned(function: Any, of: str) -> str:
    """What it returns, or what an `async with` gives; empty for nothing."""
    told = str(inspect.signature(function).return_annotation)
    told = re.sub(r"^Coroutine\[Any, Any, (.*)\]$", r"\1", told)
    told = re.sub(r"^AsyncIterator\[(.*)\]$", r"\1", told).replace(" | ", " or ")
    told = told.replace("Item", "Line" if of == "client" else "Datagram")
    return "" if told == "None" else told


@pytest.mark.parametrize("name", conformance.__all__)
def test_each_name_to_import_is_told_of(name: str) -> None:
    assert re.search(rf"^\| `{name}\b", VOCABULARY, re.MULTILINE) or f"is a `{name}`" in VOCABULARY


@pytest.mark.parametrize("word", ["server", "client", "program", "visitor", "endpoint", "draw"])
def test_each_method_is_told_of(word: str) -> None:
    told = set(re.findall(rf"`(?:await |async with |){word}\.(\w+)", VOCABULARY))
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


@pytest.mark.parametrize(
    ("way", "name", "told", "gives"), CALLS, ids=[name for _, name, _, _ in CALLS]
)
def test_each_call_is_as_it_is_told(way: str, name: str, told: str, gives: str) -> None:
    if name == "Wording.template":  # whose arguments are the parts of the text
        assert Wording.template("{name} says: {text}", name="Ann").words == "Ann says: …"
        return
    function, of = called(name), name.rpartition(".")[0]
    listed = [word for word in told.split(", ") if word]
    assert listed == parameters(function, names_only=name in NAMES_ONLY)
    assert way == way_of_calling(function)
    if not inspect.isclass(function) and of != "lab":
        assert gives == returned(function, of)


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("of `Lab`", set(parameters(Lab, names_only=True))),
        ("of `lab.scenario`", set(parameters(Lab.scenario, names_only=True)) - {"*"}),
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
