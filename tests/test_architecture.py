"""The centre is pure; what there is, is documented and tested. Which module may import which
stands in pyproject.toml, and is checked by import-linter."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import click
import pytest

from conformance.cli import main
from conformance.contract.catalog import load
from conformance.selfcheck.references import read_library, reference_folder
from conformance.selfcheck.references.mutants_toml import MUTANTS
from conformance.verdict.model import Level

PACKAGE = Path(__file__).resolve().parents[1] / "conformance"
COMMANDS = PACKAGE.parent / "docs/commands.md"

PURE = {
    *(f"verdict/{path.stem}" for path in (PACKAGE / "verdict").glob("*.py")),
    *(f"contract/{name}" for name in ("draw", "markdown", "parameter", "scenario", "state_model")),
    "session/search/shorter",
    "run/case", "run/scenario_order", "run/settlement",
    "labs/echo/dialect", "labs/presence_udp/lossy_network", "labs/presence_udp/notices",
    *(f"labs/roulette/{name}" for name in ("json_text", "model", "reading")),
    *(f"labs/streaming_time/{name}" for name in ("dates", "heard", "stream", "tellings")),
}  # fmt: skip

IMPURE = {
    "asyncio", "ctypes", "fcntl", "glob", "io", "multiprocessing", "os", "resource", "select",
    "selectors", "shutil", "signal", "socket", "subprocess", "sys", "tempfile", "threading",
    "time", "psutil", "pyroute2", "rich", "click",
}  # fmt: skip


def is_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def imports(path: Path) -> Iterator[str]:
    """The modules that this one imports, wherever in it it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield "conformance" if node.level else node.module


def test_the_top_is_pure() -> None:
    """What a lab's author imports brings no engine, and none of its sockets."""
    allowed = {f"conformance/{name}".replace("/", ".") for name in PURE}
    lazily = {"__future__", "importlib", "typing"}
    labs = {"conformance.contract.lab", "conformance.contract.laid"}
    assert {*imports(PACKAGE / "__init__.py")} <= {*allowed, *lazily, *labs}


@pytest.mark.parametrize("name", sorted(PURE))
def test_the_centre_is_pure(name: str) -> None:
    path = PACKAGE / f"{name}.py"
    roots = {module.split(".")[0] for module in imports(path)}
    assert not roots & IMPURE
    known = set(sys.stdlib_module_names) | {"conformance", "msgspec"}
    assert roots <= known, "a library that touches the world"
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if is_call(node)]
    called = {ast.unparse(call).split(".")[-1] for call in calls}
    assert not called & {"open", "Path", "now", "today", "print", "input", "getenv"}


# -- the house ------------------------------------------------------------------------

MODULES = sorted(PACKAGE.rglob("*.py"))


def test_what_stands_in_the_root_is_the_vocabulary_and_the_door() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_no_module_is_long() -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert not {path: count for path, count in lines.items() if count > 400}


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[Path]] = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(path)
    assert not {name: where for name, where in places.items() if len(where) > 1}


# -- every clause documented and tested -----------------------------------------------

CATALOG = load()
LABS = {lab.name: lab for lab in CATALOG.labs.values()}


@pytest.mark.parametrize("name", sorted(LABS))
def test_a_lab_is_complete(name: str) -> None:
    assert LABS[name].complaints() == []


@pytest.mark.parametrize("name", sorted(LABS))
def test_every_parameter_and_variant_is_documented(name: str) -> None:
    lab = LABS[name]
    missing = [p.name for p in lab.parameters if f"`{p.name}`" not in lab.contract.markdown]
    assert not missing, f"not in {name}'s contract: {missing}"
    words = [w for p in lab.parameters for w in (*p.choices, *p.also)]
    assert not [word for word in words if word not in lab.contract.markdown]
    assert not [variant for variant in lab.variants if variant not in lab.contract.markdown]


@pytest.mark.parametrize("name", sorted(LABS))
def test_every_clause_that_names_faults_has_a_mutant(name: str) -> None:
    library = read_library(reference_folder(), CATALOG, [name])
    killed = {number for mutant in library.mutants for number in mutant.fails}
    named = [c for c in LABS[name].contract.clauses if c.faults and c.level is not Level.INFO]
    missing = [f"{c.number} {c.level}" for c in named if c.number not in killed]
    assert not missing, f"no mutant in {name}/{MUTANTS} fails {', '.join(missing)}"


@pytest.mark.parametrize("name", sorted(LABS))
def test_mutants_are_in_two_languages_at_least(name: str) -> None:
    library = read_library(reference_folder(), CATALOG, [name])
    assert len({mutant.reference.language for mutant in library.mutants}) >= 2


# -- every option in the handbook -----------------------------------------------------


def options() -> Iterator[tuple[str, str]]:
    for name, command in main.commands.items():
        yield name, f"conformance {name}"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for word in parameter.opts:
                    if word.startswith("--"):
                        yield name, word


@pytest.mark.parametrize(("command", "word"), list(options()))
def test_every_command_and_option_is_in_the_handbook(command: str, word: str) -> None:
    assert word in COMMANDS.read_text(encoding="utf-8"), f"{word} of `conformance {command}`"
