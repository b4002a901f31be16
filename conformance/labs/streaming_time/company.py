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
from .tellings import date_in, date_in_form
from .watching import telling_the_time, watch

SPEAKING = "2.8"
LOOK = 0.2  # seconds between two looks whether new lines have come


async def beside_one_who_speaks(server, client):
    """The stream of the silent client. What the clause about the other one shows is told the
    server; where anything is wrong with either, what follows is not reached."""
    clients = [client]
    watching = asyncio.create_task(watch(server, client))
    speaking = asyncio.create_task(_of_one_who_speaks(server, clients))
    try:
        so_far = await _goes_well(server, clients, {watching, speaking})
        if so_far and await speaking is None:
            return await watching
        held = so_far and _is_right(await watching) and _is_right(await speaking)
        server.joined(SPEAKING, held=held)
        return await watching
    finally:
        for task in (watching, speaking):
            task.cancel()
        await asyncio.gather(watching, speaking, return_exceptions=True)


async def _goes_well(server, clients, tasks):
    """Waits for the tasks; False as soon as two clients are there, and one of them gets a line at a
    wrong moment: what comes then shows nothing more."""
    known = 0
    while tasks := {task for task in tasks if not task.done()}:
        await asyncio.wait(tasks, timeout=LOOK)
        came = sum(len(client.lines) for client in clients)
        if came > known and len(clients) > 1 and any(_is_off(server, each) for each in clients):
            return False
        known = came
    return True


def _is_off(server, client):
    """Whether the last gap, which is not the first, is not as long as agreed."""
    if not has_rhythm(server.parameters) or len(client.lines) < 3:
        return False
    one, other = client.lines[-2:]
    gap = client.arrival(other) - client.arrival(one)
    tolerance = server.parameters.tolerance + client.uncertainty(other)
    return abs(gap - server.parameters.period) > tolerance


async def _of_one_who_speaks(server, clients):
    """The stream of a client that says five words, and joins the `clients`; None where none may
    come now. A fault that shows by an exception is a stream of nothing."""
    first = server.parameters.concurrency != "one-at-a-time" and await _begins_well(
        server, *clients
    )
    if not server.may_join(SPEAKING, so_far=first):
        return None
    try:
        async with server.connect() as other:
            clients.append(other)
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
    return date_in_form(text, form) is not None and off is not None and abs(off) <= RIGHT


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
