"""Section 3 of the contract: who is there."""

from conformance import Fault, Kind, Sign, Symptom, Violation, promptly, require

from .hearing import all_hear_once, hear, nobody_told, tells_anybody
from .listing import (
    STAYS,
    a_list_of,
    different,
    is_listed,
    is_no_longer_there,
    is_still_there,
    names_commands,
    of_a_list,
    who,
)
from .people import a_moment, copies_have_come, leave, manner, needs_answers, people
from .presence_udp import LATEST, STRANGER, WHOLE, presence_udp


@presence_udp.scenario("3.1", builds_on=WHOLE)
async def lists_who_is_there(server):
    """`WHO` is answered to its sender: a heading, and one line ` - name` a person present."""
    way = manner(server)
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        answers = await who(ann)
        names = [way.name_due("list", person.speaker) for person in (ann, bob, cleo)]
        require(ann.client.shows(the_list(names, answers, way), answers[0]))
        require(ann.client.shows(comes_alone(way, answers), *answers))
        hint = "The answer is for whoever asked."
        nobody_told([bob, cleo], f" - {names[0]}", ann.client.handed_at, hint=hint)


def the_list(names, answers, way):
    """Whether the answer to WHO is a list of these names."""
    texts = [way.plain(answer.text) for answer in answers]
    wrong = a_list_of(names, texts[0])
    if wrong is not None:
        wrong.symptom = of_a_list(names, texts)
    return wrong


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


FORGOTTEN = Symptom(Sign.FORM, facts={"forgets": "who goes on sending"})
TOO_EARLY = Symptom(Sign.FORM, facts={"forgets": "too early"})


ONLY_WHILE_OTHERS_SEND = Symptom(Sign.NOTHING, facts={"forgets": "only while others send"})


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
                    nobody_told([bob, cleo], notice, 0.0, hint=hint, symptom=FORGOTTEN)
        await is_no_longer_there(bob, ann, [bob, cleo], GONE)


async def while_all_are_silent(server):
    """Only Bob sends, so the server must still notify him: one ALIVE, 3.5 s after her last
    datagram. He comes so late that he would be present without it."""
    async with people(server, "Ann") as (ann,):
        await ann.stays_silent(2.0)
        async with people(server, "Bob") as (bob,):
            await ann.stays_silent(3.5)
            bob.send("ALIVE")
            await is_told_gone(ann, [bob], ONLY_WHILE_OTHERS_SEND)
            await is_no_longer_there(bob, ann, [bob], GONE)
            ann.send("ALIVE")
            await is_no_longer_there(bob, ann, [bob], TAKEN_BACK)


async def is_told_gone(silent, others, never=None):
    """The others are told in time that the silent person has left. `never`: the symptom if they are
    not told."""
    way, notices = manner(silent.server), notices_of_leaving(silent)
    expiry, tolerance = silent.server.parameters.expiry, silent.server.parameters.tolerance
    notice = notices[0]
    wanted = f"`{notice}` between {expiry - tolerance:g} s and {expiry + LATEST:g} s of silence"
    await silent.stays_silent(expiry + LATEST + 0.1 + silent.server.round_trip)
    for other in others:
        since = silent.client.handed_at
        heard = [d.at for d in other.received(since) if way.plain(d.text) in notices]
        if not heard:
            seen = f"{other.name} was told nothing of the kind in {expiry + LATEST + 0.1:g} s"
            absent = Violation(wanted, seen, hint=GONE, fault=Fault.ABSENT, symptom=never)
            raise absent.seen_at(since)
        if (early := heard[0] - since) < expiry - tolerance:
            after = f"`{notice}` after {early:.2f} s"
            hint = too_early(early, expiry)
            soon = Violation(wanted, after, hint=hint, timed=True, symptom=TOO_EARLY)
            told = [d for d in other.received(since) if d.at == heard[0]]
            raise other.client.shows(soon, *told)
        slack = other.client.clock_error + other.server.round_trip
        latest = {"within": expiry + LATEST, "slack": slack}
        what = f"`{notice}`"
        require(promptly(silent.client.sent_at, heard[0], **latest, what=what, hint=GONE))


def notices_of_leaving(person):
    """How the server may tell others that the person has left: as it should, or as after a BYE."""
    way, who = manner(person.server), person.speaker
    return [way.due("left", who), *(way.told("left", who, own=own) for own in (False, True))]


FORGET = (
    "Note when each client was last heard; let a timer, not the next datagram, look for"
    " those who have been silent for too long."
)
EARLY = (
    "That is too early: compare with the time since the last datagram, in one unit (Java: 5 s are"
    " 5_000_000_000L ns, which is more than an int holds)."
)


