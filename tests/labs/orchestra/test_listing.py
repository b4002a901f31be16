"""What is asked of an auditor's answers, made by hand: no sockets, no waiting."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract import catalog
from conformance.labs.orchestra.answers import AuditorAnswer, is_whole
from conformance.labs.orchestra.listing import Listed, Listing
from conformance.labs.orchestra.moments import written
from conformance.labs.orchestra.orchestra import sounds_of
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Fault, Kind, NotJudged, Violation

EPOCH = 1461734400.0
UUIDS = [f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc"]
NAMES = ["piano", "trumpet", "flute"]
BEGAN = [1.0, 1.2, 1.4]

Entry = dict[str, Any]


def parameters() -> Parameters:
    return catalog.load()["orchestra"].resolve("orchestra", {})


def entry(number: int) -> Entry:
    since = written(EPOCH + BEGAN[number])
    return {"uuid": UUIDS[number], "instrument": NAMES[number], "activeSince": since}


def answer(at: float, told: object) -> AuditorAnswer:
    text = told if isinstance(told, str) else json.dumps(told)
    return AuditorAnswer(text, at, at + 0.01, at + 0.02, at + 0.03, "")


def listing(
    change: Callable[[Entry, int], Entry] = lambda entry, number: entry,
    *,
    listed: tuple[tuple[int, ...], ...] = ((0, 1, 2), (0, 1, 2), (1, 2), ()),
) -> Listing:
    """Three musicians of whom the first stops at 2 s, the others at 6 s. `change` is given each
    entry, and the number of the answer; `listed`: who is in each of the four answers."""
    at = (3.0, 5.5, 8.5, 13.0)
    told = [
        answer(at[number], [change(entry(who), number) for who in listed[number]])
        for number in range(4)
    ]
    parts = [
        Listed(name, name, 0.5, [began + n for n in range(2 if number == 0 else 6)])
        for number, (name, began) in enumerate(zip(NAMES, BEGAN, strict=True))
    ]
    return Listing(parameters(), EPOCH, parts, True, None, *told)


def judged(found: Listing) -> dict[str, Any]:
    """By clause: the fault, or the clause and the kind that pay; nothing where it holds."""
    asked = {
        "2.3": found.listed,
        "2.4": found.uuids,
        "2.5": found.moments,
        "2.6": found.steady,
        "2.7": found.forgetting,
    }
    told: dict[str, Any] = {}
    for clause, ask in asked.items():
        try:
            violation: Violation | None = ask()
        except NotJudged as why:
            told[clause] = (why.clause, why.kind)
        else:
            if violation is not None:
                told[clause] = violation.fault
    return told


def test_what_conforms_is_not_accused() -> None:
    assert judged(listing()) == {}


def test_further_keys_are_no_fault() -> None:
    assert judged(listing(lambda entry, number: {**entry, "sound": "x", "last": number})) == {}


def without(key: str) -> Callable[[Entry, int], Entry]:
    return lambda entry, number: {name: entry[name] for name in entry if name != key}


def called(key: str, other: str) -> Callable[[Entry, int], Entry]:
    return lambda entry, number: {other if n == key else n: value for n, value in entry.items()}


def with_value(key: str, value: Callable[[Entry, int], object]) -> Callable[[Entry, int], Entry]:
    return lambda entry, number: {**entry, key: value(entry, number)}


SOUND = {"piano": "ti-ta-ti", "trumpet": "pouet", "flute": "trulu"}
FAULTS: dict[str, tuple[Callable[[Entry, int], Entry], dict[str, Any]]] = {
    "the sound": (
        with_value("instrument", lambda entry, _: SOUND[entry["instrument"]]),
        {"2.3": Fault.WRONG},
    ),
    "instruments that nobody knows": (
        with_value("instrument", lambda entry, _: "kazoo"),
        {"2.3": Fault.WRONG},
    ),
    "another key for the time": (called("activeSince", "active_since"), {"2.3": Fault.WRONG}),
    "another key for the uuid": (called("uuid", "id"), {"2.3": Fault.WRONG}),
    "no time": (
        without("activeSince"),
        {"2.3": Fault.WRONG, "2.5": ("2.3", Kind.FORM), "2.6": ("2.3", Kind.FORM)},
    ),
    "no uuid": (without("uuid"), {"2.3": Fault.WRONG, "2.4": ("2.3", Kind.FORM)}),
    "a number for a uuid": (with_value("uuid", lambda entry, _: 7), {"2.4": Fault.WRONG}),
    "one uuid for all": (with_value("uuid", lambda entry, _: UUIDS[0]), {"2.4": Fault.WRONG}),
    "new uuids each time": (
        with_value("uuid", lambda entry, n: entry["uuid"].replace("0000", f"000{n}")),
        {"2.4": Fault.WRONG},
    ),
    "no zone": (
        with_value("activeSince", lambda entry, _: entry["activeSince"].removesuffix("Z")),
        {"2.5": Fault.WRONG},
    ),
    "the local time called Z": (
        with_value("activeSince", lambda entry, _: entry["activeSince"].replace("T00", "T02")),
        {},
    ),
    "an hour too late": (
        with_value("activeSince", lambda entry, _: written(EPOCH + 3601.0)),
        {"2.5": Fault.WRONG},
    ),
    "when it was last heard": (
        with_value("activeSince", lambda entry, n: written(EPOCH + 2.0 + 3.0 * n)),
        {"2.6": Fault.WRONG},
    ),
    "no zone, and when it was last heard": (
        with_value("activeSince", lambda _, n: written(EPOCH + 2 + 3 * n).removesuffix("Z")),
        {"2.5": Fault.WRONG, "2.6": Fault.WRONG},
    ),
    "a number of milliseconds": (
        with_value("activeSince", lambda entry, _: int(EPOCH * 1000)),
        {"2.5": Fault.WRONG},
    ),
}
del FAULTS["the local time called Z"]  # of midnight: see "an hour too late"


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_costs_its_clause(name: str) -> None:
    change, expected = FAULTS[name]
    assert judged(listing(change)) == expected


LISTED: dict[str, tuple[tuple[tuple[int, ...], ...], dict[str, Any]]] = {
    "nobody": (
        ((), (), (), ()),
        {"2.3": Fault.ABSENT, **{f"2.{n}": ("2.3", Kind.FORM) for n in (4, 5, 6, 7)}},
    ),
    "two of three": (((0, 1), (0, 1), (1,), ()), {"2.3": Fault.ABSENT}),
    "one of them twice": (((0, 1, 2, 2), (0, 1, 2, 2), (1, 2, 2), ()), {"2.3": Fault.WRONG}),
    "nobody is forgotten": (((0, 1, 2),) * 4, {"2.7": Fault.ABSENT}),
    "the last ones are not": (((0, 1, 2), (0, 1, 2), (1, 2), (1, 2)), {"2.7": Fault.ABSENT}),
    "one is too early": (((0, 1, 2), (1, 2), (1, 2), ()), {"2.7": Fault.ABSENT}),
}


@pytest.mark.parametrize("name", LISTED)
def test_who_is_listed(name: str) -> None:
    listed, expected = LISTED[name]
    found = judged(listing(listed=listed))
    twice = name == "one of them twice"  # whose uuid stands there two times
    assert {
        clause: found[clause] for clause in found if not (twice and clause == "2.4")
    } == expected


def test_who_is_made_up_is_nobody() -> None:
    """It lists three that happen to play, and lists them also when nobody has played yet."""
    constant = listing(listed=((0, 1, 2),) * 4)
    found = judged(replace(constant, fresh=constant.last))
    assert found == {"2.3": Fault.WRONG, **{f"2.{n}": ("2.3", Kind.FORM) for n in (4, 5, 6, 7)}}
    assert judged(replace(constant, fresh=answer(16.0, []))) == {"2.7": Fault.ABSENT}


def test_an_answer_that_cannot_be_read_is_paid_for_once() -> None:
    whole = listing()
    silent = AuditorAnswer("", 3.0, 8.0, None, 8.0, "")
    assert judged(replace(whole, first=silent)) == {
        "2.3": Fault.ABSENT,
        **{f"2.{n}": ("2.3", Kind.SILENCE) for n in (4, 5, 6, 7)},
    }
    assert judged(replace(whole, later=silent)) == {
        "2.4": ("2.7", Kind.SILENCE),
        "2.6": ("2.7", Kind.SILENCE),
        "2.7": Fault.ABSENT,
    }


@pytest.mark.parametrize(
    "text",
    [
        "Active:\n{}",
        '{{"musicians": {}}}',
        "{}\n\n",
        "HELLO [1] {}",
    ],
)
def test_entries_are_found_in_what_is_no_array(text: str) -> None:
    told = json.dumps([entry(0), entry(1)])
    found = answer(1.0, text.format(told)).entries
    if "[1]" in text:  # the first array is what it is
        assert found == []
    else:
        assert found == [entry(0), entry(1)]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("[]", True),
        ("[]\r\n", True),
        ("[\n  \n]", True),
        ("{}", False),
        ("[] []", False),
        ("Hello\n[]", False),
        ('[{"uuid": "x"}]', False),  # nobody plays
        ("[{'uuid': 'x'}]", False),
        ("[" * 10_000, False),
        ("null", False),
    ],
)
def test_the_form_of_an_answer(text: str, *, holds: bool) -> None:
    found = answer(1.0, text).form(empty=True)
    assert (found is None) is holds


@pytest.mark.parametrize(
    ("text", "nobody"),
    [
        ("]", True),
        ("null", True),
        ("nobody plays (0)\n", True),
        ("", False),
        ('[{"uuid": ', False),
        ("3 musicians", False),
        ("Piano since noon", False),
        ("ti-ta-ti", False),
    ],
)
def test_what_names_no_musician(text: str, *, nobody: bool) -> None:
    assert answer(1.0, text).names_nobody(sounds_of(parameters())) is nobody


def test_what_means_nobody_costs_its_form_alone() -> None:
    bracket = replace(answer(13.0, "]"), means_nobody=True)
    assert judged(replace(listing(), last=bracket)) == {}
    assert bracket.form() is not None
    deaf = replace(listing(), first=bracket).listed()
    assert deaf is not None
    assert deaf.actual == "]"


def test_a_text_is_whole_when_its_array_ends() -> None:
    assert is_whole("[]")
    assert is_whole("Hello\n[]\n")
    assert is_whole("[{'a': 1}]")
    assert not is_whole('[{"a": 1}')
    assert not is_whole("")
    assert not is_whole("[" * 10_000 + "]")
