"""Section 4 of the contract: several clients, and what they may say."""

import asyncio
from contextlib import suppress

from conformance import Violation, require

from .forms import form
from .guest import Guest, visiting
from .model import Store
from .reading import names, number
from .roulette import A_MOMENT, PATIENCE, roulette
from .students import (
    COMMANDS,
    NEW,
    STUDENTS,
    after_load,
    as_kept,
    count,
    goes_on,
    is_between,
    listed,
    names_somebody,
    needs_a_store,
    preloaded,
    surplus,
    tell_number,
)

CLIENTS = 10
EACH = 50  # students that each of them loads
PAYLOAD = "José Müller-Besançon"
DRAWS = 60  # of a server that keeps ENDOFDATA, too

ONE_STORE = (
    "There is one store, in which all clients load (Java: a field of each client's handler is its"
    " own) (Python: an attribute of each client's handler is its own) (Node: a variable within the"
    " function for one connection is its own)."
)


@roulette.scenario("4.1", builds_on=("2.3", "2.4", "5.1"))
async def shares_the_store_among_clients(server):
    """Whom one client has loaded another one finds."""
    needs_a_store(server)
    students = server.draw.words(server.draw.number(3, 9))
    async with visiting(server) as guest:
        before = await count(guest)
        await guest.load(students)
        await guest.leave_well()
    async with visiting(server) as guest:
        now, wanted = await count(guest, students), after_load(server, before, len(students))
        require(is_between(guest, now, wanted, wanted, ONE_STORE))
        require(await nobody_named(guest))


async def nobody_named(guest):
    """Whether RANDOM names nobody, although there are students, where it can be relied upon."""
    if not guest.server.dialect.get("random"):
        return None
    return names_somebody(guest, await guest.ask_for_object("RANDOM"), ONE_STORE)


@roulette.scenario("4.2", builds_on=("2.3", "2.4", "4.1"), alone=True)
async def serves_ten_clients_at_once(server):
    """Ten clients LOAD 50 students each, at the same time; INFO says 500."""
    needs_a_store(server)
    everybody = server.draw.words(CLIENTS * EACH)
    async with server.crowd(CLIENTS) as clients:
        guests = [Guest(server, client) for client in clients]
        await all_load(guests, everybody)
        told = await count(guests[0], everybody)
        least, most = all_together(server)
        require(is_between(guests[0], told, least, most, LOST))


LOST = (
    "Ten clients had loaded 50 each. Let only one of them change the store at a time, and each add"
    " to what is there at that moment (Java: a synchronized method, or a list that is made for it)"
    " (Python: a lock)."
)

AT_ONCE = dict.fromkeys(
    ("nothing came", "never accepted"),
    "Ten clients are connected: no client may wait until another leaves (Java: a thread for each)"
    " (Python: a thread for each).",
)

IN_THE_MIDDLE = 2.0
"""Seconds in which all ten LOADs should have begun. A server may also take one after another."""


