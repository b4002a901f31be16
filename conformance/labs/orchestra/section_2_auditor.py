"""Section 2 of the contract: what the auditor tells.

Clauses 2.2 and 2.8 are judged by one conversation, 2.3 to 2.7 by another.
"""

from conformance import require

from .asking import CLOSED_WITHIN, ask_unprompted, play_and_ask
from .orchestra import orchestra
from .section_1_musicians import performance


@orchestra.scenario("2.1", begins=performance, see=orchestra.see_ports("t", "tcp_port"))
async def listens(server):
    """The auditor listens on its TCP port within 10 s of its start, and goes on running."""
    await server.expect_listening()
    await server.expect_alive(1.0)


@orchestra.conversation
async def question(server):
    """A client connects while nobody plays; if nothing comes, it sends an empty line."""
    answers = await ask_unprompted(server, closing=CLOSED_WITHIN + 0.5)
    return answers, server.remote


@orchestra.scenario("2.2", of=question)
def answers_with_a_json_array(question):
    """Whoever connects is sent a JSON array, and nothing else."""
    answers, somebody_may_play = question
    require(answers[0].form(empty=not somebody_may_play))


@orchestra.scenario("2.8", of=question)
def hangs_up_when_told(question):
    """The auditor closes the connection when it has sent the array."""
    answers, _ = question
    require(answers[-1].hanging_up(CLOSED_WITHIN))


@orchestra.conversation
async def listing(server):
    """Three musicians play, each on a host of its own; then one stops, and then the others."""
    return await play_and_ask(server)


@orchestra.scenario("2.3", of=listing, builds_on=["2.2"])
def lists_who_plays(listing):
    """While three musicians play, the array has an entry for each of them."""
    require(listing.listed())


@orchestra.scenario("2.4", of=listing)
def gives_each_a_uuid(listing):
    """Each musician has a uuid of its own, and keeps it."""
    require(listing.uuids())


@orchestra.scenario("2.5", of=listing)
def gives_the_time_in_iso_8601(listing):
    """`activeSince` is written as ISO 8601 has it, and is right."""
    require(listing.moments())


@orchestra.scenario("2.6", of=listing)
def remembers_since_when(listing):
    """`activeSince` does not move while a musician plays."""
    require(listing.steady())


@orchestra.scenario("2.7", of=listing)
def forgets_the_silent(listing):
    """A musician that has stopped is listed no more, also if it was the last one."""
    require(listing.forgetting())
