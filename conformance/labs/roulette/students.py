"""How many students there are, and who: by INFO, or by LIST where clause 2.1 has found that INFO
does not tell. Every other clause counts in this way."""

from conformance import Kind, Violation, require

from .reading import names, number, tells_error

STUDENTS = "numberOfStudents"
NEW = "numberOfNewStudents"
COMMANDS = "numberOfCommands"


async def tell_number(guest, command="INFO"):
    """The number that INFO tells. Violation where it tells none."""
    reply = await guest.ask_for_object(command)
    told = number(reply, STUDENTS)
    if told is None:
        wrong = Violation("the number of students", reply.told)
        raise guest.client.shows(wrong, *guest.lines_of(reply))
    return told


async def listed(guest, known=()):
    """The names that LIST tells."""
    return names(await guest.ask_for_object("LIST"), known)


async def count(guest, known=()):
    """How many students there are. `known`: names that may be among them."""
    known_of = guest.server.dialect
    if known_of.get("info", True):
        return await tell_number(guest)
    if known_of.get("list"):
        return len(await listed(guest, known))
    guest.server.excuse("2.2", Kind.FORM, "nothing tells how many students there are")
    return await tell_number(guest)


def surplus(server, clause=""):
    """How many students more a LOAD takes in than it is sent: 1 where it keeps ENDOFDATA, -1 where
    it loses one. Another clause than this one pays for that, if any."""
    extra, payer = server.dialect.get("surplus", (0, ""))
    return extra if extra and payer != clause and server.relies_on(payer) else 0


def preloaded(server):
    """How many students there were at the start, which 2.2 pays for."""
    students = server.dialect.get("preloaded", 0)
    return students if students and server.relies_on("2.2") else 0


def as_kept(server, students):
    """The names as this server keeps them, who may be in capitals, which 2.5 pays for."""
    if server.dialect.get("capitals") and server.relies_on("2.5"):
        return [name.upper() for name in students]
    return students


def after_load(server, before, loaded):
    """How many students there are after a LOAD of so many, as this server keeps them."""
    if server.dialect.get("replaces") and server.relies_on("2.4"):
        before = 0
    return before + loaded + surplus(server)


def irregular(server):
    """Whether the number of students who are kept may be any, because 2.4 pays for that."""
    return server.relies_on("2.4")


def needs_a_store(server):
    """Excuses a server that keeps nobody whom it is sent."""
    if payer := server.dialect.get("keeps nothing"):
        server.excuse(payer, Kind.FORM, "the server keeps no student whom it is sent")


async def goes_on(guest, hint="", *, extra=0):
    """The server is of use: students whom the guest loads are there. `extra`: so many others may
    have come meanwhile."""
    server, known = guest.server, guest.server.dialect
    loaded = guest.server.draw.words(server.draw.number(3, 9))
    if "keeps nothing" not in known and (known.get("info", True) or known.get("list")):
        before = await count(guest)
        await guest.load(loaded)
        now, wanted = await count(guest, loaded), after_load(server, before, len(loaded))
        if now in range(wanted, wanted + extra + 1) or now <= before or not irregular(server):
            require(is_between(guest, now, wanted, wanted + extra, hint))
    elif known.get("random"):
        await guest.load(loaded)
        reply = await guest.ask_for_object("RANDOM")
        require(names_somebody(guest, reply, hint))
    else:
        answer = await guest.load(loaded)
        server.excuse("2.3", Kind.FORM, "nothing tells whether a LOAD has an effect")
        told = number(answer.end, NEW) if answer.end else None
        require(is_between(guest, told, len(loaded), len(loaded), hint))


def is_between(guest, told, least, most, hint=""):
    """Whether so many students were told of."""
    if told is not None and least <= told <= most:
        return None
    came = "no number" if told is None else f"{told} students"
    wrong = Violation(f"{least} students", came, hint=hint)
    return guest.client.shows(wrong, *guest.client.lines[-1:])


def names_somebody(guest, reply, hint=""):
    """Whether RANDOM named somebody."""
    if names(reply, ()) and not tells_error(reply):
        return None
    wrong = Violation("the name of a student", reply.told, hint=hint)
    return guest.client.shows(wrong, *guest.client.lines[-1:])
