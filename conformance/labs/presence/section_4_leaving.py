"""Section 4 of the contract: leaving."""

from conformance import Fault, Kind, Violation, promptly, require

from .excuses import needs_a_voice, needs_answers
from .going_on import GOES_ON, goes_on
from .hearing import all_hear, not_heard
from .listing import lines_with, lists_no_longer, times_listed
from .notices import as_asked, left, times
from .people import introduce, listen, people, wait_together
from .presence import PATIENCE, WINDOW, presence, words_of


@presence.scenario("4.1")
async def hangs_up_after_bye(server):
    """The connection of whoever says BYE is closed within 2 s."""
    async with people(server, 2) as (other, leaver):
        await leaver.introduce()
        await goes_on(leaver, [other], "It is BYE that ends a conversation.")
        await leaver.say_bye()
        await leaver.client.expect_close(within=2.0, hint=CLOSE)
        await stays(other)


CLOSE = {"never closed": "Close the socket when BYE has come."}


async def stays(person):
    """A person who has not said BYE is still connected."""
    await person.wait(0.3)
    if person.is_cut_off:
        wanted = f"{person.client.label} stays connected: it has not said BYE"
        raise await not_heard(person, wanted, hint={"closed too early": GOES_ON})


@presence.scenario("4.2", builds_on=("4.1",))
async def tells_the_room_who_left(server):
    """After BYE the others read who has left the room."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        await leaver.introduce()
        listen([before, after])
        await leaver.say_bye()
        wanted = as_asked("left", leaver)
        hears = {"like": left(leaver).holds, "but_last": of_its_place(server)}
        await all_hear([before, after], wanted, **hears)


BEHIND_THE_LEAVER = (
    "Who came before the leaver was told, who came after was not: is the leaver taken out of a list"
    " while a loop goes through it, or does that loop end at the leaver?"
)


def of_its_place(server):
    """A hint for the case that only who came behind the leaver is not told. There is none if not
    all are told of a HELLO and a SAY either."""
    known = [times(server, event) for event in ("came", "says")]
    return BEHIND_THE_LEAVER if all(each.get("others") for each in known) else ""


GONE = ("2.2", "3.1", "3.2", "4.2")
DEAD = "A write to the client that has gone may throw: catch it, and go on with the others."
VANISHED = (
    "The end of a connection is the end of its stream (Python: b'') (Java: null, or -1) (C: 0), or"
    " an exception: then do as after BYE; and catch what a write to a dead client throws."
)


@presence.scenario("4.3", builds_on=GONE)
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
    await all_hear([before, after], left(leaver), hint={"nothing came": VANISHED}, some=DEAD)
    await lists_no_longer(before, leaver, times)
    needs_a_voice(before.server)
    await goes_on(before, [after], VANISHED)


@presence.scenario("4.5", alone=True, needs_process=True)
async def goes_down_on_kill(server):
    """After `KILL` everybody is disconnected, the port is closed and the program ends."""
    async with people(server, 3) as (before, killer, after):
        await lives_on(before, killer, after)
        await ends_the_program(killer, [before, after])
        for person in (before, killer, after):
            await person.wait(PATIENCE)
            slack = PATIENCE * (server.scale - 1.0) + person.client.close_error
            require(is_disconnected(person.client, killer.client.sent_at, slack))


KILL = "End the program itself, not only a thread (Java: System.exit(0)) (Python: os._exit(0))."
NOT_KILL = (
    "KILL was answered as if it were no command: compare the word with KILL, as it came"
    " (Java: with equals(), not with ==)."
)


async def ends_the_program(killer, others):
    """Says KILL, by which the program ends in time; the others listen."""
    server = killer.server
    killer.listen()
    await killer.send(server.parameters.kill)
    try:
        await server.expect_end(within=PATIENCE)
    except Violation as wrong:
        await wait_together([killer, *others], 0.1)
        if lines_with(words_of(server.parameters), killer.texts()):  # what it understands
            wrong.hint = {"never closed": NOT_KILL}
        elif killer.is_cut_off:  # all went down, but the program
            wrong.hint = {"never closed": KILL}
        wrong.actual = what_is_left(wrong.actual, server.host.listener(), [killer, *others])
        raise


def what_is_left(actual, listener, people):
    """What KILL has left of a program that runs: its port, and the clients that are connected."""
    if actual != "it is still running":
        return actual
    connected = sum(not person.is_cut_off for person in people)
    port = "its port is closed" if listener is None else "its port is open"
    who = "no client is" if not connected else "1 client is" if connected == 1 else ""
    return f"{actual}, {port}, and {who or f'{connected} clients are'} connected"


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
        wanted, bound = "the program goes on running until KILL", {"the program ended": hint}
        raise Violation(wanted, ended, hint=bound, kind=Kind.ENDED)


def is_disconnected(client, killed, slack):
    """Whether the server has closed the connection in time, counted from KILL."""
    wanted = f"{client.label} is disconnected within {PATIENCE:g} s of KILL"
    hint = {"never closed": "Close every connection."}
    if client.ending is None:
        wrong = Violation(
            wanted, "it was still open", hint=hint, fault=Fault.ABSENT, symptom="never closed"
        )
        return client.shows(wrong)
    close = {"what": "a close", "came": "it was"}
    late = promptly(killed, client.closed_at, within=PATIENCE, slack=slack, **close)
    if late is None:
        return None
    wrong = Violation(wanted, late.actual, hint=hint, fault=late.fault, delays=late.delays)
    return wrong.rests_on(*late.proof, client=client.label)
