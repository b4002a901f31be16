"""What people must be told, and what they must not; Violations if it is otherwise."""

import re

from conformance import Fault, Kind, Sign, Symptom, Violation

from .people import START, wait_together
from .presence import PATIENCE, WINDOW

TOLD_TO_SOME = (
    "Write it to every client in the room: who came before, who came after, and who sent it."
)


async def all_hear(
    people,
    wanted,
    *,
    like=None,
    hint="",
    some=TOLD_TO_SOME,
    but_last="",
    within=PATIENCE,
    speaker=None,
):
    """Each of them reads the notice. A line for which `like` is true is reported as what came
    instead. `some`: a hint for the case that only some of them were told, and `but_last` one for
    all but the last of them. `speaker`: whose doing it is told of."""
    for person in people:
        if not await person.reads(person.hears(wanted), within):
            wrong = await not_heard(person, wanted.words, like=like, hint=hint, within=within)
            known = but_last if but_last and person is people[-1] else some
            told_by_others(wrong, person, people, wanted, some=known, speaker=speaker)
            raise wrong


def told_by_others(wrong, person, people, wanted, *, some, speaker):
    """Adds to the violation of a person's silence who else was told, or that nobody was."""
    others = [other for other in people if other is not person]
    if wrong.kind is not Kind.SILENCE or not others:
        return
    told = [other for other in others if other.hears(wanted)()]
    texts = [text.casefold() for each in people for text in each.texts()]
    shouted = not told and wanted.words.casefold() in texts  # it came in another case
    known = {} if shouted else {"told": who_was(told, people, speaker)}
    if not person.was_spoken_to:
        known["served"] = "not at all"
    wrong.symptom = Symptom(Sign.NOTHING, facts=known)
    silence, mark, last = wrong.actual.partition("; the last line was: ")
    if told:
        silence = f"{silence}, while {' and '.join(other.client.label for other in told)} got it"
        wrong.hint = {"nothing came": some}
    else:
        silence = f"{silence}, nor to {' and '.join(other.client.label for other in others)}"
    wrong.actual = f"{silence}; the last line was: {last}" if mark else silence


def who_was(told, people, speaker):
    """Which of the people were told of what the speaker did, in words for the symptom."""
    if not told:
        return "nobody"
    if told == [speaker] and len(people) > 2:  # the others have not said HELLO
        only_named = speaker.server.dialect.get("only_named", False)
        return "who has said HELLO" if only_named else "the speaker alone"
    return "all but the speaker" if {*people} - {*told} == {speaker} else "some"


async def not_heard(person, wanted, *, like=None, hint="", within=PATIENCE):
    """The violation of a notice that a person was not told."""
    told, unfinished = person.texts(), person.unfinished
    if like and (similar := [text for text in told if like(text)]):
        wrong = Violation(wanted, similar[-1], hint=hint, lines=True)
        return person.shows(wrong, lambda text: text == similar[-1])
    if like and like(unfinished):
        actual = f"{unfinished}, without an end of line"
        wrong = Violation(wanted, actual, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
        return person.client.shows(wrong)
    if person.is_cut_off:
        gone = await person.server.fate()
        actual = "the server closed the connection" + (f" ({gone})" if gone else "")
        wrong = Violation(wanted, actual, hint=hint, kind=Kind.ENDED if gone else Kind.CLOSED)
        return person.client.shows(wrong)
    actual = f"nothing of it to {person.client.label} within {within:g} s"
    if unfinished:
        actual = f"{actual}, only {unfinished}, without an end of line"
    elif told:
        actual = f"{actual}; the last line was: {told[-1]}"
        if names_another(told[-1], wanted):
            hint = {"nothing came": ANOTHER_NAME}
    return person.client.shows(Violation(wanted, actual, hint=hint, fault=Fault.ABSENT))


ANOTHER_NAME = (
    "It was told of another name: look it up before it is removed, and set it before it is told."
)
NOTICE = 12  # characters at the end of a line by which it is known to be the same notice


def names_another(told, wanted):
    """Whether a line is the notice that is wanted, but for the name that it begins with; and that
    is no name of another client's, of whom it may be told, too."""
    notice = str(getattr(wanted, "words", wanted)).partition(" ")[2]
    named, ends, more = told.rpartition(f" {notice}")
    nobody = bool(named and ends) and not re.fullmatch("[A-Z][a-z]{9}", named)
    return len(notice) >= NOTICE and nobody and not more


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
        told = f"to {speaker.client.label}, whose doing it is: {wanted.words}"
        wrong = Violation(f"to the others only: {wanted.words}", told, hint=hint)
        raise speaker.shows(wrong, wanted.holds)


async def hear_it_once(people, wanted):
    """Nobody gets the notice a second time."""
    await wait_together(people, WINDOW)
    for person in people:
        if (times := person.count(wanted)) > 1:
            told = f"{times} times to {person.client.label} within {WINDOW:g} s"
            once, came = f"once: {wanted.words}", f"{told}: {wanted.words}"
            raise person.shows(Violation(once, came, symptom="twice"), wanted.holds)


async def hear_nothing_of(people, answer, what):
    """None of them gets a line of the answer, unless they had it before: a welcome may have the
    words of the help."""
    await wait_together(people, WINDOW)
    for person in people:
        new, all_told = person.texts(), person.texts(START)
        known = all_told[: len(all_told) - len(new)]
        for text in new:
            if text in answer and text not in known:
                client = person.client.label
                wanted = f"{what} to its sender alone (nothing to {client} for {WINDOW:g} s)"
                hint = "Write the answer to the client that has asked, not to all."
                wrong = Violation(wanted, f"{client} got: {text}", hint=hint)
                raise person.shows(wrong, lambda came, text=text: came == text)
