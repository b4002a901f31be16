"""Section 2 of the contract: when the server, or the network, does not do what it should."""

from conformance import Kind, Sign, Symptom, Violation, require

from .answers import cut_short
from .hints import CATCH, RESET, SAY_SO, TRIES
from .http_client import client
from .printing import as_messages, near
from .talk import expect_end, hear, missing, printed, stopped_early

SILENT_FOR = 3.0


@client.scenario("2.1", builds_on=("1.3",))
async def copes_with_an_abrupt_end(program):
    """The server resets the connection; what had come is printed, and the program ends."""
    sent = cut_short(program.draw)
    async with program.visiting() as visitor:
        visitor = await hear(program, visitor)
        await visitor.send(sent.data)
        await program.until_read(visitor)
        visitor.reset()
        await expect_end(program, program.now(), RESET)
        found = await printed(program, sent.lines[:-1])
        require(unless_another_pays(program, sent, found))


def unless_another_pays(program, sent, found):
    """What is wrong with what was printed. A program that stops early pays with 1.4; one that
    prints in another form, with 1.3."""
    if found.whole or stopped_early(program, found, least=1):
        return None
    last = sent.lines[-2]  # the last that is whole
    if near(program.printed, last) and program.relies_on("1.3"):
        return None
    return missing(program, found, "what had come", hint=RESET)


@client.scenario("2.2", builds_on=("1.5",), see="# start your client while nobody listens")
async def says_when_nobody_listens(program):
    """When the connection is refused, the program says so, and ends."""
    program.start()
    refused = await program.expect_refused()
    await program.expect_end(refused, within=program.parameters.exit_within, hint=TRIES)
    require(a_message(program))


def a_message(program):
    """A message is what the program prints now, and does not print before it connects."""
    if as_messages(program.printed) - set(program.dialect.get("before", ())):
        return None
    said = "it printed nothing" if not program.printed.strip() else "only what it always prints"
    seen = Symptom(Sign.UNPRINTED)
    wanted = "a message that the connection was refused"
    return Violation(wanted, said, hint=SAY_SO, kind=Kind.SILENCE, symptom=seen)


@client.scenario("2.3", see="nc -l {http_port}   # say nothing, and have your client connect there")
async def copes_with_silence(program):
    """A server that accepts and never answers makes nobody crash."""
    async with program.visiting() as visitor:
        visitor = await hear(program, visitor)
        await program.until(lambda: False, SILENT_FOR)
        require(crash(program))
        require_a_request(program, visitor)


def require_a_request(program, visitor):
    """A program that leaves, and has asked nothing, does not wait for an answer: 1.2 pays."""
    if program.host.ended() and not visitor.received:
        program.excuse("1.2", Kind.SILENCE, "it has asked nothing, and ended")


def crash(program):
    """The violation of a program that an exception, or a signal, has ended."""
    if not program.has_crashed():
        return None
    ended = program.host.ended()
    seen = Symptom(Sign.ENDED, facts={"how": ended.partition(": ")[2]})
    return Violation("no crash while the server is silent", ended, kind=Kind.ENDED, symptom=seen,
                     hint=CATCH)  # fmt: skip
