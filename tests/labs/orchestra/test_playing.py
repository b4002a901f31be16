"""What is asked of a musician's datagrams, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.contract import catalog
from conformance.labs.orchestra.orchestra import INSTRUMENTS, sounds_of
from conformance.labs.orchestra.playing import Orchestra, Performance
from conformance.session.companion import Overheard
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Fault, Kind, NotJudged, Violation

GROUP = ("239.255.22.5", 9907)


def parameters() -> Parameters:
    return catalog.load()["orchestra"].resolve("orchestra", {})


def performance(
    name: str = "piano",
    times: Sequence[float] = tuple(range(1, 9)),
    *,
    says: str = "",
    to: tuple[str, int] = GROUP,
    ended: str = "",
) -> Performance:
    sounds = sounds_of(parameters())
    data = (says or sounds[name]).encode()
    heard = [Overheard(at, ("10.9.9.11", 40_000), to, data) for at in times]
    return Performance(name, sounds, heard, 0.2, 1.5, 8.4, ended)


def orchestra(**changed: Performance) -> Orchestra:
    return Orchestra([changed.get(n, performance(n)) for n in INSTRUMENTS], parameters())


def test_an_orchestra_that_plays_well() -> None:
    found = orchestra()
    assert (found.rhythm(), found.sounds(), found.places()) == (None, None, None)


@pytest.mark.parametrize(
    ("times", "actual", "fault"),
    [
        ([1 + n / 2 for n in range(15)], "0.50 s between", Fault.WRONG),
        ([1.0, 6.0], "none in the 2.40 s after datagram 1", Fault.ABSENT),
        ([1.0], "none in the 7.40 s after datagram 1", Fault.ABSENT),
        ([1 + n * 1.4 for n in range(6)], "1.40 s between", Fault.LATE),
    ],
)
def test_another_rhythm(times: Sequence[float], actual: str, fault: Fault) -> None:
    wrong = orchestra(flute=performance("flute", times)).rhythm()
    assert wrong is not None
    assert actual in wrong.actual
    assert (wrong.fault, wrong.client) == (fault, "flute")


def test_how_the_first_datagrams_came_does_not_matter() -> None:
    times = [0.3, 0.35, 1.45, *range(2, 9)]
    assert orchestra(drum=performance("drum", times)).rhythm() is None


def test_one_that_is_silent_is_no_matter_of_rhythm() -> None:
    found = orchestra(
        violin=performance("violin", [], ended="the program has ended: exit status 1")
    )
    assert found.rhythm() is None
    wrong = found.sounds()
    assert wrong is not None
    assert (wrong.kind, wrong.client) == (Kind.ENDED, "violin")


def test_where_all_are_silent_the_rhythm_pays() -> None:
    found = Orchestra([performance(name, []) for name in INSTRUMENTS], parameters())
    wrong = found.rhythm()
    assert isinstance(wrong, Violation)
    for ask in (found.sounds, found.places):
        with pytest.raises(NotJudged) as why:
            ask()
        assert (why.value.clause, why.value.kind) == ("1.1", wrong.kind)


@pytest.mark.parametrize("says", ["ti-ta-ti pouet trulu gzi-gzi boum-boum", "here I am"])
def test_what_is_no_music_earns_nothing(says: str) -> None:
    found = Orchestra([performance(name, says=says) for name in INSTRUMENTS], parameters())
    assert found.sounds() is not None
    for ask in (found.rhythm, found.places):
        with pytest.raises(NotJudged) as why:
            ask()
        assert (why.value.clause, why.value.kind) == ("1.2", Kind.FORM)


@pytest.mark.parametrize("says", ["{} is my instrument", "instrument={}"])
def test_the_name_for_the_sound_costs_the_sound_alone(says: str) -> None:
    all_ = [performance(name, says=says.format(name)) for name in INSTRUMENTS]
    found = Orchestra(all_, parameters())
    assert found.sounds() is not None
    assert (found.rhythm(), found.places()) == (None, None)


@pytest.mark.parametrize("to", ["127.0.0.1", "10.9.9.1", "192.168.1.255", "::1"])
def test_what_is_sent_to_one_address(to: str) -> None:
    wrong = orchestra(piano=performance(to=(to, 9907))).places()
    assert wrong is not None
    assert to in wrong.actual


@pytest.mark.parametrize("to", ["224.0.0.251", "255.255.255.255", "10.9.9.255", "ff02::1"])
def test_what_is_sent_to_many(to: str) -> None:
    assert orchestra(piano=performance(to=(to, 9907))).places() is None


def test_a_group_counts_beside_an_address() -> None:
    both = performance()
    also = performance(to=("127.0.0.1", 9907), times=[n / 2 for n in range(2, 18)])
    found = orchestra(piano=replace(both, heard=[*both.heard, *also.heard]))
    assert (found.rhythm(), found.places()) == (None, None)


def test_what_is_learnt_of_a_musician() -> None:
    known = performance("drum").learnt(parameters())
    assert known == {
        "data": b"boum-boum".hex(),
        "to": list(GROUP),
        "says": "drum",
        "steady": True,
        "reaches": True,
    }
    slow = performance("drum", [1.0, 6.0], to=("127.0.0.1", 1), says="x").learnt(parameters())
    assert (slow["steady"], slow["reaches"], slow["says"]) == (False, False, "")
