"""The right answers of a server of students: each of them, and none beside them."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import Wording
from conformance.labs.roulette.model import Store, Tab


def store(*students: str, version: int = 2) -> Store:
    made = Store(version)
    made.load([*students])
    return made


def tab(known: int, unknown: int = 0) -> Any:
    return Tab(2, known, unknown).bye()


TWO = store("Ann Lee", "José")

RIGHT = [
    (store().help(), "Commands: [HELP, RANDOM, LOAD, LIST, CLEAR, INFO, BYE]"),
    (store().help(), "Commands: [BYE,INFO,CLEAR,LIST,LOAD,RANDOM,HELP]"),
    (store(version=1).help(), "Commands: [HELP, RANDOM, LOAD, INFO, BYE]"),
    (TWO.info(), '{"protocolVersion":"2.0","numberOfStudents":2}'),
    (TWO.info(), ' { "numberOfStudents" : 2.0, "protocolVersion" : "2.0" } '),
    (store("Ann", version=1).info(), '{"protocolVersion":"1.0","numberOfStudents":1}'),
    (store().prompt(), "Send your data [end with ENDOFDATA]"),
    (store().load(["Ann", "Ann"]), '{"status":"success","numberOfNewStudents":2}'),
    (store(version=1).load(["Ann"]), "DATA LOADED"),
    (TWO.random(), '{"fullname":"Ann Lee"}'),
    (TWO.random(), r'{"fullname":"Jos\u00e9"}'),
    (store().random(), '{"error":"nobody"}'),
    (store().random(), '{"error":{"code":1},"fullname":null}'),
    (TWO.list(), '{"students":[{"fullname":"José"},{"fullname":"Ann Lee"}]}'),
    (store().list(), '{"students":[]}'),
    (store("Ann").clear(), "DATASTORE CLEARED"),
    (store().unknown(), "Huh?"),
    (tab(3), '{"status":"success","numberOfCommands":4}'),
    (tab(3, 2), '{"status":"success","numberOfCommands":4}'),
    (tab(3, 2), '{"status":"success","numberOfCommands":6}'),
]

WRONG = [
    (store().help(), "Commands: [HELP, RANDOM, LOAD, INFO, BYE]"),
    (store().help(), "Commands: [HELP, HELP, RANDOM, LOAD, LIST, CLEAR, INFO, BYE]"),
    (store().help(), "HELP, RANDOM, LOAD, LIST, CLEAR, INFO, BYE"),
    (TWO.info(), '{"protocolVersion":"2.0","numberOfStudents":"2"}'),
    (TWO.info(), '{"protocolVersion":2.0,"numberOfStudents":2}'),
    (TWO.info(), '{"protocolVersion":"2.0","numberOfStudents":2,"more":0}'),
    (TWO.info(), '{"protocolVersion":"2.0","numberOfStudents":3,"numberOfStudents":2}'),
    (store("Ann").info(), '{"protocolVersion":"2.0","numberOfStudents":true}'),
    (store("Ann").info(), '{"protocolVersion":"2.0","numberOfStudents":NaN}'),
    (store().load(["Ann"]), "DATA LOADED"),
    (TWO.random(), '{"fullname":"Bob"}'),
    (TWO.random(), '{"fullname":"José","error":null}'),
    (TWO.random(), '{"error":"nobody"}'),
    (store().random(), '{"fullname":null}'),
    (store().random(), '{"error":null}'),
    (TWO.list(), '{"students":[{"fullname":"José"}]}'),
    (TWO.list(), '{"students":["José","Ann Lee"]}'),
    (TWO.list(), '{"students":[{"fullname":"José"},{"fullname":1}]}'),
    (store().list(), '{"students":null}'),
    (store().unknown(), "  "),
    (tab(3), '{"status":"success","numberOfCommands":3}'),
    (tab(3, 2), '{"status":"success","numberOfCommands":7}'),
    (TWO.info(), "[" * 100_000),
    (TWO.info(), '{"a":' * 100_000),
]


@pytest.mark.parametrize(("wording", "line"), RIGHT)
def test_a_right_answer_is_one(wording: Wording, line: str) -> None:
    assert wording.holds(line)
    assert wording.holds(wording.words) or "…" in wording.words or " " in wording.words


@pytest.mark.parametrize(("wording", "line"), WRONG, ids=[line[:60] for _, line in WRONG])
def test_a_wrong_answer_is_none(wording: Wording, line: str) -> None:
    assert not wording.holds(line)


def test_what_was_loaded_stays_until_it_is_cleared() -> None:
    kept = store("Ann")
    kept.load(["Bob", "Bob"])
    assert kept.info().words == '{"protocolVersion":"2.0","numberOfStudents":3}'
    kept.clear()
    assert kept.info().words == '{"protocolVersion":"2.0","numberOfStudents":0}'
    assert kept.list().holds('{"students":[]}')


def test_in_version_1_bye_is_answered_with_the_close_alone() -> None:
    assert Tab(1).bye() is None
