"""How clause 2.1 learns the ways in which this server words and sends its notices: see `notices`.

Two of three people do each thing. What everybody is told alike both times is a rule, unless the
server says the same after a line that it cannot know.
"""

import asyncio
import re
from dataclasses import dataclass, replace

from conformance import Kind, Wording

from .notices import ROLES, called, count, has_ends, notice
from .people import either, listen
from .presence import BRIEFLY, PATIENCE, WINDOW


@dataclass(frozen=True)
class Told:
    """What three people were told after one of them had sent a line."""

    line: str
    parts: dict[str, str]  # what in it was drawn: name, message, line
    lists: list[list[str]]  # the texts that each of them was told, the sender's first
    hung_up: bool = False  # whether the sender was hung up on

    def about(self, part):
        """The texts that contain that part."""
        return [text for told in self.lists for text in told if self.parts[part] in text]

    def form(self, text):
        """The text, with placeholders for what was drawn."""
        for part, drawn in self.parts.items():
            text = text.replace(drawn, f"{{{part}}}")
        return text


class Lesson:
    """Three people, the second of whom has said HELLO, and what they are told when two of them do
    each thing, one after the other."""

    def __init__(self, everybody, hello, pays):
        self.everybody = everybody
        self.before, self.speaker, _ = everybody
        self.server = self.speaker.server
        self.pays = pays  # the clause that pays for a prompt before a line
        self.works = []  # the commands that had an effect
        self.hellos, self.talk = [hello], []
        self.farewell = self.strange = None

    async def run(self):
        """Two of them say HELLO, talk and ask who is there, and one leaves."""
        word, draw = self.server.parameters, self.server.draw
        name, other = self.speaker.name, draw.word().capitalize()
        one, two, unknown = draw.words(3)
        said, asked = (self.speaker, f"{word.say} {one}"), (self.before, word.who, word.anonymous)
        if self.hellos[0].about("name"):
            self.works.append("HELLO")
            self.hellos.append(await self.ask(self.before, f"{word.hello} {other}", name=other))
            first = await self.ask(*said, name=name, message=one)
            answer = await self.ask(*asked, room=False, name=other)
        else:  # perhaps a mute server: both at the same time
            talking = self.ask(*said, name=name, message=one)
            first, answer = await asyncio.gather(talking, self.ask(*asked, room=False, name=other))
        self.talk.append(first)
        if first and first.about("message"):
            self.works.append("SAY")
            again = await self.ask(self.before, f"{word.say} {two}", name=other, message=two)
            self.talk.append(again)
        if answer and any(
            one not in text and (other in text or word.anonymous in text)
            for text in answer.lists[0]
        ):
            self.works.append("WHO")
        if self.works:
            self.farewell = await self.ask(self.speaker, word.bye, word.anonymous, name=name)
            sent = {"name": other, "line": unknown}
            self.strange = await self.ask(
                self.before, unknown, "", within=BRIEFLY, room=False, **sent
            )

    async def ask(self, sender, sent, *also, within=None, room=True, **parts):
        """What everybody is told after a line; None if the server hung up on its sender. Waits
        until somebody is told the part drawn last (or `also`); then half a second for the rest of
        the `room`, if they should be told; then for copies."""
        if sender.is_cut_off:
            return None
        heard_of = (list(parts.values())[-1], *also)
        people = [sender, *(person for person in self.everybody if person is not sender)]
        listen(people)
        await sender.send(sent)
        if within is None:  # if nothing has had an effect yet, perhaps nothing will
            within = PATIENCE if self.works else BRIEFLY / 2

        def heard():
            return [person.has_read(*heard_of) for person in people]

        if await either(self.server, lambda: any(heard()), within):
            if room:
                await either(self.server, lambda: all(heard()), WINDOW)
            await sender.wait(0.2)
            learn_prompt(people, self.pays)
        return Told(sent, parts, [person.texts() for person in people], sender.is_cut_off)


