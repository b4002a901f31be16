"""Section 2 of the contract: talking."""

import re

from conformance import Fault, Kind, Violation, Wording, require

from .excuses import needs_answers, needs_names, needs_talk
from .going_on import goes_on
from .hearing import (
    EVERYBODY,
    all_hear,
    hear_nothing_of,
    named_to,
    not_heard,
    not_told,
    only_once,
    similar,
    those_told,
)
from .learning import Told, judged_with_prompts, learn, learn_prompt, line_ends
from .listing import answer_to, listed
from .notices import _notice, as_asked, audience, called, says, says_somehow
from .people import either, hearing, introduce, mark, marks, people, say, spoken_to, texts
from .presence import BRIEFLY, PATIENCE, in_any_case, presence, words_of


async def usage(server, client, unknown):
    """The answer to an unknown command, which names those that there are."""
    names_all = naming_all(server)
    wanted = Wording(f"an answer that names {', '.join(words_of(server))}", lambda line: False)
    hint = f"`{unknown}` was sent, which is no command."
    answer = await answer_to(server, client, unknown, names_all)
    if names_all(answer):
        return answer
    if answer and client.ending is None:
        raise Violation(wanted.words, " / ".join(answer), hint=hint)
    raise await not_heard(server, client, wanted, mark(client), hint=hint, within=PATIENCE)


def naming_all(server):
    """Tells whether an answer names all commands."""
    words = [word.upper() for word in words_of(server)]
    return lambda answer: all(word in " ".join(answer).upper() for word in words)


def help_in(server, answer):
    """The lines of an answer to an unknown command that name a command or more."""
    words = "|".join(map(re.escape, words_of(server)))
    command = re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE)
    return [line for line in answer if command.search(line)]


@presence.scenario("2.1", see=r"printf 'HELLO Ann\n' | nc localhost {port}")
async def tells_the_room_who_came(server):
    """After `HELLO Ann` everybody, Ann included, reads that Ann is in the room."""
    async with people(server, 3) as everybody:
        hello, fault = await introduction(server, everybody)
        await learn(server, everybody, hello, fault)
        require(fault)


async def introduction(server, everybody):
    """The second says HELLO. What they are told, and what is wrong with it.

    Where nothing comes of it the first time, nothing is waited for: it is tried again on a
    fresh server, and there with all patience, before it counts.
    """
    before, speaker, after = everybody
    people = (speaker, before, after)  # if the speaker is hung up on, that is soon known
    first, since = "works" not in server.dialect, marks(everybody)
    server.dialect.clear()
    server.dialect["welcomes"] = all(map(spoken_to, everybody))
    name, fault = server.draw.word().capitalize(), None
    wanted, hello = as_asked(server, "came", "2.1", name), f"{server.parameters.hello} {name}"
    await speaker.send_line(hello)
    in_vain = first and not await either(server, lambda: named_to(name, everybody), BRIEFLY)
    try:
        within = 0.0 if in_vain else PATIENCE
        like = similar(name)
        hearers = those_told(server, speaker, [before, after])
        await all_hear(server, hearers, wanted, since=since, like=like, within=within)
        await not_told(server, speaker, wanted, since[speaker])
    except Violation as violation:
        fault = violation
    server.dialect.update(line_ends(everybody, name))
    if fault and named_to(name, everybody):
        learn_prompt(server, people, since, "2.1")
    lists = [texts(server, client, since[client]) for client in people]
    return Told(hello, {"name": name}, lists), fault


@presence.scenario("2.2", see=r"printf 'HELLO Ann\nSAY hi there\n' | nc localhost {port}")
async def passes_a_message_on(server):
    """After `SAY hi there` everybody, the speaker included, reads it once."""
    message = " ".join(server.draw.words(2))
    needs_answers(server)
    async with people(server, 3) as (before, speaker, after):
        everybody = [speaker, before, after]
        name = await introduce(server, speaker)
        since = mark(speaker)
        await say(server, speaker, message)
        wanted = as_asked(server, "says", "2.2", name, message=message)
        hint = f"The message is all behind SAY. {EVERYBODY}"
        with judged_with_prompts(server, "2.2"):
            hearers = those_told(server, speaker, [before, after])
            await all_hear(server, hearers, wanted, like=similar(message), hint=hint)
            await not_told(server, speaker, wanted, since)
            await only_once(server, everybody, wanted)


