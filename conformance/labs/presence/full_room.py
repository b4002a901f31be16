"""Section 5 of the contract: a full room."""

import asyncio
import re
from collections import Counter

from conformance import Violation, in_order, require

from .excuses import needs_a_room
from .hearing import all_hear
from .notices import agreed, audience, says, says_somehow
from .people import introduce, marks, people, say, settled, texts
from .presence import presence


def heard(server, client, said):
    """What the client got of all that was said, by speaker. Violation where a line holds
    a message, and is not the notice of it."""
    notices = {
        message: (name, says(server, name, message))
        for name, messages in said.items()
        for message in messages
    }
    told: dict[str, list[str]] = {name: [] for name in said}
    for text in texts(server, client):
        for message in re.findall(r"[a-z]{10}", text):
            if message in notices:
                name, wanted = notices[message]
                if not wanted.holds(text):
                    raise Violation(wanted.words, text, hint=TORN)
                told[name].append(message)
    return told


TORN = "Several threads write to one client: a whole line must be written before the next."

LOST = (
    "Several threads use the list of clients: guard it with a lock, and catch what goes wrong"
    " with one client before you turn to the next."
)


async def all_told(server, clients, said):
    """Every client has got all that was said: once each (or as often as the server tells it),
    each speaker's in order."""
    for client, own in zip(clients, said, strict=True):
        await client.watch(lambda client=client, own=own: has_all(server, client, own, said))
    await asyncio.gather(*(client.watch(lambda: False, within=0.3) for client in clients))
    for client, own in zip(clients, said, strict=True):
        told = heard(server, client, said)
        for name, messages in said.items():
            times = how_often(server, name == own)
            expected = [says(server, name, message).words for message in messages if times]
            actual = [says(server, name, message).words for message in first_of(told[name], times)]
            hint = f"This is what {client.name} got. {LOST}"
            require(in_order(expected, actual, hint=hint))


def how_often(server, own):
    """How often a client is told of a message of somebody's, or of its own."""
    return agreed(server, "says")["self" if own else "others"]


def first_of(told, times):
    """The messages in the order in which each first came. One that came too often is there as
    often as it came; one that came too seldom is not."""
    came = Counter(told)
    return [
        message
        for at, message in enumerate(told)
        if came[message] > times or (came[message] == times and message not in told[:at])
    ]


def has_all(server, client, own, said):
    """Whether everything said has come; cheap as long as it cannot have."""
    wanted = sum(len(said[name]) * how_often(server, name == own) for name in said)
    if server.dialect.get("ends", "\n") == "\n" and len(client.lines) < wanted:
        return False
    return sum(map(len, heard(server, client, said).values())) >= wanted


async def talk(server, client, messages, pause=0.0):
    for message in messages:
        await say(server, client, message)
        await asyncio.sleep(pause)


async def comings_and_goings(server, count):
    """So many people come, ten at a time, say HELLO and vanish."""
    for _ in range(count // 10):
        visitors = await asyncio.gather(*(server.open_client() for _ in range(10)))
        for visitor in visitors:
            await visitor.send_line(f"{server.parameters.hello} {server.draw.word().capitalize()}")
        await asyncio.sleep(0.05)
        await asyncio.gather(*(visitor.vanish() for visitor in visitors))


async def flood(server, talker, hearers):
    """5 MB of messages, a thousand characters each, or what passes in 20 s, since a server
    may be slow by itself: all of them reach everybody."""
    hint = "While one client does not read, a write to it must not keep the others waiting."
    said = server.parameters.say
    line = f"{said} {server.draw.line(1_000)}\n"
    until, passed = server.now() + 20.0, 0
    while passed < 5_000 and server.now() < until:
        last, since = server.draw.word(), marks([talker, *hearers])
        await talker.send(f"{line * 99}{said} {last}\n")
        wanted = says_somehow(server, message=last)
        heard = f"{hint} Until then, {passed} messages of 1,000 characters had reached them."
        told = audience(server, "says", talker, hearers)
        await all_hear(server, told, wanted, since=since, hint=heard)
        passed += 100


@presence.scenario("5.1", builds_on=("2.2",), alone=True)
async def keeps_everybody_informed(server):
    """20 people each say 5 things; everyone gets all 100 once each, in order."""
    needs_a_room(server)
    async with server.crowd(20) as clients:
        await asyncio.gather(*(settled(server, client) for client in clients))
        names = await asyncio.gather(*(introduce(server, client) for client in clients))
        said = {name: server.draw.words(5) for name in names}
        talks = (talk(server, *pair) for pair in zip(clients, said.values(), strict=True))
        await asyncio.gather(*talks)
        await all_told(server, clients, said)


@presence.scenario("5.2", builds_on=("2.2",), alone=True)
async def a_slow_reader_delays_nobody(server):
    """While somebody does not read, 5 MB of messages reach the others."""
    needs_a_room(server)
    async with people(server, 2) as (talker, hearer):
        await introduce(server, talker)
        async with server.connect(reading=False):
            await hearer.watch(lambda: False, within=0.3)
            await flood(server, talker, [hearer])


@presence.scenario("5.3", builds_on=("2.2", "4.3", "5.1"), alone=True)
async def survives_comings_and_goings(server):
    """100 people come, say HELLO and vanish while 5 talk; the 5 lose nothing."""
    needs_a_room(server)
    async with people(server, 5) as talkers:
        names = [await introduce(server, client) for client in talkers]
        said = {name: server.draw.words(20) for name in names}
        talks = (
            talk(server, *pair, pause=0.05) for pair in zip(talkers, said.values(), strict=True)
        )
        await asyncio.gather(comings_and_goings(server, 100), *talks)
        await all_told(server, talkers, said)
