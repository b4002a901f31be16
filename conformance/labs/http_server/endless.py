"""What does not end: a request line, a head, or a body that goes on and on."""

from conformance import Fault, Kind, Violation, require

from .answer import read
from .browser import browsing
from .judging import one_of

MIB = 2**20
MOST = 16 * MIB
"""Octets that are sent at most."""
HELD = 8 * MIB
"""Octets by which the server's memory may grow meanwhile, beside what it has anyway."""


async def sends_without_end(server, begins, more, what, *codes, most=MOST):
    """Sends `begins`, then `more` again and again: the server must answer with one of the codes, or
    close the connection, before `most` octets have come."""
    async with browsing(server) as browser:
        client = browser.client
        await client.send(begins)
        sent, refused = await _push(client, more, most)
        if not refused:
            await client.watch(lambda: client.taken > 0 or client.ending is not None, 1.0)
        client.tell(f"{client.name} has sent {sent:,} bytes")
        require(_unlimited(client, sent, most, what, codes) or _another(browser, what, codes))


async def _push(client, more, most):
    """Sends until the server answers, closes, or takes no more; returns how much was sent, and
    whether one of these happened."""
    sent = 0
    while sent < most:
        if client.taken or client.ending is not None:
            return sent, True
        taken = await client.push(more)
        if not taken:
            # It reads no further, or slowly: that is a limit only where it then answers or closes.
            if await client.watch(lambda: client.taken > 0, 5.0) or client.ending is not None:
                return sent, True
            taken = await client.push(more)
            if not taken:
                return sent, False
        sent += taken
    return sent, False


def _unlimited(client, sent, most, what, codes):
    """Whether neither an answer nor a close came for all that was sent."""
    if client.taken or client.ending is not None:
        return None
    wanted = f"status {one_of(codes)}, or a close, for {what} without end"
    told = f"{sent:,} octets were sent, and nothing came"
    hint = "Count what you have read, and stop at a limit: else one client can fill the memory."
    fault = Fault.WRONG if sent >= most else Fault.ABSENT
    wrong = Violation(
        wanted,
        told,
        hint={"nothing came": hint, "another text": hint},
        fault=fault,
        kind=Kind.SILENCE,
    )
    return client.shows(wrong)


def _another(browser, what, codes):
    """Whether it was answered, and by something else."""
    answer = read(browser.client.bytes_from(0), closed=browser.client.ending is not None)
    if answer is None or answer.status in codes:
        return None
    return Violation(
        f"status {one_of(codes)}, or a close, for {what} without end", f"`{answer.told}`"
    )
