"""Section 3 of the contract: CLEAR and LIST, and how a conversation ends."""

from collections import Counter

from conformance import Kind, Violation, require

from .forms import COUNTED, LISTED, example, form
from .guest import visiting
from .model import CLEARED, Store, Tab
from .reading import names, number
from .roulette import A_MOMENT, is_version_2, roulette
from .students import (
    COMMANDS,
    after_load,
    as_kept,
    count,
    goes_on,
    is_between,
    listed,
    needs_a_store,
    preloaded,
    surplus,
)


@roulette.scenario("3.1", builds_on=("2.4", "5.1"), when=is_version_2)
async def clears_the_store(server):
    """After `CLEAR` there are no students, and others can be loaded."""
    first, second = server.draw.words(5), server.draw.words(2)
    wanted = Store(2).clear()
    async with visiting(server) as guest:
        await guest.load(first)
        reply = await guest.ask_for_line("CLEAR", moment=A_MOMENT)
        require(form(guest, "3.1", reply, wanted, CLEARED))
        require(still_there(guest, await count(guest, first)))
        require(still_listed(guest, await all_of_the_list(guest, first)))
        await guest.load(second)
        loaded = max(1, after_load(server, 0, len(second)))
        require(is_between(guest, await count(guest, second), 1, loaded, AGAIN))
    await another_client_finds(server, second, loaded)


async def another_client_finds(server, students, most):
    """Who comes after the one that has cleared the store finds whom that one has loaded since, and
    nobody else. Each finds his own, where a client has a store of its own: 4.1 pays for that."""
    if server.dialect.get("own") and server.relies_on("4.1"):
        return
    async with visiting(server) as guest:
        require(is_between(guest, await count(guest, students), 1, most, FOR_ALL))


FOR_ALL = (
    "Another client had cleared the store, and then loaded: empty the one store of all, and put no"
    " new one in its place for one client (Java: clear(), not a new list in the client's handler)"
    " (Python: clear(), not `students = []`) (Node: `students.length = 0`)."
)

AGAIN = "After CLEAR the store is as it was at the start: students can be loaded into it."


def still_there(guest, students):
    """Whether there are students after CLEAR."""
    wrong = Violation("0 students after CLEAR", f"{students} students", hint="Empty the store.")
    return guest.client.shows(wrong, *guest.client.lines[-1:]) if students else None


async def all_of_the_list(guest, known):
    """Which of these are listed, by a server whose LIST can be relied upon. What else an empty
    store is told as is the affair of 3.2."""
    if not guest.server.dialect.get("list"):
        return []
    kept = as_kept(guest.server, known)
    return [name for name in await listed(guest, known) if name in kept]


def still_listed(guest, told):
    """Whether somebody is listed after CLEAR."""
    hint = "INFO tells that the store is empty, and LIST still names somebody."
    wrong = Violation("nobody is listed after CLEAR", " / ".join(told), hint=hint)
    return guest.client.shows(wrong, *guest.client.lines[-1:]) if told else None


@roulette.scenario("3.2", alone=True, when=is_version_2)
async def lists_the_students(server):
    """`LIST` is answered with all students; an empty store is an empty list."""
    students = [f"{server.draw.word()} {server.draw.word()}" for _ in range(3)]
    empty = example(LISTED, students=[])
    async with visiting(server) as guest:
        reply = await guest.ask_for_object("LIST", moment=A_MOMENT)
        before = names(reply, ())
        require(form(guest, "3.2", reply, LISTED, empty))
        require(another_list(guest, reply, before, []))
        needs_a_store(server)
        await guest.load(students)
        kept, reply = (
            as_kept(server, students),
            await guest.ask_for_object("LIST", moment=A_MOMENT),
        )
        require(form(guest, "3.2", reply, LISTED, in_words(kept)))
        require(another_list(guest, reply, names(reply, kept), kept))


def in_words(students):
    return example(LISTED, students=[{"fullname": name} for name in students])


def another_list(guest, reply, told, students):
    """Whether others are listed than these students, or not each of them once."""
    server = guest.server
    loads = bool(students)
    missing, further = Counter(students) - Counter(told), Counter(told) - Counter(students)
    allowed = max(0, surplus(server, "3.2")) * loads + preloaded(server)
    if missing.total() <= max(0, -surplus(server, "3.2")) and further.total() <= allowed:
        return None
    wanted, words = in_words(students), []
    words += [f"Missing: {', '.join(missing)}."] if missing else []
    words += [f"Nobody has loaded: {', '.join(further)}."] if further else []
    wrong = Violation(wanted, reply.told, hint=" ".join(words), lines=len(reply.lines) == 1)
    return guest.client.shows(wrong, *guest.client.lines[-1:])


