"""Section 8 of the contract: clients that misbehave, and what clients leave behind."""

import asyncio

from conformance import at_most, require

from .browser import ask, browsing, request
from .http_server import http_server
from .large_file import goes_on
from .leftovers import left_by_more, settled, visitors_come_and_go
from .section_2_a_file import A_FILE, is_served
from .site import Site

GONE = {
    "the program ended": "A client that has gone shows as an exception, an error event, or SIGPIPE"
    " (C: MSG_NOSIGNAL, or ignore it): it ends that connection, and not the program.",
}


@http_server.scenario("8.1", needs=A_FILE, builds_on=A_FILE, destructive=True)
async def survives_a_client_that_vanishes_in_mid_answer(server):
    """A client that asks for the large file and resets the connection does not stop the server."""
    asked = request(server, Site(server)["large"].target)
    for read in (0, 1_000, 1_000_000):
        client = await server.open_client(reading=False)
        await client.send(asked)
        await server.until_read(client, 0.05)
        await client.drain(read, 1.0)
        client.reset()
        await server.expect_alive(0.2, hint=GONE)
    await is_served(server)


@http_server.scenario("8.2", needs=A_FILE, builds_on=(*A_FILE, "8.1"), destructive=True)
async def survives_half_a_request(server):
    """A client that leaves in the middle of its request does not stop the server."""
    half = request(server, Site(server)["text"].target)[:-10]
    for said in (b"", b"GET", half):
        for leaves in (lambda client: client.vanish(), resets):
            client = await server.open_client()
            await client.send(said)
            await server.until_read(client, 0.05)
            await leaves(client)
    await server.expect_alive(0.2, hint=GONE)
    await is_served(server)


async def resets(client):
    """The client's machine loses power."""
    client.reset()


@http_server.scenario("8.3", needs=A_FILE, builds_on=A_FILE)
async def answers_who_has_closed_its_sending_side(server):
    """A client that has closed its sending side gets its answer, however long that is."""
    file = Site(server)["large"]
    async with browsing(server, reading=False) as browser:
        await browser.client.send(request(server, file.target))
        await browser.client.half_close()
        require(await goes_on(browser.client, file))


@http_server.scenario("8.4", needs=A_FILE, builds_on=A_FILE, alone=True, needs_process=True)
async def gives_back_what_it_took(server):
    """Between the 100th and the 300th client, threads, processes and files do not grow."""
    began = server.now()
    await visitors_come_and_go(server, 100, until=began + 6.0)
    first = await settled(server)
    rounds = (began + 13.0, began + 17.0, began + 21.0)
    require(await left_by_more(server, first, rounds))


async def leaves_in_mid_request(server):
    """A client that says half a request, and is gone."""
    client = await server.open_client()
    await client.send(b"GET")
    await server.until_read(client, 0.05)
    await client.vanish()


@http_server.scenario("8.5", needs=A_FILE, builds_on=A_FILE, needs_process=True)
async def rests_when_idle(server):
    """With a silent client, the server uses under 5 % of one core over 2 s."""
    hint = "Wait for an event (accept, read, select) instead of asking for it in a loop."
    async with browsing(server) as silent:
        await leaves_in_mid_request(server)
        await silent.client.expect_silence(0.5)
        before = server.usage().cpu_seconds
        await asyncio.sleep(2.0)
        used = server.usage().cpu_seconds - before
    what = "CPU time over 2 s with a silent client"
    require(at_most(0.1, used, what=what, unit=" s", hint=hint))


@http_server.scenario(
    "8.6", needs=A_FILE, builds_on=A_FILE, alone=True, needs_process=True, see=None
)
async def starts_again_at_once(server):
    """Stopped and started again right after it closed a connection, it listens again."""
    target = Site(server)["text"].target
    async with browsing(server) as browser:
        await browser.ask(target, headers=[("Connection", "close")])
        await browser.client.watch(lambda: False, 1.0)
    await server.restart()
    await ask(server, target)
