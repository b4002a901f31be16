"""The catalogue is that of the sources, and whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

import conformance
from conformance.words import said, speaking
from conformance.words.messages import missing
from conformance.words.template import LEAST_LETTERS, Template, templates_of

WITHIN = 60.0
"""Seconds: a bound, many times what it takes."""

ROOT = Path(conformance.__file__).parent.parent
PO = ROOT / "conformance/words/locale/fr/LC_MESSAGES/conformance.po"


def test_all_that_students_read_is_translated() -> None:
    done = subprocess.run(
        [sys.executable, "ci/catalogue.py", "--check"], cwd=ROOT, timeout=WITHIN,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def test_gettexts_own_tool_finds_nothing_wrong() -> None:
    command = ["msgfmt", "--check", "--output-file=/dev/null", str(PO)]
    done = subprocess.run(command, timeout=WITHIN, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)


def messages() -> list[Template]:
    """All messages with values, but those in which values stand side by side."""
    with PO.open("rb") as file:
        known = [message for message in read_po(file) if isinstance(message.id, str) and message.id]
    templates = [next(templates_of(str(each.id), str(each.string))) for each in known]
    return [
        template
        for template in templates
        if template.names
        and all(template.parts[1:-1])
        and (template.letters >= LEAST_LETTERS or template.is_strict)
    ]


def test_a_sentence_is_found_again_whichever_message_it_was_made_from() -> None:
    """Also where another message is much like it."""
    left = []
    for template in messages():
        values = [
            "7" if name in template.numbers else "server" if name in template.sentences else "Xyz"
            for name in template.names
        ]
        first, *others = template.parts
        pairs = zip(values, others, strict=True)
        text = first + "".join(value + part for value, part in pairs)
        with speaking("fr"), missing() as missed:
            said(text)
        left += missed
    assert left == []
