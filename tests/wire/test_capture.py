"""The wire as the kernel saw it: when each line arrived, and when a connection ended."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, cast

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sandbox import World
from conformance.wire import ring
from conformance.wire.capture import Capture
from conformance.wire.packets import write_pcapng
from conformance.wire.recorder import NANOSECONDS, now
from conformance.wire.stream_times import StreamTimes
from kit.peers import in_a_world, meeting

SERVER = "10.9.9.1"


def captured(scratch: Path, talk: Any) -> Any:
    """What `talk` returns, held between two hosts, with the capture of the suite's."""

    def work(world: World) -> Any:
        async def hold() -> Any:
            wire = world.socket("suite", socket.AF_PACKET, socket.SOCK_RAW)
            capture = Capture(wire, "eth0")
            capture.open()
            try:
                async with (
                    asyncio.timeout(50),
                    meeting(
                        lambda: world.socket("submission", socket.AF_INET, socket.SOCK_STREAM),
                        lambda: world.socket("suite", socket.AF_INET, socket.SOCK_STREAM),
                        SERVER,
                        capture,
                    ) as (client, peer),
                ):
                    return await talk(client, peer, capture)
            finally:
                capture.close()

        return asyncio.run(hold())

    return in_a_world(scratch, work)


def test_each_of_several_lines_of_one_read_has_its_own_arrival(scratch: Path) -> None:
    """A suite that was busy elsewhere accuses nobody: the kernel has stamped each one."""

    async def talk(client: Any, peer: Any, capture: Capture) -> None:
        client.stop_reading()
        moments = []
        for number in range(5):
            before = peer.now()
            await peer.say(b"line %d\n" % number)
            moments.append((before, peer.now()))
            await asyncio.sleep(0.02)
        while capture.arrival(client.flow, len(b"line 0\n") * 5 - 1) is None:
            await asyncio.sleep(0.02)
        client.start_reading()
        await client.watch(lambda: len(client.lines) == 5)
        assert len({line.seen for line in client.lines}) == 1, "they came in one read"
        for line, (before, after) in zip(client.lines, moments, strict=True):
            assert before <= client.arrival(line) <= after + 1.0
        times = [client.arrival(line) for line in client.lines]
        assert len(set(times)) == 5
        assert times == sorted(times)
        assert client.stamped_by == "capture"

    captured(scratch, talk)


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_the_end_has_its_time_too(scratch: Path, how: str) -> None:
    async def talk(client: Any, peer: Any, capture: Capture) -> None:
        client.stop_reading()
        await peer.say(b"last words\n")
        before = peer.now()
        peer.close() if how == "FIN" else peer.reset()
        while capture.closed(client.flow) is None:
            await asyncio.sleep(0.02)
        late = peer.now()
        client.start_reading()
        await client.watch(lambda: client.ending is not None)
        assert client.ending.how == how
        assert before <= client.closed_at < late <= client.ending.seen

    captured(scratch, talk)


