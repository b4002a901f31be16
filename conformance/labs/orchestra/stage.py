"""Starts musicians on their hosts."""

import asyncio
import contextlib

from .orchestra import HOSTS, INSTRUMENTS, sounds_of
from .playing import FIRST_WITHIN, SPAN, Orchestra, Performance

AT_REST = 1.3
"""Seconds after which every musician that plays once a second has been heard again."""


async def listen_to_all(server):
    """The five instruments, each on a host of its own, for as long as rhythms are judged."""
    async with contextlib.AsyncExitStack() as stage:
        musicians = [
            await stage.enter_async_context(
                server.start("musician", instrument, host=host, name=instrument)
            )
            for instrument, host in zip(INSTRUMENTS, HOSTS, strict=True)
        ]
        heard = await asyncio.gather(*(one.plays(1, FIRST_WITHIN) for one in musicians))
        begin = server.now()
        if any(heard):
            await musicians[0].listen(SPAN + server.parameters.period)
        return Orchestra([_performance(server, one, begin) for one in musicians], server.parameters)


def _performance(server, musician, begin):
    sounds = sounds_of(server.parameters)
    heard, started, end = musician.heard(), musician.started, server.now()
    return Performance(musician.name, sounds, heard, started, begin, end, musician.ended())
