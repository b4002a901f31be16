"""What does not end is sent without a gap, however little of it is taken at a time."""

from __future__ import annotations

import asyncio

from conformance.labs.http_server.chunks import chunk
from conformance.labs.http_server.endless import _push


class Narrow:
    """A client whose kernel takes a few octets at a time."""

    def __init__(self) -> None:
        self.came = b""

    async def push(self, data: bytes) -> int:
        taken = min(len(data), 7)
        self.came += data[:taken]
        return taken


def test_a_chunk_of_which_a_part_was_taken_goes_on_where_it_was_cut() -> None:
    client, piece = Narrow(), chunk(b"abcdefghijklmnop")
    sent = asyncio.run(_push(client, piece, 100, lambda: False))
    assert (sent >= 100, client.came) == (True, (piece * 10)[:sent])


def test_nothing_more_is_sent_when_it_is_refused() -> None:
    client = Narrow()
    assert asyncio.run(_push(client, chunk(b"abc"), 100, lambda: len(client.came) > 10)) == 15
