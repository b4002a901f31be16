"""What people must be told, and what they must not; Violations if it is otherwise."""

import asyncio

from conformance import Fault, Kind, Violation, Wording, at_most, require

from .people import manner
from .presence_udp import MOMENT

PAYS = {"came": "2.1", "says": "2.3", "left": "3.4"}  # what a notice is of -> the clause about it


async def all_hear_once(people, notice, *, about, hint=""):
    """Each is told exactly this, and told it once."""
    way = manner(people[0].server)
    wanted = Wording(notice, lambda text: way.plain(text) == notice)
    hearing = [person.hears(wanted, about=about, hint=hint) for person in people]
    results = await asyncio.gather(*hearing, return_exceptions=True)
    broken = [result for result in results if isinstance(result, BaseException)]
    for error in sorted(broken, key=is_absent):  # what is wrong comes before what is absent
        raise error
    await asyncio.sleep(MOMENT)
    for person in people:
        times = way.once((datagram.text for datagram in person.client.received), notice)
        what = f"times that {person.name} is told `{notice}`"
        require(at_most(1, times, what=what, hint=hint))


def is_absent(error):
    return isinstance(error, Violation) and error.fault is Fault.ABSENT


async def hear(event, person, others, text="", *, about="", hint=""):
    """Everybody whom the server tells of such an event is told of this one, in its own words, which
    another clause judges. Returns the datagrams."""
    server = person.server
    way = manner(server)
    own, rest = (way.tells(event, own=own) for own in (True, False))
    if not own and not rest:
        server.excuse(PAYS[event], Kind.SILENCE, "the server tells nobody of such a thing")
        own = rest = True
    wanted = in_its_words(event, person, text, own=True)
    came = [await person.hears(wanted, about=about, hint=hint)] if own else []
    wanted = in_its_words(event, person, text, own=False)
    for other in others if rest else ():
        came.append(await other.hears(wanted, about=about, hint=hint))
    return came


def in_its_words(event, person, text="", *, own):
    """The notice in the server's words; a command that it repeats may be in any case."""
    way = manner(person.server)
    words = way.told(event, person.speaker, text, own=own)
    if person.name in words:
        return Wording(words, lambda came: fold(way.plain(came), text) == fold(words, text))
    return Wording(words, lambda came: way.plain(came) == words)


def fold(words, text):
    """The words in lower case, except for the message itself."""
    return [part.lower() for part in words.split(text)] if text else words.lower()


def nobody_told(people, words, since, *, hint=""):
    """None of them has been told anything with these words since that time."""
    for person in people:
        for datagram in person.received(since):
            if words in datagram.text:
                raise Violation(f"nothing of it for {person.name}", datagram.text, hint=hint)


def tells_anybody(server, event):
    way = manner(server)
    return way.tells(event, own=True) or way.tells(event, own=False)
