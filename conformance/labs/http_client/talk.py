"""What the web server does, and what it sees of the program."""

import asyncio

from conformance import Fault, Kind, Sign, Symptom, Violation

from .answers import SOON, complete
from .hints import PRINT
from .printing import find, near

BETWEEN = 0.025
"""Seconds between the pieces of the large answer."""
APART = 0.15
"""Seconds between two pieces that have to come in two reads."""
TELLING = 30
"""Bytes of a line by which it is known again."""
PATIENCE = 5.0
"""Seconds to wait for what has no deadline of its own."""


async def hear(program, visitor):
    """Waits for the request, for 2 s at most; returns the connection on which it came, or one that
    is still open."""
    await program.until(lambda: any(complete(one.received) for one in program.visitors), SOON)
    said = [one for one in program.visitors if one.received]
    there = [one for one in program.visitors if one.ending is None]
    return next(iter(said or there), visitor)


async def answer(visitor, pieces, *, pause=0.0):
    """Sends the pieces of an answer, with a pause between them, and closes the connection."""
    for number, piece in enumerate(pieces):
        await asyncio.sleep(pause if number else 0.0)
        await visitor.send(piece)
    visitor.hang_up()


async def printed(program, lines, within=PATIENCE):
    """How much of an answer the program prints, until it ends, or for so many seconds."""
    last = lines[-1]
    await program.until(lambda: last in program.printed, within)
    found = find(lines, program.printed)
    if not found.whole and not program.host.ended():
        await program.until(lambda: False, within)
        found = find(lines, program.printed)
    return found


async def expect_end(program, since, hint):
    """The program ends in time. For one that never does, 1.5 pays."""
    try:
        await program.expect_end(since, within=program.parameters.exit_within, hint=hint)
    except Violation:
        if not program.relies_on("1.5"):
            raise


def stopped_early(program, found, least):
    """Whether no more than the beginning of an answer is printed, of `least` lines: a program that
    stops before the end pays with 1.4."""
    return least <= found.lines and not found.later and program.relies_on("1.4")


def missing(program, found, what, hint=PRINT, telling=b""):
    """The violation of a program that has not printed all. `telling`: what stands in the line that
    is missing, however it is printed."""
    program.require_no_screen()
    if not program.host.ended() and found.nothing:
        why = "nothing was printed, and the program has not ended: it may still be in a buffer"
        program.excuse("1.5", Kind.OPEN, why)
    wanted = f"{what} in the program's output"
    fault = Fault.WRONG if program.host.ended() else Fault.ABSENT
    here = near(program.printed, telling or found.missing[:TELLING])
    if found.nothing and not here:
        said = "it printed nothing" if not program.printed.strip() else "nothing of it is there"
        seen = Symptom(Sign.UNPRINTED)
        return Violation(wanted, said, hint=hint, fault=fault, kind=Kind.SILENCE, symptom=seen)
    line = found.missing.decode("utf-8", "backslashreplace")
    if here or found.later:
        told = f"the output has `{here}`" if here else f"this line is missing: {line}"
        seen = Symptom(Sign.MISPRINTED)
        return Violation(f"{wanted}: the line `{line}`", told, hint=hint, symptom=seen)
    facts = {"lines": found.lines, "of": found.of}
    told = f"the first {found.lines:,} of its {found.of:,} lines; then no more of it"
    seen = Symptom(Sign.PRINTED_IN_PART, facts=facts)
    return Violation(wanted, told, hint=hint, fault=fault, kind=Kind.FORM, symptom=seen)
