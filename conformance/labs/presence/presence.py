"""Presence: a room of people, over TCP. The contract stands beside this file, in presence.md.

Each scenario draws names of its own: what is left of another's people disturbs none.

2.1 learns the server's manners: in which words it tells of who came, of what was said and of
who left, who gets to hear that, and how lines end. A fault in them is paid for in the clause
that asks for them, and nowhere else: every other clause goes by what the server really does.
What has no rule, and a room in which no command has any effect, is judged by nobody: that is
not shown, and says behind which clause.
"""

import asyncio
import contextlib
import re
from collections import Counter
from dataclasses import dataclass

from conformance import (
    Fault,
    Kind,
    Lab,
    NotJudged,
    Parameter,
    Violation,
    Wording,
    in_order,
    require,
)

COMMANDS = ("hello", "say", "who", "bye", "kill")
"""The parameters that are the words of commands."""

HEAR = {
    "included": "everybody in the room, {} included,",
    "left out": "everybody in the room but {}",
    "any": "everybody else in the room",
}
"""Whether who does something is told of it, too: values of the parameter, and who is told."""


def _combination(parameters):
    words = [parameters[command].upper() for command in COMMANDS]
    if not all(re.fullmatch(r"\S+", word) for word in words) or len({*words}) < len(words):
        return "the words of the commands are five, each of them one word"
    return None


def in_any_case(parameters):
    """The words of four commands, each in another case."""
    hello, say, who, bye = (parameters[command] for command in COMMANDS[:4])
    return hello.lower(), say.capitalize(), who[:1].lower() + who[1:].upper(), bye.lower()


def _shown(parameters):
    """What the contract shows of them."""
    hello, say, who = parameters.hello, parameters.say, parameters.who
    others = [f"`{word}`" for word in in_any_case(parameters)]
    example = {"name": "Ann", "message": "hi there"}
    return {
        "hello Ann": f"`{hello} Ann`",
        "say hi there": f"`{say} hi there`",
        "Ann came": f"`{notice(parameters.came, **example).words}`",
        "Ann says": f"`{notice(parameters.says, **example).words}`",
        "Ann left": f"`{notice(parameters.left, **example).words}`",
        "nobody's name": f"`{parameters.anonymous}`",
        "all and Ann": HEAR[parameters.speaker].format("Ann"),
        "all and the speaker": HEAR[parameters.speaker].format("the speaker"),
        "who is there": f"`{who}`",
        "the end": f"`{parameters.kill}`",
        "in any case": ", ".join(others),
    }


presence = Lab(
    "presence",
    __file__,
    teaches="2.1",
    outlives=("4.3",),
    parameters=[
        Parameter("port", 9907, "TCP port that the server listens on"),
        *(
            Parameter(command, command.upper(), f"the word of the command {command.upper()}")
            for command in COMMANDS
        ),
        Parameter(
            "speaker",
            "included",
            "whether who says HELLO or SAY is told of it, as the others are",
            choices=tuple(HEAR),
        ),
        Parameter("anonymous", "An anonymous user", "the name of whoever has not said HELLO"),
        Parameter("came", "{name} is in the room.", "the notice after HELLO"),
        Parameter("says", "{name} says: {message}", "the notice after SAY"),
        Parameter("left", "{name} has left the room.", "the notice when somebody has gone"),
    ],
    check_parameters=_combination,
    shown=_shown,
    see="nc localhost {port}",
)

PATIENCE = 5.0
"""Seconds to wait for what has no deadline of its own."""

BRIEFLY = 1.0
"""Seconds to wait for what is known not to come, or has never come yet: it decides nothing."""

WINDOW = 0.5
"""Seconds over which absence is judged: that something comes once, or to one alone."""


def words_of(server):
    """The words of the commands."""
    return [server.parameters[command] for command in COMMANDS]


# -- what a client was told -------------------------------------------------------------

START = (0, 0)
"""The moment before a client was told anything."""


def mark(client):
    """This moment, for `texts`: lines that have come, and characters of the next."""
    return len(client.lines), len(client.unfinished)


def marks(clients):
    return {client: mark(client) for client in clients}


def texts(server, client, since=START):
    """What the client was told since that moment, line by line, as this server ends its lines:
    all of it as one text where it does not end them."""
    lines, ahead = since
    ends = server.dialect.get("ends", "\n")
    if ends == "\n":
        return [without_prompt(server, line.text) for line in client.lines[lines:]]
    told = "".join(line.text + line.ending for line in client.lines[lines:]) + client.unfinished
    return re.split(r"\r\n?|\n", told[ahead:]) if ends else [told[ahead:]]


def without_prompt(server, text):
    prompt = server.dialect.get("prompt", {}).get("text", "")
    while prompt and text.startswith(prompt):
        text = text[len(prompt) :]
    return text


def pending(client, since=START):
    """What the client was told since that moment, and has no end of line yet."""
    lines, ahead = since
    return client.unfinished[ahead if len(client.lines) == lines else 0 :]


def spoken_to(client):
    return bool(client.lines or client.unfinished)


