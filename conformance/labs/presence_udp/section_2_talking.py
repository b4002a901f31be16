"""Section 2 of the contract: talking."""

import contextlib
import re

from conformance import Fault, Kind, Sign, Symptom, Violation, Wording, require

from .hearing import (
    all_hear_once,
    hear,
    in_its_words,
    in_own_words,
    is_absent,
    nobody_told,
    tells_anybody,
    who_was,
)
from .learning import lesson, remember
from .listing import answer_to, names_commands, of_a_stranger
from .notices import Manner
from .people import (
    a_moment,
    copies_have_come,
    manner,
    needs_answers,
    newcomers,
    patience_with,
    people,
)
from .presence_udp import COMMANDS, MOMENT, STRANGER, presence_udp

TELL = {
    "nothing came": "Tell everybody in the list, the sender too; each at the address that it wrote"
    " from.",
    "cut short": "The message is all behind SAY and a space.",
}


@presence_udp.scenario("2.1")
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
    wrong, untold = [], []
    for listener, texts in zip(listeners, of_her, strict=True):
        about = [text for text in texts if newcomer.name.lower() in text.lower()]
        notices = [d for d in listener.client.received if way.plain(d.text) == wanted]
        ports = {datagram.source[1] for datagram in notices}
        if not notices and about:
            instead = [d for d in listener.client.received if way.plain(d.text) == about[0]]
            symptom = in_own_words(manner(server), "came")
            other = Violation(wanted, about[0], lines=True, symptom=symptom)
            wrong.append(listener.client.shows(other, *instead))
        elif not notices:
            told = f"{listener.name} was told nothing of it"
            if texts:
                told = f"{told}; what came last was: {texts[-1]}"
            absent = Violation(wanted, told, hint=TELL, fault=Fault.ABSENT)
            wrong.append(listener.client.shows(absent))
            untold.append(listener)
        elif ports != {server.port}:
            came = f"from port {min(ports - {server.port})}"
            hint = "Send through the socket that received."
            other = Violation(f"an answer from port {server.port}", came, hint=hint)
            wrong.append(listener.client.shows(other, *notices))
        elif len(notices) > 1:
            told = f"{listener.name} was told that {len(notices)} times"
            again = Violation(f"{wanted}, once", told, symptom="twice")
            wrong.append(listener.client.shows(again, *notices))
    if len(wrong) == len(listeners) and all(map(is_absent, wrong)):
        wrong[0].hint = ""  # nobody was told: it is not that some were left out
    if untold and all(map(is_absent, wrong)):
        told = who_was([one for one in listeners if one not in untold], listeners, newcomer)
        known = {} if any(h.texts for h in heard) else {"answers": "nothing at all"}
        if told == "nobody" and is_taken_for(newcomer, listeners, of_her[-1]):
            known = {"taken for": "the first"}
            wrong[0].hint = {"nothing came": TAKEN_FOR.format(name=listeners[0].name)}
        wrong[0].symptom = Symptom(Sign.NOTHING, facts={"told": told, **known})
    return min(wrong, key=is_absent, default=None)


TAKEN_FOR = (
    "The HELLO, from another port, was answered with the name of {name}, who had come first: are"
    " people told apart by address and port?"
)


def is_taken_for(newcomer, listeners, texts):
    """Whether all that the newcomer was told of her HELLO is that the first of those present is
    there: neither she, nor the others."""
    others = [person.name for person in listeners if person is not newcomer]
    way = Manner(nuls=manner(newcomer.server).nuls)
    first = f"{others[0]} is in the room."
    return bool(texts) and all(way.plain(text) == first for text in texts)


@presence_udp.scenario("2.2")
async def takes_a_repeated_hello_for_a_sign_of_life(server):
    """The same HELLO again is answered to Ann alone, and told to nobody else."""
    async with people(server, "Ann", "Bob") as (ann, bob):
        ann.client.forget()
        ann.say_hello()
        await ann.hears(ANY_ANSWER, hint=REPEATED)
        await a_moment(server)
        for words in filter(None, (ann.name, manner(server).called("came", ann.speaker))):
            nobody_told([bob], words, ann.client.handed_at, hint="She is in the room already.")


REPEATED = {"nothing came": "She repeats it because no answer came."}
ANY_ANSWER = Wording("an answer, in any words", lambda text: not text.endswith("left the room."))


