"""Presence over UDP: who is there, by what the last few seconds say. The contract stands
beside this file, in presence_udp.md.

People of an earlier scenario may still be in the room: each scenario draws names of its
own, and looks only at what is said about them. All names have one length, and a HELLO is
as long as a short SAY: where one datagram runs into the next, that is paid for in 2.8.

What the server tells of a newcomer, of a message and of a leaver, whom, and how often, is
learnt in 2.1: only the clause that a fault of it breaks fails, and the others are judged by
what the server really tells.
"""

import asyncio
import contextlib
import re

from conformance import (
    Fault,
    Kind,
    Lab,
    NotJudged,
    Parameter,
    Violation,
    Wording,
    at_most,
    cadence,
    promptly,
    require,
)

from .lossy_network import disorder
from .notices import Heard, Manner, Speaker
from .notices import learn as learn_manner


def _shown(parameters):
    """What the contract shows of them."""
    expiry, tolerance = parameters.expiry, parameters.tolerance
    return {
        "every second": f"every {parameters.beacon_period:g} s",
        "beacons": f"{parameters.beacon_period:g} s ± {tolerance:g} s",
        "silence": f"{expiry:g} s",
        "told gone": f"between {expiry - tolerance:g} s and {expiry + LATEST:g} s",
        "surely gone": f"{expiry + LATEST:g} s",
    }


presence_udp = Lab(
    "presence-udp",
    __file__,
    protocol="udp",
    teaches="2.1",
    parameters=[
        Parameter("port", 9907, "UDP port that the server listens on"),
        Parameter("expiry", 5.0, "seconds of silence after which somebody is gone"),
        Parameter("beacon_group", "239.255.22.5", "multicast group of the beacon"),
        Parameter("beacon_port", 9908, "port of the beacon"),
        Parameter("beacon_period", 1.0, "seconds between two beacons"),
        Parameter("tolerance", 0.25, "seconds by which a beacon or an expiry may be off"),
    ],
    shown=_shown,
    longest=lambda parameters: max(150.0, 12 * parameters.expiry),
    see="nc -u localhost {port}   # type HELLO Ann, SAY hi, WHO, BYE",
)

STRANGER = "Who are you? Say HELLO name first"
COMMANDS = ("HELLO", "SAY", "WHO", "ALIVE", "BYE")
LATEST = 1.5
"""Seconds that the first beacon may take, and that an expiry may come after its time."""
MOMENT = 0.3
"""Seconds in which a datagram too many is waited for."""
MEANWHILE = 6.0
"""Seconds of beacons, first without and then with traffic."""
LONGEST = 1400
"""Bytes of a datagram."""
PATIENCE = 5.0
"""Seconds after which an answer, or a notice, is called absent."""
PATIENCE_WITH_THE_MUTE = 2.0
"""The same, where the program has answered nothing, or nothing that had to do with what was
sent to it: all of it was waited for as long as it may take when that was found."""
PAYS = {"came": "2.1", "says": "2.3", "left": "3.4"}
"""What a notice is of -> the clause about it."""

WHOLE = ("2.8",)
"""A datagram that is cut, or runs into the next, spoils every longer conversation."""


# -- people, and what they are told ------------------------------------------------------


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


async def told(server, listeners, text, *, about, hint=""):
    """Each is told `text`, and told it once."""
    way = manner(server)
    wanted = Wording(text, lambda came: way.plain(came) == text)
    waits = [
        one.wait_for(wanted, patience=patience(server), about=about, hint=hint) for one in listeners
    ]
    await all_of(waits)
    await asyncio.sleep(MOMENT)
    for listener in listeners:
        times = way.once((datagram.text for datagram in listener.received), text)
        require(at_most(1, times, what=f"times that {listener.name} is told `{text}`", hint=hint))


async def all_of(waits):
    """Waits for all of them together. What is wrong stands before what is absent."""
    results = await asyncio.gather(*waits, return_exceptions=True)
    broken = [result for result in results if isinstance(result, BaseException)]
    for error in sorted(broken, key=lambda error: isinstance(error, Violation) and absent(error)):
        raise error