def too_early(after, expiry):
    """A hint for somebody who was forgotten after so many seconds. A mistaken unit, or an int that
    is too small, makes the limit much shorter than `expiry`."""
    if after < 0.36 * expiry:
        return EARLY
    return f"That is too early, as if the limit were about {after:.1f} s instead of {expiry:g} s."


TAKEN_BACK = {
    "another text": "Who is told to have left is a stranger from then on, until the next HELLO."
}
GONE = dict.fromkeys(("another text", "nothing came", "late by itself"), FORGET)


@presence_udp.scenario("3.3", alone=True, builds_on=(*WHOLE, "3.1"))
async def keeps_whoever_gives_a_sign_of_life(server):
    """A client that sends `ALIVE` every 2 s is still there after 12 s, and gets no answer."""
    async with people(server, "Ann") as (ann,):
        await copies_have_come(server)
        ann.client.forget()
        for _ in range(6):
            ann.send("ALIVE")
            await is_not_answered(ann, lasting=2.0)
        async with people(server, "Bob") as (bob,):
            await is_there_after_all(bob, ann, [bob])


KEPT = "She was forgotten, though she had sent ALIVE every 2 s."
UNANSWERED = "no datagram in answer to ALIVE"
SIGN = "ALIVE is a sign of life: note its time, and send nothing."


async def is_not_answered(person, lasting):
    """Nothing comes for so many seconds: no longer, because the next ALIVE is due then, on a slow
    machine too."""
    try:
        lasting = (lasting - person.server.round_trip) / person.server.scale
        await person.client.expect_silence(lasting, awaited=UNANSWERED, hint=SIGN)
    except Violation as wrong:
        way = manner(person.server)
        if way.plain(wrong.actual) in (*notices_of_leaving(person), STRANGER):
            wrong.symptom = Symptom(Sign.EXTRA, facts=FORGOTTEN.facts)
            wrong.hint = {"more than asked for": KEPT}
            if was_silent_for_long(person):
                wrong.fault = Fault.ABSENT  # our ALIVE, not its doing: it must show again
        elif not way.is_notice(wrong.actual):
            wrong.symptom = Symptom(Sign.EXTRA, facts={"answers": "ALIVE"})
        raise


def was_silent_for_long(person):
    """Whether she had said nothing for as long as she may, when the last datagram came: where we
    are kept waiting, our next ALIVE is late."""
    parameters, came = person.server.parameters, person.client.received[-1].at
    return came - person.client.handed_at > parameters.expiry - parameters.tolerance


async def is_there_after_all(asker, person, present):
    """The person is in the room beside those who are `present`."""
    if not await is_still_there(asker, person, present):
        wanted = f"{person.name} in the answer to WHO, after 12 s"
        wrong = Violation(wanted, "it is not there", hint=SIGN)
        raise asker.client.shows(wrong, *asker.client.received[-1:])


@presence_udp.scenario("3.4", builds_on=WHOLE)
async def lets_people_leave(server):
    """`BYE` is told to everybody, the leaver included, who then gets nothing more."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        notice = manner(server).due("left", ann.speaker)
        untold = {"nothing came": "Tell everybody, the leaver too, who then gets nothing more."}
        await ann.ask("BYE")
        await all_hear_once("left", [ann, bob, cleo], notice, about=ann.name, hint=untold)
        said = bob.say()
        await a_moment(server, 1.0)
        require(hears_no_more(ann, notice, said))
        await is_listed_no_more(cleo, ann, [bob, cleo], OUT)


OUT = "Whoever has left is taken out of the list, and is sent nothing more."
NO_BREAK = (
    "After BYE came the list of commands, as after an unknown one: is a break, a return or an else"
    " missing behind BYE?"
)


def hears_no_more(leaver, notice, said):
    """Whether the leaver is told that she has left, and nothing else, not what another `said`."""
    way = manner(leaver.server)
    more = [d for d in leaver.received() if way.plain(d.text) not in (notice, *way.extras)]
    if not more:
        return None
    symptom = STAYS if said in more[0].text else None
    hint = NO_BREAK if names_commands(more[0].text) else OUT
    wrong = Violation("no more for her who has left", more[0].text, hint=hint, symptom=symptom)
    return leaver.client.shows(wrong, more[0])


async def is_listed_no_more(asker, leaver, present, hint):
    """WHO no longer lists the leaver, if it lists people."""
    if manner(asker.server).lists:
        await is_no_longer_there(asker, leaver, present, hint)


# Two of one name are one in the transcript, and would share a terminal.
@presence_udp.scenario("3.5", bears_loss=True, builds_on=(*WHOLE, "2.3", "3.1", "3.4"), see=None)
async def tells_two_people_of_one_name_apart(server):
    """Two addresses that say `HELLO Ann` are two people; one may leave, and one stays."""
    told = "People are told apart by address and port, not by name."
    hint = dict.fromkeys(("another text", "nothing came"), told)
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
