"""Streams of clients that are not alone, compared with what a single client gets."""

import asyncio

from conformance import Violation, require

from .compared import compared, next_begins
from .stream import Stream
from .streaming_time import PATIENCE, has_rhythm, in_the_end, in_turn, pause, soon, together
from .watching import UNASKED_LINES, ask_for_the_time, got, more_than, watch


async def judge_beside_the_usual(server, streams, *questions, spoke=False):
    """Asks the questions of each stream. A fault counts unless a single client's stream has it too:
    2.1 to 2.5 pay for that. `spoke`: whether their clients had said something."""
    usual = None
    for heard in streams:
        for ask in questions:
            if wrong := ask(heard):
                usual = usual or await what_is_usual(server, wrong)
                require(compared(heard, usual, ask, spoke=spoke))


async def what_is_usual(server, wrong):
    """What a single client gets from the restarted program; raises `wrong` if it cannot get
    anything."""
    try:
        await server.restart()
        async with server.connect() as client:
            return await watch(server, client)
    except Violation:
        raise wrong from None


async def first_lines(server, client):
    """What a client has got when it is probably in mid-stream."""
    parameters = server.parameters
    prompted = await ask_for_the_time(server, client, beside=True, words=0)
    few = max(1, min(UNASKED_LINES, parameters.lines - 1))
    await more_than(server, client, few - 1, few * pause(parameters) + PATIENCE)
    heard = got(server, client, prompted)
    return heard.stream() if heard.told else heard


async def next_stream(server, first):
    """What a new client gets when its turn has come. It says a word if the `first` one had to. If
    that one had got nothing yet, the lines may come only at the end."""
    turn = in_turn(server.parameters)
    async with server.connect() as client:
        if first.asked:
            await client.send_line("hello")
        patience = turn if first.told else turn + in_the_end(server.parameters)
        heard = await watch(server, client, turn=patience)
    require(next_begins(heard, first, turn))
    return heard


def begins_at_once(heard):
    """Whether the first line came as soon as for a single client."""
    return heard.begins(soon(heard.parameters))


async def two_streams(server):
    """What two clients get, the second of whom comes half a second after the first."""
    turn = 0.0 if together(server.parameters) else soon(server.parameters) + 1.0
    async with server.connect() as one:
        first = asyncio.create_task(watch(server, one, beside=True))
        await asyncio.sleep(0.5)
        async with server.connect() as other:
            second = asyncio.create_task(watch(server, other, turn=turn))
            try:
                return [await first, await second]
            finally:  # if one cannot be judged, the other is not waited for
                second.cancel()
                await asyncio.gather(first, second, return_exceptions=True)


def in_rhythm(server):
    """The question about the rhythm, if the contract has one."""
    return (Stream.rhythm,) if has_rhythm(server.parameters) else ()


async def judge_together(server, streams):
    """Compares each with what a single client gets. If clients need not be served together, only
    notes whether they are."""
    if not together(server.parameters):
        late = any(map(begins_at_once, streams))
        server.note(f"Clients are served {'one after another' if late else 'at the same time'}.")
        return
    asked = (begins_at_once, Stream.number_of_lines, *in_rhythm(server))
    await judge_beside_the_usual(server, streams, *asked)