def hearing(server, client, wanted, since=START):
    """A condition: the client has been told what is wanted. It reads each line once."""
    position = since[0]

    def heard():
        nonlocal position
        if server.dialect.get("ends", "\n") != "\n":
            return any(map(wanted.holds, texts(server, client, since)))
        while position < len(client.lines):
            position += 1
            if wanted.holds(without_prompt(server, client.lines[position - 1].text)):
                return True
        return False

    return heard


def count(server, client, wanted, since=START):
    """How often the client was told it."""
    told = texts(server, client, since)
    if server.dialect.get("ends", "\n"):
        return sum(map(wanted.holds, told))
    return told[0].count(wanted.words)


async def either(server, condition, within):
    """Waits for something that may show at any of several clients; whether it did."""
    until = server.now() + within * server.scale
    while not condition():
        if server.now() > until:
            return False
        await asyncio.sleep(0.01)
    return True


# -- notices ----------------------------------------------------------------------------


def notice(template, *, whole=True, **parts):
    """The notice, with what is known of its parts; the others, and `*`, may be any text. Not
    `whole`: it may stand in a longer text."""
    return _wording(template, parts, whole, lambda text: re.escape(text).replace(r"\*", ".*"))


def own_notice(form, *, whole=True, **parts):
    """A notice in the server's own words, to the letter: but numbers, which may be a clock's."""
    return _wording(form, parts, whole, lambda text: re.sub(r"\d+", r"\\d+", re.escape(text)))


def _wording(form, parts, whole, literal):
    pieces = re.split(r"\{(\w+)\}", form)  # text, name of a part, text, …
    words = [parts.get(piece, "…") if at % 2 else piece for at, piece in enumerate(pieces)]
    patterns = [
        (re.escape(parts[piece]) if piece in parts else ".*") if at % 2 else literal(piece)
        for at, piece in enumerate(pieces)
    ]
    compiled = re.compile("".join(patterns))
    matches = compiled.fullmatch if whole else compiled.search
    return Wording("".join(words), lambda line: matches(line) is not None)


def called(server, name, clause="", hello=None):
    """What the server calls somebody who said `hello` with that name. The clause that pays for
    it where that is another name is judged by the right one."""
    known = server.dialect.get("called")
    if not known or known["by"] == clause:
        return name
    word = server.parameters.hello
    return known["form"].replace(word, hello or word).replace("{name}", name)


def names_people(server):
    """Whether HELLO gives people names that can be told apart."""
    return called(server, "x") != called(server, "y")


def came(server, name):
    return _notice(server, "came", name=called(server, name))


def says(server, name, message, hello=None):
    return _notice(server, "says", name=called(server, name, hello=hello), message=message)


def says_somehow(server, **parts):
    """Something that was said, where only these parts of it are known."""
    return _notice(server, "says", **parts)


def left(server, name):
    return _notice(server, "left", name=called(server, name))


def _notice(server, which, **parts):
    """The notice as the server words it."""
    whole = server.dialect.get("ends", "\n") != ""
    own = server.dialect.get(which, {}).get("form")
    if own:
        return own_notice(own, whole=whole, **parts)
    return notice(server.parameters[which], whole=whole, **parts)


def as_asked(server, which, clause, name, **parts):
    """The notice as the clause about it wants it."""
    whole = server.dialect.get("ends", "\n") != ""
    name = called(server, name, clause)
    return notice(server.parameters[which], whole=whole, name=name, **parts)


# -- the server's manners, as 2.1 learns them -------------------------------------------


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


# -- what cannot be judged --------------------------------------------------------------


def needs_answers(server):
    """Where no command has any effect, nothing of a room can be shown."""
    if kind := server.dialect.get("deaf"):
        server.excuse("2.1", Kind(kind), "no command had any effect")
        server.dialect.pop("deaf")


def needs_sound(server):
    """Where nothing ever comes, nothing need be waited for."""
    if server.dialect.get("mute"):
        needs_answers(server)


def needs_talk(server):
    """Where SAY tells nobody anything, or nothing that has a rule, talk cannot be judged."""
    needs_answers(server)
    if kind := server.dialect.get("says", {}).get("missing"):
        server.excuse("2.2", Kind(kind), "there is no rule by which a message is told")
        server.dialect.pop("says")


def needs_a_room(server):
    """Where a message does not reach the others, it cannot be judged what they are told."""
    needs_talk(server)
    if not agreed(server, "says")["others"]:
        server.excuse("2.2", Kind.SILENCE, "a message reaches nobody but who has said it")
        server.dialect.pop("says")


def needs_a_voice(server):
    """Where nothing that anybody does reaches the others, as messages should, nobody knows
    whether it still does."""
    reaching = {"SAY": "says", "HELLO": "came"}.get(voice(server, ["others"]))
    if not reaching or not agreed(server, reaching).get("others"):
        needs_a_room(server)


def needs_lines(server):
    """Where lines have no end, an answer of several cannot be judged."""
    needs_answers(server)
    if server.dialect.get("ends", "\n") == "":
        server.excuse("2.1", Kind.FORM, "its lines have no end, and cannot be told apart")
        server.dialect.pop("ends")


def needs_names(server):
    """Where HELLO gives nobody a name, nobody can be known by one."""
    needs_answers(server)
    if not names_people(server):
        payer = server.dialect["called"]["by"]
        seen = server.dialect.get("came", {}).get("missing") if payer == "2.1" else None
        raise NotJudged(payer, Kind(seen or Kind.FORM), "HELLO gives nobody a name")


