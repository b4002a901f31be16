"""Section 4 of the contract: leaving."""

from conformance import Fault, Kind, Violation, Wording, require

from .excuses import needs_a_voice, needs_answers
from .going_on import GOES_ON, goes_on
from .hearing import all_hear, not_heard
from .listing import forgotten, times_listed
from .notices import as_asked, left
from .people import START, introduce, marks, people
from .presence import PATIENCE, WINDOW, presence


@presence.scenario("4.1", see=r"printf 'HELLO Ann\nBYE\n' | nc localhost {port}")
async def hangs_up_after_bye(server):
    """The connection of whoever says BYE is closed within 2 s."""
    async with people(server, 2) as (other, leaver):
        await introduce(server, leaver)
        await goes_on(server, leaver, [other], "It is BYE that ends a conversation.")
        await leaver.send_line(server.parameters.bye)
        await leaver.expect_close(within=2.0, hint="Close the socket when BYE has come.")
        await stays(server, other)


async def stays(server, client):
    """Whoever has not said BYE is still connected."""
    if not await client.watch(lambda: False, within=0.3) and client.ending is None:
        return
    wanted = Wording(f"{client.name} stays connected: it has not said BYE", lambda line: False)
    raise await not_heard(server, client, wanted, START, hint=GOES_ON, within=0.3)


@presence.scenario("4.2", builds_on=("4.1",))
async def tells_the_room_who_left(server):
    """After BYE the others read who has left the room."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        name = await introduce(server, leaver)
        since = marks([before, after])
        await leaver.send_line(server.parameters.bye)
        wanted, own_words = as_asked(server, "left", "4.2", name), left(server, name).holds
        await all_hear(server, [before, after], wanted, since=since, like=own_words)


GONE = ("2.2", "3.1", "3.2", "4.2")

VANISHED = (
    "The end of a connection is the end of its stream (null, -1, b''), or an exception: then do"
    " as after BYE; and catch what a write to a dead client throws."
)


@presence.scenario(
    "4.3", builds_on=GONE, see="timeout 2 nc localhost {port}   # watched by another"
)
async def notices_a_client_that_vanishes(server):
    """A client that closes without BYE has left the room, too, and hinders nobody."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        _, name = [await introduce(server, client) for client in (before, leaver)]
        times, since = await times_listed(server, before, name), marks([before, after])
        await leaver.vanish()
        await has_left(server, name, times, before, after, since)


async def has_left(server, name, times, before, after, since):
    """The others are told, it is no longer listed, and the next message reaches them all."""
    await all_hear(server, [before, after], left(server, name), since=since, hint=VANISHED)
    await forgotten(server, before, name, times)
    needs_a_voice(server)
    await goes_on(server, before, [after], VANISHED)


@presence.scenario("4.4", builds_on=(*GONE, "4.3"), alone=True)
async def notices_a_reset(server):
    """A client that resets its connection has left the room, too."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        _, name = [await introduce(server, client) for client in (before, leaver)]
        times, since = await times_listed(server, before, name), marks([before, after])
        leaver.reset()
        await has_left(server, name, times, before, after, since)


@presence.scenario(
    "4.5", alone=True, needs_process=True, see=r"printf 'KILL\n' | nc localhost {port}"
)
async def goes_down_on_kill(server):
    """After `KILL` everybody is disconnected, the port is closed and the program ends."""
    async with people(server, 3) as everybody:
        await lives_on(server, *everybody)
        await everybody[1].send_line(server.parameters.kill)
        hint = "End the program itself (System.exit, process.exit), not only a thread."
        await server.expect_end(within=PATIENCE, hint=hint)
        for client in everybody:
            await client.watch(lambda: False)
            within = PATIENCE * server.scale + client.close_error
            require(disconnected(client, everybody[1].sent_at, within))


async def lives_on(server, before, speaker, after):
    """The room works, and no other line ends the program: KILL could not be told from it."""
    hint = "It is KILL that ends the program."
    await introduce(server, speaker)  # who has no name may have no say (2.4's affair)
    await goes_on(server, speaker, [after], hint)
    await before.send_line(server.draw.word())
    await before.watch(lambda: False, within=WINDOW)
    if ended := server.host.ended():
        server.excuse("2.6", Kind.ENDED, "a line that it does not know ends the program, too")
        raise Violation("the program goes on running until KILL", ended, hint=hint, kind=Kind.ENDED)


def disconnected(client, killed, limit):
    """Whether the server has closed the connection in time, which counts from KILL."""
    wanted = f"{client.name} is disconnected within {PATIENCE:g} s of KILL"
    hint = "Close every connection."
    if client.ending is None:
        return Violation(wanted, "it was still open", hint=hint, fault=Fault.ABSENT)
    took = client.closed_at - killed
    if took > limit:
        return Violation(wanted, f"it was after {took:.2f} s", hint=hint, fault=Fault.LATE)
    return None
