"""The large file: how it is read slowly, how whole, and what it takes of the server meanwhile."""

import hashlib

from conformance import Fault, Kind, Violation

from .answer import by_hand
from .browser import PATIENCE, request
from .judging import has_status
from .site import MIB

ROUNDS = 4
"""How often each slow client reads a little."""
A_LITTLE = 256 * 1024
"""Octets that it reads each time."""
WITHIN = 30.0
"""Seconds for all of it: a loop of reads and writes takes a tenth of a second."""
HEAD = 64 * 1024
"""Octets among which its head is."""


async def reads_slowly(server, clients, file):
    """All ask for the file and read a little of it, again and again. Returns the most memory that
    the server took meanwhile."""
    most = 0
    for client in clients:
        await client.send(request(server, file.target))
    for _ in range(ROUNDS):
        for client in clients:
            await client.drain(A_LITTLE)
        await server.until_read(clients[-1], 0.1)
        most = max(most, server.usage().anonymous_bytes)
    return most


def is_held(file, grown):
    """Whether the server has taken as much memory as the file is long."""
    size = file.laid.length
    if grown < size:
        return None
    wanted = f"less than {size // MIB} MiB more memory while four clients read slowly"
    hint = (
        "Read a piece of the file, write it, and read the next when it has been taken (Node: wait"
        " for drain, or use pipe) (Java: a buffer, or transferTo) (C: sendfile)."
    )
    return Violation(wanted, f"{grown / MIB:.0f} MiB more", hint=hint)


async def comes_whole(browser, file):
    """What is wrong with the large file as it comes, read as fast as it can be."""
    client, size = browser.client, file.laid.length
    await client.send(request(browser.server, file.target))
    await client.watch(lambda: by_hand(client.bytes_from(0)) is not None, PATIENCE)
    client.stop_reading()
    answer = by_hand(client.bytes_from(0))
    to = f"`GET {file.target}`"
    if answer is None:
        return browser.without_head(f"an answer to {to}", answer) if client.taken else _none(to)
    answer.begins = 0
    if wrong := has_status(answer, to, 200):
        return browser.shows(wrong, answer)
    digest = hashlib.sha256()
    first = client.bytes_from(len(answer.head))
    digest.update(first[:size])
    came = len(first) + await client.drain(size - len(first), WITHIN, digest)
    return _wrong(browser, answer, file, came, digest)


async def goes_on(client, file):
    """Whether less of the file comes than the kernel's buffers hold, where the client has closed
    its sending side."""
    wanted = min(file.laid.length, MORE_THAN_BUFFERS)
    came = await client.drain(wanted, PATIENCE)
    if came == wanted:
        return None
    ended = client.ending is not None
    told = f"{came:,} octets, {'then the server closed' if ended else f'in {PATIENCE:g} s'}"
    hint = {
        sign: "The end of the stream says that no request follows, not that nobody reads the"
        " answer: answer first."
        for sign in ("another text", "nothing came", "closed too early")
    }
    fault, kind = (Fault.WRONG, Kind.CLOSED) if ended else (Fault.ABSENT, Kind.SILENCE)
    to = f"`GET {file.target}`, then the end of the stream"
    wrong = Violation(f"{wanted:,} octets for {to}", told, hint=hint, fault=fault, kind=kind)
    return client.shows(wrong)


MORE_THAN_BUFFERS = 16 * MIB
"""Octets that no kernel keeps for a connection."""


def _none(to):
    return Violation(f"an answer to {to}", f"nothing within {PATIENCE:g} s", kind=Kind.SILENCE)


def _wrong(browser, answer, file, came, digest):
    """Whether fewer octets came, or others than those of the file."""
    size, ended = file.laid.length, browser.client.ending is not None
    if came < size:
        then = "then the server closed" if ended else f"in {WITHIN:g} s"
        wrong = Violation(f"{size:,} octets", f"{came:,} octets, {then}", kind=Kind.CLOSED)
        return browser.shows(wrong, answer)
    if answer.ends_by == "chunks" or digest.digest() == _digest(file):
        return None
    hint = "Write as many octets of the buffer as the read has brought, and no more."
    return browser.shows(Violation("the file as it is", "other octets", hint=hint), answer)


def _digest(file):
    """SHA-256 of the file, most of which is a hole."""
    digest = hashlib.sha256(file.data)
    left, zeros = file.laid.length - len(file.data), bytes(MIB)
    while left:
        digest.update(zeros[:left])
        left -= min(left, MIB)
    return digest.digest()
