"""Presence: a room of people, over TCP. The contract stands beside this file, in presence.md.

Each scenario draws names of its own: what is left of another's people disturbs none.
"""

import asyncio
import contextlib
import re
from collections import Counter

from conformance import Fault, Kind, Lab, NotJudged, Parameter, Violation, Wording, hold, in_order

presence = Lab(
    "presence",
    __file__,
    parameters=[
        Parameter("port", 9907, "TCP port that the server listens on"),
        Parameter("anonymous", "An anonymous user", "the name of whoever has not said HELLO"),
        Parameter("came", "{name} is in the room.", "the notice after HELLO"),
        Parameter("says", "{name} says: {message}", "the notice after SAY"),
        Parameter("left", "{name} has left the room.", "the notice when somebody has gone"),
    ],
    see="nc localhost {port}",
)

PATIENCE = 5.0
"""Seconds to wait for what has no deadline of its own."""

WINDOW = 0.5
"""Seconds over which absence is judged: that something comes once, or to one alone."""

COMMANDS = ("HELLO", "SAY", "WHO", "BYE", "KILL")


# -- people ---------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def people(server, count):
    """So many clients, who come one after another, and leave together."""
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        for _ in range(count):
            clients.append(await stack.enter_async_context(server.connect()))
            await settled(clients[-1])
        yield clients


async def settled(client):
    """The client is in the room, as far as it can know: it was welcomed, or had a second."""
    await client.watch(lambda: client.lines, within=1.0)
    await client.gather(0.05)


async def introduce(server, client, hello="HELLO"):
    """The client says HELLO under a name of its own, and waits for a line with that name, a
    second at most: whether it comes, and in which words, is 2.1's affair."""
    name = server.draw.word().capitalize()
    await client.send_line(f"{hello} {name}")
    await client.watch(lambda: told_of(name, client), within=1.0)
    return name


def told_of(name, client):
    """Whether the client was told of somebody of that name, in whatever words."""
    return any(name in line.text for line in client.lines)


@contextlib.asynccontextmanager
async def by_name(server, *, clause=""):
    """A failure in here is the clause's own, unless HELLO gives nobody a name: then no notice
    can name anybody, and that costs 2.1, or 2.2 where HELLO is told but has no effect."""
    try:
        yield
    except Violation:
        try:
            other = await names_nobody(server)
        except Violation:
            other = ""  # the server is no longer able to say
        if other not in ("", clause):
            raise NotJudged(other, Kind.FORM, "HELLO gives nobody a name") from None
        raise


async def names_nobody(server):
    """The clause that pays for it that HELLO gives nobody a name; empty: it does give one."""
    message = server.draw.word()
    anybody = notice(server.parameters.says, message=message)
    async with people(server, 1) as (client,):
        name = await introduce(server, client)
        pays = "2.2" if told_of(name, client) else "2.1"
        known = len(client.lines)
        await say(server, client, message)
        await client.watch(
            lambda: any(anybody.holds(line.text) for line in client.lines[known:]), within=1.0
        )
        told = [line.text for line in client.lines[known:] if anybody.holds(line.text)]
        if told:
            return "" if name in told[0] else pays
        if pays == "2.2":  # it was named, and SAY says nothing
            return ""
        answer = await who(client, [name], within=1.0)
        nameless = listed(server.parameters.anonymous, answer) and not listed(name, answer)
        return pays if nameless else ""


def notice(template, **parts):
    """The notice, with what is known of its parts; the others, and `*`, may be any text."""
    words, pattern = template, re.escape(template).replace(r"\*", ".*")
    for part, text in parts.items():
        words = words.replace(f"{{{part}}}", text)
        pattern = pattern.replace(rf"\{{{part}\}}", re.escape(text))
    whole = re.compile(re.sub(r"\\\{\w+\\\}", ".*", pattern))
    return Wording(re.sub(r"\{\w+\}", "…", words), lambda line: whole.fullmatch(line) is not None)


def came(server, name):
    return notice(server.parameters.came, name=name)


def says(server, name, message):
    return notice(server.parameters.says, name=name, message=message)


