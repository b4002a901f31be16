"""What makes labs readable: a scenario says in a dozen statements what clients do, and leaves
sums of times, and decisions, to the words that it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import labs

FOLDER = Path(labs.__file__).parent
MODULES = sorted(FOLDER.glob("*/*.py"))

MAX_STATEMENTS = 12
MAX_LINES = 400

BRANCHES = (ast.If, ast.IfExp, ast.Match, ast.Try, ast.TryStar, ast.While, ast.BoolOp)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def scenarios(path: Path) -> Iterator[Function]:
    """The functions that put a clause to the test."""
    for node in tree_of(path).body:
        if isinstance(node, Function):
            declared = [ast.unparse(decorator) for decorator in node.decorator_list]
            if any(".scenario(" in words for words in declared):
                yield node


def inside(function: Function) -> Iterator[ast.AST]:
    """All that stands in its body, but for the docstring."""
    for statement in function.body[1:]:
        yield from ast.walk(statement)


SCENARIOS = [(path, scenario) for path in MODULES for scenario in scenarios(path)]
EACH = pytest.mark.parametrize(
    "scenario", [s for _, s in SCENARIOS], ids=[f"{p.parent.name}-{s.name}" for p, s in SCENARIOS]
)


@EACH
def test_a_scenario_has_at_most_a_dozen_statements(scenario: Function) -> None:
    statements = [node for node in inside(scenario) if isinstance(node, ast.stmt)]
    assert len(statements) <= MAX_STATEMENTS


@EACH
def test_a_scenario_has_no_branch(scenario: Function) -> None:
    found = [ast.unparse(node) for node in inside(scenario) if isinstance(node, BRANCHES)]
    assert not found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_lab_has_one_unit_of_time(path: Path) -> None:
    """Seconds since the conversation began: nobody has to turn one into another."""
    nodes = list(ast.walk(tree_of(path)))
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    names += [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    assert not [name for name in names if name.endswith("_ns") or "NANOSECOND" in name.upper()]
    numbers = [node.value for node in nodes if isinstance(node, ast.Constant)]
    assert not [number for number in numbers if number in (1e9, 1e-9) and number is not True]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_uses_no_private_name_of_another(path: Path) -> None:
    nodes = list(ast.walk(tree_of(path)))
    defined = {node.name for node in nodes if isinstance(node, Function | ast.ClassDef)}
    stored = (node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Store))
    for node in stored:
        defined |= {getattr(node, "id", ""), getattr(node, "attr", "")}
    imported = (node for node in nodes if isinstance(node, ast.ImportFrom))
    used = {alias.name for node in imported for alias in node.names}
    used |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    private = {name for name in used if name.startswith("_") and not name.endswith("__")}
    assert private <= defined


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_fits_in_one_look(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES
