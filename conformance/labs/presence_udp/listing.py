"""WHO, and the list that answers it."""

import contextlib

from conformance import Fault, Kind, Sign, Symptom, Violation, Wording

from .people import a_moment, manner
from .presence_udp import COMMANDS, STRANGER


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
    await a_moment(asker.server)
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


ONE_LINE = (
    "Two people of one name are one line: are names kept in a set, or people found by their names?"
    " They are told apart by address and port."
)


async def is_listed(asker, person, present, hint):
    """The name is in the answer to WHO as often as people of that name are present."""
    if not manner(asker.server).lists:
        return
    wanted, listed = alike(person, present), await times_listed(asker, person)
    if listed != wanted:
        told = f"{wanted} line{'s' * (wanted != 1)} with {person.name}"
        hint = ONE_LINE if are_one_line(wanted, listed) else hint
        wrong = Violation(told, f"{listed} in the answer to WHO", hint=hint)
        raise asker.client.shows(wrong, *asker.client.received[-1:])


def are_one_line(people, lines):
    """Whether several people of one name have one line in the list."""
    return people > 1 and lines == 1


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


STAYS = Symptom(Sign.FORM, facts={"leaver": "stays"})
"""Whoever has left is treated as if she were there."""


async def is_no_longer_there(asker, person, present, hint):
    """The person is no longer among those who are present."""
    if await is_still_there(asker, person, present):
        wanted = f"{person.name} in the room no more"
        told = "she is listed by WHO, or told what is said"
        wrong = Violation(wanted, told, hint=hint, symptom=STAYS)
        raise asker.client.shows(wrong, *asker.client.received[-1:])


def names_commands(answer):
    """Whether it is an answer that lists the commands, as one to an unknown command."""
    return all(word in answer.upper() for word in COMMANDS)


def of_a_stranger(answer):
    """The symptom of an answer for strangers to whoever has said HELLO; None of any other."""
    known = {"answer": "as to a stranger"}
    return Symptom(Sign.FORM, facts=known) if answer == STRANGER else None


def of_a_list(names, answers):
    """The symptom of answers to WHO that are no list of these names, the first of which is that of
    the asker; None where nothing better can be said."""
    if stranger := of_a_stranger(answers[0]):
        return stranger
    folded = [answer.casefold() for answer in answers]
    named = [{name for name in names if name.casefold() in answer} for answer in folded]
    lists, first, whole = "", named[0], {*names}
    if not set().union(*named):
        lists = "nobody"
    elif first < whole <= set().union(*named):
        lists = "in several datagrams"
    elif len(answers) == 1 and first == {names[0]} < whole:
        lists = "the asker alone"
    elif first == whole and not any(f" - {name}" in answers[0] for name in names):
        lists = "in another form"
    return Symptom(Sign.FORM, facts={"lists": lists}) if lists else None


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
