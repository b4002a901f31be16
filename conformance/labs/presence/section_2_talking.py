"""Section 2 of the contract: talking."""

from conformance import Fault, Kind, Violation, require

from .excuses import needs_answers, needs_names, needs_talk
from .going_on import goes_on
from .hearing import (
    all_hear,
    hear_it_once,
    hear_nothing_of,
    not_heard,
    similar,
    speaker_hears_nothing,
    to_be_told,
)
from .learning import Told, learn, learn_prompt, line_ends
from .listing import help_for, listed
from .notices import as_asked, audience, left, notice, says
from .people import either, listen, people
from .presence import BRIEFLY, PATIENCE, in_any_case, presence


@presence.scenario("2.1")
async def tells_the_room_who_came(server):
    """After `HELLO Ann` everybody, Ann included, reads that Ann is in the room."""
    async with people(server, 3) as everybody:
        hello, fault = await introduction(server, everybody)
        await learn(everybody, hello, fault)
        require(fault)


async def introduction(server, everybody):
    """The second person says HELLO. Returns what they are told, and what is wrong with it. The
    first attempt does not wait long: before a failure counts, it is tried on a fresh server, with
    all patience."""
    before, speaker, after = everybody
    told = [speaker, before, after]  # the speaker first: a hang-up is soon known
    first = "works" not in server.dialect
    server.dialect.clear()
    server.dialect["welcomes"] = all(person.was_spoken_to for person in everybody)
    speaker.name = name = server.draw.word().capitalize()
    wanted, hello = as_asked("came", speaker), f"{speaker.hello} {name}"
    listen(everybody)
    await speaker.send(hello)
    in_vain = first and not await either(server, lambda: is_named(name, everybody), BRIEFLY)
    fault, within = None, 0.0 if in_vain else PATIENCE
    try:
        hearers = to_be_told(speaker, [before, after])
        await all_hear(hearers, wanted, like=similar(name), within=within, speaker=speaker)
        await speaker_hears_nothing(speaker, wanted)
    except Violation as violation:
        fault = violation
    server.dialect.update(line_ends(everybody, name))
    if fault and is_named(name, everybody):
        learn_prompt(told, "2.1")
    return Told(hello, {"name": name}, [person.texts() for person in told]), fault


def is_named(name, people):
    """Whether any of these people was told that name."""
    return any(
        name in client.unfinished or any(name in line.text for line in client.lines)
        for client in (person.client for person in people)
    )


@presence.scenario("2.2")
async def passes_a_message_on(server):
    """After `SAY hi there` everybody, the speaker included, reads it once."""
    needs_answers(server)
    message = " ".join(server.draw.words(2))
    hint = {"cut short": f"The message is all behind {server.parameters.say} and a space."}
    async with people(server, 3, judging="2.2") as (before, speaker, after):
        await speaker.introduce()
        await speaker.say(message)
        wanted = as_asked("says", speaker, message=message)
        hearers = to_be_told(speaker, [before, after])
        words = {"like": similar(message), "hint": hint}
        await all_hear(hearers, wanted, **words, speaker=speaker)
        await speaker_hears_nothing(speaker, wanted)
        await hear_it_once([speaker, before, after], wanted)


@presence.scenario("2.3", builds_on=("2.2",))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    needs_talk(server)
    one, other = server.draw.words(2)
    message = f"{one}  ça va, Zoë?  Été à «{other}»; 100 % (50 €)!"
    async with people(server, 2) as (hearer, speaker):
        await speaker.introduce()
        await speaker.say(message)
        hint = "Pass on the message as it came: no trim or strip, no split and join."
        wanted, hearers = says(speaker, message), audience("says", speaker, [hearer])
        await all_hear(hearers, wanted, like=similar(message), hint=hint)


@presence.scenario("2.4", builds_on=("2.2",))
async def names_the_anonymous(server):
    """Whoever has not said HELLO speaks under the anonymous name."""
    needs_talk(server)
    message, anonymous = server.draw.word(), server.parameters.anonymous
    async with people(server, 2) as (hearer, speaker):
        await speaker.say(message)
        hearers = audience("says", speaker, [hearer])
        wanted = notice(server, "says", name=anonymous, message=message)
        told = f"Whoever has not said {server.parameters.hello} may speak, as `{anonymous}`."
        hint = dict.fromkeys(("another text", "under a wrong name", "nothing came"), told)
        await all_hear(hearers, wanted, like=similar(message), hint=hint)


@presence.scenario("2.5", builds_on=("2.2", "3.1", "4.1"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood like HELLO, SAY, WHO and BYE."""
    needs_talk(server)
    needs_names(server)
    hello, say, who, bye = in_any_case(server.parameters)
    async with people(server, 2) as (other, client):
        await other.introduce()
        await client.introduce(hello)
        await is_heard_with(say, client, other)
        await sees_with(who, client, other)
        await leaves_with(bye, client, other)


ANY_CASE = "Compare without regard to case (Java: equalsIgnoreCase)."


async def is_heard_with(say, speaker, other):
    """What the speaker says with `Say` is told under the name that it has given with `hello`."""
    message = speaker.server.draw.word()
    [hearer, *_] = audience("says", speaker, [other])
    await speaker.send(f"{say} {message}")
    hint = {"nothing came": f"`{say}` was sent. {ANY_CASE}"}
    await all_hear([hearer], notice(speaker.server, "says", message=message), hint=hint)
    hint = {"under a wrong name": f"`{speaker.hello}` was sent. {ANY_CASE}"}
    await all_hear([hearer], says(speaker, message), like=similar(message), hint=hint, within=0.0)


async def sees_with(who, asker, other):
    """`wHO`, the word, is answered with a list of who is there."""
    asker.listen()
    await asker.send(who)
    if not await asker.reads(lambda: bool(listed(asker.server, other.label, asker.texts()))):
        hint = {"nothing came": f"`{who}` was sent. {ANY_CASE}"}
        raise await not_heard(asker, f" - {other.label}", hint=hint)


async def leaves_with(bye, leaver, other):
    """`bye`, the word, has an effect: the server hangs up, or tells the other who has left."""
    other.listen()
    told = other.hears(left(leaver))
    await leaver.send(bye)
    if not await either(leaver.server, lambda: leaver.is_cut_off or told(), PATIENCE):
        wanted = "the server hangs up, or tells the others who has left"
        hint = {"never closed": f"`{bye}` was sent. {ANY_CASE}"}
        seen = f"neither within {PATIENCE:g} s"
        raise Violation(wanted, seen, hint=hint, fault=Fault.ABSENT, kind=Kind.OPEN)


@presence.scenario("2.6", builds_on=("2.2",))
async def says_what_it_understands(server):
    """An unknown command is answered with the five that there are, to its sender alone."""
    needs_answers(server)
    async with people(server, 2) as (other, client):
        await client.introduce()
        other.listen()
        answer = await help_for(client, server.draw.word())
        await hear_nothing_of([other], answer, "the answer to an unknown command")
        await goes_on(client, [other], "After an unknown command the session goes on.")
        await client.send("")
        await goes_on(client, [other], "After an empty line the session goes on.")