def absent(violation):
    return violation.fault is Fault.ABSENT


def nobody_told(listeners, words, since, *, hint=""):
    """None of them has been told anything with these words since that time."""
    for listener in listeners:
        for datagram in listener.received:
            if datagram.at > since and words in datagram.text:
                wanted = f"nothing of it for {listener.name}"
                raise Violation(wanted, datagram.text, hint=hint)


def patience(server):
    """Seconds after which something is called absent: fewer, where the server was found to
    tell nobody of anything."""
    deaf = server.dialect.get("mute") or manner(server).tells_nothing
    return PATIENCE_WITH_THE_MUTE if deaf else PATIENCE


# -- how the server tells ----------------------------------------------------------------


def manner(server):
    """How this server tells what it has to tell, as 2.1 has learnt it."""
    known = server.dialect.get("manner")
    return Manner.from_json(known) if known else Manner()


async def hear(server, event, person, others, text="", *, about="", hint=""):
    """Whoever the server tells of such a thing is told of this one, in its own words: which
    words, and whom, is the affair of the clause that is about them. The datagrams."""
    way = manner(server)
    own, rest = (way.tells(event, own=own) for own in (True, False))
    if not own and not rest:
        server.excuse(PAYS[event], Kind.SILENCE, "the server tells nobody of such a thing")
        own = rest = True
    listeners = [(person, True)] * own + [(other, False) for other in others] * rest
    came = []
    for listener, hers in listeners:
        wanted = in_its_words(way, event, person, text, own=hers)
        came.append(
            await listener.wait_for(wanted, patience=patience(server), about=about, hint=hint)
        )
    return came


def in_its_words(way, event, person, text="", *, own):
    """The notice, in the server's words; a command that it repeats may be in any case."""
    words = way.told(event, speaker(person), text, own=own)
    if person.name in words:
        return Wording(words, lambda came: fold(way.plain(came), text) == fold(words, text))
    return Wording(words, lambda came: way.plain(came) == words)


def fold(words, text):
    """All in lower case but the message itself."""
    return [part.lower() for part in words.split(text)] if text else words.lower()


def answer_to(server, *, but=()):
    """Anything that is said to her who asked: no notice, and nothing that comes always."""
    way = manner(server)
    others = (*way.extras, *but)
    return Wording(
        "an answer", lambda text: not way.is_notice(text) and way.plain(text) not in others
    )


async def who(server, asker):
    """The datagrams that answer WHO: mostly one. What comes with every answer is none."""
    answer = answer_to(server)
    await ask(server, asker, "WHO")
    first = await asker.wait_for(answer, patience=patience(server))
    await asyncio.sleep(MOMENT)
    came = asker.received[asker.received.index(first) :]
    return [datagram for datagram in came if answer.holds(datagram.text)]


async def times_listed(server, asker, person):
    """How often the answer to WHO has her name, in whatever form; that there is an answer
    at all is the affair of 3.1."""
    with contextlib.suppress(Violation):
        return times_in(server, await who(server, asker), person)
    return 0


def times_in(server, answers, person):
    way = manner(server)
    called = way.called("list", speaker(person))
    return sum(way.plain(datagram.text).count(called) for datagram in different(answers))


def different(answers):
    """Without those that have come before: that one came too often is the affair of 3.1."""
    return list({datagram.text: datagram for datagram in answers}.values())


def alike(server, person, present):
    """How many of them are called as she is: herself, where each has a name of her own."""
    way = manner(server)
    called = way.called("list", speaker(person))
    return sum(way.called("list", speaker(other)) == called for other in present)


async def still_there(server, asker, person, present):
    """Whether she is in the room beside those who are `present`, by WHO; where that lists
    nobody, by a message of the asker's that she is told, or not."""
    if manner(server).lists:
        listed = await times_listed(server, asker, person)
        return listed > alike(server, person, present)
    if not manner(server).tells("says", own=False):
        no_list(server, "WHO lists nobody, and nobody is told what others say")
    text = message(server)
    asker.send(f"{command(server, 'SAY')} {text}")
    with contextlib.suppress(Violation):
        return bool(await person.wait_for(Wording(text, lambda came: text in came), patience=1.0))
    return False


