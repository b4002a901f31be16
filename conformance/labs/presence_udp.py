"""Presence over UDP: who is there, by what the last few seconds say. The contract stands
beside this file, in presence_udp.md.

People of an earlier scenario may still be in the room: each scenario draws names of its
own, and looks only at what is said about them. All names have one length, and a HELLO is
as long as a short SAY: where one datagram runs into the next, that is paid for in 2.8.
"""

import asyncio
import contextlib

from conformance import (
    Fault,
    Kind,
    Lab,
    NotJudged,
    Parameter,
    Violation,
    Wording,
    at_most,
    cadence,
    disorder,
    hold,
    promptly,
)

presence_udp = Lab(
    "presence-udp",
    __file__,
    protocol="udp",
    parameters=[
        Parameter("port", 9907, "UDP port that the server listens on"),
        Parameter("expiry", 5.0, "seconds of silence after which somebody is gone"),
        Parameter("beacon_group", "239.255.22.5", "multicast group of the beacon"),
        Parameter("beacon_port", 9908, "port of the beacon"),
        Parameter("beacon_period", 1.0, "seconds between two beacons"),
        Parameter("tolerance", 0.25, "seconds by which a beacon or an expiry may be off"),
    ],
    longest=lambda parameters: max(150.0, 12 * parameters.expiry),
    see="nc -u localhost {port}   # type HELLO Ann, SAY hi, WHO, BYE",
)

STRANGER = "Who are you? Say HELLO name first"
COMMANDS = ("HELLO", "SAY", "WHO", "ALIVE", "BYE")
LATEST = 1.5
"""Seconds that the first beacon may take, and that an expiry may come after its time."""
MOMENT = 0.3
"""Seconds in which a datagram too many is waited for."""
MEANWHILE = 6.0
"""Seconds of beacons, first without and then with traffic."""
LONGEST = 1400
"""Bytes of a datagram."""

WHOLE = ("2.8",)
"""A datagram that is cut, or runs into the next, spoils every longer conversation."""


# -- people, and what they are told ------------------------------------------------------


@contextlib.asynccontextmanager
async def people(server, *first_names):
    """People who have said HELLO, each from an address of her own. They say BYE in the
    end. Whoever has the same first name is called the same."""
    names = {first: first + server.draw.word(10 - len(first)) for first in first_names}
    with contextlib.ExitStack() as stack:
        present = [
            stack.enter_context(server.datagrams(name=names[first])) for first in first_names
        ]
        try:
            await say(present, "HELLO", within=2.0)
            yield present
        finally:
            await say(present, "BYE", within=MOMENT)


async def say(speakers, command, within):
    """All say HELLO or BYE, and wait until each has heard of it, together no longer than
    `within`: how the server words that, and whom it tells, is the affair of 2.1 and 3.4."""
    for person in speakers:
        person.forget()
        person.send(f"HELLO {person.name}" if command == "HELLO" else command)
    with contextlib.suppress(Violation, TimeoutError):
        async with asyncio.timeout(within):
            for person in speakers:
                await person.wait_for(mention(person.name), within)
    await asyncio.sleep(0.1)


def mention(words):
    return Wording(f"a datagram that mentions {words}", lambda text: words in text)


def message(server):
    """Words for a SAY that is as long as a HELLO."""
    return server.draw.line(12)


async def told(listeners, text, *, about, hint=""):
    """Each is told `text`, and told it once."""
    for listener in listeners:
        await listener.wait_for(text, about=about, hint=hint)
    await asyncio.sleep(MOMENT)
    for listener in listeners:
        times = sum(datagram.text == text for datagram in listener.received)
        hold(at_most(1, times, what=f"times that {listener.name} is told `{text}`", hint=hint))


def nobody_told(listeners, words, since, *, hint=""):
    """None of them has been told anything with these words since that time."""
    for listener in listeners:
        for datagram in listener.received:
            if datagram.at > since and words in datagram.text:
                wanted = f"nothing of it for {listener.name}"
                raise Violation(wanted, datagram.text, hint=hint)


