"""A client that asks the server for files, and hears its answers.

Each request has a connection of its own, unless a scenario is about keeping it. What 2.1 has learnt
of the server is used here: whether it answers only at the end of what the client says, and whether
its answers end as their heads say.
"""

import contextlib
import math

import h11

from conformance import Fault, Kind, Violation, promptly, require

from .answer import read
from .site import hosts_of

PATIENCE = 5.0  # seconds to wait for what has no deadline of its own
QUIET = 0.4  # seconds without an octet after which an answer without an end is taken as it is
AT_LEISURE = 0.5  # seconds for the rest of an answer of which the head has come
LONGEST_HEAD = 2**20  # octets among which a head ends
A_MOMENT = 0.2  # seconds in which nothing more may come behind an answer

SILENT = {
    "nothing came": "Does it wait for more than the empty line that ends a request? Read line by"
    " line until an empty one, answer, and flush what you have written.",
    "only at the end": "It answers only when the client has closed its side. A request ends with an"
    " empty line: read until there, and not to the end of the stream.",
    "closed too early": "Does an exception end the connection before the answer is written?",
}


def host_of(server):
    """Whom a request is for, as its Host says."""
    named = hosts_of(server.parameters)
    return named[0] if named else f"localhost:{server.port}"


def request(server, target, *, method="GET", headers=(), body=b"", version=None):
    """A request, as octets: h11 writes it; what h11 does not write is version 1.0."""
    version = version or server.parameters.version
    fields = [("Host", host_of(server)), *headers]
    if version == "1.1":
        connection = h11.Connection(h11.CLIENT)
        said = connection.send(h11.Request(method=method, target=target, headers=fields))
        return said + (connection.send(h11.Data(data=body)) if body else b"")
    return raw(f"{method} {target} HTTP/{version}", *(f"{a}: {b}" for a, b in fields), body=body)


def raw(*lines, body=b"", end="\r\n"):
    """A request of these lines, right or wrong, as octets; text is sent as UTF-8."""
    coded = [line if isinstance(line, bytes) else line.encode() for line in (*lines, "", "")]
    return end.encode().join(coded) + body


