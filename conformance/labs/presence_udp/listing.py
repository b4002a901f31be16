"""WHO, and the list that answers it."""

import asyncio
import contextlib

from conformance import Fault, Kind, Violation, Wording

from .people import ask, command, manner, message, patience, speaker
from .presence_udp import MOMENT


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


async def no_longer_there(server, asker, person, present, hint):
    """She is not among those who are present any more."""
    if await still_there(server, asker, person, present):
        wanted = f"{person.name} in the room no more"
        raise Violation(wanted, "she is listed by WHO, or told what is said", hint=hint)


async def lines_of(server, asker, person, present, hint):
    """The name is in the answer to WHO as often as people of that name are present."""
    if not manner(server).lists:
        return
    wanted, listed = alike(server, person, present), await times_listed(server, asker, person)
    if listed != wanted:
        told = f"{wanted} line{'s' * (wanted != 1)} with {person.name}"
        raise Violation(told, f"{listed} in the answer to WHO", hint=hint)


async def asked(server, observer):
    """The answer to WHO. Where that lists nobody, it is the affair of 3.1."""
    if not manner(server).lists:
        no_list(server, "WHO lists nobody")
    return await who(server, observer)


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