ROLES = ("self", "others")


def agreed(server, which):
    """How often a notice comes to whoever it is about, and to each of the others: as it was
    learnt, or as the lab has it."""
    told = int(server.parameters.speaker == "included")
    return server.dialect.get(which, {"self": told, "others": 1})


# -- people -----------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def people(server, count):
    """So many clients, who come one after another, and leave together."""
    clients = []
    try:
        for _ in range(count):
            clients.append(await server.open_client())
            await settled(server, clients[-1])
        yield clients
    finally:
        await asyncio.gather(*(client.leave() for client in clients))


async def settled(server, client):
    """The client is in the room, as far as it can know: it was welcomed, or has waited where
    nobody is."""
    welcomes = server.dialect.get("welcomes")
    within = PATIENCE if welcomes else BRIEFLY if welcomes is None else WINDOW
    if not server.dialect.get("mute"):
        came = await client.watch(lambda: spoken_to(client), within=within)
        server.dialect.setdefault("welcomes", came)
        await client.watch(lambda: False, within=0.05)


async def introduce(server, client, hello=None):
    """The client says HELLO under a name of its own, and waits for a line that names it, where
    the server tells it so: whether it does, and in which words, is 2.1's affair."""
    name = server.draw.word().capitalize()
    label, since = called(server, name), mark(client)
    known = server.dialect.get("came")
    within = PATIENCE if known and known.get("self") else WINDOW if known else BRIEFLY
    await client.send_line(f"{hello or server.parameters.hello} {name}")
    await client.watch(
        lambda: any(label in text for text in texts(server, client, since)),
        within=BRIEFLY if hello else within,
    )
    return name


EVERYBODY = (
    "Is it written to every client in the room, those who came before and those who came after?"
)


async def all_hear(
    server, clients, wanted, *, since=None, like=None, hint=EVERYBODY, within=PATIENCE
):
    """Each of the clients gets the notice. A line that is `like` it shows what it got."""
    for client in clients:
        before = since[client] if since else START
        if not await client.watch(hearing(server, client, wanted, before), within=within):
            raise await not_heard(
                server, client, wanted, before, like=like, hint=hint, within=within
            )


