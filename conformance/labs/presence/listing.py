"""Questions and their answers: WHO and its list, and the answer to what is no command."""

import re
from collections import Counter

from conformance import Fault, Kind, Sign, Symptom, Violation

from .hearing import not_heard
from .notices import has_ends, names_people, notice
from .presence import PATIENCE, words_of


async def answer_to(asker, line, complete):
    """The lines that come after `line`, until they are complete, and a moment longer."""
    asker.listen()
    await asker.send(line)
    await asker.reads(lambda: complete(asker.texts()))
    await asker.wait(0.2)
    return [text for text in asker.texts() if text or "ends" not in asker.server.dialect]


async def who(asker, labels=("",)):
    """The answer to WHO, which should contain all these names."""
    server = asker.server

    def has_all(lines):
        return all(listed(server, label, lines) for label in labels)

    if answer := await answer_to(asker, server.parameters.who, has_all):
        return answer
    asker.listen()
    raise await not_heard(asker, "an answer to WHO")


def listed(server, label, answer):
    """The lines of an answer to WHO that list a person of that name; notices do not count."""
    notices = [notice(server, event, name=label) for event in ("came", "left")]
    if has_ends(server):
        answer = [line for line in answer if not any(other.holds(line) for other in notices)]
    for other in notices:  # in what has no lines
        answer = [line.replace(other.words, "") for line in answer]
    return [line for line in answer if label in line]


async def times_listed(asker, person):
    """How often WHO lists a person who is there; if never, 3.1 pays, because leaving cannot be
    seen."""
    label = person.label
    answer = await who(asker, [label])
    times = sum(line.count(label) for line in listed(asker.server, label, answer))
    if not times:
        asker.server.excuse("3.1", Kind.FORM, f"WHO lists nobody by the name of {label}")
        wrong = Violation(f"a list with {label}, who is there", " / ".join(answer))
        raise asker.shows(wrong, lambda text: text in answer)
    return times


async def lists_no_longer(asker, leaver, times):
    """Within 5 s WHO no longer lists the leaver; of several people of one name, one less."""
    server, label = asker.server, leaver.label
    fewer = 1 if names_people(server) else times
    until = server.now() + PATIENCE * server.scale
    while True:
        lines = listed(server, label, await who(asker))
        if sum(line.count(label) for line in lines) < fewer:
            return
        if server.now() > until:
            wanted = f"{leaver.name} has left, and is not listed"
            hint = "Whoever has left must be taken out of the list."
            wrong = Violation(wanted, lines[0], hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
            wrong.symptom = Symptom(Sign.FORM, facts={"leaver": "stays"})
            raise asker.shows(wrong, lines[0].__eq__)


def entries(answer):
    """The lines of an answer to WHO that are its list."""
    return [line for line in answer if line.startswith(" - ")]


def but_once(line, answer):
    """The lines of an answer, counted, without that line: the asker's own."""
    return Counter(answer) - Counter([line])


ONE_LINE = "People of one name are one line: are names kept in a set, or people in a map by name?"
ONCE_MORE = (
    "The answer to an earlier WHO came once more before it: is what it is collected in emptied?"
)


def the_list(answer, names, ignoring, earlier=()):
    """Whether the answer is a heading and a line for each name; other lines only if `ignoring` has
    them. `earlier`: the lines of the answer before."""
    wanted = "a heading, then " + " and ".join(f"` - {name}`" for name in sorted(names))
    told = " / ".join(answer)
    lines, due = Counter(entries(answer)), Counter(f" - {name}" for name in names)
    if missing := due - lines:
        alike = len(lines) == 1 and lines.total() >= len(names)
        symptom = Symptom(Sign.FORM, facts={"list": "one name for all"}) if alike else None
        hint = f"Missing: {in_quotes(missing)}."
        if lines.keys() >= due.keys() and all(lines[line] == 1 for line in missing):
            hint += f" {ONE_LINE}"
        return Violation(wanted, told, hint=hint, symptom=symptom)
    if others := lines - due - ignoring:
        hint = f"Nobody of that name is there (or not so often): {in_quotes(others)}."
        if earlier and answer[: len(earlier)] == [*earlier]:
            rest = answer[len(earlier) :]
            hint = ONCE_MORE if rest and not the_list(rest, names, ignoring) else hint
        return Violation(wanted, told, hint=hint)
    if not answer[0].strip() or answer[0].startswith(" - "):
        return Violation(wanted, told, hint="Where is the heading?")
    return None


def in_quotes(lines):
    return ", ".join(f"`{line}`" for line in lines)


async def help_for(asker, unknown):
    """An unknown command is answered with the commands that there are. Returns the lines that name
    any."""
    words = words_of(asker.server.parameters)
    wanted = f"an answer that names {', '.join(words)}"
    told = f"`{unknown}` was sent, which is no command."
    hint = dict.fromkeys(("another text", "nothing came", "closed too early"), told)

    def names_all(answer):
        return all(word.upper() in " ".join(answer).upper() for word in words)

    answer = await answer_to(asker, unknown, names_all)
    if names_all(answer):
        return lines_with(words, answer)
    if answer and not asker.is_cut_off:
        wrong = Violation(wanted, " / ".join(answer), hint=hint)
        raise asker.shows(wrong, lambda text: text in answer)
    asker.listen()
    raise await not_heard(asker, wanted, hint=hint)


def lines_with(words, answer):
    """The lines that name one of these commands."""
    command = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
    return [line for line in answer if command.search(line)]
