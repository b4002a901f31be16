"""Section 4 of the contract: several requests on one connection."""

from conformance import Fault, Kind, Violation, promptly, require

from .browser import A_MOMENT, PATIENCE, SILENT, browsing, request
from .http_server import has_head, http_server, keeps_alive
from .judging import has_file, in_short
from .section_2_a_file import A_FILE
from .site import Site

KEPT = (*A_FILE, "4.1")
"""What a server that keeps a connection keeps."""

AGAIN = {
    **SILENT,
    "nothing came": "Is the answer to the first request the last thing that the server does with"
    " the connection? Read the next request in a loop, until the client closes.",
    "closed too early": "HTTP/1.1 keeps the connection: read the next request, until the client"
    " closes or says `Connection: close`.",
}


async def gets_in_turn(browser, files, *, hint=AGAIN, **what):
    """Asks for one file after the other on this connection; each must come."""
    for number, file in enumerate(files, 1):
        to = f"request {number} of this connection, `GET {file.target}`"
        await browser.client.send(request(browser.server, file.target, **what))
        answer = await browser.hear(to, hint=hint)
        require(browser.shows(has_file(answer, to, file), answer))


@http_server.scenario("4.1", needs=A_FILE, builds_on=(*A_FILE, "2.3"), when=keeps_alive)
async def keeps_the_connection(server):
    """Five requests, one after the other, are answered on one connection."""
    async with browsing(server) as browser:
        await gets_in_turn(browser, Site(server).many()[:5])


# -- closing ------------------------------------------------------------------------------------


async def asks_for_the_last(server, connection, *, version="1.1"):
    """Asks with these words in Connection; the file must come, then the close within 2 s."""
    file = Site(server)["text"]
    headers = [("Connection", connection)] if connection else []
    said = f"`Connection: {connection}`" if connection else f"a request of HTTP/{version}"
    async with browsing(server) as browser:
        octets = request(server, file.target, headers=headers, version=version)
        await browser.client.send(octets)
        answer = await browser.hear(f"`GET {file.target}` with {said}")
        require(browser.shows(has_file(answer, said, file), answer))
        require(browser.shows(has_chunks(answer, version), answer))
        await hangs_up(browser, said)


async def hangs_up(browser, said):
    """The server closes the connection within 2 s, and sends nothing more."""
    client = browser.client
    heard = client.taken
    await client.watch(lambda: client.taken > heard, 5.0)
    if client.taken > heard:
        wrong = Violation("nothing more", in_short(client.bytes_from(heard)))
        require(client.shows(wrong))
    require(stays_open(browser, said))
    last = client.piece(0, client.taken)
    closed = client.closed_at - client.arrival(last)
    slack = browser.server.slack(2.0) + client.close_error
    times = client.arrival(last), client.arrival(last) + closed
    what = f"a close behind {said}"
    require(promptly(*times, within=2.0, what=what, came="it closed", slack=slack))


def stays_open(browser, said):
    """Whether the server has not closed the connection."""
    if browser.client.ending is not None:
        return None
    wanted, told = f"a close behind {said}", "it was still open after 5 s"
    wrong = Violation(wanted, told, hint=CLOSE, fault=Fault.ABSENT, kind=Kind.OPEN)
    return browser.client.shows(wrong)


CLOSE = {"never closed": "Look at Connection, word by word, in any case; then leave the loop."}


def has_chunks(answer, version):
    """Whether an answer to HTTP/1.0 comes in chunks, which that does not know."""
    if version != "1.0" or answer.ends_by != "chunks":
        return None
    return Violation("no Transfer-Encoding for a request of HTTP/1.0", "chunks")


@http_server.scenario("4.2", needs=A_FILE, builds_on=(*A_FILE, "2.3"), when=keeps_alive)
async def closes_when_it_is_asked_to(server):
    """After the answer to `Connection: close`, in any case, the server closes."""
    for connection in ("close", "Close", "foo, close"):
        await asks_for_the_last(server, connection)


@http_server.scenario("4.3", needs=A_FILE, builds_on=(*A_FILE, "2.3"), when=keeps_alive)
async def closes_after_http_1_0(server):
    """After the answer to a request of HTTP/1.0 the server closes; it has no chunks."""
    await asks_for_the_last(server, "", version="1.0")


@http_server.scenario("4.6", needs=A_FILE, builds_on=(*A_FILE, "4.2"), when=keeps_alive)
async def says_that_it_closes(server):
    """An answer after which the server closes says `Connection: close`."""
    file = Site(server)["text"]
    async with browsing(server) as browser:
        answer = await browser.ask(file.target, headers=[("Connection", "close")])
        require(browser.shows(has_file(answer, "`Connection: close`", file), answer))
        require(browser.shows(await closes_unsaid(browser, answer), answer))