def left(server, name):
    return notice(server.parameters.left, name=name)


EVERYBODY = (
    "Is it written to every client in the room, those who came before and those who came after?"
)


async def all_hear(clients, wanted, *, like=None, hint=EVERYBODY):
    """Each of the clients gets the notice. A line that is `like` it shows what it got."""
    for client in clients:
        try:
            await client.wait_for_line(wanted, hint=hint)
        except Violation:
            told = [line.text for line in client.lines if like and like.holds(line.text)]
            if told:
                raise Violation(wanted.words, told[-1], hint=hint) from None
            raise


async def say(server, client, message):
    await client.send_line(f"SAY {message}")


async def goes_on(server, speaker, hearers, hint):
    """A message still reaches everybody, whatever name it goes under."""
    message = server.draw.word()
    await say(server, speaker, message)
    await all_hear(hearers, notice(server.parameters.says, message=message), hint=hint)


async def only_once(clients, wanted):
    """Nobody gets the notice a second time."""
    await asyncio.gather(*(client.gather(WINDOW) for client in clients))
    for client in clients:
        times = sum(wanted.holds(line.text) for line in client.lines)
        if times > 1:
            told = f"{times} times to {client.name} within {WINDOW:g} s"
            raise Violation(f"once: {wanted.words}", f"{told}: {wanted.words}")


def heard_by(clients):
    """What each has got so far: taken before a question, this can be no leak of its answer."""
    return [(client, [line.text for line in client.lines]) for client in clients]


async def hear_nothing_of(answer, before, what):
    """Nobody else gets one of these lines of the answer. What somebody had got `before` is
    none: a welcome may have the words of the help, and a banner may be repeated."""
    await asyncio.gather(*(client.gather(WINDOW) for client, _ in before))
    for client, known in before:
        for line in client.lines[len(known) :]:
            if line.text in answer and line.text not in known:
                wanted = f"{what} to its sender alone (nothing to {client.name} for {WINDOW:g} s)"
                hint = "Write the answer to the client that has asked, not to all."
                raise Violation(wanted, f"{client.name} got: {line.text}", hint=hint)


# -- questions ------------------------------------------------------------------------


async def answer_to(client, line, complete, within=PATIENCE):
    """The lines that come after `line`, until they are complete, and a moment longer."""
    known = len(client.lines)

    def texts():
        return [line.text for line in client.lines[known:]]

    await client.send_line(line)
    await client.watch(lambda: complete(texts()), within=within)
    await client.watch(lambda: False, within=0.2)
    return texts()


async def who(client, names=("",), within=PATIENCE):
    """The answer to WHO, where all these names should be in it."""
    answer = await answer_to(
        client, "WHO", lambda lines: all(listed(name, lines) for name in names), within
    )
    if not answer:
        raise Violation("an answer to WHO", f"nothing within {within:g} s", fault=Fault.ABSENT)
    return answer


def listed(name, answer):
    """The lines of an answer to WHO, of whatever form, that list the name."""
    return [line for line in answer if f"- {name}" in line]


def entries(answer):
    """The lines of an answer to WHO that are its list."""
    return [line for line in answer if line.startswith(" - ")]


def the_list(answer, names, ignoring):
    """Whether the answer is a heading, and a line for each of the names; those that are
    ignored may be on it."""
    wanted = "a heading, then " + " and ".join(f"` - {name}`" for name in sorted(names))
    told = " / ".join(answer)
    lines = Counter(entries(answer))
    missing = Counter(f" - {name}" for name in names) - lines
    if missing:
        return Violation(wanted, told, hint=f"This line is missing:{'; '.join(missing)[1:]}")
    others = lines - Counter(f" - {name}" for name in names) - ignoring
    if others:
        hint = f"Nobody of that name is there (or not so often): {'; '.join(others)}"
        return Violation(wanted, told, hint=hint)
    if not answer[0].strip() or answer[0].startswith(" - "):
        return Violation(wanted, told, hint="Where is the heading?")
    return None


