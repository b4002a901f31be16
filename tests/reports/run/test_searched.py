"""What reports say of a search: never a failure, and nothing that costs points."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from conformance.reports.run import json_report, junit
from conformance.verdict.events import from_lines, judged, replay, run_began, run_ended, to_line
from conformance.verdict.events import searched as search_event
from conformance.verdict.model import Level, Run, Search
from conformance.verdict.points import status
from kit.runs import ALICE, BYE_IN_LOWER_CASE, HANGS_UP, HOSTILE, LISTENS, alone, passed, printed

AGAIN = "conformance check alice.py --lab echo --search 20s --seed 20261122"
BROKEN = replace(
    BYE_IN_LOWER_CASE,
    clause=replace(HANGS_UP, level=Level.INFO),
    level=Level.INFO,
    possible=0,
    again=AGAIN,
)
FOUND = Search(
    20.0,
    131,
    sentence="a, BYE: the server says: > bye; it should say: > BYE",
    verdict=BROKEN,
    again=AGAIN,
)
NOTHING = Search(20.0, 131, again=AGAIN)
NOT_SEARCHED = Search(20.0, reason="3.1 did not pass, without which no conversation shows anything")
UNPROVEN = Search(20.0, 131, reason="a conversation broke the contract, but not again", again=AGAIN)
EACH = [FOUND, NOTHING, NOT_SEARCHED, UNPROVEN]

GOOD = alone(passed(LISTENS))


def after(search: Search, run: Run = GOOD) -> Run:
    return replace(run, search=search)


def test_what_was_found_is_told_with_its_conversation() -> None:
    told = printed(after(FOUND))
    sentence = " ".join(told.split())
    assert "in 131 conversations that nobody wrote, clause 4.1 was broken" in sentence
    assert "which costs no points" in sentence
    assert "The shortest: a, BYE: the server says: > bye; it should say: > BYE" in sentence
    assert "  ▶   0.004 s  server  > bye⏎" in told
    assert f"run it again     {AGAIN}" in told
    assert "1 of 1 point · 1 passed" in told, "it counts for nothing"


@pytest.mark.parametrize(
    ("search", "words"),
    [
        (NOTHING, "in 131 conversations that nobody wrote, no clause was broken."),
        (NOT_SEARCHED, "Not searched: 3.1 did not pass"),
        (UNPROVEN, "nothing is proven: a conversation broke the contract, but not again."),
    ],
)
def test_what_was_not_found_is_told_in_a_sentence(search: Search, words: str) -> None:
    told = " ".join(printed(after(search)).split())
    assert words in told
    assert ("search again" in told) is bool(search.conversations)


def test_without_a_search_nothing_is_told() -> None:
    assert "earched" not in printed(GOOD)
    assert "search" not in json_report.to_json(GOOD)


@pytest.mark.parametrize("search", EACH)
def test_it_changes_no_points_and_no_status(search: Search) -> None:
    for run in (GOOD, ALICE):
        with_search, without = json_report.to_json(after(search, run)), json_report.to_json(run)
        assert with_search.pop("search")
        assert with_search == without
        assert status(after(search, run)) == status(run)


@pytest.mark.parametrize("search", EACH)
def test_junit_has_it_as_a_property_and_no_case(search: Search) -> None:
    [suite] = ElementTree.fromstring(junit.to_xml([after(search)]).encode())
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "0")
    [value] = [p.get("value") for p in suite.iter("property") if p.get("name") == "search"]
    assert value
    assert "earched: " in value


@pytest.mark.parametrize("search", EACH)
def test_a_stored_run_tells_it_again(search: Search) -> None:
    events = [run_began(GOOD), *map(judged, GOOD.verdicts), search_event(search), run_ended(1.0)]
    assert replay(from_lines(map(to_line, events))).search == search


@pytest.mark.parametrize("search", EACH)
def test_the_document_is_as_its_schema_says(search: Search) -> None:
    schema = json.loads(files("conformance.reports").joinpath("run-1.schema.json").read_text())
    document = json.loads(json_report.to_text(after(search)))
    Draft202012Validator(schema).validate(document)
    assert set(schema["properties"]["search"]["properties"]) == set(document["search"])


def test_a_hostile_server_writes_nothing_into_a_report() -> None:
    hostile = replace(
        FOUND,
        sentence=f"a: the server says: {HOSTILE}; it should say: > A",
        verdict=BROKEN.with_attempt(actual=HOSTILE),
    )
    told = printed(after(hostile)) + junit.to_xml([after(hostile)])
    assert not set("\x1b\x07\0\r\u202e") & set(told)
    json.loads(json_report.to_text(after(hostile)))