def no_list(server, reason):
    """What 3.1 pays for: no answer to WHO, or another than a list."""
    kind = Kind.FORM if manner(server).answers_who else Kind.SILENCE
    server.excuse("3.1", kind, reason)


def tells_anybody(server, event):
    way = manner(server)
    return way.tells(event, own=True) or way.tells(event, own=False)


async def let_pass(server, since, seconds):
    """Lets time pass until `seconds` after the time `since`."""
    await asyncio.sleep(since + seconds - server.now())


# -- 1 Being found -----------------------------------------------------------------------


presence_udp.listening()


@presence_udp.scenario(
    "1.2",
    alone=True,
    needs_process=True,
    see="socat -u UDP4-RECV:9908,ip-add-membership=239.255.22.5:0.0.0.0 -",
)
async def announces_itself(server):
    """Once a second the server sends `PRESENCE <port>` to the multicast group."""
    wanted = server.parameters
    with server.group_member(wanted.beacon_group, wanted.beacon_port) as member:
        listening = server.now()
        if server.dialect.get("mute"):
            await asyncio.sleep(2 * LATEST)
        if member.received or not server.dialect.get("mute"):
            await server.restart()
            listening = server.now()
            await asyncio.sleep(MEANWHILE)
        if member.received:  # else there is nothing that traffic could disturb
            await conversation(server, lasting=MEANWHILE)
        until = server.now()
    beacons = [datagram for datagram in member.received if datagram.at > server.started_at]
    beacons = unless_copies(server, beacons)
    show(server, beacons, listening, until)
    judge_beacons(server, beacons, listening, until)


def unless_copies(server, beacons):
    """The beacons; where the server sends everything several times, without what follows
    another at once."""
    if manner(server).copies == 1:
        return beacons
    pairs = zip([None, *beacons], beacons, strict=False)
    return [one for before, one in pairs if before is None or one.at - before.at > AT_ONCE]


AT_ONCE = 0.1
"""Seconds between two copies of one datagram, at the most."""


async def conversation(server, lasting):
    """Two people who send something, ten times a second."""
    until = server.now() + lasting
    with server.datagrams(name="Ann") as ann, server.datagrams(name="Bob") as bob:
        for person in (ann, bob):
            person.send(hello(server, person))
        while server.now() < until:
            ann.send(command(server, "ALIVE"))
            bob.send(command(server, "DISCOVER"))
            await asyncio.sleep(0.1)


def show(server, beacons, listening, until):
    """Keeps the times of the beacons for the reports to draw."""
    period, tolerance = server.parameters.beacon_period, server.parameters.tolerance
    first = beacons[0].at if beacons else listening
    listened = max(0.0, until - first - tolerance)
    server.record(
        "beacon",
        [beacon.at for beacon in beacons],
        period=period,
        tolerance=tolerance + server.clock_error,
        count=int(listened / period) + 1 if period else 0,
    )


def judge_beacons(server, beacons, listening, until):
    wanted, text = server.parameters, f"PRESENCE {server.port}"
    if not beacons:
        if not server.from_another_host:
            raise NotJudged(
                "1.3", Kind.SILENCE, "nothing leaves a host from a socket that is bound to loopback"
            )
        group = f"{wanted.beacon_group}, port {wanted.beacon_port}"
        seen = f"nothing was sent to that group in {until - listening:.0f} s"
        raise Violation(f"{text} to {group}", seen, hint=BEACON, fault=Fault.ABSENT)
    for beacon in beacons:
        if manner(server).plain(beacon.text) != text:
            raise Violation(text, beacon.text, hint="The port is the one it listens on.")
    times, error = [beacon.at for beacon in beacons], server.clock_error
    soon = {"within": LATEST, "slack": error}
    require(promptly(listening, times[0], **soon, what="the first beacon", hint=BEACON))
    cadences = {"period": wanted.beacon_period, "tolerance": wanted.tolerance + error}
    require(
        cadence(
            times, **cadences, first_may_be_short_by=0.3, until=until, what="beacon", hint=BEACON
        )
    )


