"""Section 2 of the contract: talking."""

import asyncio

from conformance import Fault, Kind, Violation, Wording, require

from .hearing import all_hear_once, hear, is_absent, nobody_told, tells_anybody
from .learning import lesson, remember
from .listing import answer_to
from .notices import Manner
from .people import copies_have_come, manner, needs_answers, newcomers, patience_with, people
from .presence_udp import COMMANDS, MOMENT, STRANGER, presence_udp

TELL = "Tell everybody in the list, the sender too; each at the address that it wrote from."


@presence_udp.scenario("2.1", see="echo HELLO Ann | nc -u -w1 localhost {port}")
async def tells_everyone_who_came(server):
    """`HELLO Ann` from a new address is told to everybody present, Ann included."""
    with newcomers(server, "Bob", "Cleo", "Ann") as (bob, cleo, ann):
        heard = await lesson(server, bob, cleo, ann)
        remember(server, heard)
        require(told_of(ann, [bob, cleo, ann], heard))


def told_of(newcomer, listeners, heard):
    """Whether each was told of the newcomer, once, from the server's port. 2.8 judges NUL bytes."""
    server, wanted = newcomer.server, f"{newcomer.name} is in the room."
    way = Manner(nuls=manner(server).nuls)
    of_her = [h.texts for h in heard if h.event == "came" and h.speaker == newcomer.speaker]
    wrong = []
    for listener, texts in zip(listeners, of_her, strict=True):
        about = [text for text in texts if newcomer.name.lower() in text.lower()]
        notices = [d for d in listener.client.received if way.plain(d.text) == wanted]
        ports = {datagram.source[1] for datagram in notices}
        if not notices and about:
            wrong.append(Violation(wanted, about[0], hint=TELL))
        elif not notices:
            told = f"{listener.name} was told nothing of it"
            wrong.append(Violation(wanted, told, hint=TELL, fault=Fault.ABSENT))
        elif ports != {server.port}:
            came = f"from port {min(ports - {server.port})}"
            hint = "Send through the socket that received."
            wrong.append(Violation(f"an answer from port {server.port}", came, hint=hint))
        elif len(notices) > 1:
            told = f"{listener.name} was told that {len(notices)} times"
            wrong.append(Violation(f"{wanted}, once", told, hint=TELL))
    return min(wrong, key=is_absent, default=None)


@presence_udp.scenario("2.2")
async def takes_a_repeated_hello_for_a_sign_of_life(server):
    """The same HELLO again is answered to Ann alone, and told to nobody else."""
    async with people(server, "Ann", "Bob") as (ann, bob):
        ann.client.forget()
        ann.say_hello()
        await ann.hears(ANY_ANSWER, hint="She repeats it because no answer came.")
        await asyncio.sleep(MOMENT)
        for words in filter(None, (ann.name, manner(server).called("came", ann.speaker))):
            nobody_told([bob], words, ann.client.handed_at, hint="She is in the room already.")


ANY_ANSWER = Wording("an answer, in any words", lambda text: not text.endswith("left the room."))