async def not_heard(server, client, wanted, since, *, like=None, hint="", within):
    """What to say of a notice that a client did not get."""
    told = texts(server, client, since)
    if like and (similar := [text for text in told if like(text)]):
        return Violation(wanted.words, similar[-1], hint=hint)
    unfinished = pending(client, since)
    if like and like(unfinished):
        actual = f"{unfinished}, without an end of line"
        return Violation(wanted.words, actual, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
    if client.ending is not None:
        gone = await server.fate()
        actual = "the server closed the connection" + (f" ({gone})" if gone else "")
        kind = Kind.ENDED if gone else Kind.CLOSED
        return Violation(wanted.words, actual, hint=hint, kind=kind)
    actual = f"nothing of it to {client.name} within {within:g} s"
    if unfinished:
        actual += f", only {unfinished}, without an end of line"
    elif told:
        actual += f"; the last line was: {told[-1]}"
    return Violation(wanted.words, actual, hint=hint, fault=Fault.ABSENT)


async def say(server, client, message):
    await client.send_line(f"{server.parameters.say} {message}")


def audience(server, which, speaker, others):
    """Who gets the notice of what the speaker does, by the server's rule."""
    times = agreed(server, which)
    return [
        *([speaker] if times.get("self") else []),
        *(others if times.get("others") else []),
    ]


def voice(server, others):
    """The command by which a speaker reaches the others, where one does; else one that is
    answered. Empty: none."""
    notices = {
        "SAY": agreed(server, "says"),
        "HELLO": server.dialect.get("came", {}),
    }
    for role in ("others", "self") if others else ("self",):
        for command, times in notices.items():
            if times.get(role):
                return command
    return ""


async def goes_on(server, speaker, others, hint):
    """What the speaker says still reaches everybody whom it reaches by the server's rule (or
    WHO is answered, where that is all that is); what the speaker said."""
    needs_answers(server)
    command, word = voice(server, others), server.draw.word().capitalize()
    if not command:
        await who(server, speaker)
        return word
    which, parts = "says", {"message": word}
    word_of_it = server.parameters[command.lower()]
    if command == "HELLO":
        which, parts = "came", {"name": called(server, word)}
    hearers = audience(server, which, speaker, others)
    since = marks(hearers)
    await speaker.send_line(f"{word_of_it} {word}")
    await all_hear(server, hearers, _notice(server, which, **parts), since=since, hint=hint)
    return word


async def only_once(server, clients, wanted):
    """Nobody gets the notice a second time."""
    await asyncio.gather(*(client.watch(lambda: False, within=WINDOW) for client in clients))
    for client in clients:
        if (times := count(server, client, wanted)) > 1:
            told = f"{times} times to {client.name} within {WINDOW:g} s"
            raise Violation(f"once: {wanted.words}", f"{told}: {wanted.words}")


async def hear_nothing_of(server, answer, before, what):
    """Nobody else gets one of these lines of the answer. What somebody had got `before` is
    none: a welcome may have the words of the help, and a banner may be repeated."""
    await asyncio.gather(*(client.watch(lambda: False, within=WINDOW) for client in before))
    for client, since in before.items():
        told, lines = texts(server, client), len(texts(server, client, since))
        known, new = told[: len(told) - lines], told[len(told) - lines :]
        for text in new:
            if text in answer and text not in known:
                wanted = f"{what} to its sender alone (nothing to {client.name} for {WINDOW:g} s)"
                hint = "Write the answer to the client that has asked, not to all."
                raise Violation(wanted, f"{client.name} got: {text}", hint=hint)


# -- questions --------------------------------------------------------------------------


async def answer_to(server, client, line, complete, within=PATIENCE):
    """The lines that come after `line`, until they are complete, and a moment longer."""
    since = mark(client)
    await client.send_line(line)
    await client.watch(lambda: complete(texts(server, client, since)), within=within)
    await client.watch(lambda: False, within=0.2)
    return [text for text in texts(server, client, since) if text or "ends" not in server.dialect]


async def who(server, client, labels=("",)):
    """The answer to WHO, where all that people are called should be in it."""
    answer = await answer_to(
        server,
        client,
        server.parameters.who,
        lambda lines: all(listed(server, label, lines) for label in labels),
    )
    if not answer:
        wanted = Wording("an answer to WHO", lambda line: False)
        raise await not_heard(server, client, wanted, mark(client), within=PATIENCE)
    return answer


def listed(server, label, answer):
    """The lines of an answer to WHO, of whatever form, that list somebody who is called so;
    notices that came meanwhile do not."""
    notices = [_notice(server, which, name=label) for which in ("came", "left")]
    if server.dialect.get("ends", "\n"):
        answer = [line for line in answer if not any(other.holds(line) for other in notices)]
    for other in notices:  # in what has no lines
        answer = [line.replace(other.words, "") for line in answer]
    return [line for line in answer if label in line]


async def times_listed(server, asker, name):
    """How often WHO lists what somebody is called who is there. Where it does not, it cannot
    be seen who is taken out of the list."""
    label = called(server, name)
    answer = await who(server, asker, [label])
    times = sum(line.count(label) for line in listed(server, label, answer))
    if not times:
        server.excuse("3.1", Kind.FORM, f"WHO lists nobody by the name of {label}")
        raise Violation(f"a list with {label}, who is there", " / ".join(answer))
    return times


async def forgotten(server, asker, name, times):
    """WHO no longer lists who was listed so many times, within 5 s; of people who are all
    called the same, one less."""
    label, fewer = called(server, name), 1 if names_people(server) else times
    until = server.now() + PATIENCE * server.scale
    while True:
        lines = listed(server, label, await who(server, asker))
        if sum(line.count(label) for line in lines) < fewer:
            return
        if server.now() > until:
            hint = "Whoever has left must be taken out of the list."
            raise Violation(
                f"{name} has left, and is not listed",
                lines[0],
                hint=hint,
                fault=Fault.ABSENT,
                kind=Kind.FORM,
            )


def entries(answer):
    """The lines of an answer to WHO that are its list."""
    return [line for line in answer if line.startswith(" - ")]


def the_list(answer, names, ignoring):
    """Whether the answer is a heading, and a line for each of the names; those that are
    ignored may be on it."""
    wanted = "a heading, then " + " and ".join(f"` - {name}`" for name in sorted(names))
    told = " / ".join(answer)
    lines = Counter(entries(answer))
    missing = Counter(f" - {name}" for name in names) - lines
    if missing:
        return Violation(wanted, told, hint=f"This line is missing:{'; '.join(missing)[1:]}")
    others = lines - Counter(f" - {name}" for name in names) - ignoring
    if others:
        hint = f"Nobody of that name is there (or not so often): {'; '.join(others)}"
        return Violation(wanted, told, hint=hint)
    if not answer[0].strip() or answer[0].startswith(" - "):
        return Violation(wanted, told, hint="Where is the heading?")
    return None


async def usage(server, client, unknown):
    """The answer to an unknown command, which names those that there are."""
    names_all = naming_all(server)
    wanted = Wording(f"an answer that names {', '.join(words_of(server))}", lambda line: False)
    hint = f"`{unknown}` was sent, which is no command."
    answer = await answer_to(server, client, unknown, names_all)
    if names_all(answer):
        return answer
    if answer and client.ending is None:
        raise Violation(wanted.words, " / ".join(answer), hint=hint)
    raise await not_heard(server, client, wanted, mark(client), hint=hint, within=PATIENCE)


def naming_all(server):
    """Tells whether an answer names all commands."""
    words = [word.upper() for word in words_of(server)]
    return lambda answer: all(word in " ".join(answer).upper() for word in words)


def help_in(server, answer):
    """The lines of an answer to an unknown command that name a command or more."""
    words = "|".join(map(re.escape, words_of(server)))
    command = re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE)
    return [line for line in answer if command.search(line)]


# -- much talk --------------------------------------------------------------------------


