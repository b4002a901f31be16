"""What a silence is among several clients: who was served meanwhile, and who got the answer."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.verdict.explanation import explained
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Sign
from conformance.verdict.transcript import REMARK, Entry, Transcript
from conformance.verdict.violation import Fault, Kind

WORDS = {"client": "firstword", "client 2": "otherword", "client 3": "thirdword"}
SUITE = REMARK


def conversation(*said: tuple[float, str, str]) -> Attempt:
    """One in which all three have said their words, and the first waited for the answer."""
    came = [(0.0, SUITE, f"{name} connects") for name in WORDS]
    asked = [(0.1, name, f"{word}\n") for name, word in WORDS.items()]
    transcript = Transcript(tuple(Entry(*one) for one in (*came, *asked, *said)))
    return Attempt(
        Outcome.FAILED,
        transcript,
        "> FIRSTWORD",
        "nothing within 5 s",
        fault=Fault.ABSENT,
        kind=Kind.SILENCE,
        lines=True,
        client="client",
    )


def facts(*said: tuple[float, str, str]) -> Mapping[str, object]:
    """The facts of the first client's silence."""
    symptom = explained(conversation(*said), "", "").symptom
    assert symptom is not None
    assert symptom.sign is Sign.NOTHING
    return symptom.facts


SERVED = (
    (0.2, "server to client 2", "> OTHERWORD\n"),
    (0.2, "server to client 3", "> THIRDWORD\n"),
)
LEFT = (6.0, SUITE, "client 2 left")


def test_the_others_were_served() -> None:
    found = facts(*SERVED, LEFT)
    assert (found["served"], found["unserved"]) == (2, 1)


def test_what_comes_when_one_has_left_was_not_served_before() -> None:
    found = facts(*SERVED, LEFT, (6.1, "server", "> SOMETHING\n"))
    assert (found["served"], found["unserved"]) == (2, 1)


def test_who_was_answered_half_was_neither_served_nor_left_waiting() -> None:
    found = facts((0.15, "client 2", "secondline\n"), *SERVED, LEFT)
    assert not {"served", "unserved"} & set(found)


def test_the_answer_went_to_another_client() -> None:
    found = facts((0.2, "server to client 3", "> FIRSTWORD\n"))
    assert found["came to"] == "client 3"
    assert "served" not in found


def test_the_answer_has_the_text_of_another_in_its_midst() -> None:
    found = facts((0.2, "server", "> FIRSTOTHERWORDTHIRDWORDWORD\n"))
    assert found["mixed with"] == "client 2"
    assert "mixed with" not in facts((0.2, "server", "> FIRST OF ALL WORD\n"))


def test_of_a_mixed_line_its_own_beginning_may_be_lost() -> None:
    assert facts((0.2, "server", "OTHERSTWORD\n")).get("mixed with") is None  # too short to tell
    assert facts((0.2, "server", "> THIRDOTHERRSTWORD\n"))["mixed with"] == "client 2"
    assert "mixed with" not in facts((0.2, "server", "> NOBODYSWORDSRSTWORD\n"))
    assert "mixed with" not in facts((0.2, "server", "> THIRDOTHERTHEWORD\n"))


def test_of_a_conversation_with_gaps_nothing_is_counted() -> None:
    found = facts(*SERVED, (0.3, SUITE, "9 entries left out"), LEFT)
    assert not {"served", "unserved", "came to"} & set(found)


def hint(*said: tuple[float, str, str]) -> str:
    return explained(conversation(*said), "", "node").hint


def test_what_clients_share_is_named_where_a_text_was_found_with_another() -> None:
    mixed = (0.2, "server", "> FIRSTOTHERWORDTHIRDWORDWORD\n")
    for one in (mixed, (0.2, "server to client 3", "> FIRSTWORD\n")):
        assert "All clients share a variable" in hint(one)
    for other in (*SERVED, (0.2, "server", "> FIRST OF ALL WORD\n")):
        assert "share" not in hint(other)
