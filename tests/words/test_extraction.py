"""What the extraction takes from sources for a message."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from conformance.words.extraction import Message, messages


def found(source: str, folder: Path) -> list[str]:
    return [each.msgid for each in extracted(source, folder)]


def extracted(source: str, folder: Path) -> list[Message]:
    file = folder / "module.py"
    file.write_text(textwrap.dedent(source), encoding="utf-8")
    return list(messages(folder, [file]))


@pytest.mark.parametrize(
    ("source", "msgids"),
    [
        ('x = "it was still open"', ["it was still open"]),
        ('x = f"{count} lines came"', ["{count} lines came"]),
        ('x = f"{one.name} met {other.name}"', ["{name} met {name2}"]),
        ('x = f"{len(lines)} lines " + f"of {visible(who)}"', ["{len} lines of {who}"]),
        (
            "x = f\"{who} {'is' if one else 'are'} here\"",
            ["{who} is here", "{who} are here"],
        ),
        ("x = f\"{n} line{'s' * (n != 1)} came\"", ["{n} line came", "{n} lines came"]),
        ('x = f"{a} is {1:5.2f} long"', ["{a} is {value} long"]),
        ("x = \"{'time' : 'TEXT'} is told\"", ["{{'time' : 'TEXT'}} is told"]),
        ('x = "It serves {served} at once."', ["It serves {served} at once."]),
        ("x = counted(n, 'clause')", ["{number} clause", "{number} clauses"]),
        ("x = f\"{counted(n, 'day')} ago\"", ["{counted} ago", "{number} day", "{number} days"]),
        ('x = _("alone")', ["alone"]),
        ('x = {"a key of it": "a value of it"}', ["a value of it"]),
        ('x = {_("see it"): 1}', ["see it"]),
        ('x = known.get("a key", "the value")', ["the value"]),
    ],
)  # fmt: skip
def test_messages(source: str, msgids: list[str], tmp_path: Path) -> None:
    assert found(source, tmp_path) == msgids


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring of it."""',
        'x = re.compile("a pattern of it")',
        'raise ValueError("our own mistake")',
        'assert x, "our own mistake"',
        'if x == "as it came":\n    pass',
        'x = "alone"',
        "x = \"printf 'a b' | nc localhost\"",
        'x = f"{a}: {b}"',
        'x: "a type of it" = 1',
    ],
)
def test_what_nobody_reads(source: str, tmp_path: Path) -> None:
    assert found(source, tmp_path) == []


def test_a_message_says_where_it_stands(tmp_path: Path) -> None:
    [message] = extracted('\nx = ngettext("a line", "many lines", n)', tmp_path)
    assert message == Message("a line", "many lines", "module.py:2")
