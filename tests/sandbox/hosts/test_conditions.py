"""The words of `--network`, and what they ask for."""

from __future__ import annotations

import pytest

from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.verdict.model import WrongCall

ALL = NetworkConditions(0.05, 0.01, 2.0, 1.0, 5.0)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("delay 50ms", NetworkConditions(delay=0.05)),
        ("delay 0.05s", NetworkConditions(delay=0.05)),
        ("delay 50 ms, loss 2 %", NetworkConditions(delay=0.05, loss=2.0)),
        ("loss 2% delay 50ms", NetworkConditions(delay=0.05, loss=2.0)),
        ("loss 0.1%", NetworkConditions(loss=0.1)),
        ("delay 50ms jitter 10ms loss 2% duplicate 1% reorder 5%", ALL),
    ],
)
def test_conditions_in_words(text: str, means: NetworkConditions) -> None:
    assert NetworkConditions.read(text) == means
    assert NetworkConditions.read(str(means)) == means
    assert NetworkConditions.read(means.told) == means


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no conditions"),
        ("50ms", "'50ms' is none of delay, jitter, loss, duplicate, reorder"),
        ("delay", "delay wants a time like 50ms, of 0.5 s at most, not ''"),
        ("delay 50", "not '50'"),
        ("delay -1ms", "not '-1ms'"),
        ("delay 2s", "of 0.5 s at most, not '2s'"),
        ("delay 50ms delay 60ms", "delay stands there twice"),
        ("delay 5ms jitter 10ms", "the jitter cannot be more than the delay"),
        ("loss 2", "loss wants percent like 2%"),
        ("loss 60%", "no more than 50%, not '60%'"),
        ("rate 1mbit", "'rate' is none of"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(WrongCall, match=why):
        NetworkConditions.read(text)


def test_what_a_reader_is_told() -> None:
    assert ALL.told == "delay 50 ms, jitter 10 ms, loss 2 %, duplicate 1 %, reorder 5 %"
    assert str(NetworkConditions()) == ""


def test_how_much_longer_an_answer_may_take() -> None:
    assert NetworkConditions().allowance("tcp") == 0
    assert NetworkConditions(delay=0.05, jitter=0.01).allowance("tcp") == pytest.approx(0.12)
    lossy = NetworkConditions(loss=2.0)
    assert lossy.allowance("udp") == 0  # nothing repeats a datagram
    assert lossy.allowance("tcp") > 0.5  # TCP repeats a segment after 0.2 s, and then after 0.4 s