BEACON = "A timer of its own sends the beacon, whether or not anybody sends, or is there."


@presence_udp.scenario(
    "1.3",
    needs_process=True,
    see="echo DISCOVER | socat - UDP4-DATAGRAM:255.255.255.255:{port},broadcast",
)
async def answers_a_search(server):
    """`DISCOVER`, sent to everybody on the network, is answered with `PRESENCE <port>`."""
    answer = f"PRESENCE {server.port}"
    for address in ("255.255.255.255", "10.9.9.255"):
        with (
            server.datagrams_on_the_wire(name="seeker") as seeker,
            server.datagrams_on_the_wire(name="neighbour", port=server.port) as neighbour,
        ):
            seeker.send(command(server, "DISCOVER"), to=(address, server.port))
            hint = f"Sent to {address}. {SEARCH}"
            await found(server, seeker, neighbour, answer, hint)


async def found(server, seeker, neighbour, answer, hint):
    """The seeker has the answer; where not, perhaps the lab's own port of her host has."""
    way, within = manner(server), patience(server)
    wanted = Wording(answer, lambda text: way.plain(text) == answer)
    try:
        await seeker.wait_for(wanted, patience=within, about="PRESENCE", hint=hint)
    except Violation:
        if any(way.plain(datagram.text) == answer for datagram in neighbour.received):
            own, came = seeker.address[1], f"{answer} to port {neighbour.address[1]}"
            expected = f"{answer} to the port that DISCOVER came from, {own}"
            raise Violation(expected, came, hint=hint) from None
        await server.expect_alive(0.0)
        raise


SEARCH = (
    "A socket that is bound to one address is sent no broadcasts: bind to all addresses."
    " The answer goes where the datagram came from."
)


# -- 2 Talking ---------------------------------------------------------------------------

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


async def listed_by(server, asker, words, present):
    """A list of who is there comes back, in whatever form."""
    way = manner(server)
    names = [way.called("list", speaker(person)) for person in present]
    asker.forget()
    asker.send(words)
    listed = Wording(
        f"a list with {' or '.join(names)} in it",
        lambda text: not way.is_notice(text) and any(name in text for name in names),
    )
    await asker.wait_for(listed, patience=patience(server))


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


# -- 3 Who is there ----------------------------------------------------------------------


@presence_udp.scenario("3.1", builds_on=WHOLE)
async def lists_who_is_there(server):
    """`WHO` is answered to its sender: a heading, and one line ` - name` a person present."""
    way = manner(server)
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        answers = await who(server, ann)
        answer, *more = different(answers) if way.copies > 1 else answers
        names = [way.name_due("list", speaker(person)) for person in (ann, bob, cleo)]
        require(a_list_of(names, way.plain(answer.text)))
        if more:
            raise Violation("one datagram", f"{1 + len(more)}; then {more[0].text}")
        if way.extras and not way.extras_on_alive:
            raise Violation("one datagram", f"with it comes {way.extras[0]}")
        hint = "The answer is for whoever asked."
        nobody_told([bob, cleo], f" - {names[0]}", ann.handed_at, hint=hint)


def a_list_of(names, answer):
    """Whether it is a heading, and a line for each of these, and for others."""
    lines = [line.removesuffix("\r") for line in answer.split("\n")]
    heading, *lines = [line for line in lines if line] or [""]
    if heading.startswith(" - ") or not lines:
        return Violation("a heading line, then a line for each name", answer)
    for line in lines:
        if not line.startswith(" - "):
            return Violation(" - and a name, on each line below the heading", line)
    for name in names:
        if lines.count(f" - {name}") != names.count(name):
            near = [line for line in lines if name in line]
            hint = "Everybody who is present is listed, once, in one datagram."
            return Violation(f" - {name}", "\n".join(near or [answer]), hint=hint)
    return None


@presence_udp.scenario("3.2", alone=True, builds_on=WHOLE)
async def forgets_the_silent(server):
    """A client that has sent nothing for 5 s is gone: the others are told so."""
    needs_answers(server)
    await while_the_others_talk(server)
    await while_all_are_silent(server)


