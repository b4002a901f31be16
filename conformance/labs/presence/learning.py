"""How this server tells what it has to tell, as clause 2.1 learns it."""

import asyncio
import contextlib
import re
from dataclasses import dataclass

from conformance import Kind

from .notices import ROLES, _notice, called, notice
from .people import either, marks, spoken_to, texts
from .presence import BRIEFLY, PATIENCE, WINDOW


@dataclass(frozen=True)
class Told:
    """What three people were told after one of them had sent a line."""

    line: str
    parts: dict[str, str]
    """What in it was drawn: name, message, line."""
    lists: list[list[str]]
    """The texts that each of them was told, the sender's first."""
    hung_up: bool = False
    """Whether the sender was hung up on."""

    @property
    def texts(self):
        return [text for told in self.lists for text in told]

    def about(self, part):
        """Those that hold that part."""
        return [text for text in self.texts if self.parts[part] in text]

    def form(self, text):
        """The text, with placeholders for what was drawn."""
        for part, drawn in self.parts.items():
            text = text.replace(drawn, f"{{{part}}}")
        return text


def alike(form, other):
    """Whether two forms differ in nothing but numbers."""
    return re.sub(r"\d+", "0", form) == re.sub(r"\d+", "0", other)


def mirrored(told, strange):
    """The forms that come of sending the line back, or on, as the server does with one that
    it cannot know (`strange`): whoever does that has not understood it."""
    if strange is None:
        return []
    line = told.form(told.line)
    return [strange.form(text).replace("{line}", line) for text in strange.about("line")]


def rule(samples, part, strange):
    """The forms in which the room is told of that part, alike in both cases; none where the
    line was only sent on."""
    if len(samples) < 2 or None in samples:
        return []
    first, second = samples
    no_rule = mirrored(first, strange)
    again = [second.form(text) for text in second.about(part)]
    forms = dict.fromkeys(first.form(text) for text in first.about(part))
    return [
        form
        for form in forms
        if any(alike(form, other) for other in again)
        and not any(alike(form, other) for other in no_rule)
    ]


def called_in(form, template, parameters):
    """What a notice calls whoever has said HELLO: `{name}` as it should, or `HELLO {name}`, or
    the anonymous; empty where it names nobody."""
    anonymous, hello = parameters.anonymous, f"{parameters.hello} {{name}}"
    before, _, behind = template.partition("{name}")
    if "*" not in template and form.startswith(before) and form.endswith(behind):
        who = form[len(before) : len(form) - len(behind)]
        if "{name}" in who or who == anonymous:
            return who
    if "{name}" not in form:
        return anonymous if anonymous in form else ""
    return hello if hello in form else "{name}"


def naming(came_forms, says_forms, parameters):
    """What the server calls people, where that is not as it should be, and the clause that
    pays for it: 2.1, where its notice shows it, or names nobody."""
    in_came = [called_in(form, parameters.came, parameters) for form in came_forms[:1]]
    in_says = [called_in(form, parameters.says, parameters) for form in says_forms[:1]]
    who = (in_says or in_came or [""])[0]
    if who in ("", "{name}"):
        return None
    nameless = "{name}" not in who and "{name}" not in "".join(in_came)
    return {"form": who, "by": "2.1" if in_came == [who] or nameless else "2.2"}


def lists_somebody(text, name, anonymous, message):
    """Whether a line may be of the answer to WHO: it names somebody, and is no message."""
    return message not in text and (name in text or anonymous in text)


def is_told(form, parameters):
    """Whether somebody tells this, rather than that the line was only sent on."""
    sent, anonymous = f"{parameters.say} {{message}}", parameters.anonymous
    return sent not in form or "{name}" in form or anonymous in form


