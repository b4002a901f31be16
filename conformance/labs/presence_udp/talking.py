"""Section 2 of the contract: talking."""

import asyncio
import contextlib

from conformance import Fault, Kind, Violation, Wording, require

from .hearing import absent, hear, nobody_told, tells_anybody, told
from .learning import learn, lesson
from .listing import answer_to, listed_by
from .notices import Manner
from .people import command, hello, manner, message, needs_answers, patience, people, speaker
from .presence_udp import COMMANDS, MOMENT, STRANGER, presence_udp

TELL = "Tell everybody in the list, the sender too; each at the address that it wrote from."


@presence_udp.scenario("2.1", see="echo HELLO Ann | nc -u -w1 localhost {port}")
async def tells_everyone_who_came(server):
    """`HELLO Ann` from a new address is told to everybody present, Ann included."""
    names = [first + server.draw.word(10 - len(first)) for first in ("Bob", "Cleo", "Ann")]
    with contextlib.ExitStack() as stack:
        bob, cleo, ann = (stack.enter_context(server.datagrams(name=name)) for name in names)
        heard = await lesson(server, bob, cleo, ann)
        learn(server, heard)
        require(told_of(server, ann, [bob, cleo, ann], heard))


def told_of(server, newcomer, listeners, heard):
    """Whether each was told of her as it should be, once, from the server's port. NUL bytes
    that stand in all that it tells are the affair of 2.8."""
    wanted, way = f"{newcomer.name} is in the room.", Manner(nuls=manner(server).nuls)
    of_her = [h.texts for h in heard if h.event == "came" and h.speaker == speaker(newcomer)]
    wrong = []
    for listener, texts in zip(listeners, of_her, strict=True):
        about = [text for text in texts if newcomer.name.lower() in text.lower()]
        notices = [d for d in listener.received if way.plain(d.text) == wanted]
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
    return min(wrong, key=absent, default=None)


@presence_udp.scenario("2.2")
async def takes_a_repeated_hello_for_a_sign_of_life(server):
    """The same HELLO again is answered to Ann alone, and told to nobody else."""
    async with people(server, "Ann", "Bob") as (ann, bob):
        ann.forget()
        ann.send(hello(server, ann))
        await ann.wait_for(
            ANY_ANSWER, patience=patience(server), hint="She repeats it because no answer came."
        )
        await asyncio.sleep(MOMENT)
        known = "She is in the room already."
        called = manner(server).called("came", speaker(ann))
        for words in filter(None, (ann.name, called)):
            nobody_told([bob], words, ann.handed_at, hint=known)


ANY_ANSWER = Wording("an answer, in any words", lambda text: not text.endswith("left the room."))


@presence_udp.scenario("2.3")
async def passes_a_message_on(server):
    """`SAY hi there` is told to everybody present, the sender included."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        text = server.draw.line(12)
        ann.send(f"{command(server, 'SAY')} {text}")
        wanted = manner(server).due("says", speaker(ann), text)
        await told(server, [ann, bob, cleo], wanted, about=text.split()[0], hint=TELL)


@presence_udp.scenario("2.4", builds_on=("2.3", "2.8"))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    first, second = server.draw.words(2)
    text = f"héllo  ça €, {first}:   \"{second}\" - it's 5 % & <more>; isn't it?!"
    hint = "Name the encoding, UTF-8, both ways; pass on all that follows SAY and a space."
    async with people(server, "Ann", "Bob") as (ann, bob):
        bob.forget()
        ann.forget()
        ann.send(f"{command(server, 'SAY')} {text}")
        called = manner(server).called("says", speaker(ann))
        await hear(server, "says", ann, [bob], text, about=called, hint=hint)


@presence_udp.scenario("2.5", see="echo WHO | nc -u -w1 localhost {port}")
async def answers_strangers(server):
    """Any command but HELLO and DISCOVER from an unknown address is answered in one way."""
    needs_answers(server)
    way = manner(server)
    text, other = server.draw.words(2)
    with server.datagrams(name="stranger") as stranger:
        for words in (f"SAY {text}", "ALIVE", "WHO", "BYE", other):
            stranger.forget()
            stranger.send(words)
            hint = f"`{words}` was sent from an address that has not said HELLO."
            something = Wording(STRANGER, lambda came: way.plain(came) not in way.extras)
            answer = await stranger.wait_for(something, patience=patience(server), hint=hint)
            if way.plain(answer.text) != STRANGER:
                raise Violation(STRANGER, answer.text, hint=hint)
            await asyncio.sleep(MOMENT if way.copies > 1 else 0.0)


@presence_udp.scenario("2.6")
async def says_what_it_understands(server):
    """An unknown command is answered with a line that names the commands."""
    async with people(server, "Ann") as (ann,):
        known = []
        for words in (f"{command(server, 'SAY')} {message(server)}", command(server, "ALIVE")):
            ann.send(words)
            known.append({datagram.text for datagram in await ann.gather(MOMENT)})
        ann.send(server.draw.word())
        answer = await ann.wait_for(answer_to(server), patience=patience(server))
        missing = [word for word in COMMANDS if word not in answer.text.upper()]
        if missing:
            raise Violation(f"a line that names {', '.join(COMMANDS)}", answer.text)
        if answer.text in set.intersection(*known):
            told = f"the same to SAY and ALIVE: {answer.text}"
            raise Violation("this answer to what is unknown alone", told)


@presence_udp.scenario("2.7", builds_on=("2.1", "2.3", "2.8", "3.1", "3.4"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood, with or without a final newline."""
    name = "Ann" + server.draw.word(7)
    async with people(server, "Bob") as (bob,):
        with server.datagrams(name=name) as ann:
            ann.send(f"hello {name}")
            await hear(server, "came", ann, [bob])
            for words in commands_known(server):
                await understood(server, words, ann, bob)


def commands_known(server):
    """Those of SAY, WHO and BYE that the server knows in capitals: one that it does not know
    at all is another clause's affair. One is not enough."""
    known = {
        "Say": tells_anybody(server, "says"),
        "wHO\n": manner(server).lists,
        "bye": tells_anybody(server, "left") and not server.dialect.get("bye_ends_it"),
    }
    if sum(known.values()) < 2:
        server.excuse("2.3", Kind.SILENCE, "it knows hardly any command, in whatever case")
    return [words for words in known if known[words]]


async def understood(server, words, ann, bob):
    text = message(server)
    if words == "Say":
        ann.send(f"Say {text}\n")
        await hear(server, "says", ann, [bob], text)
    elif words == "bye":
        ann.send(words)
        await hear(server, "left", ann, [bob])
    else:
        await listed_by(server, ann, words, [ann, bob])


@presence_udp.scenario("2.8", builds_on=("2.3",))
async def reads_each_datagram_alone(server):
    """A SAY of 1,000 bytes comes back whole; a short one after it has nothing of it."""
    longest = [server.draw.word(996) for _ in range(2)]
    async with people(server, "Ann", "Bob", pays="") as (ann, bob):
        for text in (longest[0], server.draw.word(6), longest[1]):
            ann.send(f"{command(server, 'SAY')} {text}")
            for came in await hear(server, "says", ann, [bob], text, about=text[:5], hint=WHOLLY):
                require(nothing_behind(came))


def nothing_behind(datagram):
    """Whether the datagram ends where its text does."""
    text = datagram.text.replace("\0", "")
    if (count := datagram.text.count("\0")) == 0:
        return None
    return Violation(text, f"{text}, and {count:,} NUL bytes", hint=WHOLLY)


WHOLLY = (
    "Take as many bytes as the datagram has; give receive() the whole buffer each time, and"
    " send() no more than the text."
)
