"""How clause 2.1 tries every command, for the ways of this server to be learnt: see `learning`."""

from dataclasses import dataclass, field
from typing import Any

from conformance import Kind, Violation

from .guest import WHOLE, Guest
from .learning import learn
from .reading import Reply, number
from .roulette import A_MOMENT, PATIENCE
from .students import NEW, STUDENTS

FEW = 3
"""Commands without an answer after which no other is tried."""


@dataclass
class Survey:
    """One client that tries every command, as far as the server answers, and what came."""

    server: Any
    guest: Any = None
    replies: dict[str, Reply] = field(default_factory=dict)
    """The first answer to each command; `prompt` is what LOAD is answered with."""
    asked: dict[str, Any] = field(default_factory=dict)
    """Who asked for it."""
    missing: dict[str, Violation] = field(default_factory=dict)
    """What was found wrong where none came."""
    numbers: list[Any] = field(default_factory=list)
    """What INFO told at first, and after each LOAD; None where it told nothing."""
    counts: list[Any] = field(default_factory=list)
    """What each LOAD told of itself."""
    loaded: list[Any] = field(default_factory=list)
    """The names of each LOAD that was held."""
    has_said_bye: bool = False
    other: int | None = None
    """What INFO told the next client."""

    async def run(self):
        """Holds the conversation. Ends early where the server cannot be talked to."""
        draw = self.server.draw
        await self.comes()
        await self.asks_number()
        await self.asks("HELP")
        first, second = draw.words(3), draw.words(2)
        await self.loads(first, pieces=True)
        await self.loads(second, pieces=False)
        await self.asks("RANDOM")
        if self.guest.version_2:
            await self.asks("LIST")
        await self.says_bye()
        await self.asks_from_elsewhere()

    async def comes(self):
        """Connects, and learns the greeting the first time."""
        client = await self.server.open_client()
        again, self.guest = self.guest, Guest(self.server, client)
        if again:
            await self.guest.is_greeted()
            return
        await client.watch(lambda: bool(client.lines or client.unfinished), PATIENCE)
        await client.watch(lambda: False, A_MOMENT)
        self.server.dialect["greeting"] = len(client.lines)
        if client.unfinished:
            self.server.dialect["prompt"] = client.unfinished
        client.gather_now()

    async def returns(self):
        """Comes again if the server has hung up."""
        if self.guest.client.ending is not None:
            await self.guest.client.leave()
            await self.comes()

    @property
    def gives_up(self):
        return len(self.missing) >= FEW and not self.replies

    async def tries(self, name, asking):
        """Keeps the answer; or what is wrong, where there is none."""
        try:
            reply = await asking
        except Violation as wrong:
            self.missing.setdefault(name, wrong)
            return None
        if reply is not None:
            self.replies.setdefault(name, reply)
            self.asked.setdefault(name, self.guest)
            if not reply.lines:
                self.server.dialect["ends"] = False
        return reply

    async def asks(self, command):
        """Sends a command that is not known to be without an answer."""
        if self.gives_up or command in self.missing:
            return None
        await self.returns()
        guest, moment = self.guest, self.moment_for(command)
        ask = guest.ask_for_line if command == "HELP" else guest.ask_for_object
        return await self.tries(command, ask(command, moment=moment))

    def moment_for(self, name):
        """Seconds to wait for more behind an answer; the first of its kind shows its form."""
        return 0.0 if name in self.replies else A_MOMENT

    async def asks_number(self):
        first = not self.numbers
        reply = await self.asks("INFO")
        if first and reply and not self.server.dialect["greeting"]:
            reply = self.replies["INFO"] = self.without_greeting(reply)
        self.numbers.append(number(reply, STUDENTS) if reply else None)

    def without_greeting(self, reply):
        """The first answer without the lines of a late greeting before it, which are learnt."""
        late = next((at for at, line in enumerate(reply.lines) if "{" in line), 0)
        if late:
            self.server.dialect["late"] = late
        return Reply(reply.lines[late:], reply.rest)

    async def loads(self, students, *, pieces):
        """Loads students, and asks how many there are. Where they come in one piece and are not
        taken in, tries them line by line."""
        if self.gives_up:
            return
        await self.returns()
        prompt = await self.tries("prompt", self.guest.begin_load(moment=self.moment_for("prompt")))
        if prompt is None:
            self.server.dialect["asks"] = False
        end = await self.ends(students, pieces=pieces)
        known = self.server.dialect
        if end is None and not pieces and known.get("confirms", True) and "pieces" not in known:
            known["pieces"] = True
            await self.guest.client.leave()
            await self.comes()
            if len(self.numbers) > 1:  # some of the data may have been kept
                self.numbers.pop()
                await self.asks_number()
            await self.loads(students, pieces=True)
            return
        if end is None:
            known["confirms"] = False
        self.loaded.append(students)
        self.counts.append(number(end, NEW) if end and self.guest.version_2 else None)
        await self.asks_number()

    async def ends(self, students, *, pieces):
        """The answer to ENDOFDATA; None where there is none."""
        try:
            moment = self.moment_for("LOAD")
            end = await self.guest.end_load(students, pieces=pieces, moment=moment)
        except Violation as wrong:
            if pieces:
                self.missing.setdefault("LOAD", wrong)
            return None
        if end is not None:
            self.replies.setdefault("LOAD", end)
        return end

    async def says_bye(self):
        if not self.gives_up:
            await self.returns()
            reply = await self.guest.bye()
            self.has_said_bye = True
            if reply.says_something:
                self.replies["BYE"] = reply
            client = self.guest.client
            if not await client.watch(lambda: client.ending is not None, WHOLE):
                self.server.dialect["stays"] = client.ending is None
        await self.guest.client.leave()

    async def asks_from_elsewhere(self):
        """What the next client is told by INFO."""
        if "INFO" not in self.replies:
            return
        await self.comes()
        reply = await self.tries("INFO of another", self.guest.ask_for_object("INFO"))
        self.other = number(reply, STUDENTS) if reply else None
        await self.guest.client.leave()

    @property
    def everybody(self):
        return [name for loaded in self.loaded for name in loaded]


async def survey(server):
    """Tries every command, and keeps in the dialect what that shows. Returns what came."""
    server.dialect.clear()  # an earlier attempt may have seen less
    found = Survey(server)
    try:
        await found.run()
    except Violation as wrong:  # nobody can connect any more
        if "HELP" not in found.replies:
            raise
        found.missing.setdefault("connection", wrong)
        server.dialect["mortal"] = found.has_said_bye and wrong.kind is Kind.ENDED
    finally:
        if found.guest:
            await found.guest.client.leave()
    learn(server, found)
    return found