def heard(server, client, said):
    """What the client got of all that was said, by speaker. Violation where a line holds
    a message, and is not the notice of it."""
    notices = {
        message: (name, says(server, name, message))
        for name, messages in said.items()
        for message in messages
    }
    told: dict[str, list[str]] = {name: [] for name in said}
    for text in texts(server, client):
        for message in re.findall(r"[a-z]{10}", text):
            if message in notices:
                name, wanted = notices[message]
                if not wanted.holds(text):
                    raise Violation(wanted.words, text, hint=TORN)
                told[name].append(message)
    return told


TORN = "Several threads write to one client: a whole line must be written before the next."
LOST = (
    "Several threads use the list of clients: guard it with a lock, and catch what goes wrong"
    " with one client before you turn to the next."
)


async def all_told(server, clients, said):
    """Every client has got all that was said: once each (or as often as the server tells it),
    each speaker's in order."""
    for client, own in zip(clients, said, strict=True):
        await client.watch(lambda client=client, own=own: has_all(server, client, own, said))
    await asyncio.gather(*(client.watch(lambda: False, within=0.3) for client in clients))
    for client, own in zip(clients, said, strict=True):
        told = heard(server, client, said)
        for name, messages in said.items():
            times = how_often(server, name == own)
            expected = [says(server, name, message).words for message in messages if times]
            actual = [says(server, name, message).words for message in first_of(told[name], times)]
            hint = f"This is what {client.name} got. {LOST}"
            require(in_order(expected, actual, hint=hint))


def how_often(server, own):
    """How often a client is told of a message of somebody's, or of its own."""
    return agreed(server, "says")["self" if own else "others"]


def first_of(told, times):
    """The messages in the order in which each first came. One that came too often is there as
    often as it came; one that came too seldom is not."""
    came = Counter(told)
    return [
        message
        for at, message in enumerate(told)
        if came[message] > times or (came[message] == times and message not in told[:at])
    ]


def has_all(server, client, own, said):
    """Whether everything said has come; cheap as long as it cannot have."""
    wanted = sum(len(said[name]) * how_often(server, name == own) for name in said)
    if server.dialect.get("ends", "\n") == "\n" and len(client.lines) < wanted:
        return False
    return sum(map(len, heard(server, client, said).values())) >= wanted


async def talk(server, client, messages, pause=0.0):
    for message in messages:
        await say(server, client, message)
        await asyncio.sleep(pause)