def keep(server, which, part, samples, forms):
    """Keeps of a notice its form, where that is not as it should be, and how often its sender
    and each of the others get it; or in which way it has none."""
    if None in samples:  # the conversation broke off: nothing is known
        return
    if not forms:
        server.dialect[which] = {"missing": lacking(samples[0], part)}
        return
    whole = server.dialect.get("ends", "\n") != ""
    usual = notice(server.parameters[which], whole=whole, name="\0", message="\1")
    plain = [form.replace(called(server, "{name}"), "{name}") for form in forms]
    drawn = [form.replace("{name}", "\0").replace("{message}", "\1") for form in plain]
    server.dialect[which] = kept = {} if any(map(usual.holds, drawn)) else {"form": plain[-1]}
    times = [[times_in(server, which, told, heard) for heard in told.lists] for told in samples]
    kept["self"] = min(sender for sender, *_ in times)
    kept["others"] = min(other for _, *others in times for other in others)
    if not any(kept.get(role) for role in ROLES):  # it reaches now this one, now that one
        server.dialect[which] = {"missing": Kind.SILENCE}


def times_in(server, which, told, heard):
    """How often the notice is in what somebody was told."""
    parts = {**told.parts, "name": called(server, told.parts["name"])}
    wanted = _notice(server, which, **parts)
    if server.dialect.get("ends", "\n"):
        return sum(map(wanted.holds, heard))
    return heard[0].count(wanted.words)


def lacking(told, part):
    """What the clause about a notice finds, where that has no rule."""
    if told.about(part):
        return Kind.FORM
    return Kind.CLOSED if told.hung_up else Kind.SILENCE


def line_ends(everybody, name):
    """How the server ends its lines, where that is not as it should be: from what came after
    HELLO."""
    unended = [client.unfinished for client in everybody if name in client.unfinished]
    if not unended or any(name in line.text for client in everybody for line in client.lines):
        return {}
    return {"ends": "\r" if "\r" in unended[0].split(name)[-1] else ""}


def learn_prompt(server, people, since, clause):
    """Learns what the server puts before lines, as a prompt that it does not end: it had come
    before the line, or comes to the sender of a command alone. It costs that clause."""
    firsts = [(client, *since[client]) for client in people]
    prompts = [c.lines[at].text[:ahead] for c, at, ahead in firsts if ahead and len(c.lines) > at]
    own, *others = [{line.text for line in c.lines[at:]} for c, at, _ in firsts]
    told = set().union(*others)
    prompts += [mine[: -len(text)] for mine in own for text in told if text and mine.endswith(text)]
    prompts = [prompt for prompt in prompts if prompt and not prompt[-1].isalnum()]
    if prompts and "prompt" not in server.dialect:
        server.dialect["prompt"] = {"text": prompts[0], "by": clause}


@contextlib.contextmanager
def judged_with_prompts(server, clause):
    """The clause that pays for a prompt before a line is judged with it."""
    known = server.dialect.get("prompt")
    if known and known["by"] == clause:
        del server.dialect["prompt"]
    try:
        yield
    finally:
        if known:
            server.dialect["prompt"] = known


class Lesson:
    """Three people in a room, and what they are told when one of them sends a line."""

    def __init__(self, server, everybody, pays):
        self.server = server
        self.pays = pays
        """The clause that pays for a prompt before a line."""
        self.everybody = everybody
        self.works = []
        """The commands that had an effect."""

    async def ask(self, sender, sent, *also, within=None, room=True, **parts):
        """What everybody is told after a line; None where its sender was hung up on. The first
        who hears of what was drawn last (or of what else is awaited, `also`) may take its
        time; the `room`, where it should hear of it, half a second more; then it may come
        again."""
        if sender.ending is not None:
            return None
        server, heard_of = self.server, (list(parts.values())[-1], *also)
        people = [sender, *(client for client in self.everybody if client is not sender)]
        since = marks(people)

        def heard(client):
            told = texts(server, client, since[client])
            return any(word in text for word in heard_of for text in told)

        await sender.send_line(sent)
        if within is None:  # where nothing has had an effect, nothing may have one
            within = PATIENCE if self.works else BRIEFLY / 2
        if await either(server, lambda: any(map(heard, people)), within):
            if room:
                await either(server, lambda: all(map(heard, people)), WINDOW)
            await sender.watch(lambda: False, within=0.2)
            learn_prompt(server, people, since, self.pays)
        lists = [texts(server, client, since[client]) for client in people]
        return Told(sent, parts, lists, sender.ending is not None)


