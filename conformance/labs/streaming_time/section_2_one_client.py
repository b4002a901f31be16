"""Sections 1 and 2 of the contract: what a single client gets.

Clauses 2.1 to 2.7 are judged by one conversation: the stream that a silent client gets. 2.8 may
join it (`company`); else it has a server of its own.
"""

from dataclasses import replace

from conformance import require

from .beside import in_rhythm, judge_beside_the_usual
from .company import beside_one_who_speaks
from .stream import Stream
from .streaming_time import ALONE, can_drift, has_rhythm, soon, streaming
from .watching import watch


@streaming.conversation
async def stream(server, client=None):
    """A client connects, says nothing, and reads until the server hangs up."""
    async with client or await listens(server) as client:
        client.tell(f"the host's time zone is {server.zone or 'not known'}")
        heard = await beside_one_who_speaks(server, client)
        if client.ending is None and not heard.cut:
            await server.look_inside()  # it says nothing more, and does not hang up
    return replace(heard, void=())  # it serves several clauses; a void excuse is for one


listens = streaming.listening(begins=stream)
streaming.reachable()


@streaming.scenario("2.1", of=stream)
def speaks_first(stream):
    """The first line arrives within one period and 0.5 s, without the client saying a word."""
    require(stream.speaks_first(soon(stream.parameters)))


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


@streaming.scenario("2.5", of=stream)
def sends_the_agreed_number_of_lines(stream):
    """The server sends exactly as many lines as agreed."""
    require(stream.number_of_lines())


@streaming.scenario("2.6", of=stream)
def hangs_up_when_done(stream):
    """The server closes the connection when it has sent the last line."""
    require(stream.hanging_up())


@streaming.scenario("2.7", of=stream, see="date; {derived}")
def tells_the_right_time(stream):
    """The date in each line is the time of that moment."""
    require(stream.right_time())


@streaming.scenario("2.8", builds_on=ALONE, alone=True, joins=stream)
async def ignores_what_the_client_says(server):
    """What the client sends does not disturb the stream."""
    async with server.connect() as client:
        heard = await watch(server, client, beside=True, words=5)
    asked = (Stream.number_of_lines, Stream.whole_lines, *in_rhythm(server))
    await judge_beside_the_usual(server, [heard.stream()], *asked, spoke=True)
