"""Section 1 of the contract: being found."""

import asyncio

from conformance import (
    Fault,
    Kind,
    NotJudged,
    Sign,
    Symptom,
    Violation,
    Wording,
    cadence,
    promptly,
    require,
)

from .beacons import (
    ANSWERS,
    AT_ONCE,
    BEACON,
    ONLY_IN_SILENCE,
    TO_THE_GROUP,
    answers,
    of_a_number,
    only_in_silence,
)
from .people import Peer, a_moment, manner, patience_with, understood
from .presence_udp import LATEST, presence_udp

# nc can neither join a group, nor hear the answer to what was sent to everybody.
LISTEN_TO_THE_GROUP = (
    'timeout 8 python3 -uc "import socket, time; s = socket.socket(socket.AF_INET,'
    " socket.SOCK_DGRAM); s.bind(('{beacon_group}', {beacon_port}));"
    " s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,"
    " socket.inet_aton('{beacon_group}') + bytes(4));"
    ' [print(round(time.time()), s.recv(99)) for n in range(99)]"'
)
SEARCH_EVERYWHERE = (
    'timeout 5 python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);'
    " s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);"
    " s.sendto(b'DISCOVER', ('255.255.255.255', {port})); print(s.recvfrom(99))\""
)

presence_udp.listening()


@presence_udp.scenario(
    "1.2",
    alone=True,
    needs_process=True,
    bears_loss=True,
    see=LISTEN_TO_THE_GROUP,
)
async def announces_itself(server):
    """Once a second the server sends `PRESENCE <port>` to the multicast group."""
    wanted = server.parameters
    with server.group_member(wanted.beacon_group, wanted.beacon_port) as member:
        listening, unanswered = await hears_beacons(server, member)
        until = server.now()
        hint = await of_traffic(server, member, unanswered, until)
    beacons = unless_copies(server, member, until)
    show(server, beacons, listening, until)
    require(begins_in_time(server, beacons, listening, until))
    require(goes_on(server, beacons, until, hint))


MEANWHILE = 6.0  # seconds of beacons, first without and then with traffic


async def hears_beacons(server, member):
    """Restarts the program and listens for its beacons, first without and then with traffic.
    Returns when the program began to listen, and when DISCOVER was sent, if never answered."""
    unanswered = []
    listening, mute = server.now(), server.dialect.get("mute")
    if mute:
        await asyncio.sleep(2 * LATEST)
    if member.received or not mute:
        await server.restart()
        listening = server.now()
        await asyncio.sleep(MEANWHILE)
    if member.received:  # else there is nothing for traffic to disturb
        unanswered = await conversation(server, lasting=MEANWHILE)
    return listening, unanswered


async def conversation(server, lasting):
    """Two people who send something, ten times a second. Returns when DISCOVER was sent, if none
    was answered."""
    until, asked = server.now() + lasting, []
    with server.datagrams(name="Ann") as ann, server.datagrams(name="Bob") as bob:
        one, other = Peer(server, ann), Peer(server, bob)
        one.say_hello()
        other.say_hello()
        while server.now() < until:
            one.send("ALIVE")
            asked.append(server.now())
            other.send("DISCOVER")
            await asyncio.sleep(0.1)
        answered = any("PRESENCE" in datagram.text for datagram in bob.received)
    return [] if answered else asked


async def of_traffic(server, member, unanswered, until):
    """A hint for beacons in another rhythm, by what traffic changed; the usual one where that is
    not known. If none came meanwhile, waits for the next."""
    begun, times = until - MEANWHILE, [datagram.at for datagram in member.received]
    if unanswered and answers(times, unanswered, unanswered[0]):
        return {"another rhythm": ANSWERS}
    if only_in_silence(times, begun, until):
        over = until + 2 * LATEST * server.scale
        while server.now() < over:
            await asyncio.sleep(0.1)
            if len(member.received) > len(times):
                return dict.fromkeys(BEACON, ONLY_IN_SILENCE)
    return BEACON


def unless_copies(server, member, until):
    """The beacons since the program was started, without those that were on their way then; of
    copies that come together, the first."""
    since = server.started_at + server.round_trip / 2
    beacons = [d for d in member.received if since < d.at <= until]
    if manner(server).copies == 1:
        return beacons
    pairs = zip([None, *beacons], beacons, strict=False)
    return [one for before, one in pairs if before is None or one.at - before.at > AT_ONCE]


def show(server, beacons, listening, until):
    """Keeps the times of the beacons for the reports to draw."""
    period, tolerance = server.parameters.beacon_period, server.parameters.tolerance
    first = beacons[0].at if beacons else listening
    listened = max(0.0, until - first - tolerance)
    times, slack = [beacon.at for beacon in beacons], server.clock_error + server.round_trip
    count = int(listened / period) + 1 if period else 0
    server.record("beacon", times, period=period, tolerance=tolerance + slack, count=count)


