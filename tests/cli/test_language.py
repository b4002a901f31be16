"""The language of commands: as they are told, as a class has it, as the environment has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main

GOLDEN = Path(__file__).parents[1] / "golden"
RUN = GOLDEN / "runs/echo-bad.jsonl"


def said(*words: object, **environment: str) -> str:
    runner = CliRunner(env={"COLUMNS": "100", **environment})
    return runner.invoke(main, list(map(str, words))).output


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        ((), {}, "expected"),
        (("--lang", "fr"), {}, "attendu"),
        ((), {"LC_ALL": "fr_CH.UTF-8"}, "attendu"),
        (("--lang", "en"), {"LC_ALL": "fr_CH.UTF-8"}, "expected"),
    ],
)
def test_a_report_is_in_the_language_asked_for(
    words: tuple[str, ...], environment: dict[str, str], expected: str
) -> None:
    assert f"  {expected}  " in said("report", RUN, *words, **environment)


def test_a_command_leaves_no_language_behind() -> None:
    assert "  attendu  " in said("report", RUN, "--lang", "fr")
    assert "  expected  " in said("report", RUN)


def test_a_wrong_call_is_told_in_the_language() -> None:
    told = said("check", "nowhere.py", "--lab", "echo", "--lang", "fr")
    assert "il n'y a ni fichier ni dossier" in told


def test_json_is_the_same_in_each_language(tmp_path: Path) -> None:
    for language in ("en", "fr"):
        said("report", RUN, "--lang", language, "--json", tmp_path / language)
    assert (tmp_path / "en").read_bytes() == (tmp_path / "fr").read_bytes()


def test_a_contract_is_explained_in_the_language() -> None:
    told = said("explain", "echo", "4.1", "--lang", "fr")
    assert told.startswith("4.1 raccroche après BYE   MUST, 3 points\n")
    assert "Ce qui est souvent faux ici" in told


def test_labs_are_listed_in_the_language() -> None:
    assert "un serveur TCP qui répond plus fort" in said("labs", "--lang", "fr")
    assert "la ligne qui termine la conversation" in said("labs", "echo", "--lang", "fr")
