"""Streaming time: a TCP server that tells the time, line after line. The contract stands
beside this file, in streaming_time.md.

2.1 to 2.7 are judged from one conversation, the Stream that a silent client gets.
"""

import asyncio
from dataclasses import replace
from functools import partial

from conformance import (
    Kind,
    Lab,
    Level,
    Parameter,
    Violation,
    require,
)

from .dates import zone_for
from .heard import bunched
from .stream import Stream
from .tellings import tellings, tells


def _combination(parameters):
    if "<date>" not in parameters.form:
        return "the form of a line must hold <date>, which stands for the date"
    if parameters.lines < 1:
        return "a stream has at least 1 line"
    return None


def _shown(parameters):
    """What the contract shows of them."""
    lines, period = parameters.lines, parameters.period
    return {
        "line": f"`{parameters.form.replace('<date>', 'TEXT')}`",
        "gap": f"{period:g} s ± {parameters.tolerance:g} s",
        "periods": str(max(0, lines - 2)),
        "soon": f"{soon(parameters):g} s",
        "turn": f"{in_turn(parameters):g} s",
    }


def _longest(parameters):
    """Of a scenario in which every wait lasts as long as it may: three streams watched to the
    end, a turn, clients that connect, and two starts of the server."""
    return max(150.0, 7 * in_turn(parameters) + 8 * PATIENCE)


streaming = Lab(
    "streaming-time",
    __file__,
    parameters=[
        Parameter("port", 2205, "TCP port that the server listens on"),
        Parameter("lines", 15, "lines that each client gets"),
        Parameter("period", 1.0, "seconds from one line to the next; 0: as they come"),
        Parameter("tolerance", 0.25, "seconds by which a gap may be shorter or longer"),
        Parameter("form", "{'time' : '<date>'}", "the line; <date> stands for the date"),
        Parameter(
            "concurrency",
            "any",
            "how clients are served",
            choices=("any", "one-at-a-time", "together"),
        ),
    ],
    check_parameters=_combination,
    shown=_shown,
    outlives=("3.1", "3.2"),
    zone=zone_for,
    longest=_longest,
    see="nc localhost {port}",
)

PATIENCE = 5.0
"""Seconds to wait for what has no deadline of its own."""


def together(parameters):
    return parameters.concurrency == "together"


def has_rhythm(parameters):
    """Whether there is a gap that is agreed on."""
    return parameters.period > 0 and parameters.lines > 1


def can_drift(parameters):
    return parameters.period > 0 and parameters.lines > 2


def pause(parameters):
    """Seconds for which a server may pause before a line: where no rhythm is agreed, one."""
    return parameters.period or 1.0


def soon(parameters):
    """When a client that is served at once has its first line, and its last one the close."""
    return pause(parameters) + 0.5


def in_the_end(parameters):
    """When a server that flushes at the end only has spoken."""
    return parameters.lines * pause(parameters) + soon(parameters)


def in_turn(parameters):
    """When a client has its first line that must wait while another is streamed to."""
    return parameters.lines * pause(parameters) + PATIENCE


# -- what a client gets ---------------------------------------------------------------

FEW = 3
"""Lines of any kind from which on nobody waits to be asked for the time."""


def told(server, client):
    """Each telling of the time, wherever lines end."""
    return client.take_apart(partial(tellings, form=server.parameters.form))


def times(server, client):
    return tuple(client.arrival(telling) for telling in told(server, client))


def telling_the_time(server, client):
    """How many of them do tell the time."""
    return sum(tells(telling.text, server.parameters.form) for telling in told(server, client))


def speaks(server, client):
    """Whether it has begun to tell the time, or goes on to say something else."""
    return bool(telling_the_time(server, client)) or len(told(server, client)) >= FEW


async def more_than(server, client, count, within):
    """Whether one more telling comes."""
    return await client.watch(lambda: len(told(server, client)) > count, within)


