"""What people must be told, and what they must not; Violations if it is otherwise."""

import asyncio

from conformance import Fault, Kind, Sign, Symptom, Violation, Wording

from .people import a_moment, manner

PAYS = {"came": "2.1", "says": "2.3", "left": "3.4"}  # what a notice is of -> the clause about it


async def all_hear_once(event, people, notice, *, about, hint=""):
    """Each is told exactly this of the event, and told it once: what the first of them has done."""
    way = manner(people[0].server)
    wanted = Wording(notice, lambda text: way.plain(text) == notice)
    hearing = [person.hears(wanted, about=about, hint=hint) for person in people]
    results = await asyncio.gather(*hearing, return_exceptions=True)
    broken = [result for result in results if isinstance(result, BaseException)]
    silent = [error for error in broken if isinstance(error, Violation) and is_absent(error)]
    heard = [who for who, came in zip(people, results, strict=True) if came not in broken]
    whom = who_was(heard, people, people[0]) if len(silent) == len(broken) else ""
    received = [d.text.strip().casefold() for person in people for d in person.client.received]
    if not heard and notice.casefold() in received:
        whom = ""  # it came in another case
    for untold in silent:
        if heard:
            names = " and ".join(who.name for who in heard)
            untold.actual = f"{untold.actual}; {names} got it"
        untold.symptom = Symptom(Sign.NOTHING, facts={"told": whom}) if whom else None
    if len(silent) == len(people):  # nobody was told: it is not that some were left out
        for untold in silent:
            untold.hint = ""
    for error in sorted(broken, key=is_absent):  # what is wrong comes before what is absent
        if isinstance(error, Violation) and error.kind is Kind.FORM:
            error.symptom = in_own_words(way, event)
        raise error
    await a_moment(people[0].server)
    for person in people:
        times = way.once((datagram.text for datagram in person.client.received), notice)
        if times > 1:
            told = f"{person.name} was told that {times} times"
            raise Violation(f"`{notice}`, once", told, symptom="twice", client=person.client.label)


def in_own_words(way, event):
    """The symptom of a notice of such an event, if the server has words of its own for it."""
    own = any(key.startswith(f"{event}/") for key in way.words)
    return Symptom(Sign.FORM, facts={"words": "its own"}) if own else None


def who_was(told, people, speaker):
    """Which of the people were told of what the speaker did, in words for the symptom."""
    if not told:
        return "nobody"
    if told == [speaker]:
        return "the speaker alone"
    return "all but the speaker" if {*people} - {*told} == {speaker} else "some"


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


def nobody_told(people, words, since, *, hint="", symptom=None):
    """None of them has been told anything with these words since that time. `symptom`: what it is a
    symptom of if one has."""
    for person in people:
        for datagram in person.received(since):
            if words in datagram.text:
                wanted = f"nothing of it for {person.name}"
                wrong = Violation(wanted, datagram.text, hint=hint, symptom=symptom)
                raise person.client.shows(wrong, datagram)


def tells_anybody(server, event):
    way = manner(server)
    return way.tells(event, own=True) or way.tells(event, own=False)
