"""What people should read, and nobody should: Violations where it is otherwise."""

import asyncio
import re

from conformance import Fault, Kind, Violation

from .people import START, count, hearing, pending, texts
from .presence import PATIENCE, WINDOW

EVERYBODY = (
    "Is it written to every client in the room, those who came before and those who came after?"
)


async def all_hear(
    server, clients, wanted, *, since=None, like=None, hint=EVERYBODY, within=PATIENCE
):
    """Each of the clients gets the notice. A line that is `like` it shows what it got."""
    for client in clients:
        before = since[client] if since else START
        if not await client.watch(hearing(server, client, wanted, before), within=within):
            raise await not_heard(
                server, client, wanted, before, like=like, hint=hint, within=within
            )


async def not_heard(server, client, wanted, since, *, like=None, hint="", within):
    """What to say of a notice that a client did not get."""
    told = texts(server, client, since)
    if like and (similar := [text for text in told if like(text)]):
        return Violation(wanted.words, similar[-1], hint=hint)
    unfinished = pending(client, since)
    if like and like(unfinished):
        actual = f"{unfinished}, without an end of line"
        return Violation(wanted.words, actual, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
    if client.ending is not None:
        gone = await server.fate()
        actual = "the server closed the connection" + (f" ({gone})" if gone else "")
        kind = Kind.ENDED if gone else Kind.CLOSED
        return Violation(wanted.words, actual, hint=hint, kind=kind)
    actual = f"nothing of it to {client.name} within {within:g} s"
    if unfinished:
        actual += f", only {unfinished}, without an end of line"
    elif told:
        actual += f"; the last line was: {told[-1]}"
    return Violation(wanted.words, actual, hint=hint, fault=Fault.ABSENT)


async def only_once(server, clients, wanted):
    """Nobody gets the notice a second time."""
    await asyncio.gather(*(client.watch(lambda: False, within=WINDOW) for client in clients))
    for client in clients:
        if (times := count(server, client, wanted)) > 1:
            told = f"{times} times to {client.name} within {WINDOW:g} s"
            raise Violation(f"once: {wanted.words}", f"{told}: {wanted.words}")


async def hear_nothing_of(server, answer, before, what):
    """Nobody else gets one of these lines of the answer. What somebody had got `before` is
    none: a welcome may have the words of the help, and a banner may be repeated."""
    await asyncio.gather(*(client.watch(lambda: False, within=WINDOW) for client in before))
    for client, since in before.items():
        told, lines = texts(server, client), len(texts(server, client, since))
        known, new = told[: len(told) - lines], told[len(told) - lines :]
        for text in new:
            if text in answer and text not in known:
                wanted = f"{what} to its sender alone (nothing to {client.name} for {WINDOW:g} s)"
                hint = "Write the answer to the client that has asked, not to all."
                raise Violation(wanted, f"{client.name} got: {text}", hint=hint)


def those_told(server, speaker, others):
    """Who is to be told of what the speaker does, as the lab has it."""
    return [speaker, *others] if server.parameters.speaker == "included" else others


async def not_told(server, speaker, wanted, since):
    """Where the lab has it so, the speaker is not told."""
    if server.parameters.speaker != "left out":
        return
    if await speaker.watch(hearing(server, speaker, wanted, since), within=WINDOW):
        hint = "Write it to everybody but the client that it comes from."
        told = f"to {speaker.name}, whose doing it is: {wanted.words}"
        raise Violation(f"to the others only: {wanted.words}", told, hint=hint)


def named_to(name, clients):
    """Whether any of them was told that name."""
    return any(
        name in client.unfinished or any(name in line.text for line in client.lines)
        for client in clients
    )


def similar(drawn):
    """Whether a line has one of the words that were drawn."""
    words = re.findall(r"[A-Za-z][a-z]{9}", drawn)
    return lambda text: any(word in text for word in words)