async def all_load(guests, everybody):
    """Each loads its part. All are in the middle of it before any ends, where the server lets them;
    nobody leaves."""
    begun, all_begun, loop = [], asyncio.Event(), asyncio.get_running_loop()
    until = loop.time() + IN_THE_MIDDLE * guests[0].server.scale

    async def loads(guest, students):
        await guest.come()
        await guest.begin_load()
        await guest.send_some(students[: EACH // 2])
        begun.append(guest)
        if len(begun) == len(guests):
            all_begun.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(all_begun.wait(), max(0.0, until - loop.time()))
        end = await guest.end_load(students[EACH // 2 :])
        require(another_count(guest, end))

    try:
        async with asyncio.TaskGroup() as group:
            for place, guest in enumerate(guests):
                group.create_task(loads(guest, everybody[place * EACH : (place + 1) * EACH]))
    except ExceptionGroup as failures:
        [first, *_] = failures.exceptions
        if isinstance(first, Violation) and not first.hint:
            first.hint = AT_ONCE
        raise first from None


def another_count(guest, end):
    """Whether one of these LOADs was answered with another count, as far as no other clause pays
    for it."""
    told, known = number(end, NEW) if end else None, guest.server.dialect
    offset = known.get("offset", 0)
    if not guest.version_2 or told in (EACH, EACH + offset):
        return None
    payer = "2.4" if known.get("total") else "2.3" if told is None else ""
    if payer and guest.server.relies_on(payer):
        return None
    hint = "Others were loading, too: count the lines that this client has sent."
    came = end.told if end else "no answer to ENDOFDATA"
    wrong = Violation(f"the number of these students, {EACH}", came, hint=hint)
    return guest.client.shows(wrong, *guest.client.lines[-1:])


def all_together(server):
    """How many students there are when all clients have loaded theirs, at least and at most, as
    this server keeps them."""
    most = preloaded(server) + CLIENTS * (EACH + surplus(server))
    for name, payer in (("own", "4.1"), ("replaces", "2.4")):
        if server.dialect.get(name) and server.relies_on(payer):
            return EACH + surplus(server), most
    return most, most


@roulette.scenario("4.3")
async def understands_commands_in_any_case(server):
    """Commands in lower or mixed case do what they do in upper case."""
    async with visiting(server) as guest:
        await goes_on(guest)
        await tells_number_in_any_case(guest)
        await loads_in_any_case(guest)
        await answers_in_any_case(guest, "Help", "HELP")
        await names_in_any_case(guest, "rANDOM")
        await lists_in_any_case(guest)
        await hangs_up_in_any_case(guest)


def any_case(sent):
    """A hint for a command that was not understood."""
    told = f"`{sent}` was sent: compare without regard to case (Java: equalsIgnoreCase)."
    return dict.fromkeys(("another text", "nothing came", "closed too early", "never closed"), told)


def not_understood(guest, sent, wanted, reply):
    """The violation of a command that was answered otherwise than in upper case."""
    wrong = Violation(wanted, reply.told, hint=any_case(sent))
    return guest.client.shows(wrong, *guest.client.lines[-1:])


async def tells_number_in_any_case(guest):
    """`info` tells as much as INFO does."""
    known = guest.server.dialect
    if known.get("info", True):
        wanted = await tell_number(guest)
        reply = await guest.ask_for_object("info", hint=any_case("info"))
        if number(reply, STUDENTS) != wanted:
            raise not_understood(guest, "info", f"{wanted} students", reply)


async def loads_in_any_case(guest):
    """`Load` takes students in, as LOAD does."""
    known, students = guest.server.dialect, guest.server.draw.words(2)
    if known.get("confirms", True) and "keeps nothing" not in known:
        before = await count(guest)
        prompt = await guest.begin_load("Load")
        end = await guest.end_load(students)
        wanted = after_load(guest.server, before, len(students))
        if await count(guest, students) != wanted:
            raise not_understood(guest, "Load", "students are loaded", end or prompt)


async def answers_in_any_case(guest, sent, command):
    """A text that is the same in whichever case the command is sent."""
    wanted = await guest.ask_for_line(command)
    reply = await guest.ask_for_line(sent, hint=any_case(sent))
    first, same = (answer.text.partition("\n")[0] for answer in (reply, wanted))
    if not (first.endswith(same) or same.endswith(first)):
        raise not_understood(guest, sent, wanted.told, reply)


async def names_in_any_case(guest, sent):
    """`rANDOM` names somebody, if RANDOM does."""
    if guest.server.dialect.get("random"):
        reply = await guest.ask_for_object(sent, hint=any_case(sent))
        require(names_somebody(guest, reply, any_case(sent)))


async def lists_in_any_case(guest):
    """`List` names as many as LIST does."""
    if guest.server.dialect.get("list"):
        wanted = await listed(guest)
        reply = await guest.ask_for_object("List", hint=any_case("List"))
        if len(names(reply, wanted)) != len(wanted):
            raise not_understood(guest, "List", f"{len(wanted)} students", reply)


async def hangs_up_in_any_case(guest):
    """`bye` ends the conversation, as BYE does; where BYE does not, it is at least answered."""
    reply = await guest.bye("bye")
    if not (guest.server.dialect.get("stays") and guest.server.relies_on("3.4")):
        await guest.client.expect_close(within=PATIENCE, hint=any_case("bye"))
    elif guest.server.dialect.get("counts") and number(reply, COMMANDS) is None:
        raise not_understood(guest, "bye", "the number of commands", reply)


@roulette.scenario("4.4")
async def goes_on_after_an_unknown_command(server):
    """What is no command is answered with one line, and the conversation goes on."""
    wanted = Store(server.parameters.version).unknown()
    hint = {"nothing came": "Answer it: one line that is not empty.", "closed too early": GO_ON}
    async with visiting(server) as guest:
        reply = await guest.ask_for_line(server.draw.word(), hint=hint, moment=A_MOMENT)
        require(form(guest, "4.4", reply, wanted, wanted.words))
        await goes_on(guest, {"closed too early": GO_ON, "nothing came": GO_ON})


GO_ON = "A command that is not known ends nothing: read the next line."


@roulette.scenario("4.5", builds_on=("2.3", "2.5"), alone=True)
async def keeps_accents(server):
    """Accents in a name come back as they were loaded."""
    needs_a_store(server)
    students = [f"{PAYLOAD} {word}" for word in server.draw.words(4)]
    async with visiting(server) as guest:
        await guest.load(students)
        kept = as_kept(server, students)
        require(accents(guest, kept, await some_of(guest, kept)))


async def some_of(guest, students):
    """One student, or all, whom the server tells of, by whichever command does. Those whom it was
    not sent, and another clause pays for, are passed over."""
    drawn = [name.split()[-1] for name in students]
    if guest.server.dialect.get("list"):
        return names(await guest.ask_for_object("LIST"), students)
    for _ in range(DRAWS):
        told = names(await guest.ask_for_object("RANDOM"), students)
        if not surplus(guest.server) or any(word in name for word in drawn for name in told):
            break
    return told


def accents(guest, students, told):
    """Whether none of the names that came is one that was loaded."""
    if {*students} & {*told}:
        return None
    line = guest.client.lines[-1].text
    wrong = Violation(students[0], next(iter(told), line), hint=ENCODING, lines=bool(told))
    return guest.client.shows(wrong, *guest.client.lines[-1:])


ENCODING = (
    "Name the encoding wherever bytes become text, and the reverse (Java: StandardCharsets.UTF_8)"
    " (Python: encoding='utf-8') (Node: setEncoding('utf8'))."
)
