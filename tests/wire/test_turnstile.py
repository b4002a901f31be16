"""A run asks the pacer of its class, through a socket, before it starts anything."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from conformance.turnstile import LARGEST, Open, Paced, Word, pair


@pytest.fixture
def ends() -> Iterator[tuple[Paced, socket.socket]]:
    ours, theirs = pair()
    with ours, theirs:
        ours.settimeout(20)
        yield Paced(theirs), ours


def said(pacer: socket.socket) -> str:
    return pacer.recv(LARGEST).decode()


def test_alone_it_passes_at_once() -> None:
    assert Open().may_start(calm=True)
    assert Open().fileno() == -1


def test_it_asks_once_and_passes_when_it_is_let(ends: tuple[Paced, socket.socket]) -> None:
    turnstile, pacer = ends
    assert not turnstile.may_start(calm=False)
    assert not turnstile.may_start(calm=False)
    assert said(pacer) == Word.ASK
    pacer.send(Word.GO.encode())
    assert turnstile.may_start(calm=False)
    turnstile.started()
    turnstile.ended()
    assert [said(pacer), said(pacer)] == [Word.STARTED, Word.ENDED], "and asked once only"


def test_what_it_no_longer_needs_it_gives_back(ends: tuple[Paced, socket.socket]) -> None:
    turnstile, pacer = ends
    turnstile.may_start(calm=False)
    assert said(pacer) == Word.ASK
    pacer.send(Word.GO.encode())
    assert not turnstile.may_start(calm=True), "it was let pass beside others, not alone"
    assert [said(pacer) for _ in range(3)] == [Word.STARTED, Word.ENDED, Word.ASK_CALM]


def test_it_declines_what_comes_too_late(ends: tuple[Paced, socket.socket]) -> None:
    turnstile, pacer = ends
    turnstile.may_start(calm=False)
    turnstile.decline()
    assert said(pacer) == Word.ASK
    pacer.send(Word.GO.encode())
    turnstile.decline()
    assert [said(pacer), said(pacer)] == [Word.STARTED, Word.ENDED]


def test_a_build_waits_for_its_turn_and_says_when_it_is_over(
    ends: tuple[Paced, socket.socket],
) -> None:
    turnstile, pacer = ends
    heard: list[str] = []

    def build() -> None:
        with turnstile.passage():
            heard.append("built")

    builder = threading.Thread(target=build)
    builder.start()
    assert said(pacer) == Word.ASK_BUILD
    assert heard == []
    pacer.send(Word.GO.encode())
    assert [said(pacer), said(pacer)] == [Word.STARTED, Word.ENDED]
    builder.join(20)
    assert heard == ["built"]


def test_without_a_pacer_nothing_starts(ends: tuple[Paced, socket.socket]) -> None:
    turnstile, pacer = ends
    turnstile.may_start(calm=False)
    said(pacer)
    pacer.close()
    with pytest.raises(InterruptedError):
        turnstile.may_start(calm=False)