@presence_udp.scenario("2.3")
async def passes_a_message_on(server):
    """`SAY hi there` is told to everybody present, the sender included."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        text = ann.say(server.draw.line(12))
        wanted = manner(server).due("says", ann.speaker, text)
        await all_hear_once([ann, bob, cleo], wanted, about=text.split()[0], hint=TELL)


@presence_udp.scenario("2.4", builds_on=("2.3", "2.8"))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    first, second = server.draw.words(2)
    text = f"héllo  ça €, {first}:   \"{second}\" - it's 5 % & <more>; isn't it?!"
    hint = "Name the encoding, UTF-8, both ways; pass on all that follows SAY and a space."
    async with people(server, "Ann", "Bob") as (ann, bob):
        bob.client.forget()
        ann.client.forget()
        ann.say(text)
        called = manner(server).called("says", ann.speaker)
        await hear("says", ann, [bob], text, about=called, hint=hint)


@presence_udp.scenario("2.5", see="echo WHO | nc -u -w1 localhost {port}")
async def answers_strangers(server):
    """Any command but HELLO and DISCOVER from an unknown address is answered in one way."""
    needs_answers(server)
    text, other = server.draw.words(2)
    with server.datagrams(name="stranger") as stranger:
        for words in (f"SAY {text}", "ALIVE", "WHO", "BYE", other):
            stranger.forget()
            stranger.send(words)
            await is_asked_who_she_is(server, stranger, words)


async def is_asked_who_she_is(server, stranger, words):
    """The first text that comes, except those that the server sends with every answer."""
    way, hint = manner(server), f"`{words}` was sent from an address that has not said HELLO."
    something = Wording(STRANGER, lambda came: way.plain(came) not in way.extras)
    answer = await stranger.wait_for(something, patience=patience_with(server), hint=hint)
    if way.plain(answer.text) != STRANGER:
        raise Violation(STRANGER, answer.text, hint=hint)
    await copies_have_come(server)


@presence_udp.scenario("2.6")
async def says_what_it_understands(server):
    """An unknown command is answered with a line that names the commands."""
    async with people(server, "Ann") as (ann,):
        ann.say()
        to_say = await ann.client.gather(MOMENT)
        ann.send("ALIVE")
        to_alive = await ann.client.gather(MOMENT)
        ann.client.send(server.draw.word())
        require(helps(await ann.hears(answer_to(server)), to_say, to_alive))


def helps(answer, to_say, to_alive):
    """Whether the answer names the commands, and does not come for known commands."""
    if not all(word in answer.text.upper() for word in COMMANDS):
        return Violation(f"a line that names {', '.join(COMMANDS)}", answer.text)
    if all(answer.text in [datagram.text for datagram in known] for known in (to_say, to_alive)):
        told = f"the same to SAY and ALIVE: {answer.text}"
        return Violation("this answer to what is unknown alone", told)
    return None


@presence_udp.scenario("2.7", builds_on=("2.1", "2.3", "2.8", "3.1", "3.4"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood, with or without a final newline."""
    async with people(server, "Bob") as (bob,):
        with newcomers(server, "Ann") as (ann,):
            ann.client.send(f"hello {ann.name}")
            await hear("came", ann, [bob])
            for command in known_commands(server):
                await command(ann, bob)


def known_commands(server):
    """The tests for those of SAY, WHO and BYE that the server knows in capitals, which must be at
    least two."""
    known = {
        says: tells_anybody(server, "says"),
        asks_who: manner(server).lists,
        says_bye: tells_anybody(server, "left") and not server.dialect.get("bye_ends_it"),
    }
    if sum(known.values()) < 2:
        server.excuse("2.3", Kind.SILENCE, "it knows hardly any command, in whatever case")
    return [command for command in known if known[command]]


async def says(ann, bob):
    text = ann.server.draw.word(12)
    ann.client.send(f"Say {text}\n")
    await hear("says", ann, [bob], text)


async def asks_who(ann, bob):
    """A list of who is there comes back, in whatever form."""
    way = manner(ann.server)
    names = [way.called("list", person.speaker) for person in (ann, bob)]
    ann.client.forget()
    ann.client.send("wHO\n")
    listed = Wording(
        f"a list with {' or '.join(names)} in it",
        lambda text: not way.is_notice(text) and any(name in text for name in names),
    )
    await ann.hears(listed)


async def says_bye(ann, bob):
    ann.client.send("bye")
    await hear("left", ann, [bob])


@presence_udp.scenario("2.8", builds_on=("2.3",))
async def reads_each_datagram_alone(server):
    """A SAY of 1,000 bytes comes back whole; a short one after it has nothing of it."""
    async with people(server, "Ann", "Bob", pays="") as (ann, bob):
        for length in (996, 6, 996):
            text = ann.say(server.draw.word(length))
            for came in await hear("says", ann, [bob], text, about=text[:5], hint=WHOLLY):
                require(has_no_nuls(came))


def has_no_nuls(datagram):
    """Whether the datagram ends where its text does."""
    text, count = datagram.text.replace("\0", ""), datagram.text.count("\0")
    seen = f"{text}, and {count:,} NUL bytes"
    return Violation(text, seen, hint=WHOLLY) if count else None


WHOLLY = (
    "Take as many bytes as the datagram has; give receive() the whole buffer each time, and"
    " send() no more than the text."
)
