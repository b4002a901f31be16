"""Section 3 of the contract: several clients, one after another or at the same time."""

from conformance import Level, require

from .beside import (
    first_lines,
    in_rhythm,
    judge_beside_the_usual,
    judge_together,
    next_stream,
    two_streams,
)
from .compared import compared
from .stream import Stream
from .streaming_time import ALONE, streaming, together
from .watching import watch


@streaming.scenario("3.1", builds_on=ALONE, alone=True)
async def serves_the_next_client(server):
    """When one client has had its stream, the next one gets a whole stream, in cadence."""
    async with server.connect() as client:
        first = await watch(server, client, beside=True)
    second = await next_stream(server, first.stream())
    for ask in (Stream.number_of_lines, *in_rhythm(server)):
        require(compared(second, first, ask))


@streaming.scenario("3.2", builds_on=(*ALONE, "3.1"), alone=True)
async def survives_a_client_that_leaves(server):
    """After a client has left in mid-stream, the next one gets a whole stream."""
    client = await server.open_client()
    first = await first_lines(server, client)
    await client.vanish()
    second = await next_stream(server, first)
    await judge_beside_the_usual(server, [second], Stream.number_of_lines)


@streaming.scenario(
    "3.3",
    builds_on=ALONE,
    alone=True,
    level=lambda parameters: Level.MUST if together(parameters) else Level.INFO,
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