@roulette.scenario("3.3", builds_on=("5.1",), when=is_version_2)
async def counts_the_commands(server):
    """`BYE` is answered with the number of commands that this client has sent."""
    students, asked = server.draw.words(7), server.draw.number(2, 6)
    async with visiting(server) as another:
        await sends_commands(another, 2)
        await another.leave_well()
    async with visiting(server) as guest:
        sent = await sends_commands(guest, asked) + await loads_as_a_command(guest, students)
        reply = await guest.bye()
        tab = Tab(2, sent)
        words = tab.bye().words
        await needs_bye(guest, reply, words)
        require(form(guest, "3.3", reply, COUNTED, words))
        require(another_number(guest, reply, tab, len(students), words))


async def sends_commands(guest, asked):
    """Sends a command so many times, one that this server understands. Returns how many those
    were."""
    objects = guest.server.dialect.get("objects", ["INFO"])
    command = next((name for name in ("INFO", "RANDOM", "LIST") if name in objects), "HELP")
    ask = guest.ask_for_line if command == "HELP" else guest.ask_for_object
    for _ in range(asked):
        await ask(command)
    return asked


async def loads_as_a_command(guest, students):
    """Loads students, which is one command; none, where the server does not know it, and may take
    each line of the data for one."""
    if guest.server.dialect.get("keeps nothing") == "2.3" and guest.server.relies_on("2.3"):
        return 0
    await guest.load(students)
    return 1


async def needs_bye(guest, reply, words):
    """Excuses, behind 3.4, a server on which BYE has no effect. Violation where nothing came."""
    told = number(reply, COMMANDS)
    if guest.client.ending is None and told is None:
        guest.server.excuse("3.4", Kind.OPEN, "BYE has no effect")
    if not reply.says_something:
        await guest.client.read_line(awaited=words, hint=ANSWER)


ANSWER = {"closed too early": "Send the number of commands, and flush it, before you close."}


def another_number(guest, reply, tab, students, words):
    """Whether BYE told another number of commands."""
    told, sent = number(reply, COMMANDS), tab.known + 1
    if told in tab.counts():
        return None
    wrong = Violation(words, reply.told, hint=why(sent, told, students), lines=True)
    wrong.lines = len(reply.lines) == 1
    return guest.client.shows(wrong, *guest.client.lines[-1:])


def why(sent, told, students):
    """A hint on how a wrong number of commands came about. `sent`: commands of this client, BYE
    among them, one of them a LOAD of so many students."""
    hints = {
        sent - 1: "BYE counts, too.",
        sent + 1: "ENDOFDATA is no command.",
        sent + students: "The names of a LOAD are no commands.",
        sent + students + 1: "The names of a LOAD and ENDOFDATA are no commands.",
        sent + students - 1: "The names of a LOAD are no commands, and BYE is one.",
    }
    counted = f"This client has sent {sent} commands, BYE among them."
    if told is not None and told not in hints and told > sent:
        return f"{counted} Does the number belong to all clients?"
    return f"{counted} {hints.get(told, '')}".strip()


@roulette.scenario("3.4")
async def hangs_up_after_bye(server):
    """After `BYE` the server hangs up, and serves others."""
    async with visiting(server) as guest:
        await goes_on(guest)
        await guest.client.gather(A_MOMENT)
        said = guest.listen()
        await guest.client.send_line("BYE")
        await guest.client.expect_close(within=2.0, hint=CLOSE)
        require(parting_words(guest, said()))
    await server.expect_alive(0.2, hint={"the program ended": "BYE ends one conversation only."})
    async with visiting(server) as guest:
        await goes_on(guest, "BYE ends one conversation only.")


CLOSE = {
    "never closed": "Is BYE recognised (Java: with equals(), not with ==)? Then close the client's"
    " socket itself, behind the answer."
}


def parting_words(guest, reply):
    """Whether something was said before the close, in version 1."""
    if guest.version_2 or not reply.text:
        return None
    wrong = Violation("the close, and nothing before it", reply.told)
    return guest.client.shows(wrong, *guest.lines_of(reply))