class Browser:
    """One connection to the server."""

    def __init__(self, server, client):
        self.server, self.client = server, client
        self.begins = 0  # offset of the next answer in what comes
        self._said_last = False  # we have closed our side
        self._seen = {}  # by method: how much had come, and the answer that was read of it

    # -- saying -----------------------------------------------------------------------

    async def ask(self, target, *, hint=SILENT, patience=PATIENCE, whole=True, **what):
        """Asks for something, and hears the answer."""
        await self.client.send(request(self.server, target, **what))
        method = what.get("method", "GET")
        told = f"`{method} {target}`"
        return await self.hear(told, method, hint=hint, patience=patience, whole=whole)

    async def say(self, *lines, body=b""):
        """Sends a request of these lines, right or wrong."""
        await self.client.send(raw(*lines, body=body))

    # -- hearing ----------------------------------------------------------------------

    async def hear(
        self, to, method="GET", *, hint=SILENT, within=None, patience=PATIENCE, whole=True
    ):
        """The next answer, which is to `to`. Violation where none comes; and unless `whole` is
        False, where its end does not come. Whoever only wants to know its status need not pay for
        an end that is missing."""
        await self._end_where_needed()
        awaited = f"an answer to {to}"
        if self.client.taken == self.begins:
            await self.client.read_line(patience=patience, awaited=awaited, hint=hint)
        await self._until_whole(method, patience, patience if whole else AT_LEISURE)
        answer = self._read(method)
        require(self.without_head(awaited, answer))
        if whole and not answer.whole and not self._goes_by_quiet():
            raise self.unended(to, answer)
        self._passed(answer)
        if within is not None:
            require(self._late(answer, within, awaited))
        return answer

    async def hear_all(self, method="GET", patience=PATIENCE):
        """Whatever comes, as an answer; None where it is none."""
        await self._end_where_needed()
        await self._until_whole(method, patience, AT_LEISURE)
        answer = self._read(method)
        if answer is not None:
            self._passed(answer)
        return answer

    async def closes(self):
        """Whether the server ends the connection, for which it has as long as for an answer."""
        await self.client.watch(lambda: False, PATIENCE)
        return self.client.ending is not None

    async def _end_where_needed(self):
        """Closes our side for a server that answers only then: it can be asked once. And waits in
        vain for none that sends what is no answer."""
        if self.server.dialect.get("no_answer"):
            self.server.excuse("2.1", Kind.FORM, "what the server sends is no answer of HTTP")
        if not (self.server.dialect.get("at_end") and self.server.relies_on("2.1")):
            return
        if self._said_last:
            reason = "the server answers only when the client has closed its side"
            self.server.excuse("2.1", Kind.SILENCE, reason)
        self._said_last = True
        await self.client.half_close()

    def needs_ends(self):
        """Excuses, behind 2.3, what can only be seen where each answer ends as its head says."""
        if kind := self.server.dialect.get("quiet"):
            reason = "where one answer ends and the next begins cannot be seen"
            self.server.excuse("2.3", Kind(kind), reason)

    def _goes_by_quiet(self):
        """Whether answers of this server do not end as their heads say."""
        return bool(self.server.dialect.get("quiet")) and self.server.relies_on("2.3")

    async def _until_whole(self, method, patience, for_the_rest):
        """Waits for a head, then for the end of the answer."""
        client = self.client

        def come():
            return self._read(method, now=False)

        await client.watch(lambda: come() is not None or client.taken > LONGEST_HEAD, patience)
        if not self._goes_by_quiet():
            if come() is not None:
                await client.watch(lambda: come().whole, for_the_rest)
            return
        known = -1
        while known != client.taken and client.ending is None and not client.flooded:
            known = client.taken
            await client.watch(lambda: False, QUIET)

    def _read(self, method, *, now=True):
        """The answer that has come so far. Unless `now`, it may be what was read before, where what
        has come since does not make it whole: a flood is not read again with each piece of it."""
        taken, closed = self.client.taken, self.client.ending is not None
        known = self._seen.get(method)
        if known is not None:
            read_at, answer = known
            if read_at == (taken, closed):
                return answer
            if not now and not closed and answer is not None and taken < self._end_of(answer):
                return answer
        data = self.client.bytes_from(self.begins)
        answer = read(data, method=method, closed=closed)
        self._seen = {method: ((taken, closed), answer)}
        return answer

    def _end_of(self, answer):
        """The offset before which the answer cannot be whole."""
        if answer.ends_by == "close":
            return math.inf
        if answer.ends_by == "length":
            return self.begins + len(answer.head) + answer.length
        return 0

    def _passed(self, answer):
        """The answer was heard: what comes next begins behind it."""
        answer.begins = self.begins
        if self._goes_by_quiet():
            answer.body = self.client.bytes_from(self.begins + answer.size - len(answer.body))
            answer.size = self.client.taken - self.begins
        self.begins += answer.size
        self._seen = {}
        self.client.gather_now()
        if self.client.pending:
            self.client.take_unended()

    # -- what is wrong ----------------------------------------------------------------

    def shows(self, violation, answer):
        """The violation, if there is one, which this answer proves."""
        if violation is None:
            return None
        line = answer.head.lstrip(b"\r\n").partition(b"\n")[0]
        begins = answer.begins + self.client.bytes_from(answer.begins).find(line)
        return self.client.shows(violation, self.client.piece(begins, begins + len(line) + 1))

    def without_head(self, awaited, answer):
        """Whether what came is no answer at all."""
        if answer is not None:
            return None
        came = self.client.bytes_from(self.begins)
        first, ended, _ = came.lstrip(b"\r\n").partition(b"\n")
        line = first.rstrip(b"\r").decode("utf-8", "replace")[:80]
        if ended and line.startswith("HTTP"):
            wanted = "an empty line behind the headers"
            told = f"`{line}` and {len(came):,} octets, and no empty line among them"
        else:
            wanted, told = f"{awaited} that begins with a status line", f"`{line}`"
        return self.client.shows(Violation(wanted, told, hint=NO_HEAD))

    def unended(self, to, answer):
        """That an answer does not end as its head says."""
        closed = self.client.ending is not None
        then = "then the server closed" if closed else f"then nothing within {PATIENCE:g} s"
        if answer.ends_by == "length":
            wanted = f"a body of {answer.length:,} octets behind {to}, as Content-Length says"
            told = f"{len(answer.body):,} octets, {then}"
        elif answer.ends_by == "chunks":
            wanted = f"a body in chunks behind {to}, and the last chunk, of size 0"
            told = f"{len(answer.body):,} octets, {then}"
        else:
            wanted = f"an answer to {to} whose end can be seen"
            told = "no Content-Length, no chunks, and the connection stays open"
        kind = Kind.CLOSED if closed else Kind.SILENCE
        fault = Fault.WRONG if closed else Fault.ABSENT
        return self.client.shows(Violation(wanted, told, fault=fault, kind=kind))

    def _late(self, answer, within, awaited):
        """Whether the answer's end came too late."""
        last = self.client.piece(answer.begins, answer.begins + answer.size)
        sent, came = self.client.sent_at, self.client.arrival(last)
        slack = self.server.slack(within) + self.client.uncertainty(last)
        return promptly(sent, came, within=within, what=awaited, slack=slack)


NO_HEAD = {
    "another text": "An answer begins with a status line, `HTTP/1.1 200 OK`, then headers, then an"
    " empty line: write `\\r\\n` behind each, and once more behind the last."
}


@contextlib.asynccontextmanager
async def browsing(server, **how):
    """A connection to the server, which is left at the end."""
    async with server.connect(**how) as client:
        yield Browser(server, client)


async def ask(server, target, **what):
    """Asks on a connection of its own; returns the answer."""
    async with browsing(server) as browser:
        return await browser.ask(target, **what)
