"""What clients leave behind in a program: threads, processes and files that stay."""

import asyncio
import math

from conformance import Fault, at_most

from .echo import has_goodbye
from .section_5_clients import is_answered

GROWTH = {
    "processes": "growth of processes over 200 clients",
    "zombies": "growth of zombies over 200 clients",
    "threads": "growth of threads over 200 clients",
    "open_files": "growth of open files over 200 clients",
}
HELD = tuple(GROWTH)


async def visitors_come_and_go(server, count, until):
    """`count` clients, one after another, every other one leaving without BYE; with a slow server
    fewer, but at least twenty. Returns how many came."""
    for number in range(count):
        if number >= 20 and server.now() > until:
            return number
        await visits(server, politely=number % 2 == 0)
    return count


async def visits(server, politely):
    """A client that comes, has one line answered, and goes."""
    client = await server.open_client()
    talk = await is_answered(server, client)
    if politely and has_goodbye(server.parameters):
        await talk.say(server.parameters.goodbye)
        await talk.client.watch(lambda: talk.client.ending is not None, 0.5)
    await talk.client.vanish()


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
    return growth(first, after, of_each=clients / 2)


def growth(before, after, of_each=math.inf):
    """A violation if clients have left too much in the program. What at least every other client
    leaves does not go away with time: that is proof at once."""
    hint = "Close every socket; end, and wait for, every thread and process of a client."
    for what in HELD:
        grown = getattr(after, what) - getattr(before, what)
        told = GROWTH[what]
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
        if all(getattr(usage, what) <= getattr(before, what) + 5 for what in HELD):
            break
    return usage
