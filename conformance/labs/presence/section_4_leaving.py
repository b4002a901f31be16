"""Section 4 of the contract: leaving."""

from conformance import Fault, Kind, Violation, promptly, require

from .excuses import needs_a_voice, needs_answers
from .going_on import GOES_ON, goes_on
from .hearing import all_hear, not_heard
from .listing import lists_no_longer, times_listed
from .notices import as_asked, left
from .people import introduce, listen, people
from .presence import PATIENCE, WINDOW, presence


@presence.scenario("4.1", see=r"printf 'HELLO Ann\nBYE\n' | nc localhost {port}")
async def hangs_up_after_bye(server):
    """The connection of whoever says BYE is closed within 2 s."""
    async with people(server, 2) as (other, leaver):
        await leaver.introduce()
        await goes_on(leaver, [other], "It is BYE that ends a conversation.")
        await leaver.say_bye()
        await leaver.client.expect_close(within=2.0, hint="Close the socket when BYE has come.")
        await stays(other)


async def stays(person):
    """A person who has not said BYE is still connected."""
    await person.wait(0.3)
    if person.is_cut_off:
        wanted = f"{person.client.name} stays connected: it has not said BYE"
        raise await not_heard(person, wanted, hint=GOES_ON)


@presence.scenario("4.2", builds_on=("4.1",))
async def tells_the_room_who_left(server):
    """After BYE the others read who has left the room."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        await leaver.introduce()
        listen([before, after])
        await leaver.say_bye()
        wanted = as_asked("left", leaver)
        await all_hear([before, after], wanted, like=left(leaver).holds)


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
        await introduce(before, leaver)
        times = await times_listed(before, leaver)
        listen([before, after])
        await leaver.client.vanish()
        await has_left(leaver, times, before, after)


@presence.scenario("4.4", builds_on=(*GONE, "4.3"), alone=True)
async def notices_a_reset(server):
    """A client that resets its connection has left the room, too."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        await introduce(before, leaver)
        times = await times_listed(before, leaver)
        listen([before, after])
        leaver.client.reset()
        await has_left(leaver, times, before, after)


async def has_left(leaver, times, before, after):
    """The others are told that the leaver has gone, WHO no longer lists it, and the next message
    reaches them all."""
    await all_hear([before, after], left(leaver), hint=VANISHED)
    await lists_no_longer(before, leaver, times)
    needs_a_voice(before.server)
    await goes_on(before, [after], VANISHED)


@presence.scenario(
    "4.5", alone=True, needs_process=True, see=r"printf 'KILL\n' | nc localhost {port}"
)
async def goes_down_on_kill(server):
    """After `KILL` everybody is disconnected, the port is closed and the program ends."""
    async with people(server, 3) as (before, killer, after):
        await lives_on(before, killer, after)
        await killer.send(server.parameters.kill)
        hint = "End the program itself (System.exit, process.exit), not only a thread."
        await server.expect_end(within=PATIENCE, hint=hint)
        for person in (before, killer, after):
            await person.wait(PATIENCE)
            slack = PATIENCE * (server.scale - 1.0) + person.client.close_error
            require(is_disconnected(person.client, killer.client.sent_at, slack))


async def lives_on(before, speaker, after):
    """The room works, and no other line ends the program; else the end would not show that KILL
    works."""
    server, hint = before.server, "It is KILL that ends the program."
    await speaker.introduce()  # without a name it may not be heard (2.4 judges that)
    await goes_on(speaker, [after], hint)
    await before.send(server.draw.word())
    await before.wait(WINDOW)
    if ended := server.host.ended():
        server.excuse("2.6", Kind.ENDED, "a line that it does not know ends the program, too")
        raise Violation("the program goes on running until KILL", ended, hint=hint, kind=Kind.ENDED)


def is_disconnected(client, killed, slack):
    """Whether the server has closed the connection in time, counted from KILL."""
    wanted = f"{client.name} is disconnected within {PATIENCE:g} s of KILL"
    hint = "Close every connection."
    if client.ending is None:
        return Violation(wanted, "it was still open", hint=hint, fault=Fault.ABSENT)
    close = {"what": "a close", "came": "it was"}
    late = promptly(killed, client.closed_at, within=PATIENCE, slack=slack, **close)
    return late and Violation(wanted, late.actual, hint=hint, fault=late.fault, delays=late.delays)
