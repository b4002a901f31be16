"""Section 3 of the contract: who is there."""

from collections import Counter

from conformance import Violation, require

from .excuses import needs_answers, needs_lines
from .going_on import GOES_ON, goes_on
from .hearing import hear_nothing_of
from .listing import entries, forgotten, the_list, times_listed, who
from .notices import called
from .people import introduce, marks, people, texts
from .presence import WINDOW, presence


@presence.scenario("3.1", see=r"printf 'WHO\n' | nc localhost {port}")
async def lists_who_is_there(server):
    """`WHO` is answered with a heading and a line for each person, to its sender alone."""
    needs_lines(server)
    anonymous = server.parameters.anonymous
    async with people(server, 1) as (asker,):
        others = Counter(await who(server, asker)) - Counter([f" - {anonymous}"])  # its own
        async with people(server, 3) as (one, two, silent):
            names = [await introduce(server, client) for client in (asker, one, two)]
            labels = [*(called(server, name) for name in names), anonymous]
            before = marks([one, two, silent])
            answer = await who(server, asker, labels)
            require(the_list(answer, labels, ignoring=others))
            await hear_nothing_of(server, entries(answer), before, "the answer to WHO")


@presence.scenario("3.2", builds_on=("2.2", "3.1"))
async def forgets_who_has_left(server):
    """Who left by BYE is no longer listed, and hears no more of what is said."""
    needs_answers(server)
    async with people(server, 3) as (asker, other, leaver):
        _, name = [await introduce(server, client) for client in (asker, leaver)]
        times = await times_listed(server, asker, name)
        await leaver.send_line(server.parameters.bye)
        await leaver.watch(lambda: False, within=2.0)
        await forgotten(server, asker, name, times)
        message = await goes_on(server, asker, [other], GOES_ON)
        await leaver.watch(lambda: False, within=WINDOW)
        require(unheard(server, leaver, message))


def unheard(server, client, message):
    """Whether somebody who has left heard nothing of a message."""
    told = [text for text in texts(server, client) if message in text]
    wanted = f"nothing of what is said after BYE, for {WINDOW:g} s"
    return Violation(wanted, told[0]) if told else None
