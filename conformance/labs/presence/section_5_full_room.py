"""Section 5 of the contract: a full room."""

import asyncio
import re
from collections import Counter
from itertools import chain

from conformance import Sign, Symptom, Violation, in_order, require

from .excuses import needs_a_room
from .hearing import all_hear
from .notices import audience, notice, says, times
from .people import Person, crowd, introduce, listen, people, wait_together
from .presence import presence


@presence.scenario("5.1", builds_on=("2.2",), alone=True)
async def keeps_everybody_informed(server):
    """20 people each say 5 things; everyone gets all 100 once each, in order."""
    needs_a_room(server)
    async with crowd(server, 20) as everybody:
        said = {person: server.draw.words(5) for person in everybody}
        await asyncio.gather(*(talk(person, said[person]) for person in everybody))
        await all_told(said)


@presence.scenario("5.2", builds_on=("2.2",), alone=True)
async def a_slow_reader_delays_nobody(server):
    """While somebody does not read, 5 MB of messages reach the others."""
    needs_a_room(server)
    async with people(server, 2) as (talker, hearer):
        await talker.introduce()
        async with server.connect(reading=False):
            await hearer.wait(0.3)
            await flood(talker, hearer)


@presence.scenario("5.3", builds_on=("2.2", "4.3", "5.1"), alone=True)
async def survives_comings_and_goings(server):
    """100 people come, say HELLO and vanish while 5 talk; the 5 lose nothing."""
    needs_a_room(server)
    async with people(server, 5) as talkers:
        await introduce(*talkers)
        said = {person: server.draw.words(20) for person in talkers}
        talks = [talk(person, said[person], pause=0.05) for person in talkers]
        await asyncio.gather(come_and_go(server, 100), *talks)
        await all_told(said)


@presence.scenario("5.4", alone=True, needs_process=True, see="ps -L -p $(pgrep -n java)")
async def concurrency_model(server):
    """How the server serves its clients: what its threads wait for shows it."""
    hello = server.parameters.hello
    names = map(str.capitalize, server.draw.words(50))
    seen = await server.how_it_serves(lambda who: who.send_line(f"{hello} {next(names)}"))
    server.note(f"{seen.words} {seen.counts}")


async def talk(person, messages, pause=0.0):
    for message in messages:
        await person.say(message)
        await asyncio.sleep(pause)


