"""Section 7 of the contract: many clients at once, slow ones, and large files."""

import asyncio
import contextlib

from conformance import Level, promptly, require

from .browser import Browser, browsing, request
from .http_server import asks_for_a_model, http_server, keeps_alive
from .judging import has_file
from .large_file import comes_whole, is_held, reads_slowly
from .section_2_a_file import A_FILE, is_served
from .site import Site

OTHERS = {
    "nothing came": "While one client is silent, or slow, the server must serve others: a thread or"
    " a process for each, or one loop that waits for all of them.",
    "late by itself": "Did it wait until another client had gone?",
}


async def is_served_soon(server):
    """A client comes, asks for a file, and has it within 2 s."""
    file = Site(server)["text"]
    async with browsing(server) as browser:
        to = f"`GET {file.target}`, while others are connected"
        await browser.client.send(request(server, file.target))
        answer = await browser.hear(to, within=2.0, hint=OTHERS)
        require(browser.shows(has_file(answer, to, file), answer))


@http_server.scenario("7.1", needs=A_FILE, builds_on=A_FILE)
async def serves_others_while_one_is_silent(server):
    """While one client is silent, and one has sent half a request, another is answered."""
    half = request(server, Site(server)["text"].target)[:-10]
    async with browsing(server), browsing(server) as slow:
        await slow.client.send(half)
        await server.until_read(slow.client, 0.2)
        await is_served_soon(server)


# -- a hundred ----------------------------------------------------------------------------------


@http_server.scenario("7.2", needs=(*A_FILE, "7.1"), builds_on=(*A_FILE, "7.1"), destructive=True)
async def serves_a_hundred_clients_at_once(server):
    """A hundred clients at the same time each get the file that they ask for, within 10 s."""
    places = Seats(server.parameters)
    async with server.crowd(server.parameters.clients, within=10.0) as clients:
        began = server.now()
        await all_together(
            visits(server, client, number, places) for number, client in enumerate(clients)
        )
        last = max(client.arrival(client.piece(0, client.taken)) for client in clients)
        told = f"{len(clients):,} clients were answered in {last - began:.2f} s."
        server.note(told + server.takes())
        what, slack = "files for all of a crowd", server.slack(10.0)
        require(promptly(began, max(began, last), within=10.0, what=what, slack=slack))


class Seats:
    """How many clients the server serves at once: all, or as many as its pool has threads."""

    def __init__(self, parameters):
        self.limited = parameters.concurrency == "thread-pool"
        self.free = min(parameters.clients, parameters.pool)
        self.all_taken = asyncio.Event()

    async def leave_to_the_next(self, client):
        """Where places are limited: waits until all have been taken at the same time, and leaves;
        all others stay until the crowd goes."""
        if not self.limited:
            return
        self.free -= 1
        if self.free == 0:
            self.all_taken.set()
        await self.all_taken.wait()
        await client.leave()


async def visits(server, client, number, places):
    """Asks for one of the files, and must get that one."""
    files = Site(server).many()
    file = files[number % len(files)]
    browser = Browser(server, client)
    await client.send(request(server, file.target))
    answer = await browser.hear(f"`GET {file.target}`", patience=10.0, hint=CROWD)
    require(browser.shows(has_file(answer, f"`GET {file.target}`", file, MIXED), answer))
    await places.leave_to_the_next(client)


CROWD = {
    "nothing came": "Others were served at the same time, and this client was not: is there a limit"
    " to how many are?",
}
MIXED = "What belongs to one connection is kept with it: no buffer, path or socket for all."


async def all_together(visits):
    """Makes all visits at the same time. If one fails, the others are given up."""
    try:
        async with asyncio.TaskGroup() as group:
            for visit in visits:
                group.create_task(visit)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


# -- large files --------------------------------------------------------------------------------

TURNS = 20
"""Answers to others, while clients do not read: in each a loop has its turn."""


@http_server.scenario("7.3", needs=(*A_FILE, "7.1"), builds_on=(*A_FILE, "7.1"), destructive=True)
async def a_slow_reader_delays_nobody(server):
    """Clients that ask for the large file, and read nothing, do not stop the others."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            deaf = await stack.enter_async_context(server.connect(reading=False))
            await deaf.send(request(server, Site(server)["large"].target))
            await server.until_read(deaf, 0.1)
        for _ in range(TURNS):
            await is_served_soon(server)


@http_server.scenario(
    "7.4", needs=(*A_FILE, "7.1"), builds_on=(*A_FILE, "7.1"), alone=True, needs_process=True
)
async def sends_a_large_file_in_pieces(server):
    """The large file comes whole; while four clients read it slowly, it is not held in memory."""
    await is_served(server)
    file, before = Site(server)["large"], server.usage().anonymous_bytes
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.connect(reading=False)) for _ in range(4)]
        most = await reads_slowly(server, clients, file)
        require(is_held(file, most - before))
    async with browsing(server, reading=False) as browser:
        require(await comes_whole(browser, file))


# -- the model ----------------------------------------------------------------------------------


@http_server.scenario(
    "7.5",
    needs=A_FILE,
    builds_on=(*A_FILE, "4.1", "7.1"),
    alone=True,
    when=keeps_alive,
    level=lambda parameters: Level.MUST if asks_for_a_model(parameters) else Level.INFO,
    needs_process=True,
    see="ps -L -p $(pgrep -n java)",
)
async def concurrency_model(server):
    """How the server serves its clients: what its threads wait for shows it."""
    asked = request(server, Site(server)["text"].target)
    seen = await server.how_it_serves(lambda client: client.send(asked))
    server.note(f"{seen.words} {seen.counts}")
    require(seen.unless(server.parameters.concurrency))
