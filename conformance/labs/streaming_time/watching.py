"""How a client reads a stream to its end, and when it gives up."""

from functools import lru_cache, partial

from conformance import Kind

from .heard import bunched
from .stream import Stream
from .streaming_time import PATIENCE, has_rhythm, in_the_end, in_turn, pause, soon
from .tellings import tellings, tells

UNASKED_LINES = 3  # so many lines show that the server does not wait to be asked for the time


@lru_cache
def _cut(form):
    """One and the same for a form, so that what has been cut is not cut again."""
    return partial(tellings, form=form)


def told(server, client):
    """Each telling of the time, whatever the line ends."""
    return client.take_apart(_cut(server.parameters.form))


def times(server, client):
    return tuple(client.arrival(telling) for telling in told(server, client))


def telling_the_time(server, client):
    """How many of them do tell the time."""
    return sum(tells(telling.text, server.parameters.form) for telling in told(server, client))


def speaks(server, client):
    """Whether the server has begun to tell the time, or sends something else."""
    return bool(telling_the_time(server, client)) or len(told(server, client)) >= UNASKED_LINES


async def more_than(server, client, count, within):
    """Whether one more telling comes."""
    return await client.watch(lambda: len(told(server, client)) > count, within)


async def watch(server, client, *, beside=False, turn=0.0, words=0):
    """Reads until the server hangs up, falls silent, or has sent for long enough.

    `beside`: not judged here is whether the server speaks first; if it never does, 2.1 pays.
    `turn`: seconds for which it may be busy with others first. `words`: how many lines the client
    says.
    """
    parameters, began = server.parameters, server.now() + turn
    prompted = None if turn else await ask_for_the_time(server, client, beside, words)
    if turn and not await client.watch(lambda: speaks(server, client), turn):
        return got(server, client)
    count, more = 0, True
    while more and count <= parameters.lines + 2:
        count = len(told(server, client))
        left = began + how_long(server, client, beside) - server.now()
        wait = min(left, patience(server, client, began))
        more = wait > 0 and await more_than(server, client, count, wait)
    heard = got(server, client, prompted, cut=more)
    show(server, client, heard.tolerance)
    return heard


async def ask_for_the_time(server, client, beside, words):
    """Says so many words, and one more if the server is silent for long. Returns when it said that
    one, or None."""
    for _ in range(words):
        await client.send_line(server.draw.word())
        await more_than(server, client, len(told(server, client)), soon(server.parameters))
    wait = soon(server.parameters) + (1.0 if beside or is_mute(server) else PATIENCE)
    if await client.watch(lambda: speaks(server, client), wait) or client.ending is not None:
        prompted = None
    else:
        if not beside:
            await server.look_inside()
        await client.send_line("hello")  # does it wait for that?
        prompted = client.sent_at
    if beside and not await more_than(server, client, 0, wait):
        kind = Kind.SILENCE if client.ending is None else Kind.CLOSED
        server.excuse("2.1", kind, "no line came at all")
    return prompted


def is_mute(server):
    """Whether the server was found silent before, and 2.1 is not known to hold."""
    return server.found_silent and "2.1" not in server.void


def how_long(server, client, beside):
    """Seconds to read a stream: twice as long as it should take, since it may be slow. If it is no
    stream: as long as one should take, or less if 2.5 is judged elsewhere."""
    parameters = server.parameters
    if telling_the_time(server, client) >= UNASKED_LINES:
        return 2 * in_turn(parameters)
    short = beside and told(server, client)
    return soon(parameters) + PATIENCE if short else in_turn(parameters)


def patience(server, client, began):
    """Seconds that the next line may still take: a server may flush only at the end."""
    parameters, came = server.parameters, times(server, client)
    if len(came) >= parameters.lines:
        return soon(parameters) + PATIENCE - 1.0
    if not telling_the_time(server, client):
        rest = 0.0 if is_mute(server) else began + in_the_end(parameters) - server.now()
        return max(rest, soon(parameters) + 1.0)
    if bunched(came, parameters.period):
        return (parameters.lines - len(came)) * parameters.period + PATIENCE
    return 2 * pause(parameters) + PATIENCE


def got(server, client, prompted=None, cut=False):
    """What a client has got so far."""
    found, came = told(server, client), times(server, client)
    left = server.now()
    going_on = client.ending is None and bool(came) and left - came[-1] < soon(server.parameters)
    return Stream(
        parameters=server.parameters,
        zone=server.zone,
        epoch=server.epoch,
        connected=client.opened_at,
        lines=tuple(line.text for line in client.lines),
        rest=client.unfinished,
        told=tuple(telling.text for telling in found),
        times=came,
        closed=client.closed_at,
        gone=server.host.ended(),
        left=left,
        prompted=prompted,
        cut=cut or going_on or client.flooded,
        clock_error=max(map(client.uncertainty, found), default=0.0),
        close_error=client.close_error,
        void=server.void,
    )


def show(server, client, tolerance):
    """Keeps the times of the lines for the reports to draw."""
    parameters = server.parameters
    if not has_rhythm(parameters):
        return
    name = "line" if client.number == 1 else f"line to {client.label}"
    at, period, count = times(server, client), parameters.period, parameters.lines
    server.record(name, at, period=period, tolerance=tolerance, count=count)
