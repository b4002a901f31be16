"""When a session opens a capture, and of which interface."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.sandbox import Tier, World
from conformance.session import captures as module
from conformance.session.captures import Captures


class RecordedCapture:
    """What becomes of a capture, without the kernel's buffers."""

    def __init__(
        self, wire: object, interface: str, ports: tuple[int, ...], *, at_its_end: bool
    ) -> None:
        self.made_of = (wire, interface, ports)
        self.at_its_end = at_its_end
        self.happened: list[str] = []

    def open(self) -> None:
        self.happened.append("open")

    def close(self) -> None:
        self.happened.append("close")


def captures_of(monkeypatch: pytest.MonkeyPatch, *, wire: object) -> Captures:
    """In a world whose sockets are told by their host's name."""
    monkeypatch.setattr(module, "Capture", RecordedCapture)

    def packets(host: str, family: int, kind: int) -> str:
        assert (family, kind) == (socket.AF_PACKET, socket.SOCK_RAW)
        return host

    world = SimpleNamespace(tier=Tier.FULL, socket=packets, wire=wire)
    return Captures(cast(World, world), 2323)


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> Captures:
    return captures_of(monkeypatch, wire=None)


def test_each_host_has_one_which_is_opened_when_it_is_asked_for(captures: Captures) -> None:
    assert captures.possible
    assert list(captures) == []
    first: Any = captures["suite"]
    assert first.made_of == ("suite", "eth0", (2323,))
    again: Any = captures["suite"]
    assert again is first
    assert first.happened == ["open"]
    assert not first.at_its_end
    other: Any = captures["submission"]
    assert other.made_of == ("submission", "lo", (2323,))
    assert list(captures) == ["suite", "submission"]
    captures.close()
    assert first.happened == other.happened == ["open", "close"]


def test_with_a_network_times_are_taken_at_the_programs_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    captures = captures_of(monkeypatch, wire="a network")
    first: Any = captures["suite"]
    assert first.made_of == ("submission", "eth0", (2323,))
    assert first.at_its_end
    loopback: Any = captures["submission"]
    assert loopback.made_of == ("submission", "lo", (2323,))
    assert not loopback.at_its_end


@pytest.mark.parametrize("world", [None, SimpleNamespace(tier=Tier.NONE)])
def test_without_hosts_of_our_own_there_is_none(world: object) -> None:
    captures = Captures(cast(World, world), 2323)
    assert not captures.possible
    assert captures.get("suite") is None
    assert len(captures) == 0
    captures.close()