async def watch(server, client, *, beside=False, turn=0.0, words=0):
    """Reads until the server hangs up or falls silent, and not for ever.

    `beside`: it is not asked here whether the server speaks first; where it does not speak at
    all, 2.1 pays. `turn`: seconds for which it may first be busy with others. `words`: the
    number of lines that the client says.
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
    """Says so many words; or one, where the server says nothing for long. When that was."""
    for _ in range(words):
        await client.send_line(server.draw.word())
        await more_than(server, client, len(told(server, client)), soon(server.parameters))
    wait = soon(server.parameters) + (1.0 if beside or is_mute(server) else PATIENCE)
    if await client.watch(lambda: speaks(server, client), wait) or client.ending is not None:
        prompted = None
    else:
        await client.send_line("hello")  # does it wait for that?
        prompted = client.sent_at
    if beside and not await more_than(server, client, 0, wait):
        kind = Kind.SILENCE if client.ending is None else Kind.CLOSED
        server.excuse("2.1", kind, "no line came at all")
    return prompted


def is_mute(server):
    """Whether it was found silent before; not where it is known that it does speak."""
    return server.found_silent and "2.1" not in server.void


def how_long(server, client, beside):
    """How long a stream is watched: a slow one for twice as long as it should take. What is
    none only so long as it should take, and where 2.5 is judged elsewhere, not even that."""
    parameters = server.parameters
    if telling_the_time(server, client) >= FEW:
        return 2 * in_turn(parameters)
    short = beside and told(server, client)
    return soon(parameters) + PATIENCE if short else in_turn(parameters)


def patience(server, client, began):
    """How long the next line may still take: a server that flushes at the end only is
    silent for as long as the stream lasts."""
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
    server.record(
        "line" if client.number == 1 else f"line to {client.name}",
        map(client.arrival, told(server, client)),
        period=parameters.period,
        tolerance=tolerance,
        count=parameters.lines,
    )


@streaming.conversation
async def stream(server, client=None):
    """A client connects, says nothing, and reads until the server hangs up."""
    async with client or await listens(server) as client:
        client.tell(f"the host's time zone is {server.zone or 'not known'}")
        heard = await watch(server, client)
    return replace(heard, void=())  # of several clauses: what excuses one is void for another


# -- beside what a client alone gets ----------------------------------------------------


async def hold_to_the_usual(server, streams, *questions):
    """Holds the streams to what is agreed. What is wrong with one, and is wrong with what a
    client alone gets from the program, started anew, is paid for by 2.1 to 2.5."""
    usual = None
    for heard in streams:
        for ask in questions:
            if wrong := ask(heard):
                usual = usual or await what_is_usual(server, wrong)
                require(heard.beside(usual, ask))


async def what_is_usual(server, wrong):
    """What a client alone gets from the program, started anew. Where it does not start twice
    nothing is known of that, and what is `wrong` stands."""
    try:
        await server.restart()
        async with server.connect() as client:
            return await watch(server, client)
    except Violation:
        raise wrong from None


async def first_lines(server, client):
    """What a client has got when it is in the midst of a stream, as far as it knows."""
    parameters = server.parameters
    prompted = await ask_for_the_time(server, client, beside=True, words=0)
    few = max(1, min(FEW, parameters.lines - 1))
    await more_than(server, client, few - 1, few * pause(parameters) + PATIENCE)
    heard = got(server, client, prompted)
    return heard.stream() if heard.told else heard


async def next_stream(server, first):
    """What a new client gets, when its turn has come. It says a word where the `first` had to;
    where that had nothing yet, lines may come at the end only."""
    turn = in_turn(server.parameters)
    async with server.connect() as client:
        if first.asked:
            await client.send_line("hello")
        patience = turn if first.told else turn + in_the_end(server.parameters)
        heard = await watch(server, client, turn=patience)
    require(heard.first_line(turn))
    return heard


def begins_at_once(heard):
    """Whether the first line came as soon as to a client alone."""
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
            finally:  # where one of them cannot be judged nobody waits for the other
                second.cancel()
                await asyncio.gather(first, second, return_exceptions=True)


def in_rhythm(server):
    """The question about the rhythm, where one is agreed on."""
    return (Stream.rhythm,) if has_rhythm(server.parameters) else ()


async def judge_together(server, streams):
    """Holds each to what a client alone gets, where clients must be served together; says
    what the server does, elsewhere."""
    if not together(server.parameters):
        late = any(map(begins_at_once, streams))
        server.note(f"Clients are served {'one after another' if late else 'at the same time'}.")
        return
    asked = (begins_at_once, Stream.number_of_lines, *in_rhythm(server))
    await hold_to_the_usual(server, streams, *asked)


# -- 1 Listening ----------------------------------------------------------------------


listens = streaming.listening(begins=stream)
streaming.reachable()


# -- 2 The stream ---------------------------------------------------------------------


@streaming.scenario("2.1", of=stream)
def speaks_first(stream):
    """The first line arrives within one period and 0.5 s, without the client saying a word."""
    require(stream.first_line(soon(stream.parameters)))


@streaming.scenario("2.2", of=stream)
def sends_whole_lines_of_the_agreed_form(stream):
    """Every line has the agreed form and ends with a newline."""
    require(stream.whole_lines())


@streaming.scenario("2.3", of=stream, when=has_rhythm)
def keeps_the_cadence(stream):
    """Each gap between two lines is as long as agreed."""
    require(stream.rhythm())


@streaming.scenario("2.4", of=stream, builds_on=("2.3",), when=can_drift)
def does_not_drift(stream):
    """From the second line to the last it takes as many periods as it should."""
    require(stream.steadiness())


@streaming.scenario("2.5", of=stream, see="nc localhost {port} | wc -l")
def sends_the_agreed_number_of_lines(stream):
    """The server sends exactly as many lines as agreed."""
    require(stream.number_of_lines())


@streaming.scenario("2.6", of=stream)
def hangs_up_when_done(stream):
    """The server closes the connection when it has sent the last line."""
    require(stream.hanging_up())


@streaming.scenario("2.7", of=stream, see="date; nc localhost {port}")
def tells_the_right_time(stream):
    """The date in each line is the time of that moment."""
    require(stream.right_time())


ALONE = ("2.1", "2.2", "2.3", "2.4", "2.5")
"""A fault that shows in the stream of a client alone is paid for there."""


@streaming.scenario("2.8", builds_on=ALONE, alone=True, see="nc localhost {port}   # and type")
async def ignores_what_the_client_says(server):
    """What the client sends does not disturb the stream."""
    async with server.connect() as client:
        heard = await watch(server, client, beside=True, words=5)
    asked = (Stream.number_of_lines, Stream.whole_lines, *in_rhythm(server))
    await hold_to_the_usual(server, [heard.stream()], *asked)


# -- 3 Several clients ----------------------------------------------------------------

ONE_AFTER_ANOTHER = "nc localhost {port}; nc localhost {port}"


@streaming.scenario("3.1", builds_on=ALONE, alone=True, see=ONE_AFTER_ANOTHER)
async def serves_the_next_client(server):
    """When one client has had its stream, the next one gets a whole stream."""
    async with server.connect() as client:
        first = await watch(server, client, beside=True)
    require((await next_stream(server, first.stream())).as_many_as(first))


@streaming.scenario(
    "3.2", builds_on=(*ALONE, "3.1"), alone=True, see=f"timeout 2 {ONE_AFTER_ANOTHER}"
)
async def survives_a_client_that_leaves(server):
    """After a client has left in mid-stream, the next one gets a whole stream."""
    client = await server.open_client()
    first = await first_lines(server, client)
    await client.vanish()
    second = await next_stream(server, first)
    await hold_to_the_usual(server, [second], Stream.number_of_lines)


@streaming.scenario(
    "3.3",
    builds_on=ALONE,
    alone=True,
    level=lambda parameters: Level.MUST if together(parameters) else Level.INFO,
    see="nc localhost {port} & nc localhost {port}",
)
async def streams_to_two_clients_together(server):
    """Two clients each get a whole stream, in cadence from their own arrival."""
    first, second = await two_streams(server)
    await judge_together(server, [first.stream(), second])


@streaming.scenario("3.4", builds_on=(*ALONE, "3.3"), alone=True, when=together)
async def stops_for_nobody(server):
    """A client that never reads does not delay another's cadence."""
    async with server.connect(reading=False), server.connect() as client:
        heard = await watch(server, client)
    await judge_together(server, [heard])
