"""People in the room: each has an address of her own, says HELLO, talks and leaves."""

import asyncio
import contextlib

from conformance import Fault, Kind, Violation, Wording

from .notices import Manner, Speaker
from .presence_udp import MOMENT, PATIENCE

PATIENCE_WITH_THE_MUTE = 2.0
"""Seconds instead of PATIENCE, for a program that told nobody anything in 2.1."""


class Peer:
    """A person who talks to the server, with the name for her HELLO."""

    def __init__(self, server, client):
        self.server = server
        self.client = client
        self.name = client.name

    @property
    def speaker(self):
        """What the server may know of this person."""
        return Speaker(self.name, *self.client.address)

    def datagram(self, command, text=""):
        """A datagram of a command, as the server understands it, and its text."""
        text = self.name if command == "HELLO" else text
        command = understood(self.server, command)
        return f"{command} {text}" if text else command

    def send(self, command, text=""):
        self.client.send(self.datagram(command, text))

    def say_hello(self):
        self.send("HELLO")

    def say(self, text=""):
        """Says the text, or a word that makes the SAY as long as her HELLO. Returns what she
        said."""
        text = text or self.server.draw.word(12)
        self.send("SAY", text)
        return text

    async def ask(self, command):
        """Sends WHO or BYE, and drops what has come so far."""
        await self.clear_the_way()
        self.client.forget()
        self.send(command)

    async def clear_the_way(self):
        """If the server reads on into the datagram before, sends a SAY first: it leaves only a
        space after WHO or BYE, which does no harm."""
        if self.server.dialect.get("reading") == "runs on":
            self.say()
            await a_moment(self.server)

    async def stays_silent(self, seconds):
        """Waits until so many seconds after her last datagram."""
        await asyncio.sleep(self.client.sent_at + seconds - self.server.now())

    async def hears(self, wanted, *, patience=None, about="", hint=""):
        """The first datagram that is what is wanted (see `Datagrams.wait_for`)."""
        patience = patience or patience_with(self.server)
        return await self.client.wait_for(wanted, patience=patience, about=about, hint=hint)

    def received(self, since=None):
        """All datagrams since that time, or since she began to send her last one."""
        since = self.client.handed_at if since is None else since
        return [datagram for datagram in self.client.received if datagram.at > since]


async def a_moment(server, seconds=MOMENT):
    """Waits so long for a datagram too many, and as long as its way takes."""
    await asyncio.sleep(seconds + server.round_trip)


def understood(server, command):
    """A command in the case that the server understands; 2.7 judges that it should understand
    any."""
    return command.lower() if server.dialect.get("lower_case") else command


def manner(server):
    """How this server words and sends its notices, as 2.1 has learnt it."""
    return Manner(**server.dialect.get("manner", {}))


def patience_with(server):
    """Seconds after which a reply counts as absent."""
    deaf = server.dialect.get("mute") or manner(server).tells_nothing
    return PATIENCE_WITH_THE_MUTE if deaf else PATIENCE


async def copies_have_come(server):
    """Waits for all copies, if the server sends everything several times."""
    if manner(server).copies > 1:
        await a_moment(server)


@contextlib.contextmanager
def newcomers(server, *first_names, quiet=False):
    """People who have not said HELLO yet, each with a name of ten letters, the same for the same
    first name. `quiet`: what they send and receive is not in the transcript."""
    names = {first: first + server.draw.word(10 - len(first)) for first in first_names}
    with contextlib.ExitStack() as stack:
        endpoints = [server.datagrams(name=names[first], quiet=quiet) for first in first_names]
        yield [Peer(server, stack.enter_context(endpoint)) for endpoint in endpoints]


@contextlib.asynccontextmanager
async def people(server, *first_names, pays="2.8"):
    """People who have said HELLO, and say BYE in the end. If the server cuts datagrams to the
    length of the shortest so far, clause `pays` pays for all failures."""
    needs_answers(server)
    with newcomers(server, *first_names) as present:
        try:
            await come(present)
            yield present
        except Violation as seen:
            if server.dialect.get("reading") == "cuts" and pays:
                server.excuse(pays, Kind.FORM, f"what it reads is cut: {seen.actual}")
            if server.dialect.get("reading"):
                seen.kind = Kind.FORM  # the server did not understand them, see 2.8
            if await ended(server):
                seen.fault, seen.kind = Fault.WRONG, Kind.ENDED  # proof at once
            raise
        finally:
            await leave(present)


def needs_answers(server):
    """Excuses, behind 2.1, a program that has answered nothing at all."""
    if kind := server.dialect.get("mute"):
        server.excuse("2.1", Kind(kind), "it answered nothing that was sent to it")


async def come(people):
    """All say HELLO, and wait until the server has sent a notice of each, in whatever words;
    together at most 2 s, plus the time that this server usually takes."""
    server, way = people[0].server, manner(people[0].server)
    for person in people:
        person.client.forget()
        person.say_hello()
    ears = []
    if way.tells("came", own=True):
        ears = [(person, person) for person in people]
    elif way.tells("came", own=False):
        ears = [(people[0], person) for person in people[1:]]
    await hear_of_each(server, "came", ears, 2.0 + 2 * server.dialect.get("took", 0.0))


async def leave(people):
    """All say BYE, and wait a moment for its notices. If BYE ends the program (3.4 pays), they fall
    silent instead."""
    server = people[0].server
    if server.dialect.get("bye_ends_it"):
        return
    for person in people:
        await person.ask("BYE")
    told = manner(server).tells("left", own=True)
    ears = [(person, person) for person in people if told]
    await hear_of_each(server, "left", ears, MOMENT)


async def hear_of_each(server, event, ears, within):
    """Waits until each first person of a pair in `ears` was told of the second, or the time is
    over."""
    with contextlib.suppress(Violation, TimeoutError):
        async with asyncio.timeout(within * server.scale + server.round_trip):
            for listener, person in ears:
                await listener.hears(mention(event, person), patience=within)
    await a_moment(server, 0.1 if ears else MOMENT)


def mention(event, person):
    """A datagram that mentions the person."""
    way, who = manner(person.server), person.speaker
    notices = [way.told(event, who, own=own) for own in (True, False)]
    called = way.called(event, who)
    return Wording(
        f"a datagram that mentions {called}",
        lambda text: called in text or way.plain(text) in notices,
    )


async def ended(server):
    """Whether the program has ended by itself."""
    try:
        await server.expect_alive(0.0)
    except Violation as end:
        return "signal 9" not in end.actual  # SIGKILL comes from outside
    return False
