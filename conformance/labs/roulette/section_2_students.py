"""Section 2 of the contract: HELP and INFO, LOAD and RANDOM."""

from conformance import Kind, Sign, Symptom, Violation, require

from .forms import LOADED, NAMED, example, form, info_form
from .guest import visiting
from .model import LOADED as DATA_LOADED
from .model import PROMPT, Store
from .reading import an_object, names, number, tells_error
from .roulette import A_MOMENT, roulette
from .students import NEW, STUDENTS, after_load, count, needs_a_store, preloaded, surplus
from .survey import survey

DRAWS = 200
"""Of four students: that one of them is never named by chance happens once in 10**24 runs."""

FOUR = 4


@roulette.scenario("2.1")
async def lists_its_commands(server):
    """`HELP` is answered with the commands that there are, and no others."""
    wanted = Store(server.parameters.version).help()
    found = await survey(server)
    require(found.missing.get("HELP"))
    require(form(found.asked["HELP"], "2.1", found.replies["HELP"], wanted, wanted.words))


@roulette.scenario("2.2", alone=True)
async def reports_info(server):
    """`INFO` is answered with the version of the protocol and the number of students."""
    wanted, students = info_form(server.parameters), server.draw.words(3)
    async with visiting(server) as guest:
        reply = await guest.ask_for_object("INFO", moment=A_MOMENT)
        require(form(guest, "2.2", reply, wanted, example(wanted, numberOfStudents=0)))
        require(another_number(guest, reply, 0, NONE_AT_FIRST))
        needs_a_store(server)
        await tells_of(guest, students)


KEPT = "Tell how many students the store holds now."
NONE_AT_FIRST = "The store is empty when the server starts."


async def tells_of(guest, students):
    """After these were loaded, INFO tells how many there are now."""
    await guest.load(students)
    reply = await guest.ask_for_object("INFO")
    wanted = after_load(guest.server, 0, len(students))
    require(another_number(guest, reply, wanted, KEPT))


def another_number(guest, reply, students, hint):
    """Whether INFO told another number of students than this."""
    if number(reply, STUDENTS) == students:
        return None
    right = example(info_form(guest.server.parameters), numberOfStudents=students)
    wrong = Violation(right, reply.told, hint=hint, lines=len(reply.lines) == 1)
    return guest.client.shows(wrong, *guest.lines_of(reply))


@roulette.scenario("2.3")
async def loads_students(server):
    """`LOAD` asks for the data, and says in the end how many students came."""
    students = server.draw.words(server.draw.number(3, 9))
    async with visiting(server) as guest:
        before = await known_number(guest)
        loading = await asked(guest, students)
        require(prompt_of(guest, loading.prompt))
        require(confirmation(guest, loading.end, len(students), before))


async def known_number(guest):
    """How many students there are, where that is needed: of a server that tells the running
    total."""
    return await count(guest) if guest.server.dialect.get("total") else 0


async def asked(guest, students):
    """A LOAD whose data comes in one piece, whatever 2.1 has learnt of that."""
    try:
        return await guest.load(students, as_asked=True, moment=A_MOMENT)
    except Violation as wrong:
        if guest.server.dialect.get("pieces"):
            wrong.hint = {"nothing came": PIECES}
        raise


PIECES = (
    "The names and ENDOFDATA had come in one piece: TCP carries a stream of bytes, not messages;"
    " one read may bring several lines (Java: readLine()) (Python: makefile(), or keep what is left"
    " of a line) (Node: the module readline, or keep what is left of a line)."
)


def prompt_of(guest, reply):
    """Whether LOAD was answered with the request for the data."""
    wanted = Store(guest.server.parameters.version).prompt()
    return form(guest, "2.3", reply, wanted, PROMPT)


def confirmation(guest, reply, sent, before):
    """Whether ENDOFDATA was answered as it should be. A running total is the affair of 2.4."""
    if not guest.version_2:
        return form(guest, "2.3", reply, Store(1).load([]), DATA_LOADED)
    told, right = number(reply, NEW), {sent}
    words = example(LOADED, numberOfNewStudents=sent)
    if guest.server.dialect.get("total") and guest.server.relies_on("2.4"):
        right.add(before + sent)
    if wrong := form(guest, "2.3", reply, LOADED, words):
        return wrong
    if told in right:
        return None
    hint = f"{sent} names were sent, then ENDOFDATA, which is no name."
    wrong = Violation(words, reply.told, hint=hint, lines=len(reply.lines) == 1)
    return guest.client.shows(wrong, *guest.client.lines[-1:])


@roulette.scenario("2.4", builds_on=("2.2", "2.3"))
async def counts_only_the_new_ones(server):
    """A second LOAD, of two names, is answered with 2, and INFO tells the sum."""
    first, second = server.draw.words(3), server.draw.words(2)
    async with visiting(server) as guest:
        before = await count(guest)
        await guest.load(first)
        loading = await guest.load(second)
        require(another_count(guest, loading, len(second)))
        now = await count(guest, [*first, *second])
        wanted = before + len(first) + len(second) + 2 * surplus(server, "2.4")
        require(another_sum(guest, now, wanted, len(second)))


RUNNING_TOTAL = "Tell how many students this LOAD has brought, not how many there are now."