def is_notice(text):
    return text.endswith((" is in the room.", " has left the room.")) or " says: " in text


ANSWER = Wording("an answer", lambda text: not is_notice(text))


async def who(asker):
    """The datagrams that answer WHO: mostly one."""
    asker.forget()
    asker.send("WHO")
    first = await asker.wait_for(ANSWER)
    await asyncio.sleep(MOMENT)
    rest = asker.received[asker.received.index(first) + 1 :]
    return [first, *(datagram for datagram in rest if not is_notice(datagram.text))]


async def times_listed(asker, name):
    """How many lines of the answer to WHO have the name in them; that there is an answer
    at all is the affair of 3.1."""
    with contextlib.suppress(Violation):
        return sum(name in line for datagram in await who(asker) for line in datagram.lines)
    return 0


async def let_pass(server, since, seconds):
    """Lets time pass until `seconds` after the time `since` (ns)."""
    await asyncio.sleep(server.seconds(since) + seconds - server.now())


# -- 1 Being found -----------------------------------------------------------------------


@presence_udp.scenario("1.1", needs_process=True, see="ss -lunp | grep {port}")
async def listens(server):
    """The server listens on its UDP port within 10 s of its start, and goes on running."""
    await server.expect_listening()
    await server.expect_alive(1.0)


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
        await server.restart()
        listening = server.now()
        await asyncio.sleep(MEANWHILE)
        await conversation(server, lasting=MEANWHILE)
        until = server.now()
    beacons = [datagram for datagram in member.received if datagram.at > server.started_at]
    show(server, beacons, listening, until)
    judge_beacons(server, beacons, listening, until)


async def conversation(server, lasting):
    """Two people who talk, ten times a second."""
    until = server.now() + lasting
    async with people(server, "Ann", "Bob") as (ann, bob):
        while server.now() < until:
            ann.send(f"SAY {message(server)}")
            bob.send("DISCOVER")
            await asyncio.sleep(0.1)


