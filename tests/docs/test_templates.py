"""What issues and changes are begun from: the same on GitHub and on GitLab, with commands that
there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.cli import main
from kit.pages import OPTION, TOP, options_of

ISSUES = sorted((TOP / ".github/ISSUE_TEMPLATE").glob("*.md"))


@pytest.mark.parametrize("issue", ISSUES, ids=lambda path: path.stem)
def test_an_issue_has_its_front_matter_and_its_twin(issue: Path) -> None:
    nothing, head, text = issue.read_text(encoding="utf-8").split("---\n", 2)
    assert not nothing
    assert re.findall(r"^(\w+): .+$", head, re.MULTILINE) == ["name", "about"]
    assert (TOP / ".gitlab/issue_templates" / issue.name).read_text(encoding="utf-8") == text


def test_a_change_has_its_twin_and_no_issue_is_without() -> None:
    change = (TOP / ".github/pull_request_template.md").read_text(encoding="utf-8")
    assert (TOP / ".gitlab/merge_request_templates/Default.md").read_text("utf-8") == change
    twins = {path.name for path in (TOP / ".gitlab/issue_templates").iterdir()}
    assert twins == {issue.name for issue in ISSUES} != set()


@pytest.mark.parametrize("page", [*ISSUES, TOP / ".github/pull_request_template.md"])
def test_the_commands_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name, rest in re.findall(r"`conformance ([\w-]+)(.*?)`", text):
        assert set(OPTION.findall(rest)) <= options_of(main.commands[name])
    for script in re.findall(r"`(ci/\w+|tests/\w+/|\w+\.md)`", text):
        assert (TOP / script).exists()
