"""The rules that the layout keeps: imports point down, the centre is pure, and what there
is, is documented and tested."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import click
import pytest

import conformance
from conformance.cli import main
from conformance.contract.catalog import load
from conformance.selfcheck.references import MUTANTS, read_library, reference_folder
from conformance.verdict.model import Level

PACKAGE = Path(__file__).resolve().parents[1] / "conformance"
README = PACKAGE.parent / "README.md"

LAYERS: list[set[str]] = [
    {"__main__"},
    {"cli", "pytest_plugin"},
    {"reports"},
    {"classes", "selfcheck"},
    {"run"},
    {"session"},
    {"sandbox", "wire", "submissions"},
    {"stream"},
    {"heard"},
    {"disorder", "tellings"},
    {"dates", "dialect", "notices"},
    {"contract"},
    {"verdict"},
]
"""From top to bottom. A module imports from the layers below its own only; packages that
stand side by side do not know of each other."""

TOP = {"", "__init__"}
"""`conformance` itself: the lab author's vocabulary, gathered from below."""

REACHING_UP = {}

PURE = {
    *(f"verdict/{path.stem}" for path in (PACKAGE / "verdict").glob("*.py")),
    "contract/markdown", "contract/draw", "dialect", "dates", "disorder",
    "notices", "stream", "heard", "run/case", "run/docket", "run/settlement", "tellings",
}  # fmt: skip

IMPURE = {
    "asyncio", "ctypes", "fcntl", "glob", "io", "multiprocessing", "os", "resource", "select",
    "selectors", "shutil", "signal", "socket", "subprocess", "sys", "tempfile", "threading",
    "time", "psutil", "pyroute2", "rich", "click",
}  # fmt: skip

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def is_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def is_for_types(node: ast.AST) -> bool:
    """`if TYPE_CHECKING:`"""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(path: Path, *, types: bool = True) -> Iterator[str]:
    """The modules that this one imports, wherever in it it does so."""

    def walk(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if types or not is_for_types(child):
                yield child
                yield from walk(child)

    for node in walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            for alias in node.names:
                below = PACKAGE.parent / Path(*node.module.split("."), alias.name)
                is_module = below.is_dir() or below.with_suffix(".py").is_file()
                of_the_top = node.module == "conformance" and alias.name in conformance.__all__
                yield f"{node.module}.{alias.name}" if is_module and not of_the_top else node.module


def of_ours(path: Path, *, types: bool = True) -> set[str]:
    """Those of the package, without its name."""
    ours = (name for name in imports(path, types=types) if name.split(".")[0] == "conformance")
    return {name.partition(".")[2] for name in ours}


def layer(name: str) -> int:
    head = name.split(".")[0]
    return next(index for index, names in enumerate(LAYERS) if head in names)


def test_every_module_has_a_layer() -> None:
    heads = {name_of(path).split(".")[0] for path in MODULES} - TOP - {"labs"}
    assert heads <= set().union(*LAYERS), "add it to LAYERS, where it belongs"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    name = name_of(path)
    head = name.split(".")[0]
    if head in TOP or head == "labs":
        return
    for other in of_ours(path, types=False):
        if other in TOP or other.split(".")[0] == head or (name, other) in REACHING_UP:
            continue
        assert layer(other) > layer(name), f"{name} imports {other}, which is not below it"


@pytest.mark.parametrize("path", sorted((PACKAGE / "labs").glob("*.py")), ids=name_of)
def test_labs_import_the_top_only(path: Path) -> None:
    assert of_ours(path) <= TOP


def test_the_top_is_pure() -> None:
    """What a lab's author imports brings no engine, and none of its sockets."""
    allowed = {name.replace("/", ".") for name in PURE} | {"contract.lab"}
    assert of_ours(PACKAGE / "__init__.py") <= allowed


@pytest.mark.parametrize("name", sorted(PURE))
def test_the_centre_is_pure(name: str) -> None:
    path = PACKAGE / f"{name}.py"
    roots = {module.split(".")[0] for module in imports(path)}
    assert not roots & IMPURE
    known = set(sys.stdlib_module_names) | {"conformance"}
    assert roots <= known, "a library that is not of the standard"
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if is_call(node)]
    called = {ast.unparse(call).split(".")[-1] for call in calls}
    assert not called & {"open", "Path", "now", "today", "print", "input", "getenv"}


def test_no_exception_is_forgotten() -> None:
    for name, other in REACHING_UP:
        path = PACKAGE / Path(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert other in of_ours(path), f"{name} no longer imports {other}"


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


# -- every option in the README -------------------------------------------------------


def options() -> Iterator[tuple[str, str]]:
    for name, command in main.commands.items():
        yield name, f"conformance {name}"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for word in parameter.opts:
                    if word.startswith("--"):
                        yield name, word


@pytest.mark.parametrize(("command", "word"), list(options()))
def test_every_command_and_option_is_in_the_readme(command: str, word: str) -> None:
    assert word in README.read_text(encoding="utf-8"), f"{word} of `conformance {command}`"
