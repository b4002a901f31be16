"""The commands, options, labs and parameters in the README and the handbook are those that there
are."""

from __future__ import annotations

import re
import tomllib
from textwrap import dedent

import pytest

from conformance.cli import main
from conformance.contract.catalog import load
from conformance.contract.markdown import read_contract
from conformance.verdict.points import Status
from kit.pages import OPTION, PAGES, TOP, options_of, section, text_of, without_code

README = text_of("README.md")
COMMANDS = text_of("docs/commands.md")
LAB_PAGE = text_of("docs/labs.md")
CATALOG = load()


def documented() -> dict[str, set[str]]:
    """The options of each command, by the tables of the handbook."""
    found = {"check": rows(section(COMMANDS, "Options of `conformance check`"))}
    for name, table in re.findall(
        r"^\| option of `([\w-]+)` .*\n((?:\|.*\n)+)", COMMANDS, re.MULTILINE
    ):
        found[name] = rows(f"| option | |\n{table}")
    names = ""
    for block in section(COMMANDS, "The other commands").split("\n\n"):
        if block.startswith("`conformance"):
            names = " ".join(re.findall(r"`conformance ([\w-]+)", block))
        elif block.startswith("|"):
            for name in names.split():
                found[name] = rows(block, name)
        for name in names.split():
            found.setdefault(name, set())
    return found


def rows(table: str, command: str = "") -> set[str]:
    """The options in the first column; where the table has a column `of`, those of the command."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines() if line[:1] == "|"]
    options: set[str] = set()
    for cells in lines[2:]:
        if lines[0][1].strip() == "of" and cells[1].strip() not in (f"`{command}`", "both"):
            continue
        options |= set(OPTION.findall(cells[0]))
    return options


@pytest.mark.parametrize("name", sorted(main.commands))
def test_each_option_of_a_command_is_in_its_table_and_no_other(name: str) -> None:
    assert documented()[name] - {"--help"} == options_of(main.commands[name])


def test_each_command_is_documented_and_none_is_invented() -> None:
    assert set(documented()) == set(main.commands)


def test_no_page_calls_a_command_or_an_option_that_there_is_not() -> None:
    known = {"--version", "--help"}.union(*map(options_of, main.commands.values()))
    for page in PAGES:
        for call in re.findall(r"(?:^|[`$] ?)conformance (.*)", page.read_text(), re.MULTILINE):
            words = call.split("`")[0].split("#")[0]
            assert words.split()[0] in {*main.commands, "--help", "--version"}, call
            assert set(OPTION.findall(words)) <= known, call


def test_the_table_of_parameters_has_each_with_its_default() -> None:
    table = LAB_PAGE
    for lab in {id(lab): lab for lab in CATALOG.labs.values()}.values():
        [row] = [
            line for line in table.splitlines() if re.match(rf"\| `{lab.name}` \| `\w+` `", line)
        ]
        told = dict(re.findall(r"`(\w+)` `(.*?)`[, ]", row))
        assert {name: value.strip('"') for name, value in told.items()} == {
            parameter.name: str(parameter.default) for parameter in lab.parameters
        }


def test_the_table_of_labs_has_each_and_its_port() -> None:
    assert section(README, "The labs").split("\n\n")[1] in LAB_PAGE
    told = dict(re.findall(r"^\| `([\w-]+)` \|.*\| (\w+ \d+) \|$", LAB_PAGE, re.MULTILINE))
    assert told == {
        name: f"{lab.protocol.upper()} {lab.resolve(name, {})[lab.port_parameter]}"
        for name, lab in CATALOG.labs.items()
    }


def test_the_exit_statuses_are_those_that_there_are() -> None:
    page = text_of("docs/reading-a-report.md")
    told = re.findall(r"^\| (\d) \|", page, re.MULTILINE)
    assert re.findall(r"^\| \d \|.*$", page, re.MULTILINE) == re.findall(
        r"^\| \d \|.*$", README, re.MULTILINE
    )
    assert [int(status) for status in told] == [int(status) for status in Status]


def test_the_manifest_in_the_handbook_has_every_key() -> None:
    from conformance.submissions.manifest import KEYS

    block = re.findall(r"```toml\n(.*?)```", text_of("docs/checking.md"), re.DOTALL)[0]
    assert tuple(tomllib.loads(block)) == ("lab", "build", "command", "arguments", "port")
    assert set(KEYS) == set(tomllib.loads(block))


def test_the_class_file_in_the_handbook_is_that_of_its_module() -> None:
    from conformance.classes import class_file

    block = re.findall(r"```toml\n(.*?)```", text_of("docs/grading.md"), re.DOTALL)[0]
    shown = (class_file.__doc__ or "").split("\n\n    title")[1].split("\n\nAll keys")[0]
    assert block == dedent(f"    title{shown}\n")
    assert set(tomllib.loads(block)) == set(class_file.KEYS)


def test_the_readme_opens_with_two_commands_that_there_are() -> None:
    commands = re.findall(r"^(ci/\w+) ", README, re.MULTILINE)[:2]
    assert commands == ["ci/demo", "ci/test"]
    for command in commands:
        assert (TOP / command).stat().st_mode & 0o111


def test_each_module_that_the_architecture_names_is_there_and_each_there_is_named() -> None:
    table = section(text_of("ARCHITECTURE.md"), "Modules and data flow")
    named = {
        word
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for word in re.findall(r"`(\w+)/`", row)
    }
    there = {
        path.stem
        for path in (TOP / "conformance").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    }
    assert named == there - {"__init__", "__main__", "labs"}


def test_the_contract_in_the_worked_lab_can_be_read() -> None:
    page = text_of("CONTRIBUTING.md")
    [block] = re.findall(r"^````markdown\n(.*?)^````$", page, re.DOTALL | re.MULTILINE)
    assert len(read_contract(block).clauses) == 5
    assert "adder" not in without_code(README)
