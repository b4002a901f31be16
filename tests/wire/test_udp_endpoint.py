"""The UDP end of the suite, against sockets of the test's own on loopback."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from conformance.verdict.expectations import Wording
from conformance.verdict.violation import Fault, Violation
from conformance.wire import recorder as recorder_module
from conformance.wire import udp_endpoint as udp_endpoint_module
from conformance.wire.recorder import Recorder
from conformance.wire.udp_endpoint import Datagrams

GROUP = "239.255.22.5"
LOOPBACK = "127.0.0.1"


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """What stands for the server: it hears what we send, and answers when it is told to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((LOOPBACK, 0))
        peer.settimeout(60.0)
        yield peer


def bound(address: str = LOOPBACK, port: int = 0) -> socket.socket:
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.setblocking(False)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    wire.bind((address, port))
    return wire


def converse(
    peer: socket.socket,
    talk: Callable[[Datagrams], Awaitable[None]],
    recorder: Recorder | None = None,
    *,
    quiet: bool = False,
) -> None:
    """Holds a conversation with the peer."""

    async def hold() -> None:
        with Datagrams(
            bound(), peer.getsockname(), recorder or Recorder(), name="Ann", quiet=quiet
        ) as ann:
            await talk(ann)

    asyncio.run(hold())


def test_a_datagram_goes_to_the_server_and_its_answer_comes_back(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        ann.send("HELLO Ann")
        data, source = peer.recvfrom(2000)
        assert (data, source) == (b"HELLO Ann", ann.address)
        peer.sendto(b"Ann is in the room.\r\n", source)
        answer = await ann.expect("Ann is in the room.")
        assert answer.data.endswith(b"\r\n")
        assert answer.source == peer.getsockname()

    converse(peer, talk)


def test_lines_of_a_datagram_come_without_their_ends(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        peer.sendto(b"In the room:\r\n - Ann\n - Bob\n", ann.address)
        answer = await ann.read()
        assert answer.lines == ["In the room:", " - Ann", " - Bob"]

    converse(peer, talk)


def test_times_are_the_kernels_however_late_we_read(peer: socket.socket) -> None:
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        for _ in range(100):  # the kernel begins a little after the first who wants stamps
            before = recorder.now()
            peer.sendto(b"now", ann.address)
            time.sleep(0.1)  # the suite is busy, and its event loop stands still
            awake = recorder.now()
            answer = await ann.read()
            if answer.at < awake:
                break
        assert before <= answer.at < awake, "stamped when it came"
        assert ann.stamped_by == "kernel"

    converse(peer, talk, recorder)


def test_a_sending_lies_between_its_two_times(peer: socket.socket) -> None:
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        before = recorder.now()
        ann.send("ALIVE")
        assert before <= ann.handed_at <= ann.sent_at <= recorder.now()

    converse(peer, talk, recorder)


def test_a_datagram_that_comes_too_late_is_late_and_not_absent(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        ann.send("HELLO Ann")
        peer.sendto(b"Ann is in the room.", ann.address)
        await ann.expect("Ann is in the room.", within=60.0)
        peer.sendto(b"Ann says: hi", ann.address)
        with pytest.raises(Violation) as late:
            await ann.wait_for("Ann says: hi", within=1.0, since=ann.sent_at - 3.0, what="that")
        assert (late.value.expected, late.value.fault) == ("that within 1 s", Fault.LATE)
        [delay] = late.value.delays
        assert delay.begin == ann.sent_at - 3.0
        assert delay.end == ann.received[-1].at

    converse(peer, talk)


def test_what_is_awaited_may_come_after_others(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        for text in (b"Bob is in the room.", b"Ann says: hi"):
            peer.sendto(text, ann.address)
        await ann.wait_for("Ann says: hi")

    converse(peer, talk)


def test_other_words_about_the_same_are_wrong_and_anything_else_is_absence(
    peer: socket.socket,
) -> None:
    async def talk(ann: Datagrams) -> None:
        peer.sendto(b"Ann has come", ann.address)
        peer.sendto(b"Bob has come", ann.address)
        with pytest.raises(Violation) as wrong:
            await ann.wait_for("Ann is in the room.", patience=0.1, about="Ann")
        assert (wrong.value.actual, wrong.value.fault) == ("Ann has come", Fault.WRONG)
        peer.sendto(b"Bob has come", ann.address)
        with pytest.raises(Violation, match="Bob has come") as absent:
            await ann.wait_for("Ann is in the room.", patience=0.1, about="Ann")
        assert absent.value.fault is Fault.ABSENT

    converse(peer, talk)


def test_nothing_is_absent_and_one_datagram_breaks_a_silence(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        with pytest.raises(Violation, match=r"nothing within 0\.05 s") as absent:
            await ann.expect(Wording("anything", lambda text: True), patience=0.05)
        assert absent.value.fault is Fault.ABSENT
        await ann.expect_silence(0.05)
        peer.sendto(b"", ann.address)
        with pytest.raises(Violation, match=r"no datagram for 5 s"):
            await ann.expect_silence(5.0)

    converse(peer, talk)


def test_what_has_come_can_be_passed_over(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        peer.sendto(b"old", ann.address)
        ann.forget()
        peer.sendto(b"new", ann.address)
        await ann.expect("new")
        assert [datagram.text for datagram in ann.received] == ["old", "new"]

    converse(peer, talk)


def test_a_closed_port_is_told_to_whoever_sends_there(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        address = ann.address
        ann.close()
        ann.close()  # twice is once
        ann.forget()  # there is nothing more to hear
        peer.connect(address)  # Linux reports ICMP to connected sockets only
        peer.send(b"Are you there?")
        with pytest.raises(ConnectionRefusedError):
            peer.recv(100)

    converse(peer, talk)


def test_a_vanished_server_does_not_disturb_us(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        server = ann.server
        peer.close()
        for _ in range(3):
            ann.send("SAY hi")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(server)
            again.sendto(b"I am back", ann.address)
            await ann.expect("I am back")

    converse(peer, talk)


def test_the_conversation_is_in_the_transcript(peer: socket.socket) -> None:
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        ann.send("DISCOVER", to=peer.getsockname())
        ann.send(b"\xff", to=(LOOPBACK, 9))
        ann.remark("the network is bad")
        peer.sendto(b"PRESENCE 9907\n", ann.address)
        await ann.read()

    converse(peer, talk, recorder)
    said = sorted((entry.who, entry.what) for entry in recorder.transcript())
    assert said == [
        ("Ann", "DISCOVER"),
        (f"Ann to {LOOPBACK}", "\udcff"),
        ("server to Ann", "PRESENCE 9907\n"),
        ("suite", "the network is bad"),
    ]


def test_two_of_one_name_are_told_apart_in_the_transcript(peer: socket.socket) -> None:
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        ann.send("HELLO Ann")
        with Datagrams(bound(), peer.getsockname(), recorder, name="Ann") as other:
            other.send("HELLO Ann")
            peer.sendto(b"Who are you?", other.address)
            with pytest.raises(Violation) as told:
                await other.expect("Ann is in the room.")
            (moment,) = told.value.proof
            assert (moment.who, moment.what) == ("server to Ann (client 2)", "Who are you?")
            assert told.value.client == "Ann (client 2)"

    converse(peer, talk, recorder)
    said = sorted((entry.who, entry.what) for entry in recorder.transcript())
    assert said == [
        ("Ann (client 1)", "HELLO Ann"),
        ("Ann (client 2)", "HELLO Ann"),
        ("server to Ann (client 2)", "Who are you?"),
    ]


def test_a_datagram_that_does_not_come_leaves_a_silence(peer: socket.socket) -> None:
    async def talk(ann: Datagrams) -> None:
        ann.send("HELLO Ann")
        with pytest.raises(Violation) as told:
            await ann.expect("Ann is in the room.", patience=0.05)
        (silence,) = told.value.proof
        assert (silence.who, silence.at) == ("Ann", ann.handed_at)
        assert silence.silence >= 0.05

    converse(peer, talk)


def test_a_quiet_endpoint_leaves_nothing_in_the_transcript(peer: socket.socket) -> None:
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        ann.send("ALIVE")
        peer.sendto(b"Bob is in the room.", ann.address)
        await ann.read()

    converse(peer, talk, recorder, quiet=True)
    assert list(recorder.transcript()) == []


def test_what_a_bad_network_makes_of_a_datagram(peer: socket.socket) -> None:
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        for text, times in (("one", 0), ("two", 1), ("three", 2)):
            ann.pass_on(text, times)
        assert [peer.recv(100) for _ in range(3)] == [b"two", b"three", b"three"]

    converse(peer, talk, recorder)
    assert "a datagram of Ann is lost: one" in [entry.what for entry in recorder.transcript()]


def test_a_member_hears_the_group_and_nothing_else(peer: socket.socket) -> None:
    async def hold() -> None:
        with bound(LOOPBACK) as free:
            port = free.getsockname()[1]
        with Datagrams(bound(GROUP, port), peer.getsockname(), Recorder()) as member:
            member.join_group(GROUP, interface=LOOPBACK)
            peer.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
            peer.sendto(b"to loopback", (LOOPBACK, port))
            peer.sendto(b"to another group", ("239.255.22.6", port))
            peer.sendto(b"PRESENCE 9907", (GROUP, port))
            heard = await member.read()
            assert (heard.text, heard.source) == ("PRESENCE 9907", peer.getsockname())
            assert len(member.received) == 1

    asyncio.run(hold())


# -- floods ---------------------------------------------------------------------------


def test_a_flood_is_taken_in_up_to_a_bound_and_told(
    peer: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "MAX_TAKEN", 10_000)
    recorder = Recorder()

    async def talk(ann: Datagrams) -> None:
        for _ in range(100):
            peer.sendto(b"HELLO " * 20, ann.address)
        with pytest.raises(Violation) as told:
            await ann.wait_for("Ann is in the room.", patience=1_000)
        assert told.value.fault is Fault.ABSENT
        assert recorder.flooded
        assert 1 < len(ann.received) < 30
        with pytest.raises(Violation):  # nothing more can come: nobody waits for it
            await ann.wait_for("Ann is in the room.", patience=1_000)
        assert await ann.gather(1_000) == []

    converse(peer, talk, recorder)
    told = [entry.what for entry in recorder.transcript()]
    assert told[-1] == "more came than is taken in: Ann reads no further"


def test_of_very_many_others_are_heard_in_between(
    peer: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(udp_endpoint_module, "MAX_AT_ONCE", 3)

    async def talk(ann: Datagrams) -> None:
        for _ in range(10):
            peer.sendto(b"HELLO", ann.address)
        ann.forget()
        assert len(ann.received) == 3
        async with asyncio.timeout(50):
            while len(ann.received) < 10:
                await asyncio.sleep(0)

    converse(peer, talk)
