"""Section 3 of the contract: who is there."""

import asyncio

from conformance import Fault, Kind, Violation, promptly, require

from .hearing import hear, nobody_told, tells_anybody, told
from .listing import a_list_of, different, lines_of, no_longer_there, still_there, who
from .people import ask, command, let_pass, manner, message, needs_answers, people, say_bye, speaker
from .presence_udp import LATEST, MOMENT, STRANGER, WHOLE, presence_udp


@presence_udp.scenario("3.1", builds_on=WHOLE)
async def lists_who_is_there(server):
    """`WHO` is answered to its sender: a heading, and one line ` - name` a person present."""
    way = manner(server)
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        answers = await who(server, ann)
        answer, *more = different(answers) if way.copies > 1 else answers
        names = [way.name_due("list", speaker(person)) for person in (ann, bob, cleo)]
        require(a_list_of(names, way.plain(answer.text)))
        if more:
            raise Violation("one datagram", f"{1 + len(more)}; then {more[0].text}")
        if way.extras and not way.extras_on_alive:
            raise Violation("one datagram", f"with it comes {way.extras[0]}")
        hint = "The answer is for whoever asked."
        nobody_told([bob, cleo], f" - {names[0]}", ann.handed_at, hint=hint)


@presence_udp.scenario("3.2", alone=True, builds_on=WHOLE)
async def forgets_the_silent(server):
    """A client that has sent nothing for 5 s is gone: the others are told so."""
    needs_answers(server)
    await while_the_others_talk(server)
    await while_all_are_silent(server)


def notices_of_leaving(server, person):
    """How the server may tell others that she has left: as the contract does, or as it tells
    of a BYE, which is the affair of 3.4."""
    way, who = manner(server), speaker(person)
    told = [way.told("left", who, own=own) for own in (False, True)]
    return [way.due("left", who), *told]


async def while_the_others_talk(server):
    """Bob says something, and Cleo asks who is there, every second."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        for second in range(1, 7):
            await let_pass(server, ann.sent_at, second)
            bob.send(f"{command(server, 'SAY')} {message(server)}")
            await ask(server, cleo, "WHO")
        await gone(server, ann, [bob, cleo])
        of_hers = notices_of_leaving(server, ann)
        for person in (bob, cleo):
            hint = f"{person.name} has sent something every second."
            for notice in notices_of_leaving(server, person):
                if notice not in of_hers:
                    nobody_told([bob, cleo], notice, 0, hint=hint)
        await no_longer_there(server, bob, ann, [bob, cleo], GONE)


async def while_all_are_silent(server):
    """Nobody sends anything but Bob, whom the server thus has still to tell: one ALIVE,
    3.5 s after her last datagram. He comes so late that he would be there without it."""
    async with people(server, "Ann") as (ann,):
        await let_pass(server, ann.sent_at, 2.0)
        async with people(server, "Bob") as (bob,):
            await let_pass(server, ann.sent_at, 3.5)
            bob.send(command(server, "ALIVE"))
            await gone(server, ann, [bob])
            await no_longer_there(server, bob, ann, [bob], GONE)


async def gone(server, silent, others):
    """The others are told in time that she who has been silent has left."""
    way, notices = manner(server), notices_of_leaving(server, silent)
    expiry, tolerance = server.parameters.expiry, server.parameters.tolerance
    notice = notices[0]
    wanted = f"`{notice}` between {expiry - tolerance:g} s and {expiry + LATEST:g} s of silence"
    await let_pass(server, silent.sent_at, expiry + LATEST + 0.1)
    for other in others:
        since = silent.handed_at
        heard = [d for d in other.received if d.at > since and way.plain(d.text) in notices]
        if not heard:
            seen = f"{other.name} was told nothing of the kind in {expiry + LATEST + 0.1:g} s"
            raise Violation(wanted, seen, hint=GONE, fault=Fault.ABSENT)
        if (early := heard[0].at - since) < expiry - tolerance:
            raise Violation(wanted, f"`{notice}` after {early:.2f} s", hint=GONE, timed=True)
        latest = {"within": expiry + LATEST, "slack": other.clock_error}
        require(promptly(silent.sent_at, heard[0].at, **latest, what=f"`{notice}`", hint=GONE))


GONE = (
    "Note when each client was last heard; let a timer, not the next datagram, look for"
    " those who have been silent for too long."
)


@presence_udp.scenario("3.3", alone=True, builds_on=(*WHOLE, "3.1"))
async def keeps_whoever_gives_a_sign_of_life(server):
    """A client that sends `ALIVE` every 2 s is still there after 12 s, and gets no answer."""
    hint = "ALIVE is a sign of life: note its time, and send nothing."
    async with people(server, "Ann") as (ann,):
        await asyncio.sleep(MOMENT if manner(server).copies > 1 else 0.0)
        ann.forget()
        for _ in range(6):
            ann.send(command(server, "ALIVE"))
            await ann.expect_silence(2.0, hint=hint)
        async with people(server, "Bob") as (bob,):
            there = await still_there(server, bob, ann, [bob])
    if not there:
        raise Violation(
            f"{ann.name} in the answer to WHO, after 12 s", "it is not there", hint=hint
        )


@presence_udp.scenario("3.4", builds_on=WHOLE)
async def lets_people_leave(server):
    """`BYE` is told to everybody, the leaver included, who then gets nothing more."""
    way = manner(server)
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        notice = way.due("left", speaker(ann))
        hint = "Tell everybody, the leaver too, and then take the leaver out of the list."
        await ask(server, ann, "BYE")
        await told(server, [ann, bob, cleo], notice, about=ann.name, hint=hint)
        bob.send(f"{command(server, 'SAY')} {message(server)}")
        await asyncio.sleep(1.0)
        came = [d for d in ann.received if d.at > ann.handed_at]
        more = [d for d in came if way.plain(d.text) not in (notice, *way.extras)]
        if more:
            raise Violation("no more for her who has left", more[0].text, hint=hint)
        if way.lists:
            await no_longer_there(server, cleo, ann, [bob, cleo], hint)


@presence_udp.scenario("3.5", builds_on=(*WHOLE, "2.3", "3.1", "3.4"))
async def tells_two_people_of_one_name_apart(server):
    """Two addresses that say `HELLO Ann` are two people; one may leave, and one stays."""
    hint = "People are told apart by address and port, not by name."
    async with people(server, "Ann", "Ann", "Bob") as (ann, namesake, bob):
        await lines_of(server, bob, ann, [ann, namesake, bob], hint)
        has_left(server)
        await say_bye(server, [ann])
        await lines_of(server, bob, ann, [namesake, bob], hint)
        await still_known(server, namesake, bob, hint)


async def still_known(server, person, other, hint):
    """What she says is told; where nobody is told what others say, her WHO is answered."""
    if not tells_anybody(server, "says") and manner(server).lists:
        await lines_of(server, person, other, [other], hint)
        return
    text = message(server)
    person.send(f"{command(server, 'SAY')} {text}")
    await hear(server, "says", person, [other], text, about=STRANGER, hint=hint)


def has_left(server):
    """Where nobody is told of a BYE, nobody is known to have left."""
    if server.dialect.get("bye_ends_it"):
        server.excuse("3.4", Kind.ENDED, "BYE ends the program")
    if not tells_anybody(server, "left"):
        server.excuse("3.4", Kind.SILENCE, "the server tells nobody of a BYE")
