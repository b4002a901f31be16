"""Section 5 of the contract: a full room."""

import asyncio
import re
from collections import Counter

from conformance import Violation, in_order, require

from .excuses import needs_a_room
from .hearing import all_hear
from .notices import audience, notice, says, times
from .people import Person, crowd, introduce, listen, people, wait_together
from .presence import presence


@presence.scenario("5.1", builds_on=("2.2",), alone=True)
async def keeps_everybody_informed(server):
    """20 people each say 5 things; everyone gets all 100 once each, in order."""
    needs_a_room(server)
    async with crowd(server, 20) as everybody:
        said = {person: server.draw.words(5) for person in everybody}
        await asyncio.gather(*(talk(person, said[person]) for person in everybody))
        await all_told(said)


@presence.scenario("5.2", builds_on=("2.2",), alone=True)
async def a_slow_reader_delays_nobody(server):
    """While somebody does not read, 5 MB of messages reach the others."""
    needs_a_room(server)
    async with people(server, 2) as (talker, hearer):
        await talker.introduce()
        async with server.connect(reading=False):
            await hearer.wait(0.3)
            await flood(talker, hearer)


@presence.scenario("5.3", builds_on=("2.2", "4.3", "5.1"), alone=True)
async def survives_comings_and_goings(server):
    """100 people come, say HELLO and vanish while 5 talk; the 5 lose nothing."""
    needs_a_room(server)
    async with people(server, 5) as talkers:
        await introduce(*talkers)
        said = {person: server.draw.words(20) for person in talkers}
        talks = [talk(person, said[person], pause=0.05) for person in talkers]
        await asyncio.gather(come_and_go(server, 100), *talks)
        await all_told(said)


async def talk(person, messages, pause=0.0):
    for message in messages:
        await person.say(message)
        await asyncio.sleep(pause)


async def come_and_go(server, count):
    """`count` people come, ten at a time, say HELLO and vanish."""
    for _ in range(count // 10):
        visitors = await asyncio.gather(*(server.open_client() for _ in range(10)))
        for visitor in visitors:
            await visitor.send_line(f"{server.parameters.hello} {server.draw.word().capitalize()}")
        await asyncio.sleep(0.05)
        await asyncio.gather(*(visitor.vanish() for visitor in visitors))


async def flood(talker, hearer):
    """5 MB of messages, or what a slow server passes on in 20 s, all reach everybody."""
    server, hearers = talker.server, audience("says", talker, [hearer])
    hint = "While one client does not read, a write to it must not keep the others waiting."
    said = server.parameters.say
    line = f"{said} {server.draw.line(1_000)}\n"
    until, passed = server.now() + 20.0, 0
    while passed < 5_000 and server.now() < until:
        last = server.draw.word()
        listen([talker, hearer])
        await talker.client.send(f"{line * 99}{said} {last}\n")
        heard = f"{hint} Until then, {passed} messages of 1,000 characters had reached them."
        await all_hear(hearers, notice(server, "says", message=last), hint=heard)
        passed += 100


TORN = "Several threads write to one client: a whole line must be written before the next."
LOST = (
    "Several threads use the list of clients: guard it with a lock, and catch what goes wrong"
    " with one client before you turn to the next."
)


async def all_told(said):
    """Everybody has got all messages, as often as the server sends each, and each speaker's in
    order."""
    for person in said:
        await person.reads(lambda person=person: has_all(person, said))
    await wait_together(said, 0.3)
    for person in said:
        got = heard(person, said)
        for speaker, messages in said.items():
            due = times_due(person, speaker)
            expected = [says(speaker, message).words for message in messages if due]
            actual = [says(speaker, message).words for message in first_of(got[speaker], due)]
            hint = f"This is what {person.client.name} got. {LOST}"
            require(in_order(expected, actual, hint=hint))


def heard(person, said):
    """The messages that somebody got, by speaker. Violation if a line is torn."""
    notices = {
        message: (speaker, says(speaker, message))
        for speaker, messages in said.items()
        for message in messages
    }
    got: dict[Person, list[str]] = {speaker: [] for speaker in said}
    for text in person.texts():
        for message in re.findall(r"[a-z]{10}", text):
            if message in notices:
                speaker, wanted = notices[message]
                if not wanted.holds(text):
                    raise Violation(wanted.words, text, hint=TORN)
                got[speaker].append(message)
    return got


def has_all(person, said):
    """Whether all messages have come; a cheap test while too little has come."""
    wanted = sum(len(messages) * times_due(person, speaker) for speaker, messages in said.items())
    if person.server.dialect.get("ends", "\n") == "\n" and len(person.client.lines) < wanted:
        return False
    return sum(map(len, heard(person, said).values())) >= wanted


def times_due(person, speaker):
    """How often a person is told each message of the speaker."""
    return times(person.server, "says")["self" if person is speaker else "others"]


def first_of(told, times):
    """The messages in the order in which each first came. One that came too often is listed as
    often as it came; one that came too seldom is left out."""
    came = Counter(told)
    return [
        message
        for at, message in enumerate(told)
        if came[message] > times or (came[message] == times and message not in told[:at])
    ]