NOWHERE = {"nothing came": "To which address and port does it send, and by which interface?"}


def begins_in_time(server, beacons, listening, until):
    """Whether there are beacons, with the right text, the first of them in time."""
    wanted, text = server.parameters, f"PRESENCE {server.port}"
    if not beacons and not server.from_another_host:
        reason = "nothing leaves a host from a socket that is bound to loopback"
        raise NotJudged("1.3", Kind.SILENCE, reason)
    if not beacons:
        group = f"{wanted.beacon_group}, port {wanted.beacon_port}"
        seen = f"nothing was sent to that group in {until - listening:.0f} s"
        return Violation(f"{text} to {group}", seen, hint=NOWHERE, fault=Fault.ABSENT)
    for beacon in beacons:
        if (told := manner(server).plain(beacon.text)) != text:
            hint = of_a_number(told, beacon.source[1], wanted.beacon_port)
            return Violation(text, beacon.text, hint=hint)
    first, what, slack = beacons[0].at, "the first beacon", server.clock_error + server.round_trip
    return promptly(listening, first, within=LATEST, slack=slack, what=what, hint=BEACON)


def goes_on(server, beacons, until, hint):
    """Whether a beacon comes each period, to the end."""
    wrong = cadence(
        [beacon.at for beacon in beacons],
        period=server.parameters.beacon_period,
        tolerance=server.parameters.tolerance + server.clock_error + server.round_trip,
        first_may_be_short_by=0.3,
        until=until,
        what="beacon",
        hint=hint,
    )
    if wrong is not None and wrong.fault is Fault.ABSENT:
        wrong.symptom = Symptom(Sign.NOTHING, facts={"beacons": "stop"})
    return wrong


@presence_udp.scenario(
    "1.3",
    needs_process=True,
    bears_loss=True,
    see=SEARCH_EVERYWHERE,
)
async def answers_a_search(server):
    """`DISCOVER`, sent to everybody on the network, is answered with `PRESENCE <port>`."""
    for address in ("255.255.255.255", "10.9.9.255"):
        with (
            server.datagrams_on_the_wire(name="seeker") as seeker,
            server.datagrams_on_the_wire(name="neighbour", port=server.port) as neighbour,
        ):
            seeker.send(understood(server, "DISCOVER"), to=(address, server.port))
            await is_found_by(server, seeker, neighbour, search(server, address))


async def is_found_by(server, seeker, neighbour, hint):
    """The seeker gets the answer. If not, it may have gone to the lab's own port of her host."""
    way, answer = manner(server), f"PRESENCE {server.port}"
    wanted = Wording(answer, lambda text: way.plain(text) == answer)
    try:
        await seeker.wait_for(wanted, patience=patience_with(server), about="PRESENCE", hint=hint)
    except Violation as silent:
        if seeker.received:
            silent.hint = ""  # it came, and was answered otherwise
        elif await answers_the_group(server, seeker, wanted):
            silent.hint = {"nothing came": TO_THE_GROUP}
        if any(wanted.holds(datagram.text) for datagram in neighbour.received):
            own, came = seeker.address[1], f"{answer} to port {neighbour.address[1]}"
            expected = f"{answer} to the port that DISCOVER came from, {own}"
            symptom = Symptom(Sign.FORM, facts={"answers": "to its own port number"})
            raise Violation(expected, came, hint=ANSWER, symptom=symptom) from None
        await server.expect_alive(0.0)
        raise


async def answers_the_group(server, seeker, wanted):
    """Whether DISCOVER, sent again three times within a second, is answered to the group each time:
    more often than beacons come."""
    group, port = server.parameters.beacon_group, server.parameters.beacon_port
    with server.group_member(group, port) as member:
        for _ in range(3):
            asked = server.now()
            seeker.send(understood(server, "DISCOVER"), to=("255.255.255.255", server.port))
            await a_moment(server)
            soon = AT_ONCE + server.round_trip
            came = [d for d in member.received if 0 <= d.at - asked <= soon]
            if not any(wanted.holds(datagram.text) for datagram in came):
                return False
    return True


EVERYWHERE = ("0.0.0.0", "::")  # the addresses of a socket that is bound to all
ANSWER = "The answer goes where the datagram came from: to its address and its port."


def search(server, address):
    """A hint for the answer that does not come."""
    listener = server.host.listener()
    if listener is None or listener.address in EVERYWHERE:
        return ""
    told = (
        f"Sent to {address}. A socket that is bound to one address is sent no broadcasts: bind to"
        " all addresses."
    )
    return {"nothing came": told}
