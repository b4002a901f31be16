"""Section 4 of the contract: an unreliable network."""

import asyncio
import contextlib

from conformance import Kind, NotJudged, Violation, Wording, at_most, require

from .hearing import hear, tells_anybody
from .listing import asked, judge_list
from .lossy_network import disorder
from .people import command, hello, manner, mention, message, patience, people, say_bye, say_hello
from .presence_udp import LONGEST, STRANGER, WHOLE, presence_udp


@presence_udp.scenario(
    "4.1", alone=True, see="head -c 1400 /dev/urandom | nc -u -w1 localhost {port}"
)
async def survives_any_datagram(server):
    """Empty, random, not UTF-8, a lone HELLO: whatever comes, the server goes on serving."""
    strays = (b"", server.draw.data(1_400), b"SAY \xff\xfe\xc3", b"\xc3\x28", b"HELLO", b"HELLO ")
    async with people(server, "Ann") as (ann,):
        try:
            await newcomer_heard_of(server, ann)
        except Violation:
            reason = "it told nobody of a newcomer, before anything strange had come"
            raise NotJudged("2.1", Kind.SILENCE, reason) from None
        with server.datagrams(name="stranger") as stranger:
            for stray in strays:
                for sender in (stranger, ann):
                    sender.send(stray)
                    await newcomer_heard_of(server, ann, after=stray)


async def newcomer_heard_of(server, present, after=None):
    """A newcomer says HELLO (or something, where nobody is told of a HELLO): she, or somebody
    present, hears of it. In which words, and who of them, is the affair of others."""
    way, text, hint = manner(server), message(server), ""
    if after is not None:
        more = f" and {len(after) - 12:,} bytes more" if after[12:] else ""
        hint = (
            f"Until somebody sent {after[:12]!r}{more}, newcomers were heard of. No datagram"
            " may end the loop that receives."
        )
    with server.datagrams(name="Eve" + server.draw.word(7)) as newcomer:
        newcomer.send(hello(server, newcomer))
        if not way.tells("came", own=True) and not way.tells("came", own=False):
            newcomer.send(f"{command(server, 'SAY')} {text}")
        of_her = mention(server, "came", newcomer)
        heard = Wording(
            of_her.words,
            lambda came: text in came or newcomer.name in came or of_her.holds(came),
        )
        await anyone([newcomer, present], heard, patience(server), hint)
        await say_bye(server, [newcomer])


async def anyone(listeners, wording, within, hint):
    """One of them hears it: the others are not waited for. Violation where nobody does."""
    waits = [
        asyncio.ensure_future(one.wait_for(wording, patience=within, hint=hint))
        for one in listeners
    ]
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
    hint = "What comes back as ICMP port unreachable concerns that one client: go on."
    async with people(server, "Ann", "Bob") as (ann, bob):
        with server.datagrams(name="Cleo" + server.draw.word(6)) as vanishing:
            await say_hello(server, [vanishing])
        for person, other in ((ann, bob), (bob, ann)) * 2:
            if not manner(server).tells("says", own=False):
                await tell_of_a_newcomer(server, [ann, bob], hint)
            if tells_anybody(server, "says"):
                text = message(server)
                person.send(f"{command(server, 'SAY')} {text}")
                await hear(server, "says", person, [other], text, about=text, hint=hint)


async def tell_of_a_newcomer(server, present, hint):
    """What others are told of, where they are not of what somebody says."""
    if not manner(server).tells("came", own=False):
        server.excuse("2.3", Kind.SILENCE, "it tells nobody of what others do")
    with server.datagrams(name="Dora" + server.draw.word(6)) as newcomer:
        newcomer.send(hello(server, newcomer))
        await hear(server, "came", newcomer, present, hint=hint)


@presence_udp.scenario("4.3", alone=True, builds_on=(*WHOLE, "3.1", "3.3"))
async def bears_loss_and_disorder(server):
    """Datagrams are lost, doubled and swapped: all end up listed, once each."""
    rounds = [("HELLO", "ALIVE"), ("HELLO", "HELLO"), ("HELLO", "ALIVE"), *[("ALIVE", "ALIVE")] * 2]
    async with people(server, "Observer") as (observer,):
        with contextlib.ExitStack() as stack:
            names = ["Ann" + server.draw.word(7) for _ in range(8)]
            crowd = [stack.enter_context(server.datagrams(name=name)) for name in names]
            for said in rounds:
                planned = [(one, words) for one in crowd for words in said]
                await pass_through(server, disorder(planned, server.draw))
                observer.send(command(server, "ALIVE"))
            answers = await asked(server, observer)
            judge_list(server, [*crowd, observer], answers)


async def pass_through(server, passages):
    """One second of a network that is not to be relied upon."""
    for passage in passages:
        person = passage.sender
        said = hello(server, person) if passage.text == "HELLO" else command(server, "ALIVE")
        person.pass_on(said, passage.times)
        await asyncio.sleep(1.0 / len(passages))


@presence_udp.scenario("4.4", alone=True, builds_on=(*WHOLE, "3.1", "3.3"))
async def serves_a_crowd(server):
    """200 clients are all listed, in datagrams of at most 1,400 bytes with whole lines."""
    names = [f"P{number:03}" + server.draw.word(6) for number in range(200)]
    async with people(server, "Observer") as (observer,):
        with contextlib.ExitStack() as stack:
            endpoints = [server.datagrams(name=name, quiet=True) for name in names]
            crowd = [stack.enter_context(endpoint) for endpoint in endpoints]
            for _ in range(4):
                await one_after_another(server, crowd)
                observer.send(command(server, "ALIVE"))
            answers = await asked(server, observer)
            judge_list(server, [*crowd, observer], answers)
    longest = max(len(answer.data) for answer in answers)
    require(at_most(LONGEST, longest, what="length of a datagram", unit=" bytes"))


async def one_after_another(server, crowd):
    """Each of the crowd sends something, over 2 s (a burst would be lost in any buffer):
    ALIVE, or HELLO where the server has told her nothing yet, or does not know her."""
    began, way = server.now(), manner(server)
    for number, person in enumerate(crowd):
        known = person.received and way.plain(person.received[-1].text) != STRANGER
        person.send(command(server, "ALIVE") if known else hello(server, person))
        await asyncio.sleep(began + 2.0 * number / len(crowd) - server.now())