def notices_of_leaving(server, person):
    """How the server may tell others that she has left: as the contract does, or as it tells
    of a BYE, which is the affair of 3.4."""
    way, who = manner(server), speaker(person)
    told = [way.told("left", who, own=own) for own in (False, True)]
    return [way.due("left", who), *told]


async def while_the_others_talk(server):
    """Bob says something, and Cleo asks who is there, every second."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        for second in range(1, 7):
            await let_pass(server, ann.sent_at, second)
            bob.send(f"{command(server, 'SAY')} {message(server)}")
            await ask(server, cleo, "WHO")
        await gone(server, ann, [bob, cleo])
        of_hers = notices_of_leaving(server, ann)
        for person in (bob, cleo):
            hint = f"{person.name} has sent something every second."
            for notice in notices_of_leaving(server, person):
                if notice not in of_hers:
                    nobody_told([bob, cleo], notice, 0, hint=hint)
        await no_longer_there(server, bob, ann, [bob, cleo], GONE)


async def no_longer_there(server, asker, person, present, hint):
    """She is not among those who are present any more."""
    if await still_there(server, asker, person, present):
        wanted = f"{person.name} in the room no more"
        raise Violation(wanted, "she is listed by WHO, or told what is said", hint=hint)


async def while_all_are_silent(server):
    """Nobody sends anything but Bob, whom the server thus has still to tell: one ALIVE,
    3.5 s after her last datagram. He comes so late that he would be there without it."""
    async with people(server, "Ann") as (ann,):
        await let_pass(server, ann.sent_at, 2.0)
        async with people(server, "Bob") as (bob,):
            await let_pass(server, ann.sent_at, 3.5)
            bob.send(command(server, "ALIVE"))
            await gone(server, ann, [bob])
            await no_longer_there(server, bob, ann, [bob], GONE)


async def gone(server, silent, others):
    """The others are told in time that she who has been silent has left."""
    way, notices = manner(server), notices_of_leaving(server, silent)
    expiry, tolerance = server.parameters.expiry, server.parameters.tolerance
    notice = notices[0]
    wanted = f"`{notice}` between {expiry - tolerance:g} s and {expiry + LATEST:g} s of silence"
    await let_pass(server, silent.sent_at, expiry + LATEST + 0.1)
    for other in others:
        since = silent.handed_at
        heard = [d for d in other.received if d.at > since and way.plain(d.text) in notices]
        if not heard:
            seen = f"{other.name} was told nothing of the kind in {expiry + LATEST + 0.1:g} s"
            raise Violation(wanted, seen, hint=GONE, fault=Fault.ABSENT)
        if (early := heard[0].at - since) < expiry - tolerance:
            raise Violation(wanted, f"`{notice}` after {early:.2f} s", hint=GONE, timed=True)
        latest = {"within": expiry + LATEST, "slack": other.clock_error}
        require(promptly(silent.sent_at, heard[0].at, **latest, what=f"`{notice}`", hint=GONE))


GONE = (
    "Note when each client was last heard; let a timer, not the next datagram, look for"
    " those who have been silent for too long."
)


@presence_udp.scenario("3.3", alone=True, builds_on=(*WHOLE, "3.1"))
async def keeps_whoever_gives_a_sign_of_life(server):
    """A client that sends `ALIVE` every 2 s is still there after 12 s, and gets no answer."""
    hint = "ALIVE is a sign of life: note its time, and send nothing."
    async with people(server, "Ann") as (ann,):
        await asyncio.sleep(MOMENT if manner(server).copies > 1 else 0.0)
        ann.forget()
        for _ in range(6):
            ann.send(command(server, "ALIVE"))
            await ann.expect_silence(2.0, hint=hint)
        async with people(server, "Bob") as (bob,):
            there = await still_there(server, bob, ann, [bob])
    if not there:
        raise Violation(
            f"{ann.name} in the answer to WHO, after 12 s", "it is not there", hint=hint
        )


@presence_udp.scenario("3.4", builds_on=WHOLE)
async def lets_people_leave(server):
    """`BYE` is told to everybody, the leaver included, who then gets nothing more."""
    way = manner(server)
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        notice = way.due("left", speaker(ann))
        hint = "Tell everybody, the leaver too, and then take the leaver out of the list."
        await ask(server, ann, "BYE")
        await told(server, [ann, bob, cleo], notice, about=ann.name, hint=hint)
        bob.send(f"{command(server, 'SAY')} {message(server)}")
        await asyncio.sleep(1.0)
        came = [d for d in ann.received if d.at > ann.handed_at]
        more = [d for d in came if way.plain(d.text) not in (notice, *way.extras)]
        if more:
            raise Violation("no more for her who has left", more[0].text, hint=hint)
        if way.lists:
            await no_longer_there(server, cleo, ann, [bob, cleo], hint)


@presence_udp.scenario("3.5", builds_on=(*WHOLE, "2.3", "3.1", "3.4"))
async def tells_two_people_of_one_name_apart(server):
    """Two addresses that say `HELLO Ann` are two people; one may leave, and one stays."""
    hint = "People are told apart by address and port, not by name."
    async with people(server, "Ann", "Ann", "Bob") as (ann, namesake, bob):
        await lines_of(server, bob, ann, [ann, namesake, bob], hint)
        has_left(server)
        await say_bye(server, [ann])
        await lines_of(server, bob, ann, [namesake, bob], hint)
        await still_known(server, namesake, bob, hint)


async def still_known(server, person, other, hint):
    """What she says is told; where nobody is told what others say, her WHO is answered."""
    if not tells_anybody(server, "says") and manner(server).lists:
        await lines_of(server, person, other, [other], hint)
        return
    text = message(server)
    person.send(f"{command(server, 'SAY')} {text}")
    await hear(server, "says", person, [other], text, about=STRANGER, hint=hint)


async def lines_of(server, asker, person, present, hint):
    """The name is in the answer to WHO as often as people of that name are present."""
    if not manner(server).lists:
        return
    wanted, listed = alike(server, person, present), await times_listed(server, asker, person)
    if listed != wanted:
        told = f"{wanted} line{'s' * (wanted != 1)} with {person.name}"
        raise Violation(told, f"{listed} in the answer to WHO", hint=hint)


def has_left(server):
    """Where nobody is told of a BYE, nobody is known to have left."""
    if server.dialect.get("bye_ends_it"):
        server.excuse("3.4", Kind.ENDED, "BYE ends the program")
    if not tells_anybody(server, "left"):
        server.excuse("3.4", Kind.SILENCE, "the server tells nobody of a BYE")


# -- 4 An unreliable network -------------------------------------------------------------


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


async def asked(server, observer):
    """The answer to WHO. Where that lists nobody, it is the affair of 3.1."""
    if not manner(server).lists:
        no_list(server, "WHO lists nobody")
    return await who(server, observer)


async def pass_through(server, passages):
    """One second of a network that is not to be relied upon."""
    for passage in passages:
        person = passage.sender
        said = hello(server, person) if passage.text == "HELLO" else command(server, "ALIVE")
        person.pass_on(said, passage.times)
        await asyncio.sleep(1.0 / len(passages))


def judge_list(server, present, answers):
    """Each is named once, in the datagrams together; of one name, as often as there are."""
    times = {person.name: times_in(server, answers, person) for person in present}
    due = {person.name: alike(server, person, present) for person in present}
    twice = [name for name in times if times[name] > due[name]]
    missing = [name for name in list(times)[:-1] if times[name] < due[name]]
    if twice:
        hint = "The same HELLO again, or twice on its way, is no second person."
        raise Violation(f"{twice[0]}, once", f"{times[twice[0]]} times", hint=hint)
    if missing:
        count = len(present) - 1
        seen = f"{count - len(missing)} of them; {missing[0]} is missing"
        wanted = f"{count} people in the answer to WHO"  # which came, in another form
        raise Violation(wanted, seen, fault=Fault.ABSENT, kind=Kind.FORM)


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
