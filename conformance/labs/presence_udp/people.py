"""People in the room: each comes from an address of her own, says HELLO, talks and leaves."""

import asyncio
import contextlib

from conformance import Fault, Kind, Violation, Wording

from .notices import Manner, Speaker
from .presence_udp import MOMENT, PATIENCE

PATIENCE_WITH_THE_MUTE = 2.0
"""The same, where the program has answered nothing, or nothing that had to do with what was
sent to it: all of it was waited for as long as it may take when that was found."""


@contextlib.asynccontextmanager
async def people(server, *first_names, pays="2.8"):
    """People who have said HELLO, each from an address of her own. They say BYE in the
    end. Whoever has the same first name is called the same. Where the server reads no more
    of a datagram than the shortest so far was long, clause `pays` does so for all of them."""
    needs_answers(server)
    names = {first: first + server.draw.word(10 - len(first)) for first in first_names}
    with contextlib.ExitStack() as stack:
        present = [
            stack.enter_context(server.datagrams(name=names[first])) for first in first_names
        ]
        try:
            await say_hello(server, present)
            yield present
        except Violation as seen:
            if server.dialect.get("reading") == "cuts" and pays:
                server.excuse(pays, Kind.FORM, f"what it reads is cut: {seen.actual}")
            if server.dialect.get("reading"):
                seen.kind = Kind.FORM  # what they miss was not understood: see 2.8
            if await ended(server):
                seen.fault, seen.kind = Fault.WRONG, Kind.ENDED  # proof at once
            raise
        finally:
            await say_bye(server, present)


async def ended(server):
    """Whether the program has ended by itself."""
    try:
        await server.expect_alive(0.0)
    except Violation as end:
        return "signal 9" not in end.actual  # which no program gives itself
    return False


def needs_answers(server):
    """Nothing can be heard of a program that has answered nothing, whatever was sent."""
    if kind := server.dialect.get("mute"):
        server.excuse("2.1", Kind(kind), "it answered nothing that was sent to it")


async def say_hello(server, newcomers):
    """All say HELLO, and wait until the server has told of each, together no longer than
    2 s, and what it is late by: in which words, and whom, is the affair of 2.1."""
    way = manner(server)
    ears = [(person, person) for person in newcomers]
    if not way.tells("came", own=True):
        ears = [(newcomers[0], person) for person in newcomers[1:]]
        ears = ears if way.tells("came", own=False) else []
    await say(server, newcomers, "came", ears, within=2.0 + 2 * server.dialect.get("took", 0.0))


async def say_bye(server, leavers):
    """All say BYE, and wait until each has heard of it, for a moment. Where that ends the
    program, which is the affair of 3.4, they fall silent instead."""
    if server.dialect.get("bye_ends_it"):
        return
    told = manner(server).tells("left", own=True)
    await say(server, leavers, "left", [(one, one) for one in leavers if told], within=MOMENT)


async def say(server, speakers, event, ears, within):
    """`ears` are pairs: who hears of whom."""
    for person in speakers:
        person.forget()
        if event == "came":
            person.send(hello(server, person))
        else:
            await ask(server, person, "BYE")
    with contextlib.suppress(Violation, TimeoutError):
        async with asyncio.timeout(within * server.scale):
            for listener, person in ears:
                await listener.wait_for(mention(server, event, person), patience=within)
    await asyncio.sleep(0.1 if ears else MOMENT)


def hello(server, person):
    return f"{command(server, 'HELLO')} {person.name}"


async def ask(server, person, name):
    """She sends WHO or BYE."""
    await clear_the_way(server, person)
    person.forget()
    person.send(command(server, name))


async def clear_the_way(server, person):
    """Where the server reads on into what is left of the datagram before, that is made to
    begin with a space behind WHO or BYE: it does no harm there."""
    if server.dialect.get("reading") == "runs on":
        person.send(f"{command(server, 'SAY')} {message(server)}")
        await asyncio.sleep(MOMENT)


def command(server, name):
    """A command, as the server understands it: that it should in any case is 2.7's affair."""
    return name.lower() if server.dialect.get("lower_case") else name


def speaker(person):
    return Speaker(person.name, *person.address)


def mention(server, event, person):
    """A datagram that tells of her."""
    way = manner(server)
    who = speaker(person)
    notices = [way.told(event, who, own=own) for own in (True, False)]
    called = way.called(event, who)
    return Wording(
        f"a datagram that mentions {called}",
        lambda text: called in text or way.plain(text) in notices,
    )


def message(server):
    """One word for a SAY that is as long as a HELLO."""
    return server.draw.word(12)


def patience(server):
    """Seconds after which something is called absent: fewer, where the server was found to
    tell nobody of anything."""
    deaf = server.dialect.get("mute") or manner(server).tells_nothing
    return PATIENCE_WITH_THE_MUTE if deaf else PATIENCE


def manner(server):
    """How this server tells what it has to tell, as 2.1 has learnt it."""
    known = server.dialect.get("manner")
    return Manner.from_json(known) if known else Manner()


async def let_pass(server, since, seconds):
    """Lets time pass until `seconds` after the time `since`."""
    await asyncio.sleep(since + seconds - server.now())
