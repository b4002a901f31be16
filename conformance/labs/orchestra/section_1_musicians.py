"""Section 1 of the contract: what a musician plays.

Clauses 1.1 to 1.3 are judged by one conversation, in which all five instruments play.
"""

from conformance import require

from .asking import require_players
from .orchestra import orchestra
from .refusing import refused
from .stage import listen_to_all


@orchestra.conversation
async def performance(server):
    """The five instruments play, each on a host of its own."""
    heard = await listen_to_all(server)
    server.dialect["players"] = {
        one.instrument: one.learnt(server.parameters) for one in heard.playing
    }
    server.dialect["silence"] = str(heard.performances[0].kind)
    return heard


@orchestra.scenario(
    "1.1", of=performance, apart=True, see="{musician} piano   # and, in Wireshark: udp"
)
def plays_once_a_second(performance):
    """Each musician sends a datagram once a second."""
    require(performance.rhythm())


@orchestra.scenario(
    "1.2", of=performance, apart=True, see="{musician} piano   # and, in Wireshark: udp"
)
def plays_its_sound(performance):
    """The sound of its instrument is in what a musician sends."""
    require(performance.sounds())


@orchestra.scenario(
    "1.3", of=performance, apart=True, see="{musician} piano   # and, in Wireshark: udp"
)
def plays_to_a_group(performance):
    """What a musician sends goes to a multicast group, or to the broadcast address."""
    require(performance.places())


@orchestra.scenario("1.4", apart=True, see="{musician} kazoo; echo $?")
async def refuses_an_unknown_instrument(server):
    """A musician that is given an unknown instrument says so, and ends with an error."""
    require_players(server)
    instrument = server.draw.word()
    async with server.start("musician", instrument, host="musician-1", name="musician") as one:
        status = await one.expect_end(5.0, hint="Compare the argument with the five instruments.")
        require(refused(one, instrument, status))
