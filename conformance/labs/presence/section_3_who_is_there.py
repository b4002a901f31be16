"""Section 3 of the contract: who is there."""

from collections import Counter

from conformance import Violation, require

from .excuses import needs_answers, needs_lines
from .going_on import GOES_ON, goes_on
from .hearing import hear_nothing_of
from .listing import entries, lists_no_longer, the_list, times_listed, who
from .people import introduce, listen, people
from .presence import WINDOW, presence


@presence.scenario("3.1", see=r"printf 'WHO\n' | nc localhost {port}")
async def lists_who_is_there(server):
    """`WHO` is answered with a heading and a line for each person, to its sender alone."""
    needs_lines(server)
    anonymous = server.parameters.anonymous
    async with people(server, 1) as (asker,):
        others = Counter(await who(asker)) - Counter([f" - {anonymous}"])  # the asker itself
        async with people(server, 3) as (one, two, silent):
            await introduce(asker, one, two)
            labels = [asker.label, one.label, two.label, anonymous]
            listen([one, two, silent])
            answer = await who(asker, labels)
            require(the_list(answer, labels, ignoring=others))
            await hear_nothing_of([one, two, silent], entries(answer), "the answer to WHO")


@presence.scenario("3.2", builds_on=("2.2", "3.1"))
async def forgets_who_has_left(server):
    """Who left by BYE is no longer listed, and hears no more of what is said."""
    needs_answers(server)
    async with people(server, 3) as (asker, other, leaver):
        await introduce(asker, leaver)
        times = await times_listed(asker, leaver)
        await leaver.say_bye()
        await leaver.wait(2.0)
        await lists_no_longer(asker, leaver, times)
        message = await goes_on(asker, [other], GOES_ON)
        await leaver.wait(WINDOW)
        require(hears_no_more(leaver, message))


def hears_no_more(leaver, message):
    """Whether the leaver was told nothing of a message."""
    told = [text for text in leaver.texts() if message in text]
    wanted = f"nothing of what is said after BYE, for {WINDOW:g} s"
    return Violation(wanted, told[0]) if told else None