def another_count(guest, loading, sent):
    """Whether the second LOAD was answered with another count, as far as 2.3 does not pay: it pays
    where no number is told, or one that is wrong for the first LOAD, too."""
    if not guest.version_2 or loading.end is None:
        return None
    server, told = guest.server, number(loading.end, NEW)
    offset = server.dialect.get("offset", 0)
    right = sent + offset if offset and server.relies_on("2.3") else sent
    if told == right or (told is None and server.relies_on("2.3")):
        return None
    hint = RUNNING_TOTAL if server.dialect.get("total") else ""
    words = example(LOADED, numberOfNewStudents=sent)
    wrong = Violation(words, loading.end.told, hint=hint, lines=len(loading.end.lines) == 1)
    return guest.client.shows(wrong, *guest.client.lines[-1:])


def another_sum(guest, now, wanted, second):
    """Whether INFO tells another number than the sum of two LOADs."""
    if now == wanted:
        return None
    replaced = "Only the students of the second LOAD are there: add them to those before."
    hint = replaced if now == second else "INFO tells the sum of all LOADs."
    wrong = Violation(f"{wanted} students", f"{now} students", hint=hint)
    if "keeps nothing" in guest.server.dialect:
        wrong.symptom = Symptom(Sign.FORM, facts={"kept": "nobody"})
    return guest.client.shows(wrong, *guest.client.lines[-1:])


@roulette.scenario("2.5", builds_on=("2.3",), alone=True)
async def picks_at_random(server):
    """`RANDOM` names one of the students; in 200 draws each of four is named."""
    needs_a_store(server)
    students = [f"{server.draw.word()} {server.draw.word()}" for _ in range(FOUR)]
    async with visiting(server) as guest:
        await guest.load(students)
        reply = await guest.ask_for_object("RANDOM", moment=A_MOMENT)
        words = example(NAMED, fullname=students[0])
        require(form(guest, "2.5", reply, NAMED, words))
        drawn = [one_of(guest, reply, students)]
        for _ in range(1, DRAWS):
            reply = await guest.ask_for_object("RANDOM", hint=NO_DRAW)
            drawn.append(one_of(guest, reply, students))
        require(never_named(guest, students, drawn))


NO_DRAW = {
    "closed too early": "RANDOM had been answered before: may the index be one too large"
    " (Java: nextInt(size)) (Python: random.choice()) (Node: Math.floor(Math.random() * length))?"
}


def one_of(guest, reply, students):
    """Who was named, if it was one of these students; "" for another whom 2.3 or 2.4 pays for."""
    told = names(reply, students)
    if len(told) == 1 and told[0] in students:
        return told[0]
    others = surplus(guest.server, "2.5") > 0 or preloaded(guest.server)
    if others and told and not tells_error(reply):
        return ""
    words = example(NAMED, fullname=students[0])
    many = len(students)
    hint = f"{many} students had been loaded: RANDOM names one of them, and keeps them all."
    if [name.casefold() for name in told] in [[name] for name in students]:
        hint = "A name is kept as it was sent: only commands may be in any case."
    wrong = Violation(words, reply.told, hint=hint)
    raise guest.client.shows(wrong, *guest.client.lines[-1:])


def never_named(guest, students, drawn):
    """Whether somebody was named in no draw."""
    missing = [name for name in students if name not in drawn]
    if len(missing) <= max(0, -surplus(guest.server, "2.5")):
        return None
    wanted = f"each of {len(students)} students is named in {DRAWS} draws"
    told = " and ".join(missing)
    last = missing == students[-1:]
    hint = "Each of them may be named, the first and the last, too." if last else ""
    hint = "It is always the same student." if len(missing) == len(students) - 1 else hint
    wrong = Violation(wanted, f"never named: {told}", hint=hint)
    return guest.client.shows(wrong, *guest.client.lines[-1:])


@roulette.scenario("2.6", alone=True)
async def picks_nobody_from_an_empty_store(server):
    """`RANDOM` of an empty store is answered with an object with the key `error`."""
    needs_an_empty_store(server)
    hint = {"closed too early": EMPTY, "nothing came": EMPTY}
    async with visiting(server) as guest:
        reply = await guest.ask_for_object("RANDOM", hint=hint, moment=A_MOMENT)
        require(no_error(guest, reply))
        await guest.ask_for_object("RANDOM", hint=hint)


EMPTY = (
    "The store was empty: look whether it is before you choose (Java: nextInt(0) throws)"
    " (Python: random.choice([]) raises)."
)


NO_STUDENT = '{"error":"…"}'


def needs_an_empty_store(server):
    """Excuses, behind 2.2, a server that has students at its start."""
    if server.dialect.get("preloaded"):
        server.excuse("2.2", Kind.FORM, "the store is not empty when the server starts")


def no_error(guest, reply):
    """Whether the answer is no object with an error."""
    found = an_object(reply.text)
    value = found[0] if found else {}
    if value.get("error") and not value.get("fullname"):
        return form(guest, "2.6", reply, value, NO_STUDENT)
    wrong = Violation(NO_STUDENT, reply.told, hint="Nobody can be named: say so under `error`.")
    return guest.client.shows(wrong, *guest.lines_of(reply))
