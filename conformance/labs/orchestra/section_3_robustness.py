"""Section 3 of the contract: what is no musician's, and several on one host."""

import contextlib

from conformance import require

from .asking import Cast, ask, play_until_listed, require_players
from .noise import make_noise
from .orchestra import HOSTS, orchestra
from .together import apart, listed


@orchestra.scenario("3.1", builds_on=["2.2", "2.3"], alone=True, destructive=True)
async def survives_any_datagram(server):
    """What is no musician's does not harm the auditor."""
    require_players(server)
    await make_noise(server, Cast.chosen(server))
    await server.expect_alive(0.5)
    before = await ask(server)
    async with contextlib.AsyncExitStack() as stage:
        cast, _, answer = await play_until_listed(server, HOSTS[:1], stage)
        require(listed(before, answer, cast.label(0), cast.reading(server)))


@orchestra.scenario("3.2", builds_on=["2.2", "2.3"], alone=True)
async def tells_musicians_on_one_host_apart(server):
    """Three musicians on one host are three entries."""
    require_players(server)
    async with contextlib.AsyncExitStack() as stage:
        cast, musicians, answer = await play_until_listed(server, HOSTS[-1:] * 3, stage)
        labels = [cast.label(number) for number in range(3)]
        require(apart(answer, labels, musicians, cast.reading(server)))