async def learn(everybody, hello, fault):
    """Learns the server's ways, after `hello`, with which the conversation began, and the `fault`
    that 2.1 found in it."""
    lesson = Lesson(everybody, hello, pays="2.1" if fault else "2.2")
    await lesson.run()
    server, name = lesson.server, lesson.speaker.name
    came = rule(lesson.hellos, "name", lesson.strange)
    says = rule(lesson.talk, "message", lesson.strange)
    says = [form for form in says if is_told(form, server.parameters)]
    if called_otherwise := naming(came, says, server.parameters):
        server.dialect["called"] = called_otherwise
    keep(server, "came", "name", lesson.hellos, came)
    keep(server, "says", "message", lesson.talk, says)
    if lesson.farewell:
        farewell = Told(lesson.farewell.line, {"name": called(server, name)}, lesson.farewell.lists)
        forms = [farewell.form(text) for text in farewell.about("name")]
        keep(server, "left", "name", [farewell], forms)
    no_effect = {"HELLO": not came, "SAY": not says}
    server.dialect["works"] = works = [c for c in lesson.works if not no_effect.get(c)]
    if fault is not None and not works:
        server.dialect["deaf"] = fault.kind
        server.dialect["mute"] = not any(person.was_spoken_to for person in everybody)
    if is_told_to_the_named_alone(lesson.talk, "message"):
        server.dialect["only_named"] = True
    if fault is not None and fault.symptom is not None:
        facts = {**fault.symptom.facts, **learnt_of_silence(lesson, fault.symptom)}
        fault.symptom = replace(fault.symptom, facts=facts)
    if words := told_of_manners(server):
        server.dialect["words"] = words


def learnt_of_silence(lesson, symptom):
    """What the lesson adds to the symptom of a HELLO that somebody is not told of."""
    if not lesson.works and not any(map(is_told_in_any_case, [*lesson.hellos, *lesson.talk])):
        spoke = any(person.was_spoken_to for person in lesson.everybody)
        return {"answers": "no command" if spoke else "nothing at all"}
    if symptom.facts.get("told") != "the speaker alone":
        return {}
    named_alone = is_told_to_the_named_alone(lesson.hellos, "name")
    return {"told": "who has said HELLO"} if named_alone else {}


def is_told_in_any_case(sample):
    """Whether anybody was told what was drawn, in capitals or not; also where it is not known."""
    if sample is None:
        return True
    texts = "\n".join(text for told in sample.lists for text in told).casefold()
    return any(drawn.casefold() in texts for drawn in list(sample.parts.values())[-1:])


def is_told_to_the_named_alone(samples, part):
    """Whether of what the second of them did, who had said HELLO was told, and who had not was
    not."""
    if len(samples) < 2 or None in samples:
        return False
    sample = samples[1]
    _, named, nameless = [any(sample.parts[part] in text for text in told) for told in sample.lists]
    return named and not nameless


def rule(samples, part, strange):
    """The forms in which everybody is told of that part, the same in both samples; none if the
    server only passes the line on, as it does with one that it cannot know (`strange`)."""
    if len(samples) < 2 or None in samples:
        return []
    first, second = samples
    again = [second.form(text) for text in second.about(part)]
    line = first.form(first.line)
    sent_on = [
        strange.form(text).replace("{line}", line)
        for text in (strange.about("line") if strange else [])
    ]
    return [
        form
        for form in dict.fromkeys(first.form(text) for text in first.about(part))
        if any(alike(form, other) for other in again)
        and not any(alike(form, other) for other in sent_on)
    ]


def alike(form, other):
    """Whether two forms differ only in numbers."""
    return re.sub(r"\d+", "0", form) == re.sub(r"\d+", "0", other)


def is_told(form, parameters):
    """Whether this form is a notice, and not just the line passed on."""
    sent, anonymous = f"{parameters.say} {{message}}", parameters.anonymous
    return sent not in form or "{name}" in form or anonymous in form


def naming(came_forms, says_forms, parameters):
    """What the server calls people, if not by their names, and the clause that pays for it: 2.1 if
    its notice shows the wrong name, or names nobody."""
    in_came = [called_in(form, parameters.came, parameters) for form in came_forms[:1]]
    in_says = [called_in(form, parameters.says, parameters) for form in says_forms[:1]]
    who = (in_says or in_came or [""])[0]
    if who in ("", "{name}"):
        return None
    nameless = "{name}" not in who and "{name}" not in "".join(in_came)
    return {"form": who, "by": "2.1" if in_came == [who] or nameless else "2.2"}


