"""Section 4 of the contract: an unreliable network."""

import asyncio
import contextlib

from conformance import Kind, NotJudged, Violation, Wording, at_most, require

from .hearing import hear, tells_anybody
from .listing import a_list_of_all, who_is_listed
from .lossy_network import disorder
from .people import come, leave, manner, mention, newcomers, people
from .presence_udp import MAX_DATAGRAM_BYTES, STRANGER, WHOLE, presence_udp


@presence_udp.scenario("4.1", alone=True)
async def survives_any_datagram(server):
    """Empty, random, not UTF-8, a lone HELLO: whatever comes, the server goes on serving."""
    strays = (b"", server.draw.data(1_400), b"SAY \xff\xfe\xc3", b"\xc3\x28", b"HELLO", b"HELLO ")
    async with people(server, "Ann") as (ann,):
        await newcomers_are_heard_of(ann)
        with server.datagrams(name="stranger") as stranger:
            for stray in strays:
                for sender in (stranger, ann.client):
                    sender.send(stray)
                    await newcomer_is_heard_of(ann, after=stray)


async def newcomers_are_heard_of(ann):
    """The server tells of newcomers before anything strange has come; else it cannot be seen
    whether it still does."""
    try:
        await newcomer_is_heard_of(ann)
    except Violation:
        reason = "it told nobody of a newcomer, before anything strange had come"
        raise NotJudged("2.1", Kind.SILENCE, reason) from None


async def newcomer_is_heard_of(present, after=None):
    """A newcomer says HELLO (or something else, if nobody is told of a HELLO): she, or somebody
    present, is told of it in some words."""
    server, hint = present.server, {}
    if after is not None:
        sent = repr(after[:12])
        if after[12:]:
            sent = f"{sent} and {len(after) - 12:,} bytes more"
        told = (
            f"Until somebody sent {sent}, newcomers were heard of. No datagram may end the loop"
            " that receives."
        )
        hint = dict.fromkeys(("nothing came", "the program ended"), told)
    with newcomers(server, "Eve") as (eve,):
        eve.say_hello()
        text = eve.name if tells_anybody(server, "came") else eve.say()
        of_her = mention("came", eve)
        heard = Wording(
            of_her.words, lambda came: text in came or eve.name in came or of_her.holds(came)
        )
        await anyone_hears([eve, present], heard, hint)
        await leave([eve])


async def anyone_hears(people, wording, hint):
    """At least one of them is told; the others are not waited for. Violation if none is."""
    waits = [asyncio.ensure_future(person.hears(wording, hint=hint)) for person in people]
    try:
        for wait in asyncio.as_completed(waits):
            with contextlib.suppress(Violation):
                return await wait
        return await waits[0]
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@presence_udp.scenario("4.2", alone=True, builds_on=(*WHOLE, "2.3"))
async def survives_a_vanished_client(server):
    """Messages to a client whose port is closed do not disturb the others."""
    async with people(server, "Ann", "Bob") as (ann, bob):
        with newcomers(server, "Cleo") as vanishing:
            await come(vanishing)
        for person, other in ((ann, bob), (bob, ann)) * 2:
            await still_hear_each_other(person, other)


async def still_hear_each_other(person, other):
    """The other is told what one says; if the server does not tell others that, it still tells of a
    newcomer."""
    server = person.server
    told = "What comes back as ICMP port unreachable concerns that one client: go on."
    hint = dict.fromkeys(("nothing came", "the program ended"), told)
    if not manner(server).tells("says", own=False):
        if not manner(server).tells("came", own=False):
            server.excuse("2.3", Kind.SILENCE, "it tells nobody of what others do")
        with newcomers(server, "Dora") as (dora,):
            dora.say_hello()
            await hear("came", dora, [person, other], hint=hint)
    if tells_anybody(server, "says"):
        text = person.say()
        await hear("says", person, [other], text, about=text, hint=hint)


EIGHT = ("Ann", "Bob", "Cleo", "Dora", "Eve", "Finn", "Gus", "Hal")


@presence_udp.scenario("4.3", alone=True, bears_loss=True, builds_on=(*WHOLE, "3.1", "3.3"))
async def bears_loss_and_disorder(server):
    """Datagrams are lost, doubled and swapped: all end up listed, once each."""
    rounds = [("HELLO", "ALIVE"), ("HELLO", "HELLO"), ("HELLO", "ALIVE"), *[("ALIVE", "ALIVE")] * 2]
    async with people(server, "Observer") as (observer,):
        with newcomers(server, *EIGHT) as crowd:
            for words in rounds:
                planned = [(one, one.datagram(word)) for one in crowd for word in words]
                await pass_through(disorder(planned, server.draw))
                observer.send("ALIVE")
            answers = await who_is_listed(observer)
            require(observer.client.shows(a_list_of_all(crowd, observer, answers), *answers))


async def pass_through(passages):
    """Sends the datagrams as they pass through an unreliable network, within a second."""
    for passage in passages:
        passage.sender.client.pass_on(passage.text, passage.times)
        await asyncio.sleep(1.0 / len(passages))


@presence_udp.scenario("4.4", alone=True, bears_loss=True, builds_on=(*WHOLE, "3.1", "3.3"))
async def serves_a_crowd(server):
    """200 clients are all listed, in datagrams of at most 1,400 bytes with whole lines."""
    first_names = [f"P{number:03}" for number in range(200)]
    async with people(server, "Observer") as (observer,):
        with newcomers(server, *first_names, quiet=True) as crowd:
            for _ in range(4):
                await one_after_another(server, crowd)
                observer.send("ALIVE")
            answers = await who_is_listed(observer)
            require(observer.client.shows(a_list_of_all(crowd, observer, answers), *answers))
    longest = max(len(answer.data) for answer in answers)
    require(at_most(MAX_DATAGRAM_BYTES, longest, what="length of a datagram", unit=" bytes"))


async def one_after_another(server, crowd):
    """Each of the crowd sends something, spread over 2 s (a burst would overflow any buffer):
    ALIVE, or HELLO if the server has told her nothing yet, or does not know her."""
    began, way = server.now(), manner(server)
    for number, person in enumerate(crowd):
        came = person.client.received
        if came and way.plain(came[-1].text) != STRANGER:
            person.send("ALIVE")
        else:
            person.say_hello()
        await asyncio.sleep(began + 2.0 * number / len(crowd) - server.now())
