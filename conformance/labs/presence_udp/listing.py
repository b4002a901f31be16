"""WHO, and the list that answers it."""

import asyncio
import contextlib

from conformance import Fault, Kind, Violation, Wording

from .people import manner
from .presence_udp import MOMENT


def answer_to(server):
    """Any text to the person who asked that is no notice and does not come with every answer."""
    way = manner(server)
    return Wording(
        "an answer", lambda text: not way.is_notice(text) and way.plain(text) not in way.extras
    )


async def who(asker):
    """The datagrams that answer WHO, mostly one, without what comes with every answer."""
    answer = answer_to(asker.server)
    await asker.ask("WHO")
    first = await asker.hears(answer)
    await asyncio.sleep(MOMENT)
    came = asker.client.received[asker.client.received.index(first) :]
    return [datagram for datagram in came if answer.holds(datagram.text)]


async def who_is_listed(asker):
    """The answer to WHO. If it lists nobody, 3.1 pays for that."""
    if not manner(asker.server).lists:
        no_list(asker.server, "WHO lists nobody")
    return await who(asker)


def no_list(server, reason):
    """Excuses, behind 3.1, that the answer to WHO is missing or no list."""
    kind = Kind.FORM if manner(server).answers_who else Kind.SILENCE
    server.excuse("3.1", kind, reason)


async def times_listed(asker, person):
    """How often the answer to WHO has the person's name; 3.1 judges whether there is an answer."""
    with contextlib.suppress(Violation):
        return times_in(await who(asker), person)
    return 0


def times_in(answers, person):
    """How often the person's name is in these datagrams."""
    way = manner(person.server)
    called = way.called("list", person.speaker)
    return sum(way.plain(datagram.text).count(called) for datagram in different(answers))


def different(answers):
    """The answers without duplicates: 3.1 judges whether one came too often."""
    return list({datagram.text: datagram for datagram in answers}.values())


def alike(person, present):
    """How many of those present have the person's name; 1 if all names differ."""
    way = manner(person.server)
    called = way.called("list", person.speaker)
    return sum(way.called("list", other.speaker) == called for other in present)


async def is_listed(asker, person, present, hint):
    """The name is in the answer to WHO as often as people of that name are present."""
    if not manner(asker.server).lists:
        return
    wanted, listed = alike(person, present), await times_listed(asker, person)
    if listed != wanted:
        told = f"{wanted} line{'s' * (wanted != 1)} with {person.name}"
        raise Violation(told, f"{listed} in the answer to WHO", hint=hint)


async def is_still_there(asker, person, present):
    """Whether the person is in the room beside those who are `present`: by WHO, or, if that lists
    nobody, by whether she gets a message of the asker."""
    server = asker.server
    if manner(server).lists:
        return await times_listed(asker, person) > alike(person, present)
    if not manner(server).tells("says", own=False):
        no_list(server, "WHO lists nobody, and nobody is told what others say")
    text = asker.say()
    with contextlib.suppress(Violation):
        return bool(await person.hears(Wording(text, lambda came: text in came), patience=1.0))
    return False


async def is_no_longer_there(asker, person, present, hint):
    """The person is no longer among those who are present."""
    if await is_still_there(asker, person, present):
        wanted = f"{person.name} in the room no more"
        raise Violation(wanted, "she is listed by WHO, or told what is said", hint=hint)


def a_list_of(names, answer):
    """Whether the answer is a heading, then a line for each of these names, and perhaps others."""
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


def a_list_of_all(crowd, observer, answers):
    """Whether the datagrams name each of the crowd, no name more often than people have it."""
    present = [*crowd, observer]
    times = {person: times_in(answers, person) for person in present}
    due = {person: alike(person, present) for person in present}
    if twice := [person for person in present if times[person] > due[person]]:
        hint = "The same HELLO again, or twice on its way, is no second person."
        return Violation(f"{twice[0].name}, once", f"{times[twice[0]]} times", hint=hint)
    if missing := [person for person in crowd if times[person] < due[person]]:
        seen = f"{len(crowd) - len(missing)} of them; {missing[0].name} is missing"
        wanted = f"{len(crowd)} people in the answer to WHO"  # there was an answer, in another form
        return Violation(wanted, seen, fault=Fault.ABSENT, kind=Kind.FORM)
    return None