def called_in(form, template, parameters):
    """What a notice calls the person who has said HELLO: `{name}` as it should, or `HELLO {name}`,
    or the anonymous name; empty if it names nobody."""
    anonymous, hello = parameters.anonymous, f"{parameters.hello} {{name}}"
    before, _, behind = template.partition("{name}")
    if "*" not in template and form.startswith(before) and form.endswith(behind):
        who = form[len(before) : len(form) - len(behind)]
        if "{name}" in who or who == anonymous:
            return who
    if "{name}" not in form:
        return anonymous if anonymous in form else ""
    return hello if hello in form else "{name}"


def keep(server, event, part, samples, forms):
    """Keeps the form of a notice, if it is not the contract's, and how often its sender and each of
    the others get it; or the kind of fault if it has no rule."""
    if None in samples:  # the conversation broke off, so nothing is known
        return
    if not forms:
        server.dialect[event] = {"missing": lacking(samples[0], part)}
        return
    usual = Wording.template(
        server.parameters[event], whole=has_ends(server), name="\0", message="\1"
    )
    plain = [form.replace(called(server, "{name}"), "{name}") for form in forms]
    drawn = [form.replace("{name}", "\0").replace("{message}", "\1") for form in plain]
    server.dialect[event] = kept = {} if any(map(usual.holds, drawn)) else {"form": plain[-1]}
    times = []
    for told in samples:
        parts = {**told.parts, "name": called(server, told.parts["name"])}
        wanted = notice(server, event, **parts)
        times.append([count(server, texts, wanted) for texts in told.lists])
    kept["self"] = min(sender for sender, *_ in times)
    kept["others"] = min(other for _, *others in times for other in others)
    if not any(kept.get(role) for role in ROLES):  # it does not always reach the same people
        server.dialect[event] = {"missing": Kind.SILENCE}


def lacking(told, part):
    """The kind of fault that the clause about a notice finds, if the notice has no rule."""
    if told.about(part):
        return Kind.FORM
    return Kind.CLOSED if told.hung_up else Kind.SILENCE


def line_ends(everybody, name):
    """How the server ended its lines after HELLO, if not as it should."""
    clients = [person.client for person in everybody]
    unended = [client.unfinished for client in clients if name in client.unfinished]
    if not unended or any(name in line.text for client in clients for line in client.lines):
        return {}
    return {"ends": "\r" if "\r" in unended[0].split(name)[-1] else ""}


def learn_prompt(people, clause):
    """Learns a prompt before lines, for which that clause pays: it had come before the line was
    sent, or comes only to the sender of a command."""
    dialect = people[0].server.dialect
    firsts = [(person.client.lines, *person.since) for person in people]
    prompts = [lines[at].text[:ahead] for lines, at, ahead in firsts if ahead and len(lines) > at]
    own, *others = [{line.text for line in lines[at:]} for lines, at, _ in firsts]
    told = set().union(*others)
    prompts += [mine[: -len(text)] for mine in own for text in told if text and mine.endswith(text)]
    prompts = [prompt for prompt in prompts if prompt and not prompt[-1].isalnum()]
    if prompts and "prompt" not in dialect:
        dialect["prompt"] = {"text": prompts[0], "by": clause}


def told_of_manners(server):
    """What a student should know of the server's ways, as sentences."""
    told = []
    who = called(server, "Ann")
    if who != "Ann":
        clause = server.dialect["called"]["by"]
        hello = f"{server.parameters.hello} Ann"
        told.append(f"After `{hello}` the server calls Ann `{who}`: that costs clause {clause}.")
    for event, clause in (("came", "2.1"), ("says", "2.2"), ("left", "4.2")):
        words = notice(server, event, name=who, message="hi there").words
        if "form" in server.dialect.get(event, {}):
            told.append(f"The server's own words are `{words}`: that costs clause {clause}.")
    if told:
        told.append("Every other clause is judged by what the server really tells.")
    return " ".join(told)
