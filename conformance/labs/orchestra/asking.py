"""Asks the auditor, while musicians play and after they have stopped."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import Any

from conformance import Kind, NotJudged, Violation

from .answers import MAX_TEXT, AuditorAnswer, is_whole, label_of
from .listing import Listed, Listing
from .orchestra import EARLIER, HOSTS, sounds_of
from .playing import FIRST_WITHIN
from .sounds import sounds_in

PATIENCE = 5.0  # seconds for an answer
CLOSED_WITHIN = 1.0  # seconds for the close behind it
SHORTLY = 0.2  # seconds for which the close is waited for where no clause asks for it
AT_REST = 1.3
"""Seconds after which a musician that plays once a second has been heard again."""
STARTING = 4.0
"""Seconds for which nobody can tell, of several on one host that sound alike, who has begun."""
MAX_LINES = 5_000
"""Lines that are read of an answer."""
WORKERS = 3
"""Musicians that play at the same time while the auditor is asked."""


async def ask(server, *, closing=SHORTLY):
    """What a client is told. One to whom nothing comes sends an empty line, and an answer that
    names no musician means that nobody plays: 2.2 pays for both."""
    prompted = bool(server.dialect.get("prompted")) and server.relies_on("2.2")
    answers = await ask_unprompted(server, closing=closing, prompted=prompted)
    answer = answers[-1] if len(answers) == 1 or server.relies_on("2.2") else answers[0]
    unreadable = answer.entries is None and answer.names_nobody(sounds_of(server.parameters))
    return replace(answer, means_nobody=unreadable and server.relies_on("2.2"))


async def ask_unprompted(server, *, closing=SHORTLY, prompted=False):
    """What a client is told that connects and says nothing, and what it is told after an empty
    line, where it was told nothing before. It waits for the close for `closing` seconds more.
    `prompted`: it sends the line at once."""
    try:
        client = await server.open_client()
    except Violation as refused:
        return [AuditorAnswer.refused(refused, server.now())]
    async with client:
        answers = []
        if not prompted:
            answers.append(await _read(server, client, client.opened_at, closing))
        if prompted or (answers[0].is_silence and server.dialect.get("prompted") is not False):
            with contextlib.suppress(Violation):  # one that has closed is read all the same
                await client.send_line("")
            late = await _read(server, client, server.now(), closing)
            server.dialect["prompted"] = bool(late.text.strip())
            answers += [late] if prompted or late.text.strip() else []
        return answers


async def _read(server, client, asked, closing):
    """What comes, and whether the connection is closed behind it."""
    await client.watch(lambda: _has_all(client), PATIENCE)
    came = server.now()
    await client.watch(lambda: False, closing)
    text, closed = _said(client), client.closed_at
    ended = "" if text.strip() else await server.fate()
    return AuditorAnswer(text, asked, came, closed, server.now(), ended)


def _has_all(client):
    return len(client.lines) < MAX_LINES and client.pending < MAX_TEXT and is_whole(_said(client))


def _said(client):
    """What has come, as it came; of a flood, the beginning."""
    lines = "".join(line.text + line.ending for line in client.lines[:MAX_LINES])
    rest = client.unfinished if len(client.lines) <= MAX_LINES else ""
    return (lines + rest)[:MAX_TEXT]


def require_players(server):
    """Raises NotJudged where no musician was heard: then 1.1 pays."""
    server.require_hosts()
    if not server.dialect.get("players"):
        kind = Kind(server.dialect.get("silence", Kind.SILENCE))
        raise NotJudged("1.1", kind, "no musician was heard")


@dataclass(frozen=True)
class Cast:
    """Who plays while the auditor is judged: musicians that do well, or the suite for them."""

    names: list[str]
    known: dict[str, dict[str, Any]]
    """What was learnt of each instrument."""
    real: bool
    """Whether they are the submission's own; else what they have sent is sent again."""
    reaching: bool
    """Whether what they send leaves their host."""
    near: bool = False
    """Whether they play on the auditor's own host."""
    to: str = ""
    """The address that it is sent to again; "" where they send it themselves."""

    @classmethod
    def chosen(cls, server):
        """Three that play their own sounds, if there are; else three that can be heard."""
        known = server.dialect["players"]
        steady = [name for name in known if known[name]["steady"]]
        able = [name for name in steady if known[name]["reaches"]]
        right = [name for name in able if known[name]["says"] == name]
        pool = right if len(right) >= WORKERS else able or steady or list(known)
        first = server.draw.number(0, len(pool) - 1)
        names = [pool[(first + number) % len(pool)] for number in range(WORKERS)]
        reaching = any(known[name]["reaches"] for name in pool)
        return cls(names, known, bool(steady), reaching)

    def ways(self, server):
        """Ways for them to be heard, the contract's first: what an auditor misses for the fault of
        another clause, it may hear on its own host, or if it is sent to its own address."""
        near = [] if self.reaching else [replace(self, near=True)]
        return [self, *near, replace(self, real=False, to=server.address)]

    def label(self, number):
        """The instrument by its sound; else the one that it was told to play."""
        name = self.names[number]
        return self.known[name]["says"] or name

    def sounds(self, server, number):
        """Whether a datagram has the sound of that musician."""
        label, sounds = self.label(number), sounds_of(server.parameters)
        wanted = label if self.known[self.names[number]]["says"] else ""
        return lambda heard: not wanted or wanted in sounds_in(heard.data, sounds)

    def reading(self, server):
        """Finds the instrument that an entry means."""
        sounds = sounds_of(server.parameters)
        return lambda entry: label_of(entry, sounds)

    def host(self, host):
        """Where it plays: on that host, or on the auditor's."""
        return "submission" if self.near else host

    def title(self, number):
        """What reports call it."""
        name = self.names[number]
        return name if self.names.count(name) == 1 else f"{name} {number + 1}"

    def on(self, server, number, host):
        """The musician on that host, for an `async with`."""
        name, title = self.names[number], self.title(number)
        if self.real:
            return server.start("musician", name, host=host, name=title)
        known = self.known[name]
        address, port = known["to"]
        data, to = bytes.fromhex(known["data"]), (self.to or address, port)
        period = server.parameters.period
        return server.replay(title, data, to, host=host, period=period)