async def forgotten(server, asker, name):
    """WHO no longer lists the name, within 5 s."""
    until = server.now() + PATIENCE
    while lines := listed(name, await who(asker)):
        if server.now() > until:
            hint = "Whoever has left must be taken out of the list."
            raise Violation(
                f"{name} has left, and is not listed", lines[0], hint=hint, fault=Fault.ABSENT
            )


async def usage(client, unknown):
    """The answer to an unknown command, which names those that there are."""
    answer = await answer_to(client, unknown, names_all)
    if not names_all(answer):
        gone = (
            "the server closed the connection"
            if client.ending
            else f"nothing within {PATIENCE:g} s"
        )
        raise Violation(
            f"an answer that names {', '.join(COMMANDS)}",
            " / ".join(answer) or gone,
            hint=f"`{unknown}` was sent, which is no command.",
            fault=Fault.WRONG if answer or client.ending else Fault.ABSENT,
        )
    return answer


def names_all(answer):
    return all(command in " ".join(answer).upper() for command in COMMANDS)


def help_in(answer):
    """The lines of an answer to an unknown command that name a command or more."""
    command = re.compile(rf"\b({'|'.join(COMMANDS)})\b", re.IGNORECASE)
    return [line for line in answer if command.search(line)]


# -- much talk ------------------------------------------------------------------------


def heard(server, client, said):
    """What the client got of all that was said, by speaker. Violation where a line holds
    a message, and is not the notice of it."""
    notices = {
        message: (name, says(server, name, message))
        for name, messages in said.items()
        for message in messages
    }
    told: dict[str, list[str]] = {name: [] for name in said}
    for line in client.lines:
        for message in re.findall(r"[a-z]{10}", line.text):
            if message in notices:
                name, wanted = notices[message]
                if not wanted.holds(line.text):
                    raise Violation(wanted.words, line.text, hint=TORN)
                told[name].append(message)
    return told


TORN = "Several threads write to one client: a whole line must be written before the next."
LOST = (
    "Several threads use the list of clients: guard it with a lock, and catch what goes wrong"
    " with one client before you turn to the next."
)


async def all_told(server, clients, said):
    """Every client has got all that was said: once each, each speaker's in order."""
    count = sum(map(len, said.values()))
    for client in clients:
        await client.watch(lambda client=client: has_all(server, client, said, count))
    await asyncio.gather(*(client.gather(0.3) for client in clients))
    for client in clients:
        told = heard(server, client, said)
        for name, messages in said.items():
            expected = [says(server, name, message).words for message in messages]
            actual = [says(server, name, message).words for message in told[name]]
            hint = f"This is what {client.name} got. {LOST}"
            hold(in_order(expected, actual, hint=hint))


def has_all(server, client, said, count):
    """Whether everything said has come; cheap as long as it cannot have."""
    if len(client.lines) < count:
        return False
    return sum(map(len, heard(server, client, said).values())) >= count


async def talk(server, client, messages, pause=0.0):
    for message in messages:
        await say(server, client, message)
        await asyncio.sleep(pause)


