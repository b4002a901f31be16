"""The lesson of clause 2.1: three people do each thing twice, and what each of them is told shows
how the server words its notices (`notices`). What is learnt is kept in `server.dialect`:

- `manner`: a Manner, where it is not the contract's; `words`: what a student should know of it.
- `mute`: it answered nothing: the kind of fault that was seen.
- `lower_case`: it knows its commands in lower case only.
- `reading`: of a datagram it reads less than there is (`cuts`), or more (`runs on`).
- `bye_ends_it`: BYE ends the program.
- `took`: seconds to its first answer, where they are many.
"""

import asyncio
import re
from dataclasses import asdict

from conformance import Kind, Violation

from .notices import Heard, Manner, learn
from .people import a_moment, ended, leave, patience_with
from .presence_udp import MAX_DATAGRAM_BYTES, MOMENT, PATIENCE

ALIVE_AFTER = 2.0  # seconds after which people who wait send ALIVE
MAX_HEARD = 50  # datagrams of one event that are looked at, for each person


async def lesson(server, bob, cleo, ann):
    """Has them do each thing twice. Returns all that each was told."""
    watch = Watch(server)
    for newcomer in (bob, cleo, ann):
        watch.crowd.append(newcomer)
        about = newcomer.name if newcomer is ann else ""
        await watch.see("came", newcomer, "HELLO", about=about)
    if watch.nothing_yet:
        return await watch.try_all_others(ann)
    if watch.heard_of_nobody():
        await watch.try_in_lower_case()
    talk = ("says", ann, 12), ("says", bob, 12), ("says more", bob, 24), ("says less", ann, 12)
    for event, person, length in talk:
        await watch.see(event, person, "SAY", server.draw.word(length))
        if await ended(server):
            return watch.heard
    if how := reading(watch.heard):
        server.dialect["reading"] = how
    await watch.see("list", ann, "WHO", to=[ann])
    await watch.see("left", cleo, "BYE")
    if await ended(server):
        server.dialect["bye_ends_it"] = True
        return watch.heard
    watch.crowd.remove(cleo)
    await watch.see("unknown", ann, server.draw.word(), to=[ann])
    await watch.see("alive", ann, "ALIVE", to=[])
    await ann.clear_the_way()
    await watch.see("left", bob, "BYE")
    await leave([ann])
    return watch.heard


def reading(heard):
    """Whether the server told more of a message than its datagram held, or less."""
    for h in heard:
        for text in h.texts:
            if h.event == "says less" and re.search(rf"{h.text}[a-z]", text):
                return "runs on"
            if h.event == "says more" and h.text[:12] in text and h.text not in text:
                return "cuts"
    return ""


def remember(server, heard):
    """Keeps how the server words its notices, for all other clauses."""
    if not any(h.texts for h in heard):
        server.dialect["mute"] = Kind.SILENCE
        return
    way = learn(heard)
    if way != Manner():
        server.dialect["manner"] = asdict(way)
        server.dialect["words"] = way.in_words()


class Watch:
    """Collects what each of a crowd is told of what one of them does."""

    def __init__(self, server):
        self._server = server
        self._patience = patience_with(server)
        server.dialect.clear()  # an earlier attempt may have seen less
        self.crowd = []
        self.heard = []
        self._took = 0.0  # the most seconds to a first answer

    async def see(self, event, person, command, text="", *, to=None, about=""):
        """The person sends the command. Waits until those in `to` (None: all) have been told
        something `about` it, and for a moment more."""
        datagram = person.datagram(command, text)
        before = {one: len(one.client.received) for one in self.crowd}
        wanted = self.crowd if to is None else to
        person.client.send(datagram)
        if await self._answered(wanted, before, about):
            await a_moment(self._server, MOMENT / 2)
        for one in self.crowd:
            texts = tuple(came[: 2 * MAX_DATAGRAM_BYTES] for came in told_since(one, before))
            # A list of who is there is about the others.
            about_whom = [other for other in self.crowd if other is not person]
            for whom in about_whom if event == "list" else [person]:
                heard = Heard(event, whom.speaker, datagram, text, one is person, texts)
                self.heard.append(heard)

    @property
    def nothing_yet(self):
        return not any(heard.texts for heard in self.heard)

    async def _answered(self, wanted, before, about):
        """Waits for what is due; returns whether anything may have come."""
        began, answered = self._server.now(), False
        alive = began + ALIVE_AFTER
        until = began + self._within() * self._server.scale + self._server.round_trip
        while self._server.now() < until:
            came = [one for one in self.crowd if told_since(one, before)]
            if all(one in came for one in wanted) and (
                not about or all(tells_of(about, told_since(one, before)) for one in wanted)
            ):
                return True
            if came and not answered:
                answered = True
                self._took = max(self._took, self._server.now() - began)
                if self._took > 1.0:
                    self._server.dialect["took"] = round(self._took, 1)
                more = self._patience if about else 0.5
                until = self._server.now() + more * self._server.scale + self._server.round_trip
            if self.nothing_yet and not answered:
                try:
                    await self._server.expect_alive(0.0, hint="Before, somebody had said HELLO.")
                except Violation:
                    self._server.dialect["mute"] = Kind.ENDED
                    raise
            if self._server.now() > alive:  # so that the server forgets nobody meanwhile
                alive += ALIVE_AFTER
                for one in self.crowd:
                    one.send("ALIVE")
            await asyncio.sleep(0.02)
        return answered or not self.nothing_yet

    def _within(self):
        """Seconds to wait for an answer: all patience at first, then by how long the others
        took."""
        if not self.nothing_yet:
            return min(PATIENCE, max(1.5, 2 * self._took))
        return self._patience if len(self.crowd) > 2 else 0.7

    def heard_of_nobody(self):
        """Whether the server has mentioned none of those who came."""
        return not any(tells_of(heard.speaker.name, heard.texts) for heard in self.heard)

    async def try_all_others(self, person):
        """If nobody was told anything, tries the other commands, all together."""
        for words in ("WHO", self._server.draw.word(), "BYE"):
            person.client.send(words)
        await self.see("says", person, "SAY", self._server.draw.word(12))
        return self.heard

    async def try_in_lower_case(self):
        """Tries `hello`, in case the server knows commands in lower case only."""
        heard, self.heard = self.heard, []
        self._server.dialect["lower_case"] = True
        for newcomer in self.crowd:
            await self.see("came", newcomer, "HELLO")
        if self.heard_of_nobody():
            self.heard = heard
            del self._server.dialect["lower_case"]


def told_since(person, before):
    """The texts that the person has been told since then, up to MAX_HEARD."""
    came = person.client.received[before[person] :][:MAX_HEARD]
    return [datagram.text for datagram in came]


def tells_of(name, texts):
    return any(name.lower() in text.lower() for text in texts)
