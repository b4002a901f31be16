"""Section 1 of the contract: being found."""

import asyncio

from conformance import Fault, Kind, NotJudged, Violation, Wording, cadence, promptly, require

from .people import Peer, manner, patience_with, understood
from .presence_udp import LATEST, presence_udp

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
        listening = await hears_beacons(server, member)
        until = server.now()
    beacons = unless_copies(server, member)
    show(server, beacons, listening, until)
    require(begins_in_time(server, beacons, listening, until))
    require(goes_on(server, beacons, until))


MEANWHILE = 6.0  # seconds of beacons, first without and then with traffic


async def hears_beacons(server, member):
    """Restarts the program and listens for its beacons, first without and then with traffic.
    Returns when the program began to listen."""
    listening, mute = server.now(), server.dialect.get("mute")
    if mute:
        await asyncio.sleep(2 * LATEST)
    if member.received or not mute:
        await server.restart()
        listening = server.now()
        await asyncio.sleep(MEANWHILE)
    if member.received:  # else there is nothing for traffic to disturb
        await conversation(server, lasting=MEANWHILE)
    return listening


async def conversation(server, lasting):
    """Two people who send something, ten times a second."""
    until = server.now() + lasting
    with server.datagrams(name="Ann") as ann, server.datagrams(name="Bob") as bob:
        one, other = Peer(server, ann), Peer(server, bob)
        one.say_hello()
        other.say_hello()
        while server.now() < until:
            one.send("ALIVE")
            other.send("DISCOVER")
            await asyncio.sleep(0.1)


AT_ONCE = 0.1  # seconds between two copies of one datagram, at the most


def unless_copies(server, member):
    """The beacons since the program was started; of copies that come together, the first."""
    beacons = [datagram for datagram in member.received if datagram.at > server.started_at]
    if manner(server).copies == 1:
        return beacons
    pairs = zip([None, *beacons], beacons, strict=False)
    return [one for before, one in pairs if before is None or one.at - before.at > AT_ONCE]


def show(server, beacons, listening, until):
    """Keeps the times of the beacons for the reports to draw."""
    period, tolerance = server.parameters.beacon_period, server.parameters.tolerance
    first = beacons[0].at if beacons else listening
    listened = max(0.0, until - first - tolerance)
    times, slack = [beacon.at for beacon in beacons], tolerance + server.clock_error
    count = int(listened / period) + 1 if period else 0
    server.record("beacon", times, period=period, tolerance=slack, count=count)


BEACON = "A timer of its own sends the beacon, whether or not anybody sends, or is there."


def begins_in_time(server, beacons, listening, until):
    """Whether there are beacons, with the right text, the first of them in time."""
    wanted, text = server.parameters, f"PRESENCE {server.port}"
    if not beacons and not server.from_another_host:
        reason = "nothing leaves a host from a socket that is bound to loopback"
        raise NotJudged("1.3", Kind.SILENCE, reason)
    if not beacons:
        group = f"{wanted.beacon_group}, port {wanted.beacon_port}"
        seen = f"nothing was sent to that group in {until - listening:.0f} s"
        return Violation(f"{text} to {group}", seen, hint=BEACON, fault=Fault.ABSENT)
    for beacon in beacons:
        if manner(server).plain(beacon.text) != text:
            return Violation(text, beacon.text, hint="The port is the one it listens on.")
    first, what, slack = beacons[0].at, "the first beacon", server.clock_error
    return promptly(listening, first, within=LATEST, slack=slack, what=what, hint=BEACON)


def goes_on(server, beacons, until):
    """Whether a beacon comes each period, to the end."""
    return cadence(
        [beacon.at for beacon in beacons],
        period=server.parameters.beacon_period,
        tolerance=server.parameters.tolerance + server.clock_error,
        first_may_be_short_by=0.3,
        until=until,
        what="beacon",
        hint=BEACON,
    )


@presence_udp.scenario(
    "1.3",
    needs_process=True,
    see="echo DISCOVER | socat - UDP4-DATAGRAM:255.255.255.255:{port},broadcast",
)
async def answers_a_search(server):
    """`DISCOVER`, sent to everybody on the network, is answered with `PRESENCE <port>`."""
    for address in ("255.255.255.255", "10.9.9.255"):
        with (
            server.datagrams_on_the_wire(name="seeker") as seeker,
            server.datagrams_on_the_wire(name="neighbour", port=server.port) as neighbour,
        ):
            seeker.send(understood(server, "DISCOVER"), to=(address, server.port))
            await is_found_by(server, seeker, neighbour, f"Sent to {address}. {SEARCH}")


async def is_found_by(server, seeker, neighbour, hint):
    """The seeker gets the answer. If not, it may have gone to the lab's own port of her host."""
    way, answer = manner(server), f"PRESENCE {server.port}"
    wanted = Wording(answer, lambda text: way.plain(text) == answer)
    try:
        await seeker.wait_for(wanted, patience=patience_with(server), about="PRESENCE", hint=hint)
    except Violation:
        if any(wanted.holds(datagram.text) for datagram in neighbour.received):
            own, came = seeker.address[1], f"{answer} to port {neighbour.address[1]}"
            expected = f"{answer} to the port that DISCOVER came from, {own}"
            raise Violation(expected, came, hint=hint) from None
        await server.expect_alive(0.0)
        raise


SEARCH = (
    "A socket that is bound to one address is sent no broadcasts: bind to all addresses."
    " The answer goes where the datagram came from."
)
