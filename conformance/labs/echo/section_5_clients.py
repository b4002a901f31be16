"""Sections 5 and 5S of the contract: several clients, at the same time or one after another."""

import asyncio
import contextlib

from conformance import Fault, Kind, Level, Violation, promptly, require

from .echo import (
    AT_ONCE,
    DIALOGUE,
    MUTE,
    NEXT_CLIENT,
    asks_for_a_model,
    at_the_same_time,
    echo,
    sequential,
)
from .slips import behind_anothers, shown_by
from .talk import Talk, is_served, talking

A_FEW = 5  # clients; fewer may have met with another fault


@echo.scenario("5.1", needs=MUTE, builds_on=AT_ONCE, when=at_the_same_time)
async def serves_a_second_client_meanwhile(server):
    """While one client is connected and silent, another is greeted and answered."""
    told = "While it serves one client, the server must accept and serve others."
    hint = dict.fromkeys(("nothing came", "late by itself", "only at the end"), told)
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
    """Makes all visits at the same time. If one fails, the others are given up. They begin a
    hundred at a time, so that our own event loop has turns in between."""
    try:
        async with asyncio.TaskGroup() as group:
            for number, visit in enumerate(visits, 1):
                group.create_task(visit)
                if number % 100 == 0:
                    await asyncio.sleep(0)
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
            with shown_by(behind_anothers(line)):
                await fill(deaf, lambda: other.ask(server.draw.word()))
                await is_served(server)


TURNS = 100
"""Answers to another client after which an event loop has read 5 MB, 64 KiB at a time."""


async def fill(deaf, ask):
    """Sends until the server takes no more of it, although it has answered another meanwhile. What
    it took may wait in the kernel: another's answers show that it has had time to read."""
    while await deaf.stuff():
        await ask()
    for _ in range(TURNS):
        await ask()


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
        await all_of_a_crowd(server, clients)
        last = max(client.arrival(client.lines[-1]) for client in clients)
        soon = {"within": 10.0, "slack": server.slack(10.0)}
        server.note(how_fast(clients, last - began) + server.takes())
        require(promptly(began, last, **soon, what="replies to the whole crowd"))


async def all_of_a_crowd(server, clients):
    """Each says one line and is answered; where one waits in vain or is hung up on, how many were
    answered. Once one was hung up on, the others are still heard, so that this shows a limit."""
    answered, cut_off, wrongs = [], [], []

    async def visit(client):
        try:
            await is_answered(server, client)
            answered.append(client)
        except Violation as wrong:
            wrongs.append(wrong)
            if wrong.kind is not Kind.CLOSED:
                raise
            cut_off.append(client)

    with contextlib.suppress(Violation):
        await all_together(visit(client) for client in clients)
    if wrongs:
        raise of_a_crowd(wrongs[0], clients, answered, cut_off)


LIMIT = (
    "Those who came first are served, and whoever comes after them is hung up on: is there a limit"
    " to how many may be connected (Node: server.maxConnections)?"
)


def of_a_crowd(wrong, clients, answered, cut_off):
    """The violation, with how many clients were answered, and a hint where that shows a limit."""
    if wrong.fault is Fault.ABSENT or wrong.kind is Kind.CLOSED:
        wrong.actual += f"; {len(answered)} of {len(clients)} clients had been answered"
    if wrong.kind is Kind.CLOSED and is_limited(clients, answered, cut_off):
        wrong.hint = {"closed too early": LIMIT}
    return wrong


def is_limited(clients, answered, cut_off):
    """Whether exactly those who came first were answered, and all others were hung up on."""
    if not answered or len(cut_off) < A_FEW or len(answered) + len(cut_off) < len(clients):
        return False
    came = sorted(clients, key=lambda client: client.opened_at)
    return set(came[: len(answered)]) == set(answered)


def how_fast(clients, seconds):
    """How fast a crowd connected and was answered, in words."""
    opened = [client.opened_at for client in clients]
    connecting = max(max(opened) - min(opened), 0.001)
    told = f"{len(clients):,} clients connected in {connecting:.2f} s, answered in {seconds:.2f} s."
    return f"{told} That is {len(clients) / seconds:,.0f} lines a second."


async def is_answered(server, client):
    """Says one line and hears its reply, which may take as long as serving the whole crowd."""
    talk = Talk(server, client)
    await talk.ask(server.draw.word(), patience=10.0)
    return talk


@echo.scenario(
    "5.5",
    needs=MUTE,
    builds_on=("5.1", "5S.1"),
    alone=True,
    level=lambda parameters: Level.MUST if asks_for_a_model(parameters) else Level.INFO,
    needs_process=True,
    see="ps -L -p $(pgrep -n java)",
)
async def concurrency_model(server):
    """How the server serves its clients: what its threads wait for shows it."""
    seen = await server.how_it_serves(lambda client: client.send_line(server.draw.word()))
    server.note(f"{seen.words} {seen.counts}")
    require(seen.unless(server.parameters.concurrency))


NOT_YET = "nothing while the first client is there"
IN_TURN = dict.fromkeys(
    ("more than asked for", "nothing came", "closed too early"),
    "Accept the next client only when the first has gone; lose nothing of what it sent.",
)


@echo.scenario("5S.1", needs=MUTE, builds_on=("3.1", *NEXT_CLIENT), when=sequential)
async def makes_the_second_client_wait(server):
    """The second client waits, and is served within 2 s of the first one's BYE."""
    first, second = server.draw.words(2)
    soon = {"within": 2.0, "what": "the waiting client's turn"}
    async with talking(server) as served, talking(server) as waiting:
        await served.ask(first)
        await served.again()
        await waiting.say_the_last(second)
        await waiting.client.expect_silence(1.0, awaited=NOT_YET, hint=IN_TURN)
        await served.say_goodbye()
        gone = server.now()
        await served.client.leave()
        await waiting.hear(second, **soon, since=gone, hint=IN_TURN)
