"""A client that talks to the server, in whichever form it answers: as clause 2.1 has learnt."""

import contextlib
from dataclasses import dataclass

from conformance import Kind, Violation

from .model import END
from .reading import Reply
from .roulette import A_MOMENT, PATIENCE, is_version_2

WHOLE = 1.0  # seconds to wait for the rest of an answer that has begun
BRIEFLY = 0.3  # seconds to wait for what is known not to come
PROOF = 20  # lines of an answer that are shown as proof
BETWEEN = 0.02  # seconds from the moment when a line was read to the next

PAYS_FOR_PIECES = "2.3"
"""The clause that pays for a server that takes what one read brings for one line."""


@dataclass
class Loading:
    """What came during a LOAD: for the command, and for ENDOFDATA. None: it is known that nothing
    comes."""

    prompt: Reply | None
    end: Reply | None


class Guest:
    """A client that sends commands, each when the one before is answered."""

    def __init__(self, server, client):
        self.server, self.client = server, client
        self.version_2 = is_version_2(server.parameters)
        self.late = 0
        """Lines of a greeting that comes with the first answer only."""

    async def come(self):
        """Is greeted. Excuses a server that is known to answer nothing."""
        if kind := self.server.dialect.get("deaf"):
            self.server.excuse("2.1", Kind(kind), "the server answers no command")
        await self.is_greeted()

    async def is_greeted(self):
        """Lets the greeting pass, as far as 2.1 has seen one. What of it has not come by then comes
        before the first answer."""
        client, known = self.client, self.server.dialect
        lines, late = known.get("greeting", 1), known.get("late", 0)
        if late and not self.server.relies_on("1.2"):
            lines = late
        await client.watch(lambda: len(client.lines) >= lines, PATIENCE)
        self.late = max(lines, late) - len(client.lines)
        if known.get("prompt"):
            await client.watch(lambda: bool(client.unfinished), BRIEFLY)
        client.gather_now()

    # -- one command ------------------------------------------------------------------

    def listen(self):
        """Ignores all that has come so far. Returns a function that gives what has come since."""
        client = self.client
        client.gather_now()
        start, ahead = len(client.lines) + max(0, self.late), client.unfinished
        self.late = 0

        def reply():
            lines, rest = [line.text for line in client.lines[start:]], client.unfinished
            if lines:
                return Reply((lines[0].removeprefix(ahead), *lines[1:]), rest)
            return Reply((), rest.removeprefix(ahead))

        return reply

    async def ask(self, sent, complete, *, words="an answer", hint="", moment=0.0):
        """Sends a line, or several with a newline after each but the last, and returns what comes
        for it: until that is `complete`, and a `moment` longer. Violation where nothing comes."""
        client, reply = self.client, self.listen()

        def is_complete():
            return complete(reply())

        await client.send_line(sent)
        if not await client.watch(lambda: reply().says_something, WHOLE):
            await self._first_line(reply, words, hint)
        whole, ends = await client.watch(is_complete, WHOLE), self.server.dialect.get("ends", True)
        if not whole and ends and reply().rest.strip():  # in the midst of a line
            await client.watch(is_complete, PATIENCE)
        await client.watch(lambda: False, moment)
        client.gather_now()
        return reply()

    async def _first_line(self, reply, words, hint):
        """Waits for the first line; Violation where there is none, nor a piece of one."""
        try:
            await self.client.read_line(patience=PATIENCE, awaited=words, hint=hint)
        except Violation:
            if not reply().says_something:
                raise

    async def ask_for_object(self, command, *, hint="", moment=0.0):
        """Sends a command that is answered with JSON."""
        words, whole = f"an answer to {command}", self.whole(command.upper())
        return await self.ask(command, whole, words=words, hint=hint, moment=moment)

    def whole(self, name):
        """A test of whether an answer with an object is complete: that has come; or as many lines
        as 2.1 has seen of this answer, whatever they say."""
        known = self.server.dialect
        usual = known.get("lines", {}).get(name)
        has_object = name in known.get("objects", [name])

        def is_whole(reply):
            if usual == 0:
                return reply.says_something
            lines = usual is not None and not has_object and len(reply.lines) >= usual
            return lines or reply.has_object

        return is_whole

    async def ask_for_line(self, command, *, hint="", moment=0.0):
        """Sends a command that is answered with a text."""
        words, complete = f"an answer to {command}", self.said(command.upper())
        return await self.ask(command, complete, words=words, hint=hint, moment=moment)

    def said(self, name):
        """The same of an answer that is a text."""
        unended = self.server.dialect.get("lines", {}).get(name) == 0
        return lambda reply: reply.says_something and (unended or bool(reply.lines))

    def lines_of(self, reply):
        """The client's lines that are the reply, as proof; of several like it, the last."""
        lines, many = self.client.lines, len(reply.lines)
        if many > PROOF:
            return lines[-1:]
        for start in range(len(lines) - many, -1, -1):
            came = [line.text for line in lines[start : start + many]]
            if came and came[0].endswith(reply.lines[0]) and came[1:] == [*reply.lines[1:]]:
                return lines[start : start + many]
        return []

    # -- LOAD -------------------------------------------------------------------------

    async def load(self, names, *, command="LOAD", as_asked=False, moment=0.0):
        """Loads these students, in the way that 2.1 has found to work; or `as_asked` in the
        contract: all at once, and each answer is awaited."""
        prompt = await self.begin_load(command, as_asked=as_asked, moment=moment)
        end = await self.end_load(names, as_asked=as_asked, moment=moment)
        return Loading(prompt, end)

    async def begin_load(self, command="LOAD", *, as_asked=False, moment=0.0):
        """Says LOAD, and waits until the server asks for the data, if it does."""
        if as_asked or self.server.dialect.get("asks", True):
            words, complete = "a request for the data", self.said("prompt")
            return await self.ask(command, complete, words=words, moment=moment)
        await self.client.send_line(command)
        await self.client.watch(lambda: False, BRIEFLY)
        return None

    async def end_load(self, names, *, as_asked=False, pieces=False, moment=0.0):
        """Sends the rest of the data and ENDOFDATA. Returns the answer to it. `pieces`: each line
        is sent when the one before was read, so that one read brings one line."""
        learnt = self.server.dialect.get("pieces", False) and not as_asked
        pieces = pieces or (learnt and self.server.relies_on(PAYS_FOR_PIECES))
        sent = [END] if pieces else [*names, END]
        if pieces:
            await self.send_pieces(names)
        if not as_asked and not self.server.dialect.get("confirms", True):
            await self.client.send_line("\n".join(sent))
            await self.client.watch(lambda: False, BRIEFLY)
            return None
        complete = self.whole("LOAD") if self.version_2 else self.said("LOAD")
        words = f"an answer to {END}"
        return await self.ask("\n".join(sent), complete, words=words, moment=moment)

    async def send_some(self, names):
        """Sends a part of the data, and waits until the server has read it."""
        if self.server.dialect.get("pieces"):
            await self.send_pieces(names)
        else:
            await self.client.send("".join(f"{name}\n" for name in names))
            await self.server.until_read(self.client)

    async def send_pieces(self, names):
        """Sends each name when the one before was read, as long as the server reads."""
        began = self.server.now()
        await self.server.until_read(self.client, BETWEEN)
        for name in names:
            await self.client.send_line(name)
            if self.server.now() - began < PATIENCE:
                await self.server.until_read(self.client, BETWEEN)

    # -- leaving ----------------------------------------------------------------------

    async def leave_well(self):
        """Leaves with BYE, unless that ends the program (3.4 pays for that), or nothing."""
        client, known = self.client, self.server.dialect
        if not known.get("stays") and not known.get("mortal"):
            await client.send_line("BYE")
            await client.watch(lambda: client.ending is not None, WHOLE)
        await client.leave()

    async def bye(self, command="BYE"):
        """Says BYE. Returns what comes for it, which may be nothing, as it should in version 1."""
        if not self.version_2:
            reply = self.listen()
            await self.client.send_line(command)
            await self.client.watch(lambda: False, A_MOMENT)
            return reply()
        try:
            return await self.ask(command, self.whole("BYE"), moment=A_MOMENT)
        except Violation:
            return Reply(())


@contextlib.asynccontextmanager
async def visiting(server):
    """A client that has been greeted, and leaves in the end."""
    async with server.connect() as client:
        guest = Guest(server, client)
        await guest.come()
        yield guest