async def play(server, cast, stage, hosts):
    """The musicians of the cast, each on its host, once all of them are heard."""
    players = [
        await stage.enter_async_context(cast.on(server, number, cast.host(host)))
        for number, host in enumerate(hosts)
    ]
    heard = await asyncio.gather(
        *(
            one.plays(1, FIRST_WITHIN, cast.sounds(server, number))
            for number, one in enumerate(players)
        )
    )
    for one, was_heard in zip(players, heard, strict=True):
        if not was_heard:
            kind = Kind.ENDED if one.ended() else Kind.SILENCE
            server.excuse("1.1", kind, f"{one.name} was not heard another time")
    labels = {cast.label(number) for number in range(len(hosts))}
    alike = max(len(labels), len(set(hosts))) < len(hosts)
    await players[0].listen(AT_REST + (STARTING if alike else 0.0))
    return players


async def play_and_ask(server):
    """Three musicians play; one stops, then the others. The auditor is asked meanwhile."""
    require_players(server)
    far, ways = None, Cast.chosen(server).ways(server)
    for cast in ways:
        async with contextlib.AsyncExitStack() as stage:
            players = await play(server, cast, stage, HOSTS[:WORKERS])
            first = await ask(server)
            if first.entries != [] or cast is ways[-1]:
                return await _stop_and_ask(server, cast, players, far, first)
        far = far or first
    raise AssertionError("the last way returns")


async def play_until_listed(server, hosts, stage):
    """Musicians play on these hosts: who they are, and what is told of them. An auditor that does
    not hear them as they play is judged as well as it can be, if 2.3 pays for that."""
    for cast in Cast.chosen(server).ways(server):
        players = await play(server, cast, stage, hosts)
        answer = await ask(server)
        ended = any(one.ended() for one in players)
        if answer.entries != [] or ended or not server.relies_on("2.3"):
            break
        await stage.aclose()
    return cast, players, answer


async def _stop_and_ask(server, cast, players, far, first):
    gone, *others = players
    window = server.parameters.active_window
    await gone.plays(len(gone.heard()) + 1, 3 * server.parameters.period)
    gone.stop_now()
    stopped = gone.heard()[-1].at
    await _until(server, gone, stopped + window - EARLIER)
    later = await ask(server)
    for one in others:
        one.stop_now()
    silent = max(one.heard()[-1].at for one in others)
    await _until(server, gone, stopped + window + EARLIER)
    after = await ask(server)
    await _until(server, gone, silent + window + EARLIER)
    last = await ask(server)
    fresh = await _ask_a_fresh_one(server) if last.entries else None
    parts = [
        Listed(one.name, cast.label(number), one.started, [heard.at for heard in one.heard()])
        for number, one in enumerate(players)
    ]
    answers = far, first, later, after, last, fresh
    return Listing(server.parameters, server.epoch, parts, cast.reaching, *answers)


async def _ask_a_fresh_one(server):
    """What an auditor tells that nobody has played to: one that lists somebody makes it up."""
    await server.fresh()
    return await ask(server)


async def _until(server, player, moment):
    """Lets time pass until that moment."""
    await player.listen(max(0.0, moment - server.now()))
