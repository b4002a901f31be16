"""People in the room: they come, say who they are, talk, and read what they are told."""

import asyncio
import contextlib
import re

from .notices import called, count
from .presence import BRIEFLY, PATIENCE, WINDOW

START = (0, 0)  # the moment before somebody was told anything


class Person:
    """A person in the room: a client, whose text is split into lines as this server ends them."""

    def __init__(self, server, client, judging=""):
        self.server = server
        self.client = client
        self.judging = judging
        """`judging`: the clause that is tested. If it is the one that pays for a wrong name or a
        prompt, names and lines are read as they should be, not as the server has them."""
        self.name = ""  # the name that it has said HELLO with
        self.hello = server.parameters.hello  # the word that it said then
        self.since = START  # it listens from here: lines, and characters of the next line

    @property
    def label(self):
        """What the server calls it."""
        return called(self.server, self.name, hello=self.hello, clause=self.judging)

    @property
    def is_cut_off(self):
        """Whether its connection has ended."""
        return self.client.ending is not None

    @property
    def was_spoken_to(self):
        return bool(self.client.lines or self.client.unfinished)

    async def send(self, line):
        await self.client.send_line(line)

    async def say(self, message):
        await self.send(f"{self.server.parameters.say} {message}")

    async def say_bye(self):
        await self.send(self.server.parameters.bye)

    async def introduce(self, hello=None):
        """Says HELLO with a name of its own, and waits for a line that names it, if 2.1 found that
        one comes."""
        self.name, self.hello = self.server.draw.word().capitalize(), hello or self.hello
        self.listen()
        known = self.server.dialect.get("came")
        within = PATIENCE if known and known.get("self") else WINDOW if known else BRIEFLY
        await self.send(f"{self.hello} {self.name}")
        await self.reads(lambda: self.has_read(self.label), BRIEFLY if hello else within)

    def listen(self):
        """Ignores from now on all that has come so far."""
        self.since = len(self.client.lines), len(self.client.unfinished)

    async def wait(self, seconds):
        """Reads for so many seconds, or until the connection ends."""
        await self.client.watch(lambda: False, within=seconds)

    async def reads(self, enough, within=PATIENCE):
        """Reads until `enough`, for `within` seconds at most; returns whether it was enough."""
        return await self.client.watch(enough, within=within)

    def texts(self, since=None):
        """What it has been told since it listens (or since that moment), line by line as this
        server ends them; one text if it does not end them."""
        lines, characters = since or self.since
        ends = self.server.dialect.get("ends", "\n")
        if ends == "\n":
            return [self._without_prompt(line.text) for line in self.client.lines[lines:]]
        told = "".join(line.text + line.ending for line in self.client.lines[lines:])
        told = (told + self.client.unfinished)[characters:]
        return re.split(r"\r\n?|\n", told) if ends else [told]

    def _without_prompt(self, text):
        prompt = self.server.dialect.get("prompt")
        while prompt and prompt["by"] != self.judging and text.startswith(prompt["text"]):
            text = text[len(prompt["text"]) :]
        return text

    @property
    def unfinished(self):
        """What it has been told since it listens, after the last end of line."""
        lines, characters = self.since
        return self.client.unfinished[characters if len(self.client.lines) == lines else 0 :]

    def has_read(self, *words):
        """Whether it has been told one of these words since it listens."""
        return any(word in text for text in self.texts() for word in words)

    def hears(self, wanted):
        """A condition: whether it has been told what is wanted. Tests each whole line once."""
        unread = self.since

        def heard():
            nonlocal unread
            texts = self.texts(unread)
            if self.server.dialect.get("ends", "\n") == "\n":
                unread = len(self.client.lines), 0
            return any(map(wanted.holds, texts))

        return heard

    def shows(self, violation, test):
        """The violation, if there is one, which the lines prove that it has been told since it
        listens and that pass the test; if none does, what came last."""
        lines = self.client.lines[self.since[0] :]
        proof = [line for line in lines if test(self._without_prompt(line.text))]
        return self.client.shows(violation, *proof)

    def count(self, wanted):
        """How often it has been told what is wanted since it listens."""
        return count(self.server, self.texts(), wanted)


@contextlib.asynccontextmanager
async def people(server, count, judging=""):
    """`count` people, who come one after another and leave together. `judging`: see Person."""
    present = []
    try:
        for _ in range(count):
            present.append(Person(server, await server.open_client(), judging))
            await is_welcomed(present[-1])
        yield present
    finally:
        await asyncio.gather(*(person.client.leave() for person in present))


@contextlib.asynccontextmanager
async def crowd(server, count):
    """`count` people, who come together, say HELLO, and leave together."""
    async with server.crowd(count) as clients:
        present = [Person(server, client) for client in clients]
        await asyncio.gather(*map(is_welcomed, present))
        await asyncio.gather(*(person.introduce() for person in present))
        yield present


async def is_welcomed(newcomer):
    """Waits until the newcomer is welcomed, or a while if this server welcomes nobody: it is in the
    room then."""
    dialect = newcomer.server.dialect
    welcomes = dialect.get("welcomes")
    within = PATIENCE if welcomes else BRIEFLY if welcomes is None else WINDOW
    if not dialect.get("mute"):
        came = await newcomer.reads(lambda: newcomer.was_spoken_to, within)
        dialect.setdefault("welcomes", came)
        await newcomer.wait(0.05)


async def introduce(*people):
    """They say HELLO, one after another."""
    for person in people:
        await person.introduce()


def listen(people):
    """They ignore from now on all that has come so far."""
    for person in people:
        person.listen()


async def wait_together(people, seconds):
    """All of them read for so many seconds."""
    await asyncio.gather(*(person.wait(seconds) for person in people))


async def either(server, condition, within):
    """Waits for a condition that any of several people may meet; returns whether one did."""
    until = server.now() + within * server.scale
    while not condition():
        if server.now() > until:
            return False
        await asyncio.sleep(0.01)
    return True
