"""Sections 1 and 2 of the contract: what a client finds before it has sent anything."""

from conformance import Fault, Kind, Violation, require

from .echo import AT_ONCE, MUTE, echo
from .talk import talking

echo.listening()
echo.reachable()


@echo.scenario("2.1", needs=MUTE, builds_on=AT_ONCE)
async def greets_in_whole_lines(server):
    """What the server sends before the client speaks is whole lines, sent at once."""
    async with talking(server) as talk:
        greeting = await talk.client.gather(1.0)
        require(talk.client.shows(half_a_line(talk.client.unfinished)))
        reply = await talk.ask(server.draw.word())
        require(more_of_it(talk, greeting, reply))
        require(another_length(server, greeting))


def half_a_line(unfinished):
    """Whether the greeting ends with an end of line."""
    if not unfinished:
        return None
    wanted, came = "a greeting of whole lines", f"{unfinished}, without an end of line"
    return Violation(wanted, came, fault=Fault.LATE, kind=Kind.FORM)


def more_of_it(talk, greeting, reply):
    """Whether all of the greeting had come before the client spoke."""
    behind = talk.client.lines.index(reply) - talk.server.dialect.get("before", 0)
    late = talk.client.lines[len(greeting) : behind]
    if not late:
        return None
    wanted = "a greeting that arrives within 1 s, before the client has spoken"
    came = f"{late[0].text} (only after the client had sent a line)"
    hint = {
        "late by itself": "It came only when the client had sent a line: flush the greeting when it"
        " is written, before anything is read."
    }
    wrong = Violation(wanted, came, hint=hint, fault=Fault.LATE)
    return talk.client.shows(wrong, *late)


def another_length(server, greeting):
    """Whether the greeting has as many lines as the contract says, if it says so."""
    wanted = server.parameters.greeting
    wrong = Violation(f"{wanted} lines of greeting", f"{len(greeting)} lines")
    return None if wanted in ("any", len(greeting)) else wrong