def show(server, beacons, listening, until):
    """Keeps the times of the beacons for the reports to draw."""
    period, tolerance = server.parameters.beacon_period, server.parameters.tolerance
    first = server.seconds(beacons[0].at) if beacons else listening
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
        if beacon.text != text:
            raise Violation(text, beacon.text, hint="The port is the one it listens on.")
    times, began = [beacon.at / 1e9 for beacon in beacons], server.recorder.began / 1e9
    listening, until = began + listening, began + until
    error = server.clock_error
    soon = LATEST + error
    hold(promptly(listening, times[0], within=soon, what="the first beacon", hint=BEACON))
    cadences = {"period": wanted.beacon_period, "tolerance": wanted.tolerance + error}
    hold(
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
            seeker.send("DISCOVER", to=(address, server.port))
            hint = f"Sent to {address}. {SEARCH}"
            await found(seeker, neighbour, answer, hint)


async def found(seeker, neighbour, answer, hint):
    """The seeker has the answer; where not, perhaps the lab's own port of her host has."""
    try:
        await seeker.wait_for(answer, about="PRESENCE", hint=hint)
    except Violation:
        if any(datagram.text == answer for datagram in neighbour.received):
            wanted = f"{answer} to the port that DISCOVER came from, {seeker.address[1]}"
            came = f"{answer} to port {neighbour.address[1]}"
            raise Violation(wanted, came, hint=hint) from None
        raise


SEARCH = (
    "A socket that is bound to one address is sent no broadcasts: bind to all addresses."
    " The answer goes where the datagram came from."
)


# -- 2 Talking ---------------------------------------------------------------------------

TELL = "Tell everybody in the list, the sender too; each at the address that it wrote from."


@presence_udp.scenario("2.1", see="echo HELLO Ann | nc -u -w1 localhost {port}")
async def tells_everyone_who_came(server):
    """`HELLO Ann` from a new address is told to everybody present, Ann included."""
    async with people(server, "Bob", "Cleo") as (bob, cleo):
        with server.datagrams(name="Ann" + server.draw.word(7)) as ann:
            ann.send(f"HELLO {ann.name}")
            notice = f"{ann.name} is in the room."
            await told([bob, cleo], notice, about=ann.name, hint=TELL)
            answer = await ann.wait_for(notice, about=ann.name, hint=TELL)
            await say([ann], "BYE", within=MOMENT)
    if answer.source[1] != server.port:
        wanted, came = f"an answer from port {server.port}", f"from port {answer.source[1]}"
        raise Violation(wanted, came, hint="Send through the socket that received.")


@presence_udp.scenario("2.2")
async def takes_a_repeated_hello_for_a_sign_of_life(server):
    """The same HELLO again is answered to Ann alone, and told to nobody else."""
    async with people(server, "Ann", "Bob") as (ann, bob):
        ann.forget()
        ann.send(f"HELLO {ann.name}")
        await ann.wait_for(ANY_ANSWER, hint="She repeats it because no answer came.")
        await asyncio.sleep(MOMENT)
        nobody_told([bob], ann.name, ann.handed_at, hint="She is in the room already.")


ANY_ANSWER = Wording("an answer, in any words", lambda text: not text.endswith("left the room."))


@presence_udp.scenario("2.3")
async def passes_a_message_on(server):
    """`SAY hi there` is told to everybody present, the sender included."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        text = message(server)
        ann.send(f"SAY {text}")
        words = text.split()[0]
        await told([ann, bob, cleo], f"{ann.name} says: {text}", about=words, hint=TELL)


@presence_udp.scenario("2.4", builds_on=("2.3", "2.8"))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    first, second = server.draw.words(2)
    text = f"héllo  ça €, {first}:   \"{second}\" - it's 5 % & <more>; isn't it?!"
    hint = "Name the encoding, UTF-8, both ways; pass on all that follows SAY and a space."
    async with people(server, "Ann", "Bob") as (ann, bob):
        ann.send(f"SAY {text}")
        for listener in (ann, bob):
            await listener.wait_for(f"{ann.name} says: {text}", about=first, hint=hint)


@presence_udp.scenario("2.5", see="echo WHO | nc -u -w1 localhost {port}")
async def answers_strangers(server):
    """Any command but HELLO and DISCOVER from an unknown address is answered in one way."""
    text, other = server.draw.words(2)
    with server.datagrams(name="stranger") as stranger:
        for command in (f"SAY {text}", "ALIVE", "WHO", "BYE", other):
            stranger.send(command)
            hint = f"`{command}` was sent from an address that has not said HELLO."
            await stranger.expect(STRANGER, hint=hint)


@presence_udp.scenario("2.6")
async def says_what_it_understands(server):
    """An unknown command is answered with a line that names the commands."""
    async with people(server, "Ann") as (ann,):
        ann.send(server.draw.word())
        answer = await ann.wait_for(ANSWER)
        missing = [word for word in COMMANDS if word not in answer.text.upper()]
        if missing:
            raise Violation(f"a line that names {', '.join(COMMANDS)}", answer.text)


@presence_udp.scenario("2.7", builds_on=("2.1", "2.3", "2.8", "3.1", "3.4"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood, with or without a final newline."""
    text, name = message(server), "Ann" + server.draw.word(7)
    with server.datagrams(name=name) as ann:
        ann.send(f"hello {name}")
        await ann.wait_for(f"{name} is in the room.")
        ann.send(f"Say {text}\n")
        await ann.wait_for(f"{name} says: {text}")
        ann.send("wHO\n")
        await ann.wait_for(Wording(f"a list with {name} in it", lambda t: f" - {name}" in t))
        ann.send("bye")
        await ann.wait_for(f"{name} has left the room.")


@presence_udp.scenario("2.8", builds_on=("2.3",))
async def reads_each_datagram_alone(server):
    """A SAY of 1,000 bytes comes back whole; a short one after it has nothing of it."""
    hint = "Take as many bytes as the datagram has; give receive() the whole buffer each time."
    longest = [f"SAY {server.draw.line(996)}" for _ in range(2)]
    async with people(server, "Ann") as (ann,):
        for command in (longest[0], f"SAY {server.draw.word(6)}", longest[1]):
            text = command.removeprefix("SAY ")
            ann.send(command)
            await ann.wait_for(f"{ann.name} says: {text}", about=text[:5], hint=hint)


# -- 3 Who is there ----------------------------------------------------------------------


@presence_udp.scenario("3.1", builds_on=WHOLE)
async def lists_who_is_there(server):
    """`WHO` is answered to its sender: a heading, and one line ` - name` a person present."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        answer = (await who(ann))[0]
        hold(a_list_of([ann.name, bob.name, cleo.name], answer))
        hint = "The answer is for whoever asked."
        nobody_told([bob, cleo], f" - {ann.name}", ann.handed_at, hint=hint)


def a_list_of(names, answer):
    """Whether the datagram is a heading, and a line for each of these, and for others."""
    heading, *lines = [line for line in answer.lines if line]
    if heading.startswith(" - ") or not lines:
        return Violation("a heading line, then a line for each name", answer.text)
    for line in lines:
        if not line.startswith(" - "):
            return Violation(" - and a name, on each line below the heading", line)
    for name in names:
        if lines.count(f" - {name}") != 1:
            near = [line for line in lines if name in line]
            hint = "Everybody who is present is listed, once, in one datagram."
            return Violation(f" - {name}", "\n".join(near or answer.lines), hint=hint)
    return None


@presence_udp.scenario("3.2", alone=True, builds_on=WHOLE)
async def forgets_the_silent(server):
    """A client that has sent nothing for 5 s is gone: the others are told so."""
    notice = await words_for_leaving(server)
    await while_the_others_talk(server, notice)
    await while_all_are_silent(server, notice)


async def words_for_leaving(server):
    """How the server tells others that somebody has left: as the contract does, or as it
    tells of a BYE, which is the affair of 3.4. NAME stands for the name."""
    async with people(server, "Zoe", "Yan") as (zoe, yan):
        yan.forget()
        zoe.send("BYE")
        with contextlib.suppress(Violation):
            said = await yan.wait_for(mention(zoe.name), within=1.0)
            return said.text.replace(zoe.name, "NAME")
    return "NAME has left the room."


async def while_the_others_talk(server, notice):
    """Bob says something, and Cleo asks who is there, every second."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        for second in range(1, 7):
            await let_pass(server, ann.sent_at, second)
            bob.send(f"SAY {message(server)}")
            cleo.send("WHO")
        await gone(server, ann, [bob, cleo], notice)
        for person in (bob, cleo):
            hint = f"{person.name} has sent something every second."
            nobody_told([bob, cleo], notice.replace("NAME", person.name), 0, hint=hint)
        hold(
            at_most(
                0,
                await times_listed(bob, ann.name),
                what=f"lines with the name {ann.name}",
                hint=GONE,
            )
        )


async def while_all_are_silent(server, notice):
    """Nobody sends anything but Bob, whom the server thus has still to tell: one ALIVE,
    3.5 s after her last datagram. He comes so late that he would be there without it."""
    async with people(server, "Ann") as (ann,):
        await let_pass(server, ann.sent_at, 2.0)
        async with people(server, "Bob") as (bob,):
            await let_pass(server, ann.sent_at, 3.5)
            bob.send("ALIVE")
            await gone(server, ann, [bob], notice)
            listed = await times_listed(bob, ann.name)
            hold(at_most(0, listed, what=f"lines with the name {ann.name}", hint=GONE))


async def gone(server, silent, others, notice):
    """The others are told in time that she who has been silent has left."""
    notice = notice.replace("NAME", silent.name)
    expiry, tolerance = server.parameters.expiry, server.parameters.tolerance
    wanted = f"`{notice}` between {expiry - tolerance:g} s and {expiry + LATEST:g} s of silence"
    await let_pass(server, silent.sent_at, expiry + LATEST + 0.1)
    for other in others:
        heard = [datagram for datagram in other.received if datagram.text == notice]
        if not heard:
            seen = f"{other.name} was told nothing of the kind in {expiry + LATEST + 0.1:g} s"
            raise Violation(wanted, seen, hint=GONE, fault=Fault.ABSENT)
        if (heard[0].at - silent.handed_at) / 1e9 < expiry - tolerance:
            early = (heard[0].at - silent.handed_at) / 1e9
            raise Violation(wanted, f"`{notice}` after {early:.2f} s", hint=GONE, timed=True)
        silence, told = silent.sent_at / 1e9, heard[0].at / 1e9
        latest = expiry + LATEST + other.clock_error
        hold(promptly(silence, told, within=latest, what=f"`{notice}`", hint=GONE))


GONE = (
    "Note when each client was last heard; let a timer, not the next datagram, look for"
    " those who have been silent for too long."
)


@presence_udp.scenario("3.3", alone=True, builds_on=(*WHOLE, "3.1"))
async def keeps_whoever_gives_a_sign_of_life(server):
    """A client that sends `ALIVE` every 2 s is still there after 12 s, and gets no answer."""
    hint = "ALIVE is a sign of life: note its time, and send nothing."
    async with people(server, "Ann") as (ann,):
        ann.forget()
        for _ in range(6):
            ann.send("ALIVE")
            await ann.expect_silence(2.0, hint=hint)
        async with people(server, "Bob") as (bob,):
            listed = await times_listed(bob, ann.name)
    if listed == 0:
        raise Violation(
            f"{ann.name} in the answer to WHO, after 12 s", "it is not there", hint=hint
        )


@presence_udp.scenario("3.4", builds_on=WHOLE)
async def lets_people_leave(server):
    """`BYE` is told to everybody, the leaver included, who then gets nothing more."""
    async with people(server, "Ann", "Bob", "Cleo") as (ann, bob, cleo):
        ann.send("BYE")
        hint = "Tell everybody, the leaver too, and then take the leaver out of the list."
        await told([ann, bob, cleo], f"{ann.name} has left the room.", about=ann.name, hint=hint)
        bob.send(f"SAY {message(server)}")
        await ann.expect_silence(1.0, hint=f"She has left. {hint}")
        listed = await times_listed(cleo, ann.name)
        hold(at_most(0, listed, what="lines with the leaver's name", hint=hint))


@presence_udp.scenario("3.5", builds_on=(*WHOLE, "2.3", "3.1"))
async def tells_two_people_of_one_name_apart(server):
    """Two addresses that say `HELLO Ann` are two people; one may leave, and one stays."""
    hint = "People are told apart by address and port, not by name."
    async with people(server, "Ann", "Ann", "Bob") as (ann, namesake, bob):
        listed = await times_listed(bob, ann.name)
        if listed != 2:
            raise Violation(
                f"two lines with {ann.name}", f"{listed} in the answer to WHO", hint=hint
            )
        await say([ann], "BYE", within=MOMENT)
        text = message(server)
        namesake.send(f"SAY {text}")
        await namesake.wait_for(f"{ann.name} says: {text}", about=STRANGER, hint=hint)


# -- 4 An unreliable network -------------------------------------------------------------


@presence_udp.scenario(
    "4.1", alone=True, see="head -c 1400 /dev/urandom | nc -u -w1 localhost {port}"
)
async def survives_any_datagram(server):
    """Empty, random, not UTF-8, a lone HELLO: whatever comes, the server goes on serving."""
    strays = (b"", server.draw.data(1_400), b"SAY \xff\xfe\xc3", b"\xc3\x28", b"HELLO", b"HELLO ")
    async with people(server, "Ann") as (ann,):
        with server.datagrams(name="stranger") as stranger:
            for stray in strays:
                for sender in (stranger, ann):
                    sender.send(stray)
                    await still_serves(server, stray)


async def still_serves(server, stray):
    """A newcomer says HELLO, and is answered: with what words is the affair of others."""
    shown = f"{stray[:12]!r}" + (f" and {len(stray) - 12:,} bytes more" if stray[12:] else "")
    hint = f"Before, somebody had sent {shown}. No datagram may end the loop that receives."
    with server.datagrams(name="Eve" + server.draw.word(7)) as newcomer:
        newcomer.send(f"HELLO {newcomer.name}")
        newcomer.send("WHO")
        await newcomer.wait_for(Wording("an answer", lambda text: True), hint=hint)
        await say([newcomer], "BYE", within=MOMENT)


@presence_udp.scenario("4.2", alone=True, builds_on=(*WHOLE, "2.3"))
async def survives_a_vanished_client(server):
    """Messages to a client whose port is closed do not disturb the others."""
    hint = "What comes back as ICMP port unreachable concerns that one client: go on."
    async with people(server, "Ann", "Bob") as (ann, bob):
        with server.datagrams(name="Cleo" + server.draw.word(6)) as vanishing:
            await say([vanishing], "HELLO", within=2.0)
        for speaker in (ann, bob, ann, bob):
            text = message(server)
            speaker.send(f"SAY {text}")
            for listener in (ann, bob):
                await listener.wait_for(f"{speaker.name} says: {text}", about=text, hint=hint)


@presence_udp.scenario("4.3", alone=True, builds_on=(*WHOLE, "3.1", "3.3"))
async def bears_loss_and_disorder(server):
    """Datagrams are lost, doubled and swapped: all end up listed, once each."""
    rounds = [("HELLO", "ALIVE"), ("HELLO", "HELLO"), ("HELLO", "ALIVE"), *[("ALIVE", "ALIVE")] * 2]
    async with people(server, "Observer") as (observer,):
        with contextlib.ExitStack() as stack:
            names = ["Ann" + server.draw.word(7) for _ in range(8)]
            crowd = [stack.enter_context(server.datagrams(name=name)) for name in names]
            for commands in rounds:
                planned = [(one, command) for one in crowd for command in commands]
                await pass_through(disorder(planned, server.draw))
                observer.send("ALIVE")
            answers = await who(observer)
    judge_list(names, answers)


async def pass_through(passages):
    """One second of a network that is not to be relied upon."""
    for passage in passages:
        person, command = passage.sender, passage.text
        said = f"HELLO {person.name}" if command == "HELLO" else command
        person.pass_on(said, passage.times)
        await asyncio.sleep(1.0 / len(passages))


def judge_list(names, answers):
    """Each name has a line of its own, once, in the datagrams together."""
    lines = [line for answer in answers for line in answer.lines]
    missing = [name for name in names if f" - {name}" not in lines]
    twice = [name for name in names if lines.count(f" - {name}") > 1]
    if twice:
        hint = "The same HELLO again, or twice on its way, is no second person."
        raise Violation(f"{twice[0]}, once", f"{lines.count(f' - {twice[0]}')} times", hint=hint)
    if missing:
        seen = f"{len(names) - len(missing)} of them; {missing[0]} is missing"
        raise Violation(f"{len(names)} people in the answer to WHO", seen, fault=Fault.ABSENT)


@presence_udp.scenario("4.4", alone=True, builds_on=(*WHOLE, "3.1", "3.3"))
async def serves_a_crowd(server):
    """200 clients are all listed, in datagrams of at most 1,400 bytes with whole lines."""
    names = [f"P{number:03}" + server.draw.word(6) for number in range(200)]
    async with people(server, "Observer") as (observer,):
        with contextlib.ExitStack() as stack:
            endpoints = [server.datagrams(name=name, quiet=True) for name in names]
            crowd = [stack.enter_context(endpoint) for endpoint in endpoints]
            for _ in range(4):
                await one_after_another(server, crowd)
                observer.send("ALIVE")
            answers = await who(observer)
    judge_list(names, answers)
    longest = max(len(answer.data) for answer in answers)
    hold(at_most(LONGEST, longest, what="length of a datagram", unit=" bytes"))


async def one_after_another(server, crowd):
    """Each of the crowd sends something, over 2 s (a burst would be lost in any buffer):
    ALIVE, or HELLO where the server has told her nothing yet, or does not know her."""
    began = server.now()
    for number, person in enumerate(crowd):
        known = person.received and person.received[-1].text != STRANGER
        person.send("ALIVE" if known else f"HELLO {person.name}")
        await asyncio.sleep(began + 2.0 * number / len(crowd) - server.now())