async def closes_unsaid(browser, answer):
    """Whether the server closes behind an answer that does not say so. 4.2 pays where it stays."""
    wrong = says_close(answer)
    if wrong is not None and not await browser.closes():
        browser.server.excuse("4.2", Kind.OPEN, "the server does not close the connection")
    return wrong


def says_close(answer):
    if answer.says_close:
        return None
    said = answer.value("connection")
    return Violation("`Connection: close`", f"`Connection: {said}`" if said else "no Connection")


# -- pipelining, and keeping in step ------------------------------------------------------------


@http_server.scenario("4.4", needs=KEPT, builds_on=(*KEPT, "2.3"), when=keeps_alive)
async def answers_requests_sent_together(server):
    """Five requests in one segment get five answers, in order."""
    files = Site(server).many()[:5]
    async with browsing(server) as browser:
        browser.needs_ends()
        await browser.client.send(b"".join(request(server, file.target) for file in files))
        for number, file in enumerate(files, 1):
            to = f"request {number} of five in one segment"
            answer = await browser.hear(to, hint=TOGETHER)
            require(browser.shows(has_file(answer, to, file, TOGETHER_OR_NOT), answer))


TOGETHER_OR_NOT = "One read may bring several requests: answer each of them, in order."
TOGETHER = {
    "nothing came": "One read may bring several requests. What stands behind the first is the next"
    " one: keep it (one reader for the whole connection), and answer it.",
    "closed too early": TOGETHER_OR_NOT,
}


@http_server.scenario("4.5", needs=KEPT, builds_on=(*KEPT, "2.3", "2.13", "3.1"), when=keeps_alive)
async def stays_in_step(server):
    """After HEAD, errors and an empty file, the next answer is that to the next request."""
    site = Site(server)
    for method, target in odd_requests(server, site):
        await goes_on_after(server, method, target, site["other"])
    for method, target in (("BREW", site["text"].target), ("DELETE", missing(server))):
        await goes_on_after_a_refusal(server, method, target, site["other"])


def odd_requests(server, site):
    """Requests whose answers end in a way of their own."""
    yield "GET", missing(server)
    yield "GET", site["empty"].target
    if has_head(server.parameters):
        yield "HEAD", site["text"].target
        yield "HEAD", missing(server)


def missing(server):
    """How a request asks for a file that is not there."""
    return f"/{server.draw.word()}.txt"


async def goes_on_after(server, method, target, file):
    """Asks for something odd, then for a file on the same connection, unless the server has said
    that it closes."""
    async with browsing(server) as browser:
        answer = await browser.ask(target, method=method)
        await browser.client.watch(lambda: False, A_MOMENT)
        require(behind(browser, answer, f"`{method} {target}`"))
        if not answer.is_last:
            await browser.client.send(request(server, file.target))
            await is_next(browser, file, f"`{method} {target}`")


async def is_next(browser, file, to):
    """The next answer is that to the next request, for this file."""
    following = await browser.hear(f"the request behind {to}", hint=STEP)
    require(browser.shows(has_file(following, f"the request behind {to}", file), following))


async def goes_on_after_a_refusal(server, method, target, file):
    """Asks by a method that is refused, then for a file, where the server answers that and keeps
    the connection: 3.4 and 3.5 are about the answer, and behind an error it may close."""
    async with browsing(server) as browser:
        client = browser.client
        await client.send(request(server, target, method=method))
        if not await client.watch(lambda: client.taken > 0, PATIENCE):
            return
        answer = await browser.hear(f"`{method} {target}`", method)
        await client.watch(lambda: False, A_MOMENT)
        if answer.is_last or client.ending is not None:
            return
        require(behind(browser, answer, f"`{method} {target}`"))
        await client.send(request(server, file.target))
        if await client.watch(lambda: client.taken > browser.begins) or client.ending is None:
            await is_next(browser, file, f"`{method} {target}`")


def behind(browser, answer, to):
    """Whether something stands behind an answer's end."""
    more = browser.client.bytes_from(browser.begins)
    if not more:
        return None
    return browser.shows(Violation(f"nothing behind the answer to {to}", in_short(more)), answer)


STEP = {
    "nothing came": "Does each answer say where it ends, errors too?",
    "closed too early": "A server that closes after an answer says `Connection: close` in it.",
}