async def comings_and_goings(server, count):
    """So many people come, ten at a time, say HELLO and vanish."""
    for _ in range(count // 10):
        visitors = await asyncio.gather(*(server.open_client() for _ in range(10)))
        for visitor in visitors:
            await visitor.send_line(f"HELLO {server.draw.word().capitalize()}")
        await asyncio.sleep(0.05)
        await asyncio.gather(*(visitor.vanish() for visitor in visitors))


async def flood(server, talker, hearers):
    """5 MB of messages, a thousand characters each, or what passes in 20 s, since a server
    may be slow by itself: all of them reach everybody."""
    hint = "While one client does not read, a write to it must not keep the others waiting."
    line = f"SAY {server.draw.line(1_000)}\n"
    until, passed = server.now() + 20.0, 0
    while passed < 5_000 and server.now() < until:
        last = server.draw.word()
        await talker.send(f"{line * 99}SAY {last}\n")
        wanted = notice(server.parameters.says, message=last)
        heard = f"{hint} Until then, {passed} messages of 1,000 characters had reached them."
        await all_hear(hearers, wanted, hint=heard)
        passed += 100


# -- 1 Arriving -----------------------------------------------------------------------


@presence.scenario("1.1", see="ss -ltnp | grep {port}")
async def listens(server):
    """The server listens on its TCP port within 10 s of its start, and goes on running."""
    await server.expect_listening()
    async with server.connect() as client:
        await server.expect_accepted()
        await client.gather(1.0)
        if client.ending is None:
            await server.expect_alive(0.0)


@presence.scenario("1.2", needs_process=True, see="nc $(hostname -I | cut -d' ' -f1) {port}")
async def reachable_from_other_hosts(server):
    """It accepts connections on every address of the host, not only on loopback."""
    async with server.connect(from_another_host=True):
        await server.expect_accepted()


@presence.scenario("1.3")
async def welcomes_the_newcomer(server):
    """Whoever connects is welcomed with a line, before having said a word."""
    gone = notice(server.parameters.left)
    welcome = Wording("a line of welcome", lambda line: not gone.holds(line))
    async with server.connect() as client:
        await client.wait_for_line(welcome, hint="Is it sent to the client, and flushed?")


@presence.scenario("1.4")
async def announces_an_arrival(server):
    """Those already in the room are told that someone has come."""
    gone = notice(server.parameters.left)
    news = Wording("a line that someone has come", lambda line: not gone.holds(line))
    async with people(server, 1) as (there,):
        await there.gather(WINDOW)
        async with server.connect():
            await all_hear([there], news, hint="Tell those who are there when somebody connects.")


# -- 2 Talking ------------------------------------------------------------------------


@presence.scenario("2.1", see=r"printf 'HELLO Ann\n' | nc localhost {port}")
async def tells_the_room_who_came(server):
    """After `HELLO Ann` everybody, Ann included, reads that Ann is in the room."""
    async with people(server, 3) as (before, speaker, after):
        name = server.draw.word().capitalize()
        await speaker.send_line(f"HELLO {name}")
        await all_hear([before, speaker, after], came(server, name))


@presence.scenario("2.2", see=r"printf 'HELLO Ann\nSAY hi there\n' | nc localhost {port}")
async def passes_a_message_on(server):
    """After `SAY hi there` everybody, the speaker included, reads it once."""
    message = " ".join(server.draw.words(2))
    async with people(server, 3) as everybody:
        name = await introduce(server, everybody[1])
        await say(server, everybody[1], message)
        wanted = says(server, name, message)
        like = notice(server.parameters.says, name=name)
        hint = f"The message is all behind SAY. {EVERYBODY}"
        async with by_name(server, clause="2.2"):
            await all_hear(everybody, wanted, like=like, hint=hint)
        await only_once(everybody, wanted)


@presence.scenario("2.3", builds_on=("2.2",))
async def keeps_the_message_as_it_is(server):
    """Accents, double spaces and punctuation survive."""
    one, other = server.draw.words(2)
    message = f"{one}  ça va, Zoë?  Été à «{other}»; 100 % (50 €)!"
    async with people(server, 2) as (hearer, speaker):
        name = await introduce(server, speaker)
        await say(server, speaker, message)
        like = notice(server.parameters.says, name=name)
        hint = "Name the encoding, UTF-8, and pass on the line as it came."
        async with by_name(server):
            await all_hear([hearer, speaker], says(server, name, message), like=like, hint=hint)


@presence.scenario("2.4", builds_on=("2.2",), see=r"printf 'SAY hi\n' | nc localhost {port}")
async def names_the_anonymous(server):
    """Whoever has not said HELLO speaks under the anonymous name."""
    message = server.draw.word()
    async with people(server, 2) as (hearer, speaker):
        await say(server, speaker, message)
        like = notice(server.parameters.says, message=message)
        wanted = says(server, server.parameters.anonymous, message)
        hint = "What is the name of somebody who has not said HELLO?"
        await all_hear([hearer, speaker], wanted, like=like, hint=hint)


@presence.scenario("2.5", builds_on=("2.2", "3.1", "4.1"))
async def understands_commands_in_any_case(server):
    """`hello`, `Say`, `wHO` and `bye` are understood like HELLO, SAY, WHO and BYE."""
    message = server.draw.word()
    hint = "Compare without regard to case (Java: equalsIgnoreCase)."
    async with people(server, 2) as (other, client), by_name(server):
        others = await introduce(server, other)
        name = await introduce(server, client, "hello")
        await client.send_line(f"Say {message}")
        anybody = notice(server.parameters.says, message=message)
        told = await other.wait_for_line(anybody, hint=f"`Say` was sent. {hint}")
        wanted = says(server, name, message)
        if not wanted.holds(told.text):
            raise Violation(wanted.words, told.text, hint=f"`hello` was sent. {hint}")
        await client.send_line("wHO")
        list_of_names = Wording(f" - {others}", lambda line: bool(listed(others, [line])))
        await all_hear([client], list_of_names, hint=f"`wHO` was sent. {hint}")
        await client.send_line("bye")
        await client.expect_close(hint=f"`bye` was sent. {hint}")


@presence.scenario("2.6", builds_on=("2.2",), see=r"printf 'xyz\n\nSAY hi\n' | nc localhost {port}")
async def says_what_it_understands(server):
    """An unknown command is answered with the five that there are, to its sender alone."""
    async with people(server, 2) as (other, client):
        await introduce(server, client)
        before = heard_by([other])
        answer = await usage(client, server.draw.word())
        await hear_nothing_of(help_in(answer), before, "the answer to an unknown command")
        await goes_on(server, client, [client], "After an unknown command the session goes on.")
        await client.send_line("")
        await goes_on(server, client, [client], "After an empty line the session goes on.")


# -- 3 Who is there -------------------------------------------------------------------


@presence.scenario("3.1", see=r"printf 'WHO\n' | nc localhost {port}")
async def lists_who_is_there(server):
    """`WHO` is answered with a heading and a line for each person, to its sender alone."""
    anonymous = server.parameters.anonymous
    async with people(server, 1) as (asker,):
        others = Counter(await who(asker)) - Counter([f" - {anonymous}"])  # the asker's own
        async with people(server, 3) as (one, two, silent):
            names = [await introduce(server, client) for client in (asker, one, two)]
            before = heard_by([one, two, silent])
            async with by_name(server):
                answer = await who(asker, [*names, anonymous])
                hold(the_list(answer, [*names, anonymous], ignoring=others))
            await hear_nothing_of(entries(answer), before, "the answer to WHO")


@presence.scenario("3.2", builds_on=("2.2", "3.1"))
async def forgets_who_has_left(server):
    """Who left by BYE is no longer listed, and hears no more of what is said."""
    async with people(server, 2) as (asker, leaver):
        _, name = [await introduce(server, client) for client in (asker, leaver)]
        await leaver.send_line("BYE")
        await leaver.gather(2.0)
        await forgotten(server, asker, name)
        message = server.draw.word()
        await say(server, asker, message)
        await leaver.gather(WINDOW)
        hold(unheard(leaver, message))


def unheard(client, message):
    """Whether somebody who has left heard nothing of a message."""
    told = [line.text for line in client.lines if message in line.text]
    wanted = f"nothing of what is said after BYE, for {WINDOW:g} s"
    return Violation(wanted, told[0]) if told else None


# -- 4 Leaving ------------------------------------------------------------------------


@presence.scenario("4.1", see=r"printf 'HELLO Ann\nBYE\n' | nc localhost {port}")
async def hangs_up_after_bye(server):
    """The connection of whoever says BYE is closed within 2 s."""
    async with people(server, 2) as (_, leaver):
        await introduce(server, leaver)
        await leaver.send_line("BYE")
        await leaver.expect_close(within=2.0, hint="Close the socket when BYE has come.")


@presence.scenario("4.2")
async def tells_the_room_who_left(server):
    """After BYE the others read who has left the room."""
    async with people(server, 3) as (before, leaver, after):
        name = await introduce(server, leaver)
        await leaver.send_line("BYE")
        async with by_name(server):
            await all_hear([before, after], left(server, name))


GONE = ("2.2", "3.1", "3.2", "4.2")
VANISHED = (
    "The end of a connection is the end of its stream (null, -1, b''), or an exception: then do"
    " as after BYE; and catch what a write to a dead client throws."
)


@presence.scenario(
    "4.3", builds_on=GONE, see="timeout 2 nc localhost {port}   # watched by another"
)
async def notices_a_client_that_vanishes(server):
    """A client that closes without BYE has left the room, too, and hinders nobody."""
    async with people(server, 3) as (before, leaver, after):
        _, name = [await introduce(server, client) for client in (before, leaver)]
        await leaver.vanish()
        await has_left(server, name, before, after)


async def has_left(server, name, before, after):
    """The others are told, it is no longer listed, and the next message reaches them all."""
    async with by_name(server):
        await all_hear([before, after], left(server, name), hint=VANISHED)
    await forgotten(server, before, name)
    await goes_on(server, before, [before, after], VANISHED)


@presence.scenario("4.4", builds_on=(*GONE, "4.3"), alone=True)
async def notices_a_reset(server):
    """A client that resets its connection has left the room, too."""
    async with people(server, 3) as (before, leaver, after):
        _, name = [await introduce(server, client) for client in (before, leaver)]
        leaver.reset()
        await has_left(server, name, before, after)


@presence.scenario(
    "4.5", alone=True, needs_process=True, see=r"printf 'KILL\n' | nc localhost {port}"
)
async def goes_down_on_kill(server):
    """After `KILL` everybody is disconnected, the port is closed and the program ends."""
    async with people(server, 3) as everybody:
        await everybody[1].send_line("KILL")
        hint = "End the program itself (System.exit, process.exit), not only a thread."
        await server.expect_end(within=PATIENCE, hint=hint)
        for client in everybody:
            await client.watch(lambda: False)
            within = PATIENCE * server.scale + client.close_error
            hold(disconnected(client, everybody[1].sent_at, within))


def disconnected(client, killed, limit):
    """Whether the server has closed the connection in time, which counts from KILL."""
    wanted = f"{client.name} is disconnected within {PATIENCE:g} s of KILL"
    hint = "Close every connection."
    if client.ending is None:
        return Violation(wanted, "it was still open", hint=hint, fault=Fault.ABSENT)
    took = (client.closed_at() - killed) / 1e9
    if took > limit:
        return Violation(wanted, f"it was after {took:.2f} s", hint=hint, fault=Fault.LATE)
    return None


# -- 5 A full room --------------------------------------------------------------------


@presence.scenario("5.1", builds_on=("2.2",), alone=True)
async def keeps_everybody_informed(server):
    """20 people each say 5 things; everyone gets all 100 once each, in order."""
    async with server.crowd(20) as clients:
        await asyncio.gather(*(settled(client) for client in clients))
        names = await asyncio.gather(*(introduce(server, client) for client in clients))
        said = {name: server.draw.words(5) for name in names}
        talks = (talk(server, *pair) for pair in zip(clients, said.values(), strict=True))
        await asyncio.gather(*talks)
        async with by_name(server):
            await all_told(server, clients, said)


@presence.scenario("5.2", builds_on=("2.2",), alone=True)
async def a_slow_reader_delays_nobody(server):
    """While somebody does not read, 5 MB of messages reach the others."""
    async with people(server, 2) as (talker, hearer):
        await introduce(server, talker)
        async with server.connect(reading=False):
            await hearer.gather(0.3)
            await flood(server, talker, [hearer, talker])


@presence.scenario("5.3", builds_on=("2.2", "4.3", "5.1"), alone=True)
async def survives_comings_and_goings(server):
    """100 people come, say HELLO and vanish while 5 talk; the 5 lose nothing."""
    async with people(server, 5) as talkers:
        names = [await introduce(server, client) for client in talkers]
        said = {name: server.draw.words(20) for name in names}
        talks = (
            talk(server, *pair, pause=0.05) for pair in zip(talkers, said.values(), strict=True)
        )
        await asyncio.gather(comings_and_goings(server, 100), *talks)
        async with by_name(server):
            await all_told(server, talkers, said)
