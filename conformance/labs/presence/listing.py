"""Questions and their answers: WHO and its list."""

from collections import Counter

from conformance import Fault, Kind, Violation, Wording

from .hearing import not_heard
from .notices import _notice, called, names_people
from .people import mark, texts
from .presence import PATIENCE


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
