from __future__ import annotations

import importlib.util
import io
from pathlib import Path

import pytest
from rich.console import Console

from conformance.contract.lab import Lab
from conformance.reports.suite.explain import explain
from conformance.verdict.model import WrongCall

CONTRACT = """\
# shout: a server that shouts

It sends each line back.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens. *Faults: another port; exits.*

## 4 Goodbye
- **4.1** MUST (3) `hangs_up_after_bye`: `BYE⏎` is answered, then the server closes.
  For example: [bold]not markup[/].
- **4.2** SHOULD `understands_bye_in_any_case`: `bye`, too.
"""

CODE = '''\
from conformance.contract.lab import Lab

shout = Lab("shout", __file__)


@shout.conversation
async def farewell(server):
    """Holds the conversation."""


@shout.scenario("4.1", of=farewell)
def hangs_up_after_bye(evidence):
    """BYE is answered; then the server hangs up."""
    return evidence["bye"]
'''


@pytest.fixture
def shout(tmp_path: Path) -> Lab:
    (tmp_path / "shout.md").write_text(CONTRACT, encoding="utf-8")
    path = tmp_path / "shout.py"
    path.write_text(CODE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("shout", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lab = module.shout
    assert isinstance(lab, Lab)
    return lab


def explained(lab: Lab, clause: str | None, *, source: bool = False, colour: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=colour)
    parameters = lab.resolve(lab.name, {})
    explain(lab, parameters, clause, source=source, console=console)
    return file.getvalue()


def test_the_contract_is_printed_as_it_is(shout: Lab) -> None:
    assert explained(shout, None) == CONTRACT


def test_on_a_terminal_it_is_rendered(shout: Lab) -> None:
    text = explained(shout, None, colour=True)
    assert "\x1b[" in text
    assert "**4.1**" not in text
    assert "BYE⏎" in text


def test_a_clause_is_explained_with_the_faults_of_others(shout: Lab) -> None:
    text = explained(shout, "1.1")
    assert (
        text
        == """\
1.1 listens   MUST, 1 point

It listens.

What students get wrong here
  · another port
  · exits

If it fails, nothing else can be shown, and the whole lab earns no point; but a
server that listens on exactly one other port is judged there.
"""
    )


def test_a_section_is_all_its_clauses(shout: Lab) -> None:
    text = explained(shout, "4")
    assert "4.1 hangs up after bye   MUST, 3 points" in text
    assert "4.2 understands bye in any case   SHOULD\n" in text
    assert "[bold]not markup[/]" in text
    assert "1.1 listens" not in text


def test_a_clause_says_behind_which_it_may_stand(shout: Lab) -> None:
    text = " ".join(explained(shout, "4.1").split())
    assert "It earns its points when it was shown to hold. If 1.1 fails" in text
    shout.scenario("4.2", needs=["4.1"], builds_on=["1.1"])(lambda server: None)
    assert "If 1.1 or 4.1 fails" in " ".join(explained(shout, "4.2").split())


@pytest.mark.parametrize("colour", [False, True])
def test_the_source_is_that_of_the_scenario_and_its_conversation(shout: Lab, colour: bool) -> None:
    text = explained(shout, "4.1", source=True, colour=colour)
    assert "farewell" in text
    assert "hangs_up_after_bye" in text
    assert text.index("farewell") < text.index("hangs_up_after_bye")
    assert 'evidence["bye"]' in text or colour


def test_a_clause_without_a_scenario_has_no_source(shout: Lab) -> None:
    assert "def " not in explained(shout, "1.1", source=True)


def test_a_clause_that_is_none_is_a_wrong_call(shout: Lab) -> None:
    with pytest.raises(WrongCall, match=r"no clause 9\.9"):
        explained(shout, "9.9")