async def comings_and_goings(server, count):
    """So many people come, ten at a time, say HELLO and vanish."""
    for _ in range(count // 10):
        visitors = await asyncio.gather(*(server.open_client() for _ in range(10)))
        for visitor in visitors:
            await visitor.send_line(f"{server.parameters.hello} {server.draw.word().capitalize()}")
        await asyncio.sleep(0.05)
        await asyncio.gather(*(visitor.vanish() for visitor in visitors))


async def flood(server, talker, hearers):
    """5 MB of messages, a thousand characters each, or what passes in 20 s, since a server
    may be slow by itself: all of them reach everybody."""
    hint = "While one client does not read, a write to it must not keep the others waiting."
    said = server.parameters.say
    line = f"{said} {server.draw.line(1_000)}\n"
    until, passed = server.now() + 20.0, 0
    while passed < 5_000 and server.now() < until:
        last, since = server.draw.word(), marks([talker, *hearers])
        await talker.send(f"{line * 99}{said} {last}\n")
        wanted = says_somehow(server, message=last)
        heard = f"{hint} Until then, {passed} messages of 1,000 characters had reached them."
        told = audience(server, "says", talker, hearers)
        await all_hear(server, told, wanted, since=since, hint=heard)
        passed += 100


# -- 1 Arriving -----------------------------------------------------------------------


presence.listening()
presence.reachable()


@presence.scenario("1.3")
async def welcomes_the_newcomer(server):
    """Whoever connects is welcomed with a line, before having said a word."""
    needs_sound(server)
    welcome = news_of(server, "a line of welcome")
    async with server.connect() as client:
        hint = "Is it sent to the client, with an end of line, and flushed?"
        await all_hear(server, [client], welcome, within=patience(server), hint=hint)


@presence.scenario("1.4")
async def announces_an_arrival(server):
    """Those already in the room are told that someone has come."""
    needs_sound(server)
    news = news_of(server, "a line that someone has come")
    async with people(server, 1) as (there,):
        await there.watch(lambda: False, within=WINDOW)
        since = marks([there])
        async with server.connect():
            hint = "Tell those who are there when somebody connects."
            await all_hear(server, [there], news, since=since, within=patience(server), hint=hint)


def patience(server):
    """Seconds to wait for a line that no command asks for: where the room does nothing that
    the lab asks for, it is not waited for long."""
    return BRIEFLY if server.dialect.get("deaf") else PATIENCE


def news_of(server, words):
    """Any text that does not tell of somebody who has gone."""
    gone = _notice(server, "left")
    return Wording(words, lambda line: bool(line) and not gone.holds(line))


# -- 2 Talking --------------------------------------------------------------------------


@presence.scenario("2.1", see=r"printf 'HELLO Ann\n' | nc localhost {port}")
async def tells_the_room_who_came(server):
    """After `HELLO Ann` everybody, Ann included, reads that Ann is in the room."""
    async with people(server, 3) as everybody:
        hello, fault = await introduction(server, everybody)
        await learn(server, everybody, hello, fault)
        require(fault)


async def introduction(server, everybody):
    """The second says HELLO. What they are told, and what is wrong with it.

    Where nothing comes of it the first time, nothing is waited for: it is tried again on a
    fresh server, and there with all patience, before it counts.
    """
    before, speaker, after = everybody
    people = (speaker, before, after)  # if the speaker is hung up on, that is soon known
    first, since = "works" not in server.dialect, marks(everybody)
    server.dialect.clear()
    server.dialect["welcomes"] = all(map(spoken_to, everybody))
    name, fault = server.draw.word().capitalize(), None
    wanted, hello = as_asked(server, "came", "2.1", name), f"{server.parameters.hello} {name}"
    await speaker.send_line(hello)
    in_vain = first and not await either(server, lambda: named_to(name, everybody), BRIEFLY)
    try:
        within = 0.0 if in_vain else PATIENCE
        like = similar(name)
        hearers = those_told(server, speaker, [before, after])
        await all_hear(server, hearers, wanted, since=since, like=like, within=within)
        await not_told(server, speaker, wanted, since[speaker])
    except Violation as violation:
        fault = violation
    server.dialect.update(line_ends(everybody, name))
    if fault and named_to(name, everybody):
        learn_prompt(server, people, since, "2.1")
    lists = [texts(server, client, since[client]) for client in people]
    return Told(hello, {"name": name}, lists), fault


def those_told(server, speaker, others):
    """Who is to be told of what the speaker does, as the lab has it."""
    return [speaker, *others] if server.parameters.speaker == "included" else others


async def not_told(server, speaker, wanted, since):
    """Where the lab has it so, the speaker is not told."""
    if server.parameters.speaker != "left out":
        return
    if await speaker.watch(hearing(server, speaker, wanted, since), within=WINDOW):
        hint = "Write it to everybody but the client that it comes from."
        told = f"to {speaker.name}, whose doing it is: {wanted.words}"
        raise Violation(f"to the others only: {wanted.words}", told, hint=hint)


def named_to(name, clients):
    """Whether any of them was told that name."""
    return any(
        name in client.unfinished or any(name in line.text for line in client.lines)
        for client in clients
    )


@presence.scenario("2.2", see=r"printf 'HELLO Ann\nSAY hi there\n' | nc localhost {port}")
async def passes_a_message_on(server):
    """After `SAY hi there` everybody, the speaker included, reads it once."""
    message = " ".join(server.draw.words(2))
    needs_answers(server)
    async with people(server, 3) as (before, speaker, after):
        everybody = [speaker, before, after]
        name = await introduce(server, speaker)
        since = mark(speaker)
        await say(server, speaker, message)
        wanted = as_asked(server, "says", "2.2", name, message=message)
        hint = f"The message is all behind SAY. {EVERYBODY}"
        with judged_with_prompts(server, "2.2"):
            hearers = those_told(server, speaker, [before, after])
            await all_hear(server, hearers, wanted, like=similar(message), hint=hint)
            await not_told(server, speaker, wanted, since)
            await only_once(server, everybody, wanted)


def similar(drawn):
    """Whether a line has one of the words that were drawn."""
    words = re.findall(r"[A-Za-z][a-z]{9}", drawn)
    return lambda text: any(word in text for word in words)


@presence.scenario("2.3", builds_on=("2.2",))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    needs_talk(server)
    one, other = server.draw.words(2)
    message = f"{one}  ça va, Zoë?  Été à «{other}»; 100 % (50 €)!"
    async with people(server, 2) as (hearer, speaker):
        name = await introduce(server, speaker)
        await say(server, speaker, message)
        told, wanted = audience(server, "says", speaker, [hearer]), says(server, name, message)
        hint = "Name the encoding, UTF-8, and pass on the line as it came."
        await all_hear(server, told, wanted, like=similar(message), hint=hint)


@presence.scenario("2.4", builds_on=("2.2",), see=r"printf 'SAY hi\n' | nc localhost {port}")
async def names_the_anonymous(server):
    """Whoever has not said HELLO speaks under the anonymous name."""
    needs_talk(server)
    message = server.draw.word()
    async with people(server, 2) as (hearer, speaker):
        await say(server, speaker, message)
        told = audience(server, "says", speaker, [hearer])
        wanted = says_somehow(server, name=server.parameters.anonymous, message=message)
        hint = f"What is the name of somebody who has not said {server.parameters.hello}?"
        await all_hear(server, told, wanted, like=similar(message), hint=hint)


@presence.scenario("2.5", builds_on=("2.2", "3.1", "4.1"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood like HELLO, SAY, WHO and BYE."""
    needs_talk(server)
    needs_names(server)
    message = server.draw.word()
    hello, said, *rest = in_any_case(server.parameters)
    async with people(server, 2) as (other, client):
        others = await introduce(server, other)
        name = await introduce(server, client, hello)
        [hearer, *_] = audience(server, "says", client, [other])
        await client.send_line(f"{said} {message}")
        hint = f"`{said}` was sent. {ANY_CASE}"
        await all_hear(server, [hearer], says_somehow(server, message=message), hint=hint)
        hint, wanted = f"`{hello}` was sent. {ANY_CASE}", says(server, name, message, hello)
        await all_hear(server, [hearer], wanted, like=similar(message), hint=hint, within=0.0)
        await lists_for(server, client, rest[0], called(server, others))
        label = called(server, name, hello=hello)
        await hangs_up_for(server, client, rest[1], other, label)


ANY_CASE = "Compare without regard to case (Java: equalsIgnoreCase)."


async def lists_for(server, client, word, label):
    """`wHO`, the word, is answered with a list of who is there."""
    since = mark(client)
    await client.send_line(word)
    within = PATIENCE
    if not await client.watch(
        lambda: bool(listed(server, label, texts(server, client, since))), within=within
    ):
        wanted, hint = Wording(f" - {label}", bool), f"`{word}` was sent. {ANY_CASE}"
        raise await not_heard(server, client, wanted, since, hint=hint, within=within)


async def hangs_up_for(server, client, word, other, label):
    """`bye`, the word, has an effect: the server hangs up, or tells the other who has left."""
    gone = hearing(server, other, _notice(server, "left", name=label), mark(other))
    await client.send_line(word)
    if not await either(server, lambda: client.ending is not None or gone(), PATIENCE):
        raise Violation(
            "the server hangs up, or tells the others who has left",
            f"neither within {PATIENCE:g} s",
            hint=f"`{word}` was sent. {ANY_CASE}",
            fault=Fault.ABSENT,
            kind=Kind.OPEN,
        )


@presence.scenario("2.6", builds_on=("2.2",), see=r"printf 'xyz\n\nSAY hi\n' | nc localhost {port}")
async def says_what_it_understands(server):
    """An unknown command is answered with the five that there are, to its sender alone."""
    needs_answers(server)
    async with people(server, 2) as (other, client):
        await introduce(server, client)
        before = marks([other])
        answer = await usage(server, client, server.draw.word())
        await hear_nothing_of(
            server, help_in(server, answer), before, "the answer to an unknown command"
        )
        await goes_on(server, client, [other], "After an unknown command the session goes on.")
        await client.send_line("")
        await goes_on(server, client, [other], "After an empty line the session goes on.")


# -- 3 Who is there ---------------------------------------------------------------------


@presence.scenario("3.1", see=r"printf 'WHO\n' | nc localhost {port}")
async def lists_who_is_there(server):
    """`WHO` is answered with a heading and a line for each person, to its sender alone."""
    needs_lines(server)
    anonymous = server.parameters.anonymous
    async with people(server, 1) as (asker,):
        others = Counter(await who(server, asker)) - Counter([f" - {anonymous}"])  # its own
        async with people(server, 3) as (one, two, silent):
            names = [await introduce(server, client) for client in (asker, one, two)]
            labels = [*(called(server, name) for name in names), anonymous]
            before = marks([one, two, silent])
            answer = await who(server, asker, labels)
            require(the_list(answer, labels, ignoring=others))
            await hear_nothing_of(server, entries(answer), before, "the answer to WHO")


@presence.scenario("3.2", builds_on=("2.2", "3.1"))
async def forgets_who_has_left(server):
    """Who left by BYE is no longer listed, and hears no more of what is said."""
    needs_answers(server)
    async with people(server, 3) as (asker, other, leaver):
        _, name = [await introduce(server, client) for client in (asker, leaver)]
        times = await times_listed(server, asker, name)
        await leaver.send_line(server.parameters.bye)
        await leaver.watch(lambda: False, within=2.0)
        await forgotten(server, asker, name, times)
        message = await goes_on(server, asker, [other], GOES_ON)
        await leaver.watch(lambda: False, within=WINDOW)
        require(unheard(server, leaver, message))


GOES_ON = "Whoever says BYE ends its own conversation, and nobody else's."


def unheard(server, client, message):
    """Whether somebody who has left heard nothing of a message."""
    told = [text for text in texts(server, client) if message in text]
    wanted = f"nothing of what is said after BYE, for {WINDOW:g} s"
    return Violation(wanted, told[0]) if told else None


# -- 4 Leaving --------------------------------------------------------------------------


@presence.scenario("4.1", see=r"printf 'HELLO Ann\nBYE\n' | nc localhost {port}")
async def hangs_up_after_bye(server):
    """The connection of whoever says BYE is closed within 2 s."""
    async with people(server, 2) as (other, leaver):
        await introduce(server, leaver)
        await goes_on(server, leaver, [other], "It is BYE that ends a conversation.")
        await leaver.send_line(server.parameters.bye)
        await leaver.expect_close(within=2.0, hint="Close the socket when BYE has come.")
        await stays(server, other)


async def stays(server, client):
    """Whoever has not said BYE is still connected."""
    if not await client.watch(lambda: False, within=0.3) and client.ending is None:
        return
    wanted = Wording(f"{client.name} stays connected: it has not said BYE", lambda line: False)
    raise await not_heard(server, client, wanted, START, hint=GOES_ON, within=0.3)


@presence.scenario("4.2", builds_on=("4.1",))
async def tells_the_room_who_left(server):
    """After BYE the others read who has left the room."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        name = await introduce(server, leaver)
        since = marks([before, after])
        await leaver.send_line(server.parameters.bye)
        wanted, own_words = as_asked(server, "left", "4.2", name), left(server, name).holds
        await all_hear(server, [before, after], wanted, since=since, like=own_words)


GONE = ("2.2", "3.1", "3.2", "4.2")
VANISHED = (
    "The end of a connection is the end of its stream (null, -1, b''), or an exception: then do"
    " as after BYE; and catch what a write to a dead client throws."
)


@presence.scenario(
    "4.3", builds_on=GONE, see="timeout 2 nc localhost {port}   # watched by another"
)
async def notices_a_client_that_vanishes(server):
    """A client that closes without BYE has left the room, too, and hinders nobody."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        _, name = [await introduce(server, client) for client in (before, leaver)]
        times, since = await times_listed(server, before, name), marks([before, after])
        await leaver.vanish()
        await has_left(server, name, times, before, after, since)


async def has_left(server, name, times, before, after, since):
    """The others are told, it is no longer listed, and the next message reaches them all."""
    await all_hear(server, [before, after], left(server, name), since=since, hint=VANISHED)
    await forgotten(server, before, name, times)
    needs_a_voice(server)
    await goes_on(server, before, [after], VANISHED)


@presence.scenario("4.4", builds_on=(*GONE, "4.3"), alone=True)
async def notices_a_reset(server):
    """A client that resets its connection has left the room, too."""
    needs_answers(server)
    async with people(server, 3) as (before, leaver, after):
        _, name = [await introduce(server, client) for client in (before, leaver)]
        times, since = await times_listed(server, before, name), marks([before, after])
        leaver.reset()
        await has_left(server, name, times, before, after, since)


@presence.scenario(
    "4.5", alone=True, needs_process=True, see=r"printf 'KILL\n' | nc localhost {port}"
)
async def goes_down_on_kill(server):
    """After `KILL` everybody is disconnected, the port is closed and the program ends."""
    async with people(server, 3) as everybody:
        await lives_on(server, *everybody)
        await everybody[1].send_line(server.parameters.kill)
        hint = "End the program itself (System.exit, process.exit), not only a thread."
        await server.expect_end(within=PATIENCE, hint=hint)
        for client in everybody:
            await client.watch(lambda: False)
            within = PATIENCE * server.scale + client.close_error
            require(disconnected(client, everybody[1].sent_at, within))


async def lives_on(server, before, speaker, after):
    """The room works, and no other line ends the program: KILL could not be told from it."""
    hint = "It is KILL that ends the program."
    await introduce(server, speaker)  # who has no name may have no say (2.4's affair)
    await goes_on(server, speaker, [after], hint)
    await before.send_line(server.draw.word())
    await before.watch(lambda: False, within=WINDOW)
    if ended := server.host.ended():
        server.excuse("2.6", Kind.ENDED, "a line that it does not know ends the program, too")
        raise Violation("the program goes on running until KILL", ended, hint=hint, kind=Kind.ENDED)


def disconnected(client, killed, limit):
    """Whether the server has closed the connection in time, which counts from KILL."""
    wanted = f"{client.name} is disconnected within {PATIENCE:g} s of KILL"
    hint = "Close every connection."
    if client.ending is None:
        return Violation(wanted, "it was still open", hint=hint, fault=Fault.ABSENT)
    took = client.closed_at - killed
    if took > limit:
        return Violation(wanted, f"it was after {took:.2f} s", hint=hint, fault=Fault.LATE)
    return None


# -- 5 A full room ----------------------------------------------------------------------


@presence.scenario("5.1", builds_on=("2.2",), alone=True)
async def keeps_everybody_informed(server):
    """20 people each say 5 things; everyone gets all 100 once each, in order."""
    needs_a_room(server)
    async with server.crowd(20) as clients:
        await asyncio.gather(*(settled(server, client) for client in clients))
        names = await asyncio.gather(*(introduce(server, client) for client in clients))
        said = {name: server.draw.words(5) for name in names}
        talks = (talk(server, *pair) for pair in zip(clients, said.values(), strict=True))
        await asyncio.gather(*talks)
        await all_told(server, clients, said)


@presence.scenario("5.2", builds_on=("2.2",), alone=True)
async def a_slow_reader_delays_nobody(server):
    """While somebody does not read, 5 MB of messages reach the others."""
    needs_a_room(server)
    async with people(server, 2) as (talker, hearer):
        await introduce(server, talker)
        async with server.connect(reading=False):
            await hearer.watch(lambda: False, within=0.3)
            await flood(server, talker, [hearer])


@presence.scenario("5.3", builds_on=("2.2", "4.3", "5.1"), alone=True)
async def survives_comings_and_goings(server):
    """100 people come, say HELLO and vanish while 5 talk; the 5 lose nothing."""
    needs_a_room(server)
    async with people(server, 5) as talkers:
        names = [await introduce(server, client) for client in talkers]
        said = {name: server.draw.words(20) for name in names}
        talks = (
            talk(server, *pair, pause=0.05) for pair in zip(talkers, said.values(), strict=True)
        )
        await asyncio.gather(comings_and_goings(server, 100), *talks)
        await all_told(server, talkers, said)
