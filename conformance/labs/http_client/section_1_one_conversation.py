"""Section 1 of the contract: what the program does in one conversation."""

from conformance import Fault, Kind, Sign, Symptom, Violation, promptly, require

from .answers import SOON, accents, complete, greeting, large
from .hints import ACCENTS, CONNECT, FLUSH, ONE_CONNECTION, STAYS
from .http_client import client
from .printing import as_messages, find, near
from .talk import (
    APART,
    BETWEEN,
    PATIENCE,
    answer,
    hear,
    missing,
    printed,
    stopped_early,
)


@client.scenario("1.1")
async def connects(program):
    """The program opens one TCP connection to the web server."""
    async with program.visiting(hint=CONNECT) as visitor:
        await hear(program, visitor)
        await program.until(lambda: False, APART)
        program.dialect["before"] = sorted(as_messages(program.printed))[:MOST_MESSAGES]
        require_the_right_place(program, visitor)
        require_one_connection(program, visitor)
        program.note_answers()


MOST_MESSAGES = 50


def require_the_right_place(program, visitor):
    there = program.place_of(visitor)
    if there.name != program.site:
        raise program.went_elsewhere(there, CONNECT)


def require_one_connection(program, visitor):
    count = len(program.visitors)
    if count > 1:
        program.found_at(program.place_of(visitor))
        seen = Symptom(Sign.FORM)
        raise Violation("one connection", f"{count} connections", hint=ONE_CONNECTION, symptom=seen)


@client.scenario("1.2", see="nc -l {http_port} | od -c   # and have your client connect there")
async def sends_its_request(program):
    """A request that ends with a blank line arrives within 2 s of the connection."""
    async with program.visiting() as visitor:
        visitor = await hear(program, visitor)
        await visitor.watch(lambda: complete(visitor.received), PATIENCE)
        require(request(visitor))
        slack = program.slack(SOON)
        began, came = visitor.opened_at, visitor.last_came_at
        require(promptly(began, came, within=SOON, what="the request", hint=FLUSH, slack=slack))
        note_line_ends(program, visitor.received)


def request(visitor):
    """What is wrong with a request; None if nothing is."""
    received = visitor.received
    if complete(received):
        return None
    wanted = "text that ends with a blank line"
    fault = Fault.ABSENT if visitor.ending is None else Fault.WRONG
    if not received:
        seen = Symptom(Sign.UNSAID)
        come = "nothing came" if visitor.ending is None else "it closed the connection, and no byte"
        return Violation(wanted, come, hint=FLUSH, fault=fault, kind=Kind.SILENCE, symptom=seen)
    told = repr(received[-60:])[1:]
    seen = Symptom(Sign.UNFINISHED)
    return Violation(wanted, told, hint=FLUSH, fault=fault, kind=Kind.FORM, symptom=seen)


def note_line_ends(program, received):
    if b"\n" in received.replace(b"\r\n", b""):
        program.note(r"Lines of the request end with LF alone; HTTP asks for CR LF (\r\n).")


@client.scenario("1.3")
async def prints_the_answer(program):
    """The status line, the headers and the body of the answer are printed."""
    sent = greeting(program.draw)
    async with program.visiting() as visitor:
        await answer(await hear(program, visitor), sent.pieces)
        found = await printed(program, sent.lines)
        require(unless_1_4_pays(program, sent, found))


def unless_1_4_pays(program, sent, found):
    """What is wrong with what was printed. To stop at the blank line is a fault of 1.4."""
    if found.whole and not found.broken:
        return None
    if not found.whole and stopped_early(program, found, least=len(sent.head)):
        return None
    if found.whole:
        seen = Symptom(Sign.MISPRINTED)
        told = f"{found.broken} of them are broken by an end of line"
        return Violation("each line of the answer ends a line of the output", told, symptom=seen)
    return missing(program, found, "the answer")


@client.scenario("1.4")
async def reads_to_the_end(program):
    """An answer of 200,000 bytes that comes in 40 pieces is printed whole."""
    sent = large(program.draw)
    async with program.visiting() as visitor:
        visitor = await hear(program, visitor)
        await answer(visitor, sent.pieces, pause=BETWEEN)
        found = await printed(program, sent.lines)
        require(unless_1_3_pays(program, visitor, sent, found))


def unless_1_3_pays(program, visitor, sent, found):
    """What is wrong with what was printed. What was read to its end, and is printed in another form
    or not at all, is a fault of 1.3."""
    if found.whole:
        if found.broken:
            program.note(
                f"{found.broken} lines are broken by an end of line: each piece that was read is"
                " printed with one of its own"
            )
        return None
    begun, over = (near(program.printed, sent.lines[at]) for at in (len(sent.head), -1))
    read = program.has_read_all(visitor) and (over or not begun)
    if read and program.relies_on("1.3"):
        return None
    return missing(program, found, "the answer of 200,000 bytes")


@client.scenario("1.5")
async def closes_and_ends(program):
    """When the server has closed the connection, so does the client, and the program ends."""
    sent, within = greeting(program.draw), program.parameters.exit_within
    async with program.visiting() as visitor:
        visitor = await hear(program, visitor)
        await require_patience(program, visitor)
        await answer(visitor, sent.pieces)
        await program.expect_end(visitor.sent_at, within=within, hint=STAYS)
        require_no_signal(program)


ENDING = 2.0
"""Seconds for a program that has hung up to end. One that has closed its sending side only waits
for the answer meanwhile."""


async def require_patience(program, visitor):
    """A program that has left before it is answered prints nothing: 1.3 pays for that."""
    if visitor.ending is not None:
        await program.until(lambda: bool(program.host.ended()), ENDING)
    if program.host.ended():  # perhaps its close has not been read yet
        program.excuse("1.3", Kind.SILENCE, "the program had ended before it was answered")


def require_no_signal(program):
    status = program.host.exit_status() or 0
    if status > 128:
        ended = program.host.ended()
        how = Symptom(Sign.ENDED, facts={"how": ended.partition(": ")[2]})
        raise Violation("the program ends by itself", ended, kind=Kind.ENDED, symptom=how)
    if status:
        program.note(f"The program ended with exit status {status}: 0 says that all went well.")


@client.scenario("1.6", builds_on=("1.3", "1.4"))
async def keeps_accents(program):
    """Accents are printed as they were sent, also where two segments share a character."""
    sent = accents(program.draw)
    async with program.visiting() as visitor:
        visitor = await hear(program, visitor)
        await answer(visitor, sent.answer.pieces, pause=APART)
        found = await printed(program, [sent.whole, sent.parted])
        require(unless_they_are_there(program, sent, found))


def unless_they_are_there(program, sent, found):
    """What is wrong with the accents. For a program that stops before the end, 1.4 pays."""
    if found.whole:
        return None
    if not find(sent.answer.lines[-1:], program.printed).lines:
        program.excuse("1.4", Kind.FORM, "the answer is printed only in part")
    word = found.missing.split(b" ")[0]  # in ASCII
    return missing(program, found, "accents", hint=ACCENTS, telling=word)
