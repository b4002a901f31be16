"""What people must be told, and what they must not; Violations if it is otherwise."""

import re

from conformance import Fault, Kind, Violation

from .people import START, wait_together
from .presence import PATIENCE, WINDOW

EVERYBODY = (
    "Is it written to every client in the room, those who came before and those who came after?"
)


async def all_hear(people, wanted, *, like=None, hint=EVERYBODY, within=PATIENCE):
    """Each of them reads the notice. A line for which `like` is true is reported as what came
    instead."""
    for person in people:
        if not await person.reads(person.hears(wanted), within):
            raise await not_heard(person, wanted.words, like=like, hint=hint, within=within)


async def not_heard(person, wanted, *, like=None, hint="", within=PATIENCE):
    """The violation of a notice that a person was not told."""
    told, unfinished = person.texts(), person.unfinished
    if like and (similar := [text for text in told if like(text)]):
        return Violation(wanted, similar[-1], hint=hint)
    if like and like(unfinished):
        actual = f"{unfinished}, without an end of line"
        return Violation(wanted, actual, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
    if person.is_cut_off:
        gone = await person.server.fate()
        actual = "the server closed the connection" + (f" ({gone})" if gone else "")
        return Violation(wanted, actual, hint=hint, kind=Kind.ENDED if gone else Kind.CLOSED)
    actual = f"nothing of it to {person.client.name} within {within:g} s"
    if unfinished:
        actual += f", only {unfinished}, without an end of line"
    elif told:
        actual += f"; the last line was: {told[-1]}"
    return Violation(wanted, actual, hint=hint, fault=Fault.ABSENT)


def similar(drawn):
    """A test of whether a line contains one of the words that were drawn."""
    words = re.findall(r"[A-Za-z][a-z]{9}", drawn)
    return lambda text: any(word in text for word in words)


def to_be_told(speaker, others):
    """Who is to be told of what the speaker does, by the lab's parameters."""
    included = speaker.server.parameters.speaker == "included"
    return [speaker, *others] if included else others


async def speaker_hears_nothing(speaker, wanted):
    """The speaker is not told, if the lab's parameters say so."""
    if speaker.server.parameters.speaker != "left out":
        return
    if await speaker.reads(speaker.hears(wanted), WINDOW):
        hint = "Write it to everybody but the client that it comes from."
        told = f"to {speaker.client.name}, whose doing it is: {wanted.words}"
        raise Violation(f"to the others only: {wanted.words}", told, hint=hint)


async def hear_it_once(people, wanted):
    """Nobody gets the notice a second time."""
    await wait_together(people, WINDOW)
    for person in people:
        if (times := person.count(wanted)) > 1:
            told = f"{times} times to {person.client.name} within {WINDOW:g} s"
            raise Violation(f"once: {wanted.words}", f"{told}: {wanted.words}")


async def hear_nothing_of(people, answer, what):
    """None of them gets a line of the answer, unless they had it before: a welcome may have the
    words of the help."""
    await wait_together(people, WINDOW)
    for person in people:
        new, all_told = person.texts(), person.texts(START)
        known = all_told[: len(all_told) - len(new)]
        for text in new:
            if text in answer and text not in known:
                client = person.client.name
                wanted = f"{what} to its sender alone (nothing to {client} for {WINDOW:g} s)"
                hint = "Write the answer to the client that has asked, not to all."
                raise Violation(wanted, f"{client} got: {text}", hint=hint)