def test_who_ended_a_connection_first_stands_first_in_the_transcript(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's host answers our end before our own call has returned."""

    async def talk(client: Any, peer: Any, capture: Capture) -> None:
        def answered(wire: socket.socket, how: int) -> None:
            shutdown(wire, how)
            peer.close()
            while capture.closed(client.flow) is None:
                time.sleep(0.01)
                capture.drain()

        shutdown = socket.socket.shutdown
        monkeypatch.setattr(socket.socket, "shutdown", answered)
        await client.leave()
        told = [what for _, _, what in sorted(client.said())]
        assert told[-2:] == ["client left", "the server closed the connection"]

    captured(scratch, talk)


def test_a_client_that_was_left_behind_may_be_heard_when_the_capture_is_closed(
    scratch: Path,
) -> None:
    async def talk(client: Any, peer: Any, capture: Capture) -> list[str]:
        capture.close()
        await peer.say(b"too late\n")
        line = await client.read_line()
        return [line.text]

    assert captured(scratch, talk) == ["too late"]


def test_offsets_hold_through_large_segments(scratch: Path) -> None:
    """The kernel hands over segments of up to 64 KB (GSO), longer than we keep of each."""

    async def talk(client: Any, peer: Any, capture: Capture) -> None:
        line = b"x" * 99_999 + b"\n"
        saying = asyncio.create_task(peer.say(*[line] * 5, b"end\n"))
        await client.watch(lambda: len(client.lines) == 6, within=30)
        await saying
        capture.drain()
        assert capture.arrival(client.flow, 500_003) is not None
        assert capture.arrival(client.flow, 500_004) is None
        assert max(packet.length for packet in capture.packets) > 2_048
        times = [client.arrival(line) for line in client.lines]
        assert times == sorted(times)
        assert all(line.seen == 0 or client.arrival(line) <= line.seen for line in client.lines)

    captured(scratch, talk)


def test_a_capture_file_that_tshark_reads(scratch: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")

    async def talk(client: Any, peer: Any, capture: Capture) -> bytes:
        await client.send_line("hello")
        await peer.read(6)
        await peer.say(b"> HELLO\n")
        await client.expect_line("> HELLO")
        peer.close()
        await client.expect_close()
        capture.drain()
        path = scratch / "talk.pcapng"
        write_pcapng(capture.packets, path)
        return path.read_bytes()

    path = scratch.parent / "talk.pcapng"
    path.write_bytes(captured(scratch, talk))
    fields = ("frame.time_epoch", "tcp.flags.fin", "tcp.payload")
    read = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", *(w for f in fields for w in ("-e", f))],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    rows = [line.split("\t") for line in read.stdout.splitlines()]
    payloads = [bytes.fromhex(row[2].replace(":", "")) for row in rows if row[2]]
    assert payloads == [b"hello\n", b"> HELLO\n"]
    assert any(row[1] in ("1", "True") for row in rows)
    times = [float(row[0]) for row in rows]
    assert times == sorted(times)
    assert abs(times[0] - now() / NANOSECONDS) < 3_600


# -- offsets, without a wire ----------------------------------------------------------


@given(
    first=st.one_of(st.integers(0, 2**32 - 1), st.integers(2**32 - 2_000, 2**32 - 1)),
    sizes=st.lists(st.integers(1, 1_460), min_size=1, max_size=20),
    seed=st.integers(0, 1_000),
)
def test_sequence_numbers_wrap_and_repeat(first: int, sizes: list[int], seed: int) -> None:
    """Each byte has the time of the segment that first brought it."""
    stream = StreamTimes(first)
    chance = random.Random(seed)
    offset = 0
    for at, size in enumerate(sizes):
        stream.segment((first + offset) & 0xFFFFFFFF, size, at)
        offset += size
        if chance.random() < 0.3:  # sent again
            stream.segment((first + offset - size) & 0xFFFFFFFF, size, at + 1_000)
        if chance.random() < 0.3:  # an empty acknowledgement
            stream.segment((first + offset) & 0xFFFFFFFF, 0, at + 2_000)
    came = [at for at, size in enumerate(sizes) for _ in range(size)]
    assert [stream.arrival(byte) for byte in range(offset)] == came
    assert stream.arrival(offset) is None


def test_a_keep_alive_brings_nothing_new() -> None:
    """It repeats the byte before the next one (RFC 9293, section 3.8.4)."""
    stream = StreamTimes(1_000)
    stream.segment(999, 1, 1)
    stream.segment(999, 0, 2)
    assert stream.arrival(0) is None
    stream.segment(1_000, 5, 3)
    stream.segment(1_004, 1, 4)
    assert [stream.arrival(byte) for byte in (0, 4, 5)] == [3, 3, None]


class Packets:
    """A socket that has these packets to give."""

    def __init__(self, packets: list[bytes]) -> None:
        self.waiting = packets

    def recvmsg(self, size: int, ancillary: int) -> Any:
        if not self.waiting:
            raise BlockingIOError
        return self.waiting.pop(0)[:size], [], 0, ("eth0", 0x800, socket.PACKET_HOST)

    def setblocking(self, flag: bool) -> None: ...
    def setsockopt(self, *args: object) -> None:
        """It has no ring, as on some kernels."""
        if args[0] != socket.SOL_SOCKET:
            raise OSError

    def bind(self, address: object) -> None: ...
    def close(self) -> None: ...


def frame(flags: int, seq: int, payload: bytes = b"") -> bytes:
    segment = dpkt.tcp.TCP(sport=2323, dport=4000, seq=seq, flags=flags, data=payload)
    packet = dpkt.ip.IP(
        src=socket.inet_aton(SERVER), dst=socket.inet_aton("10.9.9.2"), p=6, data=segment
    )
    packet.len = len(packet)
    return bytes(dpkt.ethernet.Ethernet(data=packet))


FLOW = (SERVER, 2323, "10.9.9.2", 4000)
SYN, ACK, FIN, RST = dpkt.tcp.TH_SYN, dpkt.tcp.TH_ACK, dpkt.tcp.TH_FIN, dpkt.tcp.TH_RST


def read(*packets: bytes) -> Capture:
    return read_of(Packets([*packets]))


def read_of(wire: Packets) -> Capture:
    """A capture that has read what waits on that wire."""
    capture = Capture(cast(socket.socket, wire), "eth0")
    capture.drain()
    return capture


def test_what_is_no_tcp_is_passed_over() -> None:
    capture = read(b"", b"\x00" * 14, b"garbage", b"\xff" * 60, frame(SYN | ACK, 7)[:30])
    assert capture.arrival(FLOW, 0) is None
    assert capture.closed(FLOW) is None


def test_a_connection_whose_beginning_was_missed_has_no_times() -> None:
    capture = read(frame(ACK, 8, b"hello\n"), frame(FIN | ACK, 14))
    assert capture.arrival(FLOW, 0) is None


@pytest.mark.parametrize("end", [FIN | ACK, RST, RST | ACK])
def test_bytes_and_end_of_a_connection(end: int) -> None:
    start = 2**32 - 3  # wraps within the first line
    capture = read(
        frame(SYN | ACK, start), frame(ACK, start + 1, b"hello\n"), frame(end, (start + 7) % 2**32)
    )
    assert capture.arrival(FLOW, 0) == capture.arrival(FLOW, 5) == 0  # without a stamp
    assert capture.arrival(FLOW, 6) is None
    assert capture.closed(FLOW) == 0


def test_bytes_that_were_not_captured_have_no_time() -> None:
    """A later segment would lend them its own, and make the server late."""
    capture = read(
        frame(SYN | ACK, 100), frame(ACK, 101, b"one\n"),
        frame(ACK, 109, b"three\n"), frame(FIN | ACK, 115),
    )  # fmt: skip
    found = [capture.arrival(FLOW, offset) for offset in (3, 4, 7, 8, 13, 14)]
    assert found == [0, None, None, 0, 0, None]
    assert capture.closed(FLOW) == 0


@pytest.mark.parametrize(("sequence", "known"), [(105, True), (106, False)])
def test_a_reset_after_an_end_that_was_not_captured_is_not_the_end(
    sequence: int, known: bool
) -> None:
    capture = read(frame(SYN | ACK, 100), frame(ACK, 101, b"one\n"), frame(RST, sequence))
    assert (capture.closed(FLOW) is not None) is known


def test_the_times_of_what_the_capture_had_no_room_for_are_those_of_our_reads(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "FRAMES", 64)

    async def talk(client: Any, peer: Any, capture: Capture) -> None:
        with monkeypatch.context() as busy:
            busy.setattr(capture, "drain", lambda: None)
            for number in range(100):  # each in a packet of its own
                await peer.say(b"%d\n" % number)
                await client.watch(lambda wanted=number + 1: len(client.lines) == wanted)
        capture.drain()
        await peer.say(b"last\n")
        await client.watch(lambda: len(client.lines) == 101)
        first, *_, lost, last = client.lines
        assert client.arrival(first) <= first.seen
        assert client.arrival(lost) == lost.seen
        assert client.arrival(last) <= last.seen
        assert client.uncertainty(last) == 0

    captured(scratch, talk)


def test_a_port_that_is_used_again_begins_anew() -> None:
    capture = read(
        frame(SYN | ACK, 100), frame(ACK, 101, b"one\n"), frame(FIN | ACK, 105),
        frame(SYN | ACK, 5_000), frame(ACK, 5_001, b"two, longer\n"),
    )  # fmt: skip
    assert capture.closed(FLOW) is None
    assert capture.arrival(FLOW, 11) == 0
    assert capture.arrival(FLOW, 12) is None


def test_what_is_kept_is_of_one_conversation_only() -> None:
    """Also where a connection of the one before goes on, and where a port is used again."""
    other = frame(ACK, 105, b"late\n")
    wire = Packets([frame(SYN | ACK, 100), frame(ACK, 101, b"one\n")])
    capture = read_of(wire)
    assert len([*capture.packets]) == 2
    capture.begin()
    assert [*capture.packets] == []
    wire.waiting.append(other)
    capture.drain()
    assert [*capture.packets] == []
    assert capture.arrival(FLOW, 8) is not None, "its times are known all the same"
    wire.waiting += [frame(SYN | ACK, 5_000), frame(ACK, 5_001, b"two\n")]
    capture.drain()
    assert [packet.data[-4:] for packet in capture.packets][1:] == [b"two\n"]


def test_a_packet_that_is_cut_keeps_its_length(scratch: Path) -> None:
    async def talk(client: Any, peer: Any, capture: Capture) -> list[tuple[int, int]]:
        await peer.say(b"x" * 30_000 + b"\n")
        await client.watch(lambda: len(client.lines) == 1)
        capture.drain()
        return [(packet.length, len(packet.data)) for packet in capture.packets]

    sizes = captured(scratch, talk)
    assert all(length >= kept for length, kept in sizes)
    assert any(length > kept for length, kept in sizes)
    payload = 30_001
    assert payload <= sum(length for length, _ in sizes) < 2 * payload
