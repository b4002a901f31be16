"""Section 1 of the contract: arriving."""

from conformance import Wording

from .excuses import needs_sound
from .hearing import all_hear
from .notices import notice
from .people import Person, people
from .presence import BRIEFLY, PATIENCE, WINDOW, presence

presence.listening()
presence.reachable()


@presence.scenario("1.3")
async def welcomes_the_newcomer(server):
    """Whoever connects is welcomed with a line, before having said a word."""
    needs_sound(server)
    async with server.connect() as client:
        told = "Send it as soon as the client is accepted, before anything is read."
        hint = {"nothing came": told}
        await reads_news(Person(server, client), "a line of welcome", hint)


@presence.scenario("1.4")
async def announces_an_arrival(server):
    """Those already in the room are told that someone has come."""
    needs_sound(server)
    async with people(server, 1) as (there,):
        await there.wait(WINDOW)
        there.listen()
        async with server.connect():
            hint = {"nothing came": "Tell those who are there when somebody connects."}
            await reads_news(there, "a line that someone has come", hint)


async def reads_news(person, words, hint):
    """Some text comes that does not say that somebody has left."""
    gone = notice(person.server, "left")
    news = Wording(words, lambda line: bool(line) and not gone.holds(line))
    within = BRIEFLY if person.server.dialect.get("deaf") else PATIENCE
    await all_hear([person], news, hint=hint, within=within)
