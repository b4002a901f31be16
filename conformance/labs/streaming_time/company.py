"""A client that speaks (2.8) beside the silent one of 2.1 to 2.7, on the same launch: where the
server takes it at once, and both get all that each is to get alone.

The silent client is the first, and has its first line before the other one comes. The other is the
last to leave, and is to be hung up on, too: so no close is its doing.
"""

import asyncio

from conformance import NotJudged, Violation

from .dates import how_far_off
from .heard import RIGHT
from .stream import Stream
from .streaming_time import can_drift, has_rhythm, soon
from .tellings import date_in, form_of
from .watching import telling_the_time, watch

SPEAKING = "2.8"


async def beside_one_who_speaks(server, client):
    """The stream of the silent client. What the clause about the other one shows is told the
    server; where anything is wrong, what follows is not reached."""
    speaking = asyncio.create_task(_of_one_who_speaks(server, client))
    try:
        heard = await watch(server, client)
        if speaking.done() and speaking.result() is None:
            return heard
        server.joined(SPEAKING, held=_is_right(heard) and _is_right(await speaking))
        return heard
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)


async def _of_one_who_speaks(server, client):
    """The stream of a client that says five words; None where none may come now. A fault that
    shows by an exception is a stream of nothing."""
    first = server.parameters.concurrency != "one-at-a-time" and await _begins_well(server, client)
    if not server.may_join(SPEAKING, so_far=first):
        return None
    try:
        async with server.connect() as other:
            return await watch(server, other, beside=True, words=5)
    except (Violation, NotJudged):
        return ()


async def _begins_well(server, client):
    """Whether the first line comes in time, in the contract's form, and tells the time."""
    form = server.parameters.form
    within = soon(server.parameters) - server.now() + client.opened_at
    await client.watch(lambda: telling_the_time(server, client) > 0, max(0.0, within))
    text = "".join(line.text for line in client.lines[:1])
    at = server.epoch + server.now()
    off = how_far_off(date_in(text, form), at, server.zone)
    return bool(form_of(form).fullmatch(text)) and off is not None and abs(off) <= RIGHT


def _is_right(heard):
    """Whether a stream has nothing wrong with it, whatever is asked."""
    if not heard:
        return False
    asked = [Stream.whole_lines, Stream.number_of_lines, Stream.hanging_up, Stream.right_time]
    asked += [Stream.rhythm] * has_rhythm(heard.parameters)
    asked += [Stream.steadiness] * can_drift(heard.parameters)
    try:
        late = heard.speaks_first(soon(heard.parameters))
        return not (late or any(ask(heard) for ask in asked))
    except NotJudged:
        return False
