"""Section 5 of the contract: clients that leave without a word."""

import contextlib

from conformance import Violation, require

from .guest import Guest, visiting
from .roulette import roulette
from .students import count, goes_on, surplus

SOME = 2  # students that a client has sent of its LOAD when it leaves

LEFT = (
    "At the end of the stream a read gives nothing (Python: b'' or '') (Java: null): leave the loop"
    " of that client, the one of LOAD, too, and let go of every lock."
)

RESET = (
    "A reset shows as an exception (Python: ConnectionResetError) (Java: SocketException), or as an"
    " error event (Node: on('error')), of that one connection: catch it."
)


@roulette.scenario("5.1", destructive=True)
async def survives_a_client_that_leaves(server):
    """A client that leaves without BYE, also in the middle of a LOAD, does no harm."""
    hint = dict.fromkeys(("the program ended", "nothing came", "another text"), LEFT)
    before = await leaves_after_a_command(server)
    async with loading(server) as guest:
        await guest.client.half_close()
        await guest.client.gather(0.5)
        await guest.client.vanish()
    await server.expect_alive(0.2, hint=hint)
    await others_go_on(server, before, SOME, hint)


@roulette.scenario("5.2", builds_on=("5.1",), destructive=True)
async def survives_a_reset(server):
    """A client that resets its connection, also in the middle of a LOAD, does no harm."""
    hint = dict.fromkeys(("the program ended", "nothing came", "another text"), RESET)
    before = await leaves_after_a_command(server)
    for _ in range(2):
        async with loading(server) as guest:
            guest.client.reset()
        await server.expect_alive(0.2, hint=hint)
    await others_go_on(server, before, 2 * SOME, hint)


async def leaves_after_a_command(server):
    """A client asks how many students there are, and closes its connection. Returns the number, if
    it was told."""
    guest = Guest(server, await server.open_client())
    await guest.come()
    told = await how_many(guest)
    await guest.client.vanish()
    return told


@contextlib.asynccontextmanager
async def loading(server):
    """A client in the middle of a LOAD, which has sent some students."""
    guest = Guest(server, await server.open_client())
    await guest.come()
    await guest.begin_load()
    await guest.send_some(server.draw.words(SOME))
    yield guest


async def others_go_on(server, before, sent, hint):
    """Nobody is there whom no client has sent, and others are served."""
    async with visiting(server) as guest:
        require(loaded_by_nobody(guest, await how_many(guest), before, sent))
        await goes_on(guest, hint, extra=sent)


async def how_many(guest):
    """How many students there are, where that is told, and does not change from client to
    client."""
    known = guest.server.dialect
    if known.get("info", True) and not ({"own", "replaces", "keeps nothing"} & known.keys()):
        return await count(guest)
    return None


def loaded_by_nobody(guest, now, before, sent):
    """Whether there are more students than before, and than clients that left have sent."""
    if now is None or before is None:
        return None
    most = before + sent + max(0, surplus(guest.server))
    if before <= now <= most:
        return None
    wanted = f"from {before} to {most} students: {sent} names were sent by clients that left"
    wrong = Violation(wanted, f"{now} students", hint=LEFT)
    return guest.client.shows(wrong, *guest.client.lines[-1:])
