"""What clients leave behind in a program: threads, processes and files that stay."""

import asyncio
import math

from conformance import Fault, at_most, require

from .browser import Browser, request
from .judging import has_file
from .site import Site

GROWTH = {
    "processes": "growth of processes over 200 clients",
    "zombies": "growth of zombies over 200 clients",
    "threads": "growth of threads over 200 clients",
    "open_files": "growth of open files over 200 clients",
}
IN_MID_ANSWER = 10
"""One of so many clients asks for the large file, and goes when it has begun to come."""


async def visitors_come_and_go(server, count, until):
    """`count` clients, one after another; with a slow server fewer, but at least twenty. Returns
    how many came."""
    for number in range(count):
        if number >= 20 and server.now() > until:
            return number
        if number % IN_MID_ANSWER == 0:
            await breaks_off(server)
        else:
            await visits(server)
    return count


async def visits(server):
    """A client that has a file, and goes."""
    file = Site(server)["text"]
    client = await server.open_client()
    await client.send(request(server, file.target))
    browser = Browser(server, client)
    answer = await browser.hear(f"`GET {file.target}`")
    require(browser.shows(has_file(answer, f"`GET {file.target}`", file), answer))
    await client.vanish()


async def breaks_off(server):
    """A client that asks for the large file, and goes when it has begun to come."""
    client = await server.open_client(reading=False)
    await client.send(request(server, Site(server)["large"].target))
    await client.drain(1_000, 1.0)
    client.abandon()


async def left_by_more(server, first, rounds):
    """What 200 more clients have left in each round (`rounds`: when each ends); None if a round
    left nothing, since a pool of threads grows until it is full."""
    after, clients = first, 0
    for until in rounds:
        before = after
        clients += await visitors_come_and_go(server, 200, until)
        after = await settled(server, before)
        if growth(before, after) is None:
            return None
    return growth(first, after, of_each=clients / IN_MID_ANSWER)


def growth(before, after, of_each=math.inf):
    """A violation if clients have left too much in the program. What each, or each that broke off,
    leaves does not go away with time: that is proof at once."""
    hint = "Close every socket and every file, also where writing fails; end what served a client."
    for what, told in GROWTH.items():
        grown = getattr(after, what) - getattr(before, what)
        # ABSENT, because on a busy machine it takes longer until all is gone.
        fault = Fault.WRONG if grown >= of_each else Fault.ABSENT
        if excess := at_most(5, grown, what=told, hint=hint, fault=fault):
            return excess
    return None


async def settled(server, before=None):
    """What the program holds after 3 s, or as soon as it is little more than `before`: threads,
    processes and sockets need a moment to end."""
    if before is None:
        await asyncio.sleep(3.0)
        return server.usage()
    for _ in range(30):
        await asyncio.sleep(0.1)
        usage = server.usage()
        if all(getattr(usage, what) <= getattr(before, what) + 5 for what in GROWTH):
            break
    return usage
