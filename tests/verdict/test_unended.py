"""That a text came without an end of line is seen in what is said of it, however long it is."""

from __future__ import annotations

import pytest

from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.signs import seen
from conformance.verdict.symptoms import Sign
from conformance.verdict.violation import Fault, Kind

BEGUN = "> HELLO, WOR"


def sign_of(actual: str) -> tuple[Sign | None, dict[str, object]]:
    failed = Attempt(
        Outcome.FAILED, expected="> HELLO, WORLD", actual=actual, fault=Fault.ABSENT,
        kind=Kind.SILENCE,
    )  # fmt: skip
    found = seen(failed)
    return (found.sign, dict(found.facts)) if found else (None, {})


@pytest.mark.parametrize("behind", ["", ", and more came", ", without an end of line"])
@pytest.mark.parametrize("comma", ["", ","])
def test_the_beginning_of_a_text_is_cut(comma: str, behind: str) -> None:
    sign, facts = sign_of(f"{BEGUN}{comma} without an end of line{behind}")
    assert sign is Sign.CUT
    assert facts["after"] == len(BEGUN)


@pytest.mark.parametrize("text", ["> HI", "", "it is without an end of lines, is it not"])
def test_another_text_has_no_end(text: str) -> None:
    assert sign_of(f"{text}, without an end of line")[0] is Sign.UNENDED


def test_a_text_that_says_so_itself_is_not_taken_for_it() -> None:
    assert sign_of("it is without an end of lines")[0] is not Sign.UNENDED


def test_a_text_that_ends_with_cr_is_told_with_it() -> None:
    sign, facts = sign_of("> HELLO, ended with CR alone")
    assert sign is Sign.UNENDED
    assert facts == {"ending": "CR", "text": "> HELLO"}
