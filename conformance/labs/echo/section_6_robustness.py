"""Section 6 of the contract: clients that misbehave, and what clients leave behind."""

import asyncio

from conformance import at_most, require

from .echo import MUTE, NEXT_CLIENT, echo
from .leftovers import left_by_more, settled, visitors_come_and_go
from .slips import cut_as_a_newline, shown_by
from .talk import Talk, is_served, talking


@echo.scenario("6.1", needs=MUTE, builds_on=NEXT_CLIENT, destructive=True)
async def survives_a_client_that_leaves(server):
    """A client that closes without BYE does not stop the server; the next one is served."""
    hint = (
        "At the end of the stream a read gives nothing (Python: b'') (Java: null, or -1) (C: 0):"
        " leave the loop of that client."
    )
    for word in server.draw.words(2):
        talk = Talk(server, await server.open_client())
        await talk.ask(word)
        await talk.client.half_close()
        flood = await talk.client.gather(0.5)
        require(at_most(1, len(flood), what="lines to a client that has left", hint=hint))
        await talk.client.vanish()
    await server.expect_alive(0.1, hint={"the program ended": hint})
    await is_served(server)


@echo.scenario("6.2", needs=MUTE, builds_on=NEXT_CLIENT, destructive=True)
async def survives_a_reset(server):
    """A client that resets its connection in mid-conversation does not stop the server."""
    told = "A reset shows as an exception or an error event of that one connection: catch it."
    hint = {"the program ended": told}
    for lines in (server.draw.lines(1), server.draw.lines(20), server.draw.lines(20)):
        talk = Talk(server, await server.open_client())
        await talk.ask(server.draw.word())
        await talk.say_together(*lines)  # none has been answered yet when it resets
        talk.client.reset()
        await server.expect_alive(0.2, hint=hint)
    await is_served(server)


@echo.scenario(
    "6.3",
    needs=MUTE,
    builds_on=("3.1",),
    destructive=True,
)
async def answers_the_last_line_without_newline(server):
    """A last line without newline, then the end of the stream: it is answered all the same."""
    word, last = server.draw.words(2)
    async with talking(server) as talk:
        await talk.ask(word)
        await talk.again()
        await talk.client.send(last)
        await talk.client.half_close()
        with shown_by(cut_as_a_newline):
            await talk.hear(last)
        await talk.client.expect_close(within=5.0)


@echo.scenario("6.4", needs=MUTE, builds_on=(*NEXT_CLIENT, "6.1"), destructive=True)
async def survives_bytes_that_are_not_text(server):
    """Invalid UTF-8 and NUL bytes do not stop the server."""
    told = "Bytes that are no UTF-8 had come: decode with a replacement, or catch the exception."
    hint = {"the program ended": told}
    for data in (b"\xff\xfe\x80\n", b"a\x00b\n", b"\xc3\n"):
        async with talking(server) as talk:
            await talk.ask(server.draw.word())
            await talk.again()
            await talk.client.send(data)
            await talk.client.gather(0.2)
    await server.expect_alive(0.1, hint=hint)
    await is_served(server)


@echo.scenario("6.5", needs=MUTE, builds_on=(*NEXT_CLIENT, "6.1"), alone=True, needs_process=True)
async def gives_back_what_it_took(server):
    """Between the 200th and the 400th client, threads, processes and files do not grow."""
    began = server.now()
    await visitors_come_and_go(server, 200, until=began + 6.0)
    first = await settled(server)
    rounds = (began + 12.0, began + 15.0, began + 18.0)
    require(await left_by_more(server, first, rounds))


@echo.scenario("6.6", needs_process=True)
async def rests_when_idle(server):
    """With no client, the server uses under 5 % of one core over 2 s."""
    hint = "Wait for an event (accept, select) instead of asking for it in a loop."
    await asyncio.sleep(0.5)
    before = server.usage().cpu_seconds
    await asyncio.sleep(2.0)
    used = server.usage().cpu_seconds - before
    require(at_most(0.1, used, what="CPU time over 2 s without a client", unit=" s", hint=hint))


@echo.scenario("6.7", needs=MUTE, alone=True, needs_process=True, see=None)
async def starts_again_at_once(server):
    """Stopped and started again right after it closed a connection, it listens again."""
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        await talk.say_goodbye()
    await server.restart()
    await is_served(server)
