"""People in the room: they come, say who they are, talk, and read what they are told."""

import asyncio
import contextlib
import re

from .notices import called
from .presence import BRIEFLY, PATIENCE, WINDOW

START = (0, 0)
"""The moment before a client was told anything."""


def mark(client):
    """This moment, for `texts`: lines that have come, and characters of the next."""
    return len(client.lines), len(client.unfinished)


def marks(clients):
    return {client: mark(client) for client in clients}


def texts(server, client, since=START):
    """What the client was told since that moment, line by line, as this server ends its lines:
    all of it as one text where it does not end them."""
    lines, ahead = since
    ends = server.dialect.get("ends", "\n")
    if ends == "\n":
        return [without_prompt(server, line.text) for line in client.lines[lines:]]
    told = "".join(line.text + line.ending for line in client.lines[lines:]) + client.unfinished
    return re.split(r"\r\n?|\n", told[ahead:]) if ends else [told[ahead:]]


def without_prompt(server, text):
    prompt = server.dialect.get("prompt", {}).get("text", "")
    while prompt and text.startswith(prompt):
        text = text[len(prompt) :]
    return text


def pending(client, since=START):
    """What the client was told since that moment, and has no end of line yet."""
    lines, ahead = since
    return client.unfinished[ahead if len(client.lines) == lines else 0 :]


def spoken_to(client):
    return bool(client.lines or client.unfinished)


def hearing(server, client, wanted, since=START):
    """A condition: the client has been told what is wanted. It reads each line once."""
    position = since[0]

    def heard():
        nonlocal position
        if server.dialect.get("ends", "\n") != "\n":
            return any(map(wanted.holds, texts(server, client, since)))
        while position < len(client.lines):
            position += 1
            if wanted.holds(without_prompt(server, client.lines[position - 1].text)):
                return True
        return False

    return heard


def count(server, client, wanted, since=START):
    """How often the client was told it."""
    told = texts(server, client, since)
    if server.dialect.get("ends", "\n"):
        return sum(map(wanted.holds, told))
    return told[0].count(wanted.words)


async def either(server, condition, within):
    """Waits for something that may show at any of several clients; whether it did."""
    until = server.now() + within * server.scale
    while not condition():
        if server.now() > until:
            return False
        await asyncio.sleep(0.01)
    return True


@contextlib.asynccontextmanager
async def people(server, count):
    """So many clients, who come one after another, and leave together."""
    clients = []
    try:
        for _ in range(count):
            clients.append(await server.open_client())
            await settled(server, clients[-1])
        yield clients
    finally:
        await asyncio.gather(*(client.leave() for client in clients))


async def settled(server, client):
    """The client is in the room, as far as it can know: it was welcomed, or has waited where
    nobody is."""
    welcomes = server.dialect.get("welcomes")
    within = PATIENCE if welcomes else BRIEFLY if welcomes is None else WINDOW
    if not server.dialect.get("mute"):
        came = await client.watch(lambda: spoken_to(client), within=within)
        server.dialect.setdefault("welcomes", came)
        await client.watch(lambda: False, within=0.05)


async def introduce(server, client, hello=None):
    """The client says HELLO under a name of its own, and waits for a line that names it, where
    the server tells it so: whether it does, and in which words, is 2.1's affair."""
    name = server.draw.word().capitalize()
    label, since = called(server, name), mark(client)
    known = server.dialect.get("came")
    within = PATIENCE if known and known.get("self") else WINDOW if known else BRIEFLY
    await client.send_line(f"{hello or server.parameters.hello} {name}")
    await client.watch(
        lambda: any(label in text for text in texts(server, client, since)),
        within=BRIEFLY if hello else within,
    )
    return name


async def say(server, client, message):
    await client.send_line(f"{server.parameters.say} {message}")
