"""Section 1 of the contract: arriving."""

from conformance import Wording

from .excuses import needs_sound
from .hearing import all_hear
from .notices import _notice
from .people import marks, people
from .presence import BRIEFLY, PATIENCE, WINDOW, presence

presence.listening()


presence.reachable()


@presence.scenario("1.3")
async def welcomes_the_newcomer(server):
    """Whoever connects is welcomed with a line, before having said a word."""
    needs_sound(server)
    welcome = news_of(server, "a line of welcome")
    async with server.connect() as client:
        hint = "Is it sent to the client, with an end of line, and flushed?"
        await all_hear(server, [client], welcome, within=patience(server), hint=hint)


@presence.scenario("1.4")
async def announces_an_arrival(server):
    """Those already in the room are told that someone has come."""
    needs_sound(server)
    news = news_of(server, "a line that someone has come")
    async with people(server, 1) as (there,):
        await there.watch(lambda: False, within=WINDOW)
        since = marks([there])
        async with server.connect():
            hint = "Tell those who are there when somebody connects."
            await all_hear(server, [there], news, since=since, within=patience(server), hint=hint)


def patience(server):
    """Seconds to wait for a line that no command asks for: where the room does nothing that
    the lab asks for, it is not waited for long."""
    return BRIEFLY if server.dialect.get("deaf") else PATIENCE


def news_of(server, words):
    """Any text that does not tell of somebody who has gone."""
    gone = _notice(server, "left")
    return Wording(words, lambda line: bool(line) and not gone.holds(line))
