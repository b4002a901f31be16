"""Streaming time: a TCP server that tells the time, line after line. The contract stands
beside this file, in streaming_time.md.

2.1 to 2.7 are judged from one conversation, the Stream that a silent client gets.
"""

import asyncio
import re

from conformance import Lab, Level, Parameter, Stream, bunched, hold, zone_for


def _combination(parameters):
    if "<date>" not in parameters.form:
        return "the form of a line must hold <date>, which stands for the date"
    if parameters.lines < 3 or parameters.period <= 0:
        return "a stream has at least 3 lines, and a period longer than 0"
    return None


def _longest(parameters):
    """Of 3.1, where every wait lasts as long as it may: seven turns and a first line, two
    clients that connect, and the server's start."""
    return max(150.0, 8 * in_turn(parameters) + 4 * PATIENCE)


streaming = Lab(
    "streaming-time",
    __file__,
    parameters=[
        Parameter("port", 2205, "TCP port that the server listens on"),
        Parameter("lines", 15, "lines that each client gets"),
        Parameter("period", 1.0, "seconds from one line to the next"),
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
    zone=zone_for,
    longest=_longest,
    see="nc localhost {port}",
)

PATIENCE = 5.0
"""Seconds to wait for what has no deadline of its own."""


def together(parameters):
    return parameters.concurrency == "together"


def soon(parameters):
    """When a client that is served at once has its first line, and its last one the close."""
    return parameters.period + 0.5


def in_turn(parameters):
    """When a client has its first line that must wait while another is streamed to."""
    return parameters.lines * parameters.period + PATIENCE


# -- what a client gets ---------------------------------------------------------------


def tellings(client):
    """Each telling of the time: what stands in braces, or else each line."""
    in_braces = client.find(re.compile(rb"\{[^{}]*\}(?:[ \t]*\r?\n)?"))
    return in_braces or client.find(re.compile(rb"[^\r\n]+\r?\n?"))


def times(client):
    return tuple(client.arrival(telling) / 1e9 for telling in tellings(client))


async def watch(server, client, *, turn=0.0, answers=0):
    """Reads until the server hangs up or falls silent, and not for ever.

    `turn`: seconds for which the server may first be busy with others. `answers`: the
    number of lines that the client answers.
    """
    parameters = server.parameters
    prompted = None
    await client.watch(lambda: tellings(client), turn or soon(parameters) + PATIENCE)
    if not tellings(client) and client.ending is None and not turn:
        await client.send_line("hello")  # does it wait for that?
        prompted = client.sent_at / 1e9
    until = server.now() + 2 * in_turn(parameters)
    count, more = 0, bool(tellings(client)) or not turn
    while more and count <= parameters.lines + 2 and server.now() < until:
        count = len(tellings(client))
        if 0 < count <= answers:
            await client.send_line(server.draw.word())
        more = await client.watch(
            lambda count=count: len(tellings(client)) > count, patience(times(client), parameters)
        )
    heard = got(server, client, prompted, cut=more)
    show(server, client, heard.tolerance)
    return heard


def show(server, client, tolerance):
    """Keeps the times of the lines for the reports to draw."""
    parameters = server.parameters
    server.record(
        "line" if client.number == 1 else f"line to {client.name}",
        (client.arrival(telling) for telling in tellings(client)),
        period=parameters.period,
        tolerance=tolerance,
        count=parameters.lines,
    )


def patience(times, parameters):
    """How long the next line may still take: a server that flushes at the end only is
    silent for as long as the stream lasts."""
    if len(times) >= parameters.lines:
        return soon(parameters) + PATIENCE - 1.0
    if not times or bunched(times, parameters.period):
        return (parameters.lines - len(times)) * parameters.period + PATIENCE
    return 2 * parameters.period + PATIENCE


def got(server, client, prompted=None, cut=False):
    """What a client has got so far."""
    return Stream(
        parameters=server.parameters,
        zone=server.zone,
        connected=client.opened_at() / 1e9,
        lines=tuple(line.text for line in client.lines),
        rest=client.unfinished,
        told=tuple(telling.text for telling in tellings(client)),
        times=times(client),
        closed=client.closed_at() / 1e9 if client.ending else None,
        gone=server.host.ended(),
        left=server.recorder.began / 1e9 + server.now(),
        prompted=prompted,
        cut=cut,
        clock_error=max(map(client.uncertainty, tellings(client)), default=0.0),
        close_error=client.close_error,
    )


@streaming.conversation
async def stream(server, client=None):
    """A client connects, says nothing, and reads until the server hangs up."""
    async with client or await listens(server) as client:
        client.tell(f"the host's time zone is {server.zone or 'not known'}")
        return await watch(server, client)


async def next_stream(server):
    """A new client gets a whole stream, when its turn has come."""
    async with server.connect() as client:
        heard = await watch(server, client, turn=in_turn(server.parameters))
        hold(heard.first_line(in_turn(server.parameters)))
        hold(heard.number_of_lines())


async def two_streams(server):
    """What two clients get, the second of whom comes half a second after the first."""
    async with server.connect() as one:
        first = asyncio.create_task(watch(server, one))
        await asyncio.sleep(0.5)
        async with server.connect() as other:
            second = watch(server, other, turn=soon(server.parameters) + 1.0)
            return await asyncio.gather(first, second)


def judge_together(server, streams):
    """Holds each to what a client alone gets, where clients must be served together; says
    what the server does, elsewhere."""
    parameters = server.parameters
    if not together(parameters):
        late = any(heard.first_line(soon(parameters)) for heard in streams)
        server.note(f"Clients are served {'one after another' if late else 'at the same time'}.")
        return
    for heard in streams:
        hold(heard.first_line(soon(parameters)))
        hold(heard.number_of_lines())
        hold(heard.rhythm())


# -- 1 Listening ----------------------------------------------------------------------


@streaming.scenario("1.1", begins=stream, see="ss -ltnp | grep {port}")
async def listens(server):
    """The server listens on its TCP port within 10 s of its start, and goes on running."""
    await server.expect_listening()
    client = await server.open_client()
    await server.expect_accepted()
    await client.gather(1.0)
    if client.ending is None:
        await server.expect_alive(0.0)
    return client


@streaming.scenario("1.2", needs_process=True, see="nc $(hostname -I | cut -d' ' -f1) {port}")
async def reachable_from_other_hosts(server):
    """It accepts connections on every address of the host, not only on loopback."""
    async with server.connect(from_another_host=True):
        await server.expect_accepted()


# -- 2 The stream ---------------------------------------------------------------------


@streaming.scenario("2.1", of=stream)
def speaks_first(stream):
    """The first line arrives within one period and 0.5 s, without the client saying a word."""
    hold(stream.line_by_line().first_line(soon(stream.parameters)))


@streaming.scenario("2.2", of=stream)
def sends_whole_lines_of_the_agreed_form(stream):
    """Every line has the agreed form and ends with a newline."""
    hold(stream.whole_lines())


@streaming.scenario("2.3", of=stream)
def keeps_the_cadence(stream):
    """Each gap between two lines is as long as agreed."""
    hold(stream.something().rhythm())


@streaming.scenario("2.4", of=stream, builds_on=("2.3",))
def does_not_drift(stream):
    """From the second line to the last it takes as many periods as it should."""
    hold(stream.something().line_by_line().steadiness())


@streaming.scenario("2.5", of=stream, see="nc localhost {port} | wc -l")
def sends_the_agreed_number_of_lines(stream):
    """The server sends exactly as many lines as agreed."""
    hold(stream.something().number_of_lines())


@streaming.scenario("2.6", of=stream)
def hangs_up_when_done(stream):
    """The server closes the connection when it has sent the last line."""
    hold(stream.something().hanging_up())


@streaming.scenario("2.7", of=stream, see="date; nc localhost {port}")
def tells_the_right_time(stream):
    """The date in each line is the time of that moment."""
    hold(stream.something().line_by_line().right_time())


ALONE = ("2.1", "2.2", "2.3", "2.4", "2.5")
"""A fault that shows in the stream of a client alone is paid for there."""


@streaming.scenario("2.8", builds_on=ALONE, alone=True, see="nc localhost {port}   # and type")
async def ignores_what_the_client_says(server):
    """What the client sends does not disturb the stream."""
    async with server.connect() as client:
        heard = await watch(server, client, answers=5)
        hold(heard.unprompted().number_of_lines())
        hold(heard.whole_lines())
        hold(heard.rhythm())


# -- 3 Several clients ----------------------------------------------------------------

ONE_AFTER_ANOTHER = "nc localhost {port}; nc localhost {port}"


@streaming.scenario("3.1", builds_on=ALONE, alone=True, see=ONE_AFTER_ANOTHER)
async def serves_the_next_client(server):
    """When one client has had its stream, the next one gets a whole stream."""
    async with server.connect() as client:
        (await watch(server, client)).unprompted()
    await next_stream(server)


@streaming.scenario(
    "3.2", builds_on=(*ALONE, "3.1"), alone=True, see=f"timeout 2 {ONE_AFTER_ANOTHER}"
)
async def survives_a_client_that_leaves(server):
    """After a client has left in mid-stream, the next one gets a whole stream."""
    client = await server.open_client()
    await client.watch(lambda: len(tellings(client)) >= 2, in_turn(server.parameters))
    got(server, client).unprompted()
    await client.vanish()
    await next_stream(server)


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
    judge_together(server, [first.unprompted(), second])


@streaming.scenario("3.4", builds_on=(*ALONE, "3.3"), alone=True, when=together)
async def stops_for_nobody(server):
    """A client that never reads does not delay another's cadence."""
    async with server.connect(reading=False), server.connect() as client:
        judge_together(server, [(await watch(server, client)).unprompted()])