@presence.scenario("2.3", builds_on=("2.2",))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    needs_talk(server)
    one, other = server.draw.words(2)
    message = f"{one}  ça va, Zoë?  Été à «{other}»; 100 % (50 €)!"
    async with people(server, 2) as (hearer, speaker):
        name = await introduce(server, speaker)
        await say(server, speaker, message)
        told, wanted = audience(server, "says", speaker, [hearer]), says(server, name, message)
        hint = "Name the encoding, UTF-8, and pass on the line as it came."
        await all_hear(server, told, wanted, like=similar(message), hint=hint)


@presence.scenario("2.4", builds_on=("2.2",), see=r"printf 'SAY hi\n' | nc localhost {port}")
async def names_the_anonymous(server):
    """Whoever has not said HELLO speaks under the anonymous name."""
    needs_talk(server)
    message = server.draw.word()
    async with people(server, 2) as (hearer, speaker):
        await say(server, speaker, message)
        told = audience(server, "says", speaker, [hearer])
        wanted = says_somehow(server, name=server.parameters.anonymous, message=message)
        hint = f"What is the name of somebody who has not said {server.parameters.hello}?"
        await all_hear(server, told, wanted, like=similar(message), hint=hint)


@presence.scenario("2.5", builds_on=("2.2", "3.1", "4.1"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood like HELLO, SAY, WHO and BYE."""
    needs_talk(server)
    needs_names(server)
    message = server.draw.word()
    hello, said, *rest = in_any_case(server.parameters)
    async with people(server, 2) as (other, client):
        others = await introduce(server, other)
        name = await introduce(server, client, hello)
        [hearer, *_] = audience(server, "says", client, [other])
        await client.send_line(f"{said} {message}")
        hint = f"`{said}` was sent. {ANY_CASE}"
        await all_hear(server, [hearer], says_somehow(server, message=message), hint=hint)
        hint, wanted = f"`{hello}` was sent. {ANY_CASE}", says(server, name, message, hello)
        await all_hear(server, [hearer], wanted, like=similar(message), hint=hint, within=0.0)
        await lists_for(server, client, rest[0], called(server, others))
        label = called(server, name, hello=hello)
        await hangs_up_for(server, client, rest[1], other, label)


ANY_CASE = "Compare without regard to case (Java: equalsIgnoreCase)."


async def lists_for(server, client, word, label):
    """`wHO`, the word, is answered with a list of who is there."""
    since = mark(client)
    await client.send_line(word)
    within = PATIENCE
    if not await client.watch(
        lambda: bool(listed(server, label, texts(server, client, since))), within=within
    ):
        wanted, hint = Wording(f" - {label}", bool), f"`{word}` was sent. {ANY_CASE}"
        raise await not_heard(server, client, wanted, since, hint=hint, within=within)


async def hangs_up_for(server, client, word, other, label):
    """`bye`, the word, has an effect: the server hangs up, or tells the other who has left."""
    gone = hearing(server, other, _notice(server, "left", name=label), mark(other))
    await client.send_line(word)
    if not await either(server, lambda: client.ending is not None or gone(), PATIENCE):
        raise Violation(
            "the server hangs up, or tells the others who has left",
            f"neither within {PATIENCE:g} s",
            hint=f"`{word}` was sent. {ANY_CASE}",
            fault=Fault.ABSENT,
            kind=Kind.OPEN,
        )


@presence.scenario("2.6", builds_on=("2.2",), see=r"printf 'xyz\n\nSAY hi\n' | nc localhost {port}")
async def says_what_it_understands(server):
    """An unknown command is answered with the five that there are, to its sender alone."""
    needs_answers(server)
    async with people(server, 2) as (other, client):
        await introduce(server, client)
        before = marks([other])
        answer = await usage(server, client, server.draw.word())
        await hear_nothing_of(
            server, help_in(server, answer), before, "the answer to an unknown command"
        )
        await goes_on(server, client, [other], "After an unknown command the session goes on.")
        await client.send_line("")
        await goes_on(server, client, [other], "After an empty line the session goes on.")
