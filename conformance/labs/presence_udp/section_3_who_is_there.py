"""Section 3 of the contract: who is there."""

import asyncio

from conformance import Fault, Kind, Violation, promptly, require

from .hearing import all_hear_once, hear, nobody_told, tells_anybody
from .listing import a_list_of, different, is_listed, is_no_longer_there, is_still_there, who
from .people import copies_have_come, leave, manner, needs_answers, people
from .presence_udp import LATEST, STRANGER, WHOLE, presence_udp


@presence_udp.scenario("3.1", builds_on=WHOLE)
async def lists_who_is_there(server):
    """`WHO` is answered to its sender: a heading, and one line ` - name` a person present."""
    way = manner(server)
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        answers = await who(ann)
        names = [way.name_due("list", person.speaker) for person in (ann, bob, cleo)]
        require(a_list_of(names, way.plain(answers[0].text)))
        require(comes_alone(way, answers))
        hint = "The answer is for whoever asked."
        nobody_told([bob, cleo], f" - {names[0]}", ann.client.handed_at, hint=hint)


def comes_alone(way, answers):
    """Whether the answer is one datagram (apart from copies, if the server copies everything)."""
    _, *more = different(answers) if way.copies > 1 else answers
    if more:
        return Violation("one datagram", f"{1 + len(more)}; then {more[0].text}")
    if way.extras and not way.extras_on_alive:
        return Violation("one datagram", f"with it comes {way.extras[0]}")
    return None


@presence_udp.scenario("3.2", alone=True, builds_on=WHOLE)
async def forgets_the_silent(server):
    """A client that has sent nothing for 5 s is gone: the others are told so."""
    needs_answers(server)
    await while_the_others_talk(server)
    await while_all_are_silent(server)


async def while_the_others_talk(server):
    """Bob says something, and Cleo sends WHO, every second."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        for second in range(1, 7):
            await ann.stays_silent(second)
            bob.say()
            await cleo.ask("WHO")
        await is_told_gone(ann, [bob, cleo])
        for person in (bob, cleo):
            hint = f"{person.name} has sent something every second."
            for notice in notices_of_leaving(person):
                if notice not in notices_of_leaving(ann):
                    nobody_told([bob, cleo], notice, 0.0, hint=hint)
        await is_no_longer_there(bob, ann, [bob, cleo], GONE)


async def while_all_are_silent(server):
    """Only Bob sends, so the server must still notify him: one ALIVE, 3.5 s after her last
    datagram. He comes so late that he would be present without it."""
    async with people(server, "Ann") as (ann,):
        await ann.stays_silent(2.0)
        async with people(server, "Bob") as (bob,):
            await ann.stays_silent(3.5)
            bob.send("ALIVE")
            await is_told_gone(ann, [bob])
            await is_no_longer_there(bob, ann, [bob], GONE)


async def is_told_gone(silent, others):
    """The others are told in time that the silent person has left."""
    way, notices = manner(silent.server), notices_of_leaving(silent)
    expiry, tolerance = silent.server.parameters.expiry, silent.server.parameters.tolerance
    notice = notices[0]
    wanted = f"`{notice}` between {expiry - tolerance:g} s and {expiry + LATEST:g} s of silence"
    await silent.stays_silent(expiry + LATEST + 0.1)
    for other in others:
        since = silent.client.handed_at
        heard = [d.at for d in other.received(since) if way.plain(d.text) in notices]
        if not heard:
            seen = f"{other.name} was told nothing of the kind in {expiry + LATEST + 0.1:g} s"
            raise Violation(wanted, seen, hint=GONE, fault=Fault.ABSENT)
        if (early := heard[0] - since) < expiry - tolerance:
            raise Violation(wanted, f"`{notice}` after {early:.2f} s", hint=GONE, timed=True)
        latest = {"within": expiry + LATEST, "slack": other.client.clock_error}
        what = f"`{notice}`"
        require(promptly(silent.client.sent_at, heard[0], **latest, what=what, hint=GONE))


def notices_of_leaving(person):
    """How the server may tell others that the person has left: as it should, or as after a BYE."""
    way, who = manner(person.server), person.speaker
    return [way.due("left", who), *(way.told("left", who, own=own) for own in (False, True))]


GONE = (
    "Note when each client was last heard; let a timer, not the next datagram, look for"
    " those who have been silent for too long."
)


@presence_udp.scenario("3.3", alone=True, builds_on=(*WHOLE, "3.1"))
async def keeps_whoever_gives_a_sign_of_life(server):
    """A client that sends `ALIVE` every 2 s is still there after 12 s, and gets no answer."""
    async with people(server, "Ann") as (ann,):
        await copies_have_come(server)
        ann.client.forget()
        for _ in range(6):
            ann.send("ALIVE")
            await ann.client.expect_silence(2.0, hint=SIGN)
        async with people(server, "Bob") as (bob,):
            await is_there_after_all(bob, ann, [bob])


SIGN = "ALIVE is a sign of life: note its time, and send nothing."


async def is_there_after_all(asker, person, present):
    """The person is in the room beside those who are `present`."""
    if not await is_still_there(asker, person, present):
        wanted = f"{person.name} in the answer to WHO, after 12 s"
        raise Violation(wanted, "it is not there", hint=SIGN)


@presence_udp.scenario("3.4", builds_on=WHOLE)
async def lets_people_leave(server):
    """`BYE` is told to everybody, the leaver included, who then gets nothing more."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        notice = manner(server).due("left", ann.speaker)
        hint = "Tell everybody, the leaver too, and then take the leaver out of the list."
        await ann.ask("BYE")
        await all_hear_once([ann, bob, cleo], notice, about=ann.name, hint=hint)
        bob.say()
        await asyncio.sleep(1.0)
        require(hears_no_more(ann, notice, hint))
        await is_listed_no_more(cleo, ann, [bob, cleo], hint)


