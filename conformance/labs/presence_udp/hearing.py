"""What people should be told, and nobody should: Violations where it is otherwise."""

import asyncio

from conformance import Fault, Kind, Violation, Wording, at_most, require

from .people import manner, patience, speaker
from .presence_udp import MOMENT

PAYS = {"came": "2.1", "says": "2.3", "left": "3.4"}
"""What a notice is of -> the clause about it."""


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


def tells_anybody(server, event):
    way = manner(server)
    return way.tells(event, own=True) or way.tells(event, own=False)
