"""Section 4 of the contract: how a conversation ends."""

from conformance import Kind, Violation, require

from .answers import answer_is, any_spaces_in_reply_to, form
from .echo import MUTE, NEXT_CLIENT, echo, has_goodbye, in_any_case, lines_like
from .talk import Talk, is_served, needs_several_lines, needs_to_be_kept, talking


@echo.scenario("4.1", needs=MUTE, when=has_goodbye)
async def hangs_up_after_bye(server):
    """BYE is sent back like any other line; then the server hangs up."""
    needs_to_be_kept(server)
    async with talking(server) as talk:
        await talk.ask(server.draw.word())  # so that it is BYE that ends the conversation
        await talk.say(server.parameters.goodbye)
        await hears_it_echoed(talk)
        await talk.expect_close(within=1.0, hint=CLOSE)
        require(reply_to_goodbye(talk))
    note_that_it_ended(server)


CLOSE = {
    "never closed": "Is BYE recognised (Java: with equals(), not with ==)? Then close the client's"
    " socket itself."
}


async def hears_it_echoed(talk):
    """BYE comes back, if the contract says so."""
    if talk.server.parameters.goodbye_reply == "echoed":
        hint = {"closed too early": "Send the reply, and flush it, before you close."}
        await talk.hear_before_the_close(talk.server.parameters.goodbye, hint=hint)


def reply_to_goodbye(talk):
    """Whether nothing came for BYE, if the contract says so."""
    if talk.server.parameters.goodbye_reply != "silent":
        return None
    said = [line.text for line in talk.client.gather_now()]
    if not form(talk.server).reply("").startswith(talk.client.unfinished):  # else a prompt
        said.append(f"{talk.client.unfinished}, without an end of line")
    return Violation("the close, and no reply", said[-1]) if said else None


def note_that_it_ended(server):
    """Notes that the program has ended with its client, which 4.4 judges."""
    if server.host.ended():
        server.note("The program ends with its client; that is clause 4.4's affair.")


@echo.scenario(
    "4.2",
    needs=MUTE,
    builds_on=("3.1", "4.1", *NEXT_CLIENT),
    when=has_goodbye,
)
async def understands_bye_in_any_case(server):
    """`bye`, `Bye` and `bYe` end the conversation like `BYE`."""
    needs_to_be_kept(server)
    for word in in_any_case(server.parameters.goodbye):
        told = f"`{word}` was sent. Compare without regard to case (Java: equalsIgnoreCase)."
        hint = {"never closed": told}
        await server.start_if_it_ended()  # with its client: 4.4 pays for that
        async with talking(server) as talk:
            await talk.ask(server.draw.word())
            await talk.say(word)
            await talk.expect_close(within=5.0, hint=hint, after=f"`{word}`")


@echo.scenario(
    "4.3",
    needs=MUTE,
    builds_on=("3.1", "3.9"),
    when=has_goodbye,
)
async def hangs_up_on_bye_only(server):
    """A line that only contains BYE, or begins with it, is a line like others."""
    needs_several_lines(server)
    lines = lines_like(server.parameters.goodbye)
    told = f"Compare the whole line with {server.parameters.goodbye}, as it came."
    hint = {"closed too early": told}
    replies = {line: any_spaces_in_reply_to(server, line) for line in lines}
    async with server.connect() as client:
        lines = [*lines, server.draw.word()]
        await Talk(server, client).dialogue(lines, replies, hint=hint, apart=True)


@echo.scenario("4.4", needs=MUTE)
async def serves_the_next_client(server):
    """After one client's BYE, a new client is served."""
    for _ in range(2):
        async with talking(server) as talk:
            await talk.ask(server.draw.word())
            await talk.say_goodbye()
    await is_served(server)


@echo.scenario(
    "4.5", needs=MUTE, builds_on=("4.1", *NEXT_CLIENT), when=has_goodbye, destructive=True
)
async def survives_lines_after_bye(server):
    """Lines that follow BYE in the same segment get no reply; the next client is served."""
    needs_to_be_kept(server)
    word, after = server.draw.words(2)
    async with talking(server) as talk:
        await talk.ask(word)
        await talk.say_together(server.parameters.goodbye, after, after)
        await talk.client.gather(5.0)
        needs_a_close(server, talk.client)
        require(reply_after_goodbye(server, talk.client, after))
    await is_served(server)


def needs_a_close(server, client):
    """Excuses, behind 4.1, what can only be seen if the server hangs up after BYE."""
    if client.ending is None:
        server.excuse("4.1", Kind.OPEN, "the server does not hang up after BYE")


def reply_after_goodbye(server, client, text):
    """Whether a line that followed BYE got no reply."""
    if not any(answer_is(server, text, line) for line in client.lines):
        return None
    hint = "After BYE the conversation is over: leave the loop, read no further."
    wrong = Violation("no reply to a line after BYE", form(server).reply(text), hint=hint)
    answers = [line for line in client.lines if answer_is(server, text, line)]
    return client.shows(wrong, *answers)
