"""Section 1 of the contract: what a client finds before it has sent anything."""

from conformance import Fault, Kind, Violation, promptly, require

from .roulette import roulette

GREETING = "one line of greeting"

WHEN = {
    "nothing came": "Send it as soon as the client is accepted, before anything is read, and flush"
    " it."
}

roulette.listening()


@roulette.scenario("1.2")
async def greets(server):
    """Whoever connects gets one line within 1 s, before having sent anything."""
    async with server.connect() as client:
        line = await client.read_line(awaited=GREETING, hint=WHEN)
        times = client.opened_at, client.arrival(line)
        require(promptly(*times, within=1.0, what="a greeting", slack=server.slack(1.0)))
        await client.gather(0.5)
        require(client.shows(another_length(client)))


def another_length(client):
    """Whether more than one line came, or none that says something."""
    lines = [line.text for line in client.lines]
    if client.unfinished:
        hint = {"no end of line": "No prompt: the greeting ends with its line."}
        told = f"{' / '.join(lines)}, then {client.unfinished}, without an end of line"
        return Violation(GREETING, told, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
    if len(lines) > 1:
        told = f"{len(lines)} lines: {' / '.join(lines[:3])}"
        return Violation(GREETING, told, hint="A greeting is one line.")
    return None if lines[0].strip() else Violation(GREETING, "an empty line")
