"""A client that talks to the server in the way that this server understands."""

import asyncio
import contextlib

from conformance import Kind, Violation

from .answers import answer_to, form, way
from .echo import STREAM, has_goodbye
from .slips import put_between

IN_PIECES = ("another text", "nothing came", "left out", "cut short")
"""What is seen of a server that takes each read for a line."""

NOT_BEFORE = "nothing before the newline"
"""What is awaited while a line is sent byte by byte."""

AS_ONE = (
    "Line {number} of those that were sent together came back without a prefix of its own, behind"
    " the reply to line {before}. Did one read bring both lines, and was it answered as one line?"
    " Answer each line that it brought."
)

PATIENCE = 5.0  # seconds to wait for what has no deadline of its own
MOMENT = 0.1  # seconds in which a close is seen that comes right behind a reply
GREETING = 0.5  # seconds to wait for a greeting, so that it is not taken for a reply


class Talk:
    """A client that talks to the server even if it replies in an odd way, as 3.1 has learnt.

    - A server that answers one line of each connection gets a new connection for each line.
    - One that answers only after the client's last line is told which one is the last.
    - Lines around each reply are read; a reply without an end of line counts as one.

    Its methods take what `Client.expect_line` takes: hint, within, since, patience, what.
    """

    def __init__(self, server, client):
        self.server, self.client = server, client
        self.used = False  # a reply has come on this connection

    async def ask(self, text, wanted=None, *, end="\n", **how):
        """Sends a line, to which the reply must come. Returns the reply's line."""
        await self.say(text, end)
        return await self.hear(text, wanted, **how)

    async def again(self):
        """Connects again if the server answers no more on this connection."""
        if self.used and (way(self.server, "one_line") or way(self.server, "at_end")):
            await self.client.leave()
            self.client = await self.server.open_client()
            self.used = False

    # -- saying -----------------------------------------------------------------------

    async def say(self, text, end="\n"):
        await self.again()
        await self.client.send_line(text, end)

    async def say_together(self, *lines):
        """Sends lines in one segment."""
        await self.again()
        await self.client.send("".join(f"{line}\n" for line in lines))

    async def say_the_last(self, text):
        """Sends a line, and shows a server that waits for the end that it is the last."""
        await self.say(text)
        await self.end_where_needed()

    async def say_slowly(self, word, hint):
        """Sends a word byte by byte; nothing may come meanwhile."""
        await self.again()
        await self.client.gather(0.0 if self.used else GREETING)
        for byte in word:
            await self.client.send(byte)
            await self.client.expect_silence(0.02, awaited=NOT_BEFORE, hint=hint)
        await self.server.until_read(self.client)  # takes as long as the server waits for a core
        await self.client.expect_silence(0.2, awaited=NOT_BEFORE, hint=hint)

    async def ask_in_two_parts(self, text, wanted, *, hint=""):
        """Sends a line in two segments, cut within a character, unless parts of lines are answered
        (3.5)."""
        if way(self.server, "pieces"):
            return
        await self.again()
        data = f"{text}\n".encode()
        await self.client.send(data[:-2])
        await self.server.until_read(self.client, 0.05)
        await self.client.send(data[-2:])
        await self.hear(text, wanted, hint=hint)

    async def say_goodbye(self):
        """Says BYE, or half-closes if there is no such word. Waits at most 2 s for the close, which
        4.1 judges."""
        if has_goodbye(self.server.parameters):
            await self.say(self.server.parameters.goodbye)
        else:
            await self.client.half_close()
        await self.client.gather(2.0)

    async def end_where_needed(self):
        """Half-closes if the server answers only at the end."""
        if way(self.server, "at_end"):
            await self.client.half_close()

    # -- hearing ----------------------------------------------------------------------

    async def hear(self, text, wanted=None, **how):
        """The reply to `text`, sent before, comes next. Returns its line."""
        if not self.used:
            await self.end_where_needed()
        return await self.next_reply(text, wanted, **how)

    async def next_reply(self, text, wanted=None, **how):
        """Like `hear`, without a half-close."""
        known = self.server.dialect
        wanted = answer_to(self.server, text) if wanted is None else wanted
        self.used = True
        if known.get("bare"):
            return await self.client.expect_unended(wanted, **how)
        line = await self.client.expect_line(wanted, skip=known.get("before", 0), **how)
        await self.client.pass_over(known.get("after", 0))
        return line

    async def hear_at_once(self, text):
        """The reply comes within 1 s, without anything more from the client."""
        patience = 2.0 if self.server.dialect.get("at_end") else PATIENCE
        await self.next_reply(text, within=1.0, patience=patience, what="a reply")

    async def hear_at_once_if_at_all(self, text):
        """Like `hear_at_once`, but the reply may be missing: 3.3 pays for that."""
        try:
            await self.hear_at_once(text)
        except Violation as seen:
            if seen.kind is Kind.LATE:
                raise

    async def hear_before_the_close(self, text, hint):
        """The reply to a line that makes the server hang up, so that we need not half-close."""
        with self.unless_it_waits_for_the_end(Kind.SILENCE):
            await self.next_reply(text, hint=hint)

    async def expect_close(self, within, hint, after=""):
        """The server hangs up before we do; `after` what, a report says."""
        with self.unless_it_waits_for_the_end(Kind.OPEN):
            await self.client.expect_close(within=within, after=after, hint=hint)

    async def stays_open(self, what, reply, hint):
        """The server has not hung up behind its reply to `what`, so that a close is told of that
        line and not of the next; one that comes later, or behind more lines, the next one finds."""
        if way(self.server, "one_line") or way(self.server, "at_end"):
            return
        await self.client.watch(lambda: False, MOMENT)
        if self.client.ending is None or self.client.has_unread:
            return
        try:
            wanted = f"after {what}: its reply, and the connection stays open"
            await self.client.read_line(awaited=wanted, hint=hint)
        except Violation as wrong:
            wrong.actual = f"`{reply.text}`, then {wrong.actual}"
            raise

    @contextlib.contextmanager
    def unless_it_waits_for_the_end(self, kind):
        """Excuses, behind 3.2, a server that reads to the end first: it cannot be seen to obey
        BYE."""
        try:
            yield
        except Violation as seen:
            if self.server.dialect.get("at_end") and seen.kind is kind:
                reason = "the server does nothing before the client has said its last"
                self.server.excuse("3.2", Kind.SILENCE, reason)
            raise

    async def hear_the_last(self, lasting, hint):
        """Nothing more comes; but the server may hang up if it answers only one line."""
        lines = await self.client.gather(lasting)
        prompt = (form(self.server).prefix, self.server.dialect.get("prompt", ""))
        rest = self.client.unfinished
        if self.server.dialect.get("nuls"):
            rest = rest.strip("\0")
        if lines or (rest and not any(before.startswith(rest) for before in prompt)):
            came = lines[0].text if lines else f"{rest}, without an end of line"
            wrong = Violation(
                "one reply, and nothing more", came, hint=hint, symptom="more than asked for"
            )
            raise self.client.shows(wrong, *lines[:1])

    # -- whole conversations ----------------------------------------------------------

    async def ask_together(self, lines):
        """Sends lines in one segment; each gets its reply, in order."""
        before = len(self.client.lines)
        await self.say_together(*lines)
        for number, line in enumerate(lines, 1):
            try:
                reply = await self.hear(line)
                if number == 1:  # a greeting may have come before it
                    before = self.client.lines.index(reply)
            except Violation as wrong:
                hint = f"This is line {number} of {len(lines)} that were sent together: {STREAM}"
                beside = len(self.client.lines) - before > len(lines)  # each word is answered, say
                if not beside and wrong.expected not in wrong.actual:
                    wrong.hint = dict.fromkeys(IN_PIECES, hint)
                    if number > 1 and is_without(form(self.server).prefix, wrong):
                        wrong.hint |= {
                            "another text": AS_ONE.format(number=number, before=number - 1)
                        }
                elif number > 1 and (told := put_between(wrong.expected, wrong.actual)):
                    wrong.hint = {"another text": told}
                raise

    async def dialogue(self, lines, replies=(), *, hint="", apart=False):
        """Sends each line when the one before is answered, on one connection; all together if the
        server answers only at the end. `replies`: replies other than the usual, by line. `apart`: a
        close right behind a reply is told of the line that had it."""
        if at_end := way(self.server, "at_end"):
            await self.client.send("".join(f"{line}\n" for line in lines))
            await self.end_where_needed()
        *_, last = lines
        for line in lines:
            if not at_end:
                await self.client.send_line(line)
            reply = await self.next_reply(line, dict(replies).get(line), hint=hint)
            if apart and line is not last:
                await self.stays_open(f"`{line.replace(' ', '␣')}`", reply, hint)

    async def five_lines(self):
        """Sends five lines, each when the one before is answered, in halves, so that lines of other
        clients come between them; in one piece if the server takes a part for a line (3.5 pays for
        that)."""
        whole = way(self.server, "pieces")
        for word in self.server.draw.words(5):
            await self.again()
            if not whole:
                await self.client.send(word[:5])
            await asyncio.sleep(0.05)
            await self.client.send(f"{word if whole else word[5:]}\n")
            await self.hear(word)


def is_without(prefix, wrong):
    """Whether the right reply came, but for its prefix."""
    return prefix != "" and wrong.expected == prefix + wrong.actual


@contextlib.asynccontextmanager
async def talking(server, **how):
    """A client that talks to the server, and leaves in the end."""
    talk = Talk(server, await server.open_client(**how))
    try:
        yield talk
    finally:
        await talk.client.leave()


async def is_served(server):
    """A new client comes, is answered, and leaves."""
    async with talking(server) as talk:
        await talk.ask(server.draw.word())


def needs_to_be_kept(server):
    """Excuses, behind 3.3, a server that hangs up after each answer: its goodbye cannot be seen."""
    if has_goodbye(server.parameters) and server.dialect.get("one_line") == Kind.CLOSED:
        server.excuse("3.3", Kind.CLOSED, "the server hangs up after one line, whatever it is")


def needs_several_lines(server):
    """Excuses, behind 3.3, what can only be seen with several lines on one connection."""
    if seen := server.dialect.get("one_line"):
        reason = "the server answers one line of each connection, no more"
        server.excuse("3.3", Kind(seen), reason)