async def learn(server, everybody, hello, fault):
    """Finds out by which manners the server goes, in a conversation that began with `hello`;
    `fault` is what 2.1 has found there."""
    before, speaker, _ = everybody
    anonymous = server.parameters.anonymous
    lesson = Lesson(server, everybody, pays="2.1" if fault else "2.2")
    name, other = hello.parts["name"], server.draw.word().capitalize()
    one, two, unknown = server.draw.words(3)
    hellos, farewell, strange = [hello], None, None
    word = server.parameters
    said, asked = (speaker, f"{word.say} {one}"), (before, word.who, anonymous)
    if hello.about("name"):
        lesson.works.append("HELLO")
        hellos.append(await lesson.ask(before, f"{word.hello} {other}", name=other))
        talk = [await lesson.ask(*said, name=name, message=one)]
        answer = await lesson.ask(*asked, room=False, name=other)
    else:  # which may be a mute: both at a time
        talking = lesson.ask(*said, name=name, message=one)
        asking = lesson.ask(*asked, room=False, name=other)
        first, answer = await asyncio.gather(talking, asking)
        talk = [first]
    if talk[0] and talk[0].about("message"):
        lesson.works.append("SAY")
        talk.append(await lesson.ask(before, f"{word.say} {two}", name=other, message=two))
    if answer and any(lists_somebody(text, other, anonymous, one) for text in answer.lists[0]):
        lesson.works.append("WHO")
    if lesson.works:
        farewell = await lesson.ask(speaker, word.bye, anonymous, name=name)
        sent = {"name": other, "line": unknown}
        strange = await lesson.ask(before, unknown, "", within=BRIEFLY, room=False, **sent)
    came_forms = rule(hellos, "name", strange)
    says_forms = [
        form for form in rule(talk, "message", strange) if is_told(form, server.parameters)
    ]
    if called_otherwise := naming(came_forms, says_forms, server.parameters):
        server.dialect["called"] = called_otherwise
    keep(server, "came", "name", hellos, came_forms)
    keep(server, "says", "message", talk, says_forms)
    if farewell:
        farewell = Told(farewell.line, {"name": called(server, name)}, farewell.lists)
        forms = [farewell.form(text) for text in farewell.about("name")]
        keep(server, "left", "name", [farewell], forms)
    no_effect = {"HELLO": not came_forms, "SAY": not says_forms}
    server.dialect["works"] = works = [c for c in lesson.works if not no_effect.get(c)]
    if fault is not None and not works:
        server.dialect["deaf"] = fault.kind
        server.dialect["mute"] = not any(map(spoken_to, everybody))
    if words := told_of_manners(server):
        server.dialect["words"] = words


def told_of_manners(server):
    """What a student is to know of it."""
    told = []
    who = called(server, "Ann")
    if who != "Ann":
        clause = server.dialect["called"]["by"]
        hello = f"{server.parameters.hello} Ann"
        told.append(f"After `{hello}` the server calls Ann `{who}`: that costs clause {clause}.")
    for which, clause in (("came", "2.1"), ("says", "2.2"), ("left", "4.2")):
        known = server.dialect.get(which, {})
        words = _notice(server, which, name=who, message="hi there").words
        if "form" in known:
            told.append(f"The server's own words are `{words}`: that costs clause {clause}.")
    if told:
        told.append("Every other clause is judged by what the server really tells.")
    return " ".join(told)
