"""Sections 5 and 5S of the contract: several clients, at the same time or one after another."""

import asyncio

from conformance import promptly, require

from .echo import AT_ONCE, DIALOGUE, MUTE, NEXT_CLIENT, at_the_same_time, echo, sequential
from .talk import Talk, is_served, talking


@echo.scenario("5.1", needs=MUTE, builds_on=AT_ONCE, when=at_the_same_time)
async def serves_a_second_client_meanwhile(server):
    """While one client is connected and silent, another is greeted and answered."""
    hint = "While it serves one client, the server must accept and serve others."
    soon = {"within": 2.0, "what": "a second client's reply"}
    async with server.connect() as silent:
        await silent.gather(0.3)
        async with talking(server) as talk:
            since = talk.client.connected_at
            await talk.ask(server.draw.word(), **soon, since=since, hint=hint)


@echo.scenario("5.2", needs=(*MUTE, "5.1"), builds_on=("3.1", "3.5", "5.1"), when=at_the_same_time)
async def serves_twenty_clients_at_once(server):
    """20 clients at the same time each get their own replies, and no other's."""
    places = Places(server.parameters)
    async with server.crowd(server.parameters.clients) as clients:
        await all_together(comes_and_goes(server, client, places) for client in clients)


class Places:
    """How many clients the server serves at once: all, or as many as its pool has threads."""

    def __init__(self, parameters):
        self.limited = parameters.concurrency == "thread-pool"
        wanted = parameters.clients
        self.free = min(wanted, parameters.pool) if self.limited else wanted
        self.all_taken = asyncio.Event()

    async def leave_to_the_next(self):
        """Waits until all places have been taken at the same time; then others may have this
        one."""
        self.free -= 1
        if self.free == 0:
            self.all_taken.set()
        if self.limited:
            await self.all_taken.wait()


async def comes_and_goes(server, client, places):
    """Says five lines, each of which is answered; then leaves, for those who wait for a place."""
    talk = Talk(server, client)
    await talk.five_lines()
    await places.leave_to_the_next()
    if places.limited or talk.client is not client:  # all others leave when the crowd does
        await talk.client.leave()


async def all_together(visits):
    """Makes all visits at the same time. If one fails, the others are given up."""
    try:
        async with asyncio.TaskGroup() as group:
            for visit in visits:
                group.create_task(visit)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


@echo.scenario(
    "5.3",
    needs=(*MUTE, "5.1"),
    builds_on=("3.1", *DIALOGUE, "5.2", *NEXT_CLIENT),
    when=at_the_same_time,
    destructive=True,
)
async def a_slow_reader_delays_nobody(server):
    """A client that sends 5 MB and does not read does not stop the others."""
    line = server.draw.line(1_000)
    async with talking(server) as other:
        await other.ask(server.draw.word())
        async with server.deaf_client(f"{line}\n".encode() * 5_000) as deaf:
            await deaf.stuff()
            await other.ask(server.draw.word())
            await is_served(server)


@echo.scenario(
    "5.4",
    needs=(*MUTE, "5.1"),
    builds_on=("3.1", "3.2", "5.1", "5.2"),
    when=at_the_same_time,
    destructive=True,
)
async def serves_a_crowd(server):
    """200 clients at once are all answered within 10 s."""
    async with server.crowd(server.parameters.crowd, within=10.0) as clients:
        began = server.now()
        await asyncio.gather(*(is_answered(server, client) for client in clients))
        last = max(client.arrival(client.lines[-1]) for client in clients)
        soon = {"within": 10.0, "slack": server.slack(10.0)}
        require(promptly(began, last, **soon, what="replies to the whole crowd"))


async def is_answered(server, client):
    """Says one line and hears its reply, which may take as long as serving the whole crowd."""
    talk = Talk(server, client)
    await talk.ask(server.draw.word(), patience=10.0)
    return talk


@echo.scenario("5S.1", needs=MUTE, builds_on=("3.1", *NEXT_CLIENT), when=sequential)
async def makes_the_second_client_wait(server):
    """The second client waits, and is served within 2 s of the first one's BYE."""
    first, second = server.draw.words(2)
    hint = "Accept the next client only when the first has gone; lose nothing of what it sent."
    soon = {"within": 2.0, "what": "the waiting client's turn"}
    async with talking(server) as served, talking(server) as waiting:
        await served.ask(first)
        await served.again()
        await waiting.say_the_last(second)
        await waiting.client.expect_silence(1.0, hint=hint)
        await served.say_goodbye()
        gone = server.now()
        await served.client.leave()
        await waiting.hear(second, **soon, since=gone, hint=hint)
