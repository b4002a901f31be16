"""The lesson of clause 2.1: three people do each thing twice, and each hears of it."""

import asyncio
import re

from conformance import Kind, Violation

from .notices import Heard, Manner
from .notices import learn as learn_manner
from .people import clear_the_way, command, ended, message, patience, say_bye, speaker
from .presence_udp import LONGEST, MOMENT, PATIENCE


async def lesson(server, bob, cleo, ann):
    """Has them do each thing twice. All that each has heard of it."""
    watch = Watch(server)
    for newcomer in (bob, cleo, ann):
        watch.crowd.append(newcomer)
        about = newcomer.name if newcomer is ann else ""
        await watch.see("came", newcomer, f"HELLO {newcomer.name}", about=about)
    if watch.nothing_yet:
        return await watch.try_all_others(ann)
    if watch.heard_of_nobody():
        await watch.try_in_lower_case()
    for event, person, length in (
        ("says", ann, 12),
        ("says", bob, 12),
        ("says more", bob, 24),
        ("says less", ann, 12),
    ):
        text = server.draw.word(length)
        await watch.see(event, person, f"{command(server, 'SAY')} {text}", text)
        if await ended(server):
            return watch.heard
    if how := reading(watch.heard):
        server.dialect["reading"] = how
    await watch.see("list", ann, command(server, "WHO"), to=[ann])
    await watch.see("left", cleo, command(server, "BYE"))
    if await ended(server):
        server.dialect["bye_ends_it"] = True
        return watch.heard
    watch.crowd.remove(cleo)
    await watch.see("unknown", ann, server.draw.word(), to=[ann])
    await watch.see("alive", ann, command(server, "ALIVE"), to=[])
    await clear_the_way(server, ann)
    await watch.see("left", bob, command(server, "BYE"))
    await say_bye(server, [ann])
    return watch.heard


def reading(heard):
    """Whether more of a message was told than its datagram held, or less."""
    for h in heard:
        for text in h.texts:
            if h.event == "says less" and re.search(rf"{h.text}[a-z]", text):
                return "runs on"
            if h.event == "says more" and h.text[:12] in text and h.text not in text:
                return "cuts"
    return ""


class Watch:
    """Sees what each of a crowd is told of what one of them does."""

    def __init__(self, server):
        self._server = server
        self._patience = patience(server)
        server.dialect.clear()  # an earlier attempt may have seen less
        self.crowd = []
        self.heard = []
        self._took = 0.0
        """Seconds to the first answer, at the most."""

    async def see(self, event, person, datagram, text="", *, to=None, about=""):
        """She sends the datagram. Waits until those `to` whom something is due (None: all)
        have been told something `about` it, and for a moment more."""
        before = {one.number: len(one.received) for one in self.crowd}
        wanted = self.crowd if to is None else to
        person.send(datagram)
        if await self._answered(wanted, before, about):
            await asyncio.sleep(MOMENT / 2)
        for one in self.crowd:
            came = one.received[before[one.number] :][:MOST_HEARD]
            texts = tuple(datagram.text[: 2 * LONGEST] for datagram in came)
            for whom in self._whom(event, person):
                heard = Heard(event, speaker(whom), datagram, text, one is person, texts)
                self.heard.append(heard)

    @property
    def nothing_yet(self):
        """Whether it has answered nothing so far."""
        return not any(heard.texts for heard in self.heard)

    def _whom(self, event, person):
        """Whom it is about: a list of who is there, of the others."""
        return [one for one in self.crowd if one is not person] if event == "list" else [person]

    async def _answered(self, wanted, before, about):
        """Waits for what is due; whether anything may have come."""
        began, answered = self._server.now(), False
        alive = began + ALIVE_AFTER
        until = began + self._within() * self._server.scale
        while self._server.now() < until:
            came = [one for one in self.crowd if len(one.received) > before[one.number]]
            if all(one in came for one in wanted) and (
                not about or all(tells_of(about, one, before[one.number]) for one in wanted)
            ):
                return True
            if came and not answered:
                answered = True
                self._took = max(self._took, self._server.now() - began)
                if self._took > 1.0:
                    self._server.dialect["took"] = round(self._took, 1)
                more = self._patience if about else 0.5
                until = self._server.now() + more * self._server.scale
            if self.nothing_yet and not answered:
                await self._expect_alive()
            if self._server.now() > alive:  # nobody is to be forgotten meanwhile
                alive += ALIVE_AFTER
                for one in self.crowd:
                    one.send(command(self._server, "ALIVE"))
            await asyncio.sleep(0.02)
        return answered or not self.nothing_yet

    def _within(self):
        """Seconds in which it is known whether an answer comes: as many as may be, the first
        time; then as one knows it."""
        if not self.nothing_yet:
            return min(PATIENCE, max(1.5, 2 * self._took))
        return self._patience if len(self.crowd) > 2 else 0.7

    async def _expect_alive(self):
        try:
            await self._server.expect_alive(0.0, hint="Before, somebody had said HELLO.")
        except Violation:
            self._server.dialect["mute"] = Kind.ENDED
            raise

    def heard_of_nobody(self):
        """Whether it has mentioned nobody who came."""
        return not any(
            heard.speaker.name.lower() in text.lower()
            for heard in self.heard
            for text in heard.texts
        )

    async def try_all_others(self, person):
        """Nobody has heard anything: the other commands, together."""
        text = message(self._server)
        for words in ("WHO", self._server.draw.word(), "BYE"):
            person.send(words)
        await self.see("says", person, f"SAY {text}", text)
        return self.heard

    async def try_in_lower_case(self):
        """It may know `hello` only."""
        heard, self.heard = self.heard, []
        for newcomer in self.crowd:
            await self.see("came", newcomer, f"hello {newcomer.name}")
        if self.heard_of_nobody():
            self.heard = heard
        else:
            self._server.dialect["lower_case"] = True


ALIVE_AFTER = 2.0
"""Seconds after which those who wait give a sign of life."""

MOST_HEARD = 50
"""Datagrams that are looked at of what one is told of one thing."""


def tells_of(name, listener, since):
    """Whether the name is in anything that she has been told since then."""
    return any(name.lower() in d.text.lower() for d in listener.received[since:][:MOST_HEARD])


def learn(server, heard):
    """Keeps how the server tells, for all other clauses."""
    if not any(h.texts for h in heard):
        server.dialect["mute"] = Kind.SILENCE
        return
    way = learn_manner(heard)
    if way != Manner():
        server.dialect["manner"] = way.to_json()
        server.dialect["words"] = way.in_words()
