"""What does not end: a request line, a head, or a body that goes on and on."""

from conformance import Fault, Kind, Violation, require

from .answer import read
from .browser import PATIENCE, browsing
from .judging import one_of

MIB = 2**20
MOST = 16 * MIB
"""Octets that are sent at most."""
HELD = 8 * MIB
"""Octets by which the server's memory may grow meanwhile, beside what it has anyway."""
BEGUN = b"HTTP/1.1 200"
"""How an answer begins that sends a body back."""


async def sends_without_end(server, begins, more, what, *codes, most=MOST, may_begin=False):
    """Sends `begins`, then `more` again and again: the server must answer with one of the codes, or
    close the connection, before `most` octets have come. `may_begin`: it may have begun to answer
    with 200, as a server does that sends a body back while it comes; then it must close."""
    async with browsing(server) as browser:
        client = browser.client
        await client.send(begins)
        refused = _refusal(client, may_begin)
        sent = await _push(client, more, most, refused)
        # All of it may have been taken by the kernel before the server has read its limit.
        await client.watch(refused, PATIENCE)
        client.tell(f"{client.name} has sent {sent:,} bytes")
        require(_unlimited(client, sent, what, codes))
        require(_another(client, what, codes, may_begin))


async def _push(client, more, most, refused):
    """Sends until the server refuses it, or takes no more; returns how much was sent."""
    sent, rest = 0, b""
    while sent < most and not refused():
        # The kernel may take a part: what follows is the rest of it, or no chunk would be one.
        rest = rest or more
        taken = await client.push(rest)
        if not taken and not await client.watch(refused, PATIENCE):
            taken = await client.push(rest)  # it may only read slowly
        if not taken:
            break  # It reads no further: that is a limit, too, where it then answers or closes.
        sent, rest = sent + taken, rest[taken:]
    return sent


def _refusal(client, may_begin):
    """What tells whether the server has closed, or answered by more than the begin of a 200. It
    looks at the begin once: all that a server has sent back is not copied with each look."""
    begin = b""

    def seen():
        nonlocal begin
        if client.ending is not None or not may_begin:
            return client.ending is not None or client.taken > 0
        if len(begin) < len(BEGUN) and client.taken:
            begin = client.bytes_from(0)[: len(BEGUN)]
        return len(begin) == len(BEGUN) and begin[-4:] != BEGUN[-4:]

    return seen


def _unlimited(client, sent, what, codes):
    """Whether neither an answer nor a close came for all that was sent."""
    if client.taken or client.ending is not None:
        return None
    wanted = f"status {one_of(codes)}, or a close, for {what} without end"
    told = f"{sent:,} octets were sent, and nothing came"
    hint = "Count what you have read, and stop at a limit: else one client can fill the memory."
    wrong = Violation(
        wanted,
        told,
        hint={"nothing came": hint, "another text": hint},
        fault=Fault.ABSENT,
        kind=Kind.SILENCE,
    )
    return client.shows(wrong)


def _another(client, what, codes, may_begin):
    """Whether it was answered, and by something else."""
    answer = read(client.bytes_from(0), closed=client.ending is not None)
    if answer is None or answer.status in codes:
        return None
    if may_begin and client.ending is not None and not answer.whole:
        return None  # cut off: whoever has begun to answer has no other way to refuse
    return Violation(
        f"status {one_of(codes)}, or a close, for {what} without end", f"`{answer.told}`"
    )
