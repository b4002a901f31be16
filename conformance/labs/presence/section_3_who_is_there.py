"""Section 3 of the contract: who is there."""

from conformance import Violation, require

from .excuses import needs_answers, needs_lines
from .going_on import goes_on
from .hearing import hear_nothing_of
from .listing import but_once, entries, lists_no_longer, the_list, times_listed, who
from .people import introduce, listen, people
from .presence import WINDOW, presence


@presence.scenario("3.1")
async def lists_who_is_there(server):
    """`WHO` is answered with a heading and a line for each person, to its sender alone."""
    needs_lines(server)
    anonymous = server.parameters.anonymous
    async with people(server, 1) as (asker,):
        earlier = await who(asker)
        async with people(server, 4) as (one, two, *silent):
            await introduce(asker, one, two)
            labels = [asker.label, one.label, two.label, *(anonymous for _ in silent)]
            listen([one, two, *silent])
            answer = await who(asker, labels)
            wrong = the_list(answer, labels, but_once(f" - {anonymous}", earlier), earlier)
            require(asker.shows(wrong, lambda text: text in answer))
            await hear_nothing_of([one, two, *silent], entries(answer), "the answer to WHO")


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
        message = await goes_on(asker, [other], "")
        await leaver.wait(WINDOW)
        require(hears_no_more(leaver, message))


def hears_no_more(leaver, message):
    """Whether the leaver was told nothing of a message."""
    told = [text for text in leaver.texts() if message in text]
    wanted = f"nothing of what is said after BYE, for {WINDOW:g} s"
    wrong = Violation(wanted, told[0]) if told else None
    return leaver.shows(wrong, lambda text: message in text)
