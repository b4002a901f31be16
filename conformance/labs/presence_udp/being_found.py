"""Section 1 of the contract: being found."""

import asyncio

from conformance import Fault, Kind, NotJudged, Violation, Wording, cadence, promptly, require

from .people import command, hello, manner, patience
from .presence_udp import LATEST, presence_udp

MEANWHILE = 6.0
"""Seconds of beacons, first without and then with traffic."""


presence_udp.listening()


@presence_udp.scenario(
    "1.2",
    alone=True,
    needs_process=True,
    see="socat -u UDP4-RECV:9908,ip-add-membership=239.255.22.5:0.0.0.0 -",
)
async def announces_itself(server):
    """Once a second the server sends `PRESENCE <port>` to the multicast group."""
    wanted = server.parameters
    with server.group_member(wanted.beacon_group, wanted.beacon_port) as member:
        listening = server.now()
        if server.dialect.get("mute"):
            await asyncio.sleep(2 * LATEST)
        if member.received or not server.dialect.get("mute"):
            await server.restart()
            listening = server.now()
            await asyncio.sleep(MEANWHILE)
        if member.received:  # else there is nothing that traffic could disturb
            await conversation(server, lasting=MEANWHILE)
        until = server.now()
    beacons = [datagram for datagram in member.received if datagram.at > server.started_at]
    beacons = unless_copies(server, beacons)
    show(server, beacons, listening, until)
    judge_beacons(server, beacons, listening, until)


def unless_copies(server, beacons):
    """The beacons; where the server sends everything several times, without what follows
    another at once."""
    if manner(server).copies == 1:
        return beacons
    pairs = zip([None, *beacons], beacons, strict=False)
    return [one for before, one in pairs if before is None or one.at - before.at > AT_ONCE]


AT_ONCE = 0.1
"""Seconds between two copies of one datagram, at the most."""


async def conversation(server, lasting):
    """Two people who send something, ten times a second."""
    until = server.now() + lasting
    with server.datagrams(name="Ann") as ann, server.datagrams(name="Bob") as bob:
        for person in (ann, bob):
            person.send(hello(server, person))
        while server.now() < until:
            ann.send(command(server, "ALIVE"))
            bob.send(command(server, "DISCOVER"))
            await asyncio.sleep(0.1)


def show(server, beacons, listening, until):
    """Keeps the times of the beacons for the reports to draw."""
    period, tolerance = server.parameters.beacon_period, server.parameters.tolerance
    first = beacons[0].at if beacons else listening
    listened = max(0.0, until - first - tolerance)
    server.record(
        "beacon",
        [beacon.at for beacon in beacons],
        period=period,
        tolerance=tolerance + server.clock_error,
        count=int(listened / period) + 1 if period else 0,
    )


def judge_beacons(server, beacons, listening, until):
    wanted, text = server.parameters, f"PRESENCE {server.port}"
    if not beacons:
        if not server.from_another_host:
            raise NotJudged(
                "1.3", Kind.SILENCE, "nothing leaves a host from a socket that is bound to loopback"
            )
        group = f"{wanted.beacon_group}, port {wanted.beacon_port}"
        seen = f"nothing was sent to that group in {until - listening:.0f} s"
        raise Violation(f"{text} to {group}", seen, hint=BEACON, fault=Fault.ABSENT)
    for beacon in beacons:
        if manner(server).plain(beacon.text) != text:
            raise Violation(text, beacon.text, hint="The port is the one it listens on.")
    times, error = [beacon.at for beacon in beacons], server.clock_error
    soon = {"within": LATEST, "slack": error}
    require(promptly(listening, times[0], **soon, what="the first beacon", hint=BEACON))
    cadences = {"period": wanted.beacon_period, "tolerance": wanted.tolerance + error}
    require(
        cadence(
            times, **cadences, first_may_be_short_by=0.3, until=until, what="beacon", hint=BEACON
        )
    )


BEACON = "A timer of its own sends the beacon, whether or not anybody sends, or is there."


@presence_udp.scenario(
    "1.3",
    needs_process=True,
    see="echo DISCOVER | socat - UDP4-DATAGRAM:255.255.255.255:{port},broadcast",
)
async def answers_a_search(server):
    """`DISCOVER`, sent to everybody on the network, is answered with `PRESENCE <port>`."""
    answer = f"PRESENCE {server.port}"
    for address in ("255.255.255.255", "10.9.9.255"):
        with (
            server.datagrams_on_the_wire(name="seeker") as seeker,
            server.datagrams_on_the_wire(name="neighbour", port=server.port) as neighbour,
        ):
            seeker.send(command(server, "DISCOVER"), to=(address, server.port))
            hint = f"Sent to {address}. {SEARCH}"
            await found(server, seeker, neighbour, answer, hint)


async def found(server, seeker, neighbour, answer, hint):
    """The seeker has the answer; where not, perhaps the lab's own port of her host has."""
    way, within = manner(server), patience(server)
    wanted = Wording(answer, lambda text: way.plain(text) == answer)
    try:
        await seeker.wait_for(wanted, patience=within, about="PRESENCE", hint=hint)
    except Violation:
        if any(way.plain(datagram.text) == answer for datagram in neighbour.received):
            own, came = seeker.address[1], f"{answer} to port {neighbour.address[1]}"
            expected = f"{answer} to the port that DISCOVER came from, {own}"
            raise Violation(expected, came, hint=hint) from None
        await server.expect_alive(0.0)
        raise


SEARCH = (
    "A socket that is bound to one address is sent no broadcasts: bind to all addresses."
    " The answer goes where the datagram came from."
)