def hears_no_more(leaver, notice, hint):
    """Whether the leaver is told that she has left, and nothing else."""
    way = manner(leaver.server)
    more = [d.text for d in leaver.received() if way.plain(d.text) not in (notice, *way.extras)]
    return Violation("no more for her who has left", more[0], hint=hint) if more else None


async def is_listed_no_more(asker, leaver, present, hint):
    """WHO no longer lists the leaver, if it lists people."""
    if manner(asker.server).lists:
        await is_no_longer_there(asker, leaver, present, hint)


@presence_udp.scenario("3.5", builds_on=(*WHOLE, "2.3", "3.1", "3.4"))
async def tells_two_people_of_one_name_apart(server):
    """Two addresses that say `HELLO Ann` are two people; one may leave, and one stays."""
    hint = "People are told apart by address and port, not by name."
    async with people(server, "Ann", "Ann", "Bob") as (ann, namesake, bob):
        await is_listed(bob, ann, [ann, namesake, bob], hint)
        needs_farewells(server)
        await leave([ann])
        await is_listed(bob, ann, [namesake, bob], hint)
        await is_still_known(namesake, bob, hint)


def needs_farewells(server):
    """Excuses, behind 3.4, a server that tells nobody of a BYE, or ends at one."""
    if server.dialect.get("bye_ends_it"):
        server.excuse("3.4", Kind.ENDED, "BYE ends the program")
    if not tells_anybody(server, "left"):
        server.excuse("3.4", Kind.SILENCE, "the server tells nobody of a BYE")


async def is_still_known(person, other, hint):
    """The other is told what the person says; if the server tells nobody that, her WHO is
    answered."""
    if not tells_anybody(person.server, "says") and manner(person.server).lists:
        await is_listed(person, other, [other], hint)
        return
    text = person.say()
    await hear("says", person, [other], text, about=STRANGER, hint=hint)