@presence_udp.scenario("2.3")
async def passes_a_message_on(server):
    """`SAY hi there` is told to everybody present, the sender included."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        text = ann.say(f"{server.draw.word(6)} {server.draw.word(5)}")
        wanted = manner(server).due("says", ann.speaker, text)
        await all_hear_once("says", [ann, bob, cleo], wanted, about=text.split()[0], hint=TELL)


@presence_udp.scenario("2.4", bears_loss=True, builds_on=("2.3", "2.8"))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    first, second = server.draw.words(2)
    text = f"{first}, héllo  ça €:   \"{second}\" - it's 5 % & <more>; isn't it?!"
    hint = {
        "another text": "Pass on all that follows SAY and a space, as it came.",
        "another encoding": "Name the encoding, UTF-8, both ways.",
    }
    async with people(server, "Ann", "Bob") as (ann, bob):
        bob.client.forget()
        ann.client.forget()
        ann.say(text)
        await hear("says", ann, [bob], text, about=first, hint=hint)


@presence_udp.scenario("2.5", bears_loss=True)
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
    way, told = manner(server), f"`{words}` was sent from an address that has not said HELLO."
    hint = dict.fromkeys(("another text", "nothing came"), told)
    something = Wording(STRANGER, lambda came: way.plain(came) not in way.extras)
    answer = await stranger.wait_for(something, patience=patience_with(server), hint=hint)
    if way.plain(answer.text) != STRANGER:
        raise stranger.shows(Violation(STRANGER, answer.text, hint=hint), answer)
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
    if not names_commands(answer.text):
        wanted = f"a line that names {', '.join(COMMANDS)}"
        return Violation(wanted, answer.text, symptom=of_a_stranger(answer.text))
    if all(answer.text in [datagram.text for datagram in known] for known in (to_say, to_alive)):
        told = f"the same to SAY and ALIVE: {answer.text}"
        return Violation("this answer to what is unknown alone", told)
    return None


@presence_udp.scenario("2.7", bears_loss=True, builds_on=("2.1", "2.3", "2.8", "3.1", "3.4"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood, with or without a final newline."""
    async with people(server, "Bob") as (bob,):
        with newcomers(server, "Ann") as (ann,):
            ann.client.send(f"hello {ann.name}")
            await hear("came", ann, [bob], hint=any_case("hello"))
            for command in known_commands(server):
                await command(ann, bob)


def any_case(word):
    """A hint for a command in this case that has no effect."""
    told = f"`{word}` was sent: compare without regard to case, and to a newline at the end."
    return {"nothing came": told}


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
    await hear("says", ann, [bob], text, hint=any_case("Say"))


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
    async with newline_tried(ann, "wHO\n", listed):
        await ann.hears(listed, hint=any_case("wHO"))


async def says_bye(ann, bob):
    ann.client.send("bye")
    async with newline_tried(ann, "bye", in_its_words("left", ann, own=True)):
        await hear("left", ann, [bob], hint=any_case("bye"))


NEWLINE = "With a newline behind it the command is not understood, without one it is: take it off."
NO_NEWLINE = (
    "Without a newline behind it the command is not understood, with one it is: a datagram ends by"
    " itself, and needs none."
)


@contextlib.asynccontextmanager
async def newline_tried(person, datagram, answer):
    """If the datagram has no effect, it is sent once more with a newline at its end if it had none,
    else without, and then as it was. If only the other one has the answer, the hint says so."""
    try:
        yield
    except Violation as wrong:
        ends = datagram.endswith("\n")
        other = datagram.removesuffix("\n") if ends else f"{datagram}\n"
        if (
            is_absent(wrong)
            and await is_answered(person, other, answer)
            and not await is_answered(person, datagram, answer)
        ):
            wrong.hint = {"nothing came": NEWLINE if ends else NO_NEWLINE}
        raise


async def is_answered(person, datagram, answer):
    """Whether a person who has just said HELLO again gets the answer to the datagram."""
    person.say_hello()
    await a_moment(person.server)
    person.client.forget()
    person.client.send(datagram)
    with contextlib.suppress(Violation):
        return bool(await person.hears(answer, patience=1.0))
    return False


@presence_udp.scenario("2.8", bears_loss=True, builds_on=("2.3",))
async def reads_each_datagram_alone(server):
    """A SAY of 1,000 bytes comes back whole; a short one after it has nothing of it."""
    async with people(server, "Ann", "Bob", pays="") as (ann, bob):
        for length in (996, 6, 996):
            text = ann.say(server.draw.word(length))
            for came in await comes_whole(ann, bob, text):
                require(has_no_nuls(came))


async def comes_whole(speaker, other, text):
    """Both are told all that the speaker has said, and no more. Returns the datagrams."""
    try:
        return await hear("says", speaker, [other], text, about=text[:5], hint=WHOLLY)
    except Violation as wrong:
        if re.search(rf"{text}[a-z]", wrong.actual):
            wrong.symptom = Symptom(Sign.FORM, facts={"datagram": "runs on"})
        raise


def has_no_nuls(datagram):
    """Whether the datagram ends where its text does."""
    text, count = datagram.text.replace("\0", ""), datagram.text.count("\0")
    seen = f"{text}, and {count:,} NUL bytes"
    symptom = Symptom(Sign.FORM, facts={"datagram": "NUL bytes"})
    return Violation(text, seen, hint=WHOLLY, symptom=symptom) if count else None


WHOLE_DATAGRAM = (
    "Take as many bytes as the datagram has; give receive() the whole buffer each time, and"
    " send() no more than the text."
)
WHOLLY = dict.fromkeys(("another text", "cut short"), WHOLE_DATAGRAM)
