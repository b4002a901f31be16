"""What the presence-udp lab knows of a failure, beside that it is one."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import Sign
from conformance.labs.presence_udp import hearing, listing
from conformance.labs.presence_udp.presence_udp import STRANGER


@pytest.mark.parametrize(
    ("told", "whom"),
    [
        ([], "nobody"),
        (["Ann"], "the speaker alone"),
        (["Bob", "Cleo"], "all but the speaker"),
        (["Bob"], "some"),
        (["Ann", "Cleo"], "some"),
    ],
)
def test_who_was_told_of_what_ann_did(told: list[Any], whom: str) -> None:
    assert hearing.who_was(told, ["Ann", "Bob", "Cleo"], "Ann") == whom


HEAD = "In the room:"


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        ([STRANGER], {"answer": "as to a stranger"}),
        (["What?"], {"lists": "nobody"}),
        ([f"{HEAD}\n - Ann"], {"lists": "the asker alone"}),
        ([f"{HEAD}\n - Ann", f"{HEAD}\n - Bob\n - Cleo"], {"lists": "in several datagrams"}),
        ([f"{HEAD} Ann, Bob, Cleo"], {"lists": "in another form"}),
        ([f"{HEAD}\n - Ann", "Eve is in the room."], None),
        ([f"{HEAD}\n - Ann\n - Bob"], None),
        ([" - Ann\n - Bob\n - Cleo"], None),
        ([f"{HEAD} ANN, BOB"], None),
    ],
)
def test_what_is_known_of_an_answer_that_is_no_list(
    answers: list[str], facts: dict[str, str] | None
) -> None:
    found = listing.of_a_list(["Ann", "Bob", "Cleo"], answers)
    assert (found and found.sign) is (Sign.FORM if facts else None)
    assert (found and found.facts) == facts
