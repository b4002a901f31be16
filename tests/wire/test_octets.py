"""What a lab of octets asks of a client: all that has come, pieces of it, and what is not kept."""

from __future__ import annotations

import asyncio
import hashlib

from conformance.verdict.transcript import REMARK
from conformance.verdict.violation import Violation
from conformance.wire.recorder import MAX_TAKEN
from kit.peers import meeting, together

SAID = b"one\r\ntwo\n\xff\0\nrest"


def test_all_that_has_come_as_octets() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(SAID)
            await client.watch(lambda: client.taken == len(SAID))
            assert [client.bytes_from(at) for at in (0, 5, 9, len(SAID))] == [
                SAID, SAID[5:], SAID[9:], b"",
            ]  # fmt: skip
            client.take_unended()
            assert client.bytes_from(0) == SAID

    together(work)


def test_a_piece_is_a_line_that_proves_something() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(SAID)
            await client.watch(lambda: client.taken == len(SAID))
            piece = client.piece(5, 9)
            assert (piece.text, piece.ending) == ("two", "\n")
            assert client.arrival(piece) <= client.arrival(client.piece(0, len(SAID)))
            shown = client.shows(Violation("one", "two"), piece)
            assert shown is not None
            assert shown.proof[0].what == "two"

    together(work)


def test_what_is_drained_is_counted_and_not_kept() -> None:
    large = bytes(MAX_TAKEN + 5)

    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"head\n")
            await client.read_line()
            client.stop_reading()
            digest = hashlib.sha256()
            sending = asyncio.create_task(peer.say(large + b"tail\n"))
            assert await client.drain(len(large), 60.0, digest) == len(large)
            await sending
            assert digest.digest() == hashlib.sha256(large).digest()
            assert (await client.read_line()).text == "tail"
            assert client.bytes_from(len(b"head\n") + len(large)) == b"tail\n"
            assert not client.flooded
            told = [what for _, who, what in client.said() if who == REMARK]
            assert any(f"has read {len(large):,} bytes" in what for what in told)

    together(work)


def test_offsets_are_those_of_the_stream_around_what_is_not_kept() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"head\nnext\n")
            await client.watch(lambda: client.taken == 10)
            for named in (b"tail\n", b"last\n"):
                await peer.say(bytes(100))
                assert await client.drain(100) == 100
                await peer.say(named)
                assert (await client.wait_for_line(named.decode().strip())).text
            assert client.bytes_from(5) == b"next\ntail\nlast\n"
            assert client.bytes_from(50) == client.bytes_from(110) == b"tail\nlast\n"
            assert client.bytes_from(160) == client.bytes_from(215) == b"last\n"
            spans = [(0, 5), (5, 10), (110, 115), (215, 220), (10, 110)]
            pieces = [client.piece(*span).text for span in spans]
            assert pieces == ["head", "next", "tail", "last", ""]

    together(work)


def test_less_is_drained_where_the_server_closes() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"four")
            peer.close()
            assert await client.drain(100) == 4
            assert client.ending is not None
            assert client.ending.how == "FIN"

    together(work)


def test_less_is_drained_where_nothing_comes() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"four")
            assert await client.drain(100, 0.05) == 4
            assert client.ending is None

    together(work)