async def come_and_go(server, count):
    """`count` people come, ten at a time, say HELLO and vanish."""
    for _ in range(count // 10):
        visitors = await asyncio.gather(*(server.open_client() for _ in range(10)))
        for visitor in visitors:
            await visitor.send_line(f"{server.parameters.hello} {server.draw.word().capitalize()}")
        await asyncio.sleep(0.05)
        await asyncio.gather(*(visitor.vanish() for visitor in visitors))


async def flood(talker, hearer):
    """5 MB of messages, or what a slow server passes on in 20 s, all reach everybody."""
    server, hearers = talker.server, audience("says", talker, [hearer])
    hint = "While one client does not read, a write to it must not keep the others waiting."
    said = server.parameters.say
    line = f"{said} {server.draw.line(1_000)}\n"
    until, passed = server.now() + 20.0, 0
    while passed < 5_000 and server.now() < until:
        last = server.draw.word()
        listen([talker, hearer])
        await talker.client.send(f"{line * 99}{said} {last}\n")
        heard = f"{hint} Until then, {passed} messages of 1,000 characters had reached them."
        wanted = notice(server, "says", message=last)
        await all_hear(hearers, wanted, hint={"nothing came": heard})
        passed += 100


TORN = (
    "Two lines were written into each other: write each with its newline in one piece, and only one"
    " at a time to a client."
)
TOGETHER = "Several lines had come together, and were taken for one command: split at each newline."
NOT_A_NOTICE = {"another text": TORN, "as it was sent": TOGETHER}
LOST = (
    "Has the list of clients changed while it was gone through, or has an error at one client left"
    " out those behind it?"
)
LEFT_OUT = dict.fromkeys(("left out", "cut short"), LOST)
REVERSED = (
    "Messages of one speaker came in reverse order: are waiting ones taken from the wrong end of a"
    " list (Python: pop(0), not pop()) (Node: shift(), not pop()) (Java: add() and poll(); push()"
    " and pop() make a stack)?"
)


async def all_told(said):
    """Everybody has got all messages, as often as the server sends each, and each speaker's in
    order."""
    for person in said:
        await person.reads(lambda person=person: has_all(person, said))
    await wait_together(said, 0.3)
    for person in said:
        got = heard(person, said)
        require(mixed_up(person, said, got))
        hint = LEFT_OUT | ({"out of order": REVERSED} if are_reversed(said, got) else {})
        for speaker, messages in said.items():
            due = times_due(person, speaker)
            expected = [says(speaker, message).words for message in messages if due]
            actual = [says(speaker, message).words for message in first_of(got[speaker], due)]
            require(got_by(person, in_order(expected, actual, hint=hint)))


def are_reversed(said, got):
    """Whether what somebody got of each speaker is in the right order but for runs that came in
    reverse, and at least two speakers have such a run of three or more."""
    runs = {who: backward_runs([said[who].index(text) for text in got[who]]) for who in said}
    long = [who for who in said if max(map(len, runs[who]), default=0) > 2]
    in_turn = [[*chain(*map(sorted, runs[who]))] == [*range(len(said[who]))] for who in said]
    return len(long) > 1 and all(in_turn)


def backward_runs(places):
    """Cuts the numbers into runs, in each of which every one is followed by the one before it."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def mixed_up(person, said, got):
    """Whether one message came instead of another: too often, while the other came too seldom."""
    often, seldom = [], []
    for speaker, messages in said.items():
        due, came = times_due(person, speaker), Counter(got[speaker])
        often += [(speaker, text) for text in messages if came[text] > due]
        seldom += [(speaker, text) for text in messages if came[text] < due]
    if not often or not seldom:
        return None
    (speaker, text), (silent, other) = often[0], seldom[0]
    told = (
        f"{person.client.label} got `{says(speaker, text).words}` {got[speaker].count(text)} times"
    )
    told += f", and `{says(silent, other).words}` {got[silent].count(other)} times"
    wanted = "each message as often as the others"
    return Violation(wanted, told, symptom="another client's text", client=person.client.label)


def got_by(person, wrong):
    """The violation, with whose lines they are."""
    if wrong is not None:
        person.shows(wrong, wrong.actual.endswith)
        wrong.expected = f"to {person.client.label}, {wrong.expected}"
    return wrong


def heard(person, said):
    """The messages that somebody got, by speaker. Violation if a line is torn."""
    notices = {
        message: (speaker, says(speaker, message))
        for speaker, messages in said.items()
        for message in messages
    }
    got: dict[Person, list[str]] = {speaker: [] for speaker in said}
    for text in person.texts():
        for message in re.findall(r"[a-z]{10}", text):
            if message in notices:
                speaker, wanted = notices[message]
                if not wanted.holds(text):
                    symptom = of_another(speaker, message, text, said)
                    wrong = Violation(wanted.words, text, hint=NOT_A_NOTICE, symptom=symptom)
                    raise person.shows(wrong, lambda came, text=text: came == text)
                got[speaker].append(message)
    return got


def of_another(speaker, message, text, said):
    """The symptom of a message that is told under somebody else's name, as the command that it was,
    or in one line with others; None of any other text."""
    if text == f"{speaker.server.parameters.say} {message}":
        return Symptom(Sign.UNCHANGED)
    for other in said:
        if other is not speaker and says(other, message).holds(text):
            facts = {"name": other.label, "right": speaker.label, "client": other.client.label}
            return Symptom(Sign.MISNAMED, facts=facts)
    known = [who for who in said if any(word in text for word in (who.label, *said[who]))]
    return Symptom(Sign.FORM, facts={"line": "of several"}) if len(known) > 1 else None


def has_all(person, said):
    """Whether all messages have come; a cheap test while too little has come."""
    wanted = sum(len(messages) * times_due(person, speaker) for speaker, messages in said.items())
    if person.server.dialect.get("ends", "\n") == "\n" and len(person.client.lines) < wanted:
        return False
    return sum(map(len, heard(person, said).values())) >= wanted


def times_due(person, speaker):
    """How often a person is told each message of the speaker."""
    return times(person.server, "says")["self" if person is speaker else "others"]


def first_of(told, times):
    """The messages in the order in which each first came. One that came too often is listed as
    often as it came; one that came too seldom is left out."""
    came = Counter(told)
    return [
        message
        for at, message in enumerate(told)
        if came[message] > times or (came[message] == times and message not in told[:at])
    ]
