"""Section 5 of the contract: the bodies of requests."""

from urllib.parse import quote

from conformance import Fault, Kind, Violation, require

from .browser import A_MOMENT, SILENT, browsing, host_of, request
from .chunks import chunked
from .http_server import has_post, has_scripts, http_server
from .judging import has_file, has_octets, has_status, in_short
from .section_2_a_file import A_FILE
from .site import Site

A_BODY = (*A_FILE, "5.1")
"""What a server that takes a body keeps."""

WAITS = {
    **SILENT,
    "nothing came": "A body has as many octets as Content-Length says, and no end of line or of the"
    " stream: read exactly so many, then answer.",
}


def target_of(server):
    """Where a body is sent that is to come back."""
    return "/" + quote(Site(server)["body"].path) if has_scripts(server.parameters) else "/echo"


def post(server, body, *more, octets=None):
    """A POST of the body, as octets; with `octets`, these are sent in its place."""
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in more)]
    if octets is None:
        headers.append(("Content-Length", str(len(body))))
    return plain_post(server, headers) + (body if octets is None else octets)


def plain_post(server, headers):
    """The head of a POST with these headers, right or wrong."""
    lines = [f"POST {target_of(server)} HTTP/1.1", f"Host: {host_of(server)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode()


def in_chunks(server, body, sizes, **how):
    """A POST of the body in chunks, as octets."""
    coding = "Transfer-Encoding: chunked"
    return post(server, body, coding, octets=chunked(body, sizes, **how))


async def comes_back(browser, body, to, *, hint=WAITS):
    """The next answer is 200 and this body. Returns it."""
    answer = await browser.hear(to, "POST", hint=hint)
    wrong = has_status(answer, to, 200) or has_octets(answer.body, body, f"for {to}")
    require(browser.shows(wrong, answer))
    return answer


@http_server.scenario("5.1", needs=A_FILE, builds_on=A_FILE, when=has_post)
async def reads_a_body(server):
    """POST with a Content-Length is answered with 200 and that body."""
    body = f"{server.draw.line(40)}\n{server.draw.line(40)}".encode()
    async with browsing(server) as browser:
        await browser.client.send(post(server, body, "Content-Type: text/plain"))
        await comes_back(browser, body, f"`POST {target_of(server)}`")


@http_server.scenario("5.2", needs=A_BODY, builds_on=(*A_BODY, "2.14"), when=has_post)
async def waits_for_all_of_a_body(server):
    """A body that comes in pieces, the first with the head, is whole."""
    body = bytes(range(256)) + server.draw.data(2_000) + b"\r\n\r\n"
    octets = post(server, body, "Content-Type: application/octet-stream")
    head = len(octets) - len(body)
    for cuts in ([head], [head + 100, head + 101, head + 1_500], [head - 1, len(octets) - 1]):
        async with browsing(server) as browser:
            await sends_in_pieces(browser, octets, cuts)
            await comes_back(browser, body, "a body in pieces", hint=PIECES)


async def sends_in_pieces(browser, octets, cuts):
    """Sends in pieces, each of which the server gets by a read of its own; stops where it
    answers."""
    client, at = browser.client, 0
    for cut in (*cuts, len(octets)):
        await client.send(octets[at:cut])
        await browser.server.until_read(client, 0.03)
        at = cut


PIECES = {
    "nothing came": "Some of the body may have come with the head: count it, then read the rest.",
    "closed too early": "One read may bring a part of the body. Read on until it is whole.",
}


@http_server.scenario("5.3", needs=A_BODY, builds_on=(*A_BODY, "4.1", "4.4"), when=has_post)
async def reads_no_further_than_a_body(server):
    """What follows a body is the next request, also in the same segment."""
    body, file = f"GET /{server.draw.word()} HTTP/1.1\r\n\r\n".encode(), Site(server)["text"]
    async with browsing(server) as browser:
        browser.needs_ends()
        await browser.client.send(post(server, body) + request(server, file.target))
        answer = await comes_back(browser, body, "a body that looks like a request")
        await goes_on(browser, answer, file, "the request behind a body")


async def goes_on(browser, answer, file, to):
    """The file comes next, unless the answer before it has said that it is the last."""
    if not answer.is_last:
        following = await browser.hear(to, hint=BEHIND)
        require(browser.shows(has_file(following, to, file), following))


BEHIND = {"nothing came": "Was what stands behind the body read with it, and lost? Keep it."}


# -- chunks -------------------------------------------------------------------------------------


@http_server.scenario("5.4", needs=A_BODY, builds_on=A_BODY, when=has_post)
async def understands_chunks(server):
    """A body in chunks is put together: sizes in either case, extensions, trailers."""
    body = server.draw.data(3_000)
    ways = {
        "a body in chunks": in_chunks(server, body, (1, 10, 171, 2_748)),
        "chunks with sizes in upper case": in_chunks(server, body, (171, 2_748), upper=True),
        "chunks with extensions": in_chunks(server, body, (1_000,), extension=";name=value"),
        "chunks with trailers": in_chunks(server, body, (1_000,), trailers=("X-Word: a", "X: b")),
    }
    closed = []
    for to, octets in ways.items():
        async with browsing(server) as browser:
            await browser.client.send(octets)
            answer = await comes_back(browser, body, to, hint=CHUNKS)
            await browser.client.watch(lambda: False, A_MOMENT)
            require(behind(browser, to))
            closed.append(closes_unsaid(browser, answer))
            require(cut_off(browser, to, closed))


def closes_unsaid(browser, answer):
    """Whether the server has closed the connection, and its answer did not say so."""
    return browser.client.ending is not None and not answer.is_last


def behind(browser, to):
    """Whether something was sent behind the answer: a rest was taken for a request."""
    more = browser.client.bytes_from(browser.begins)
    if not more.strip():
        return None
    wanted = f"nothing behind the answer to {to}"
    return browser.client.shows(Violation(wanted, in_short(more), hint=ALL_OF_IT))


def cut_off(browser, to, closed):
    """Whether the server has closed without a word behind these chunks, and not behind the first
    ones: so a rest of the body was no request to it."""
    if closed[0] or not closed[-1]:
        return None
    wanted, told = f"the connection goes on behind {to}", "the server closed the connection"
    hint = {"closed too early": ALL_OF_IT}
    return browser.client.shows(Violation(wanted, told, hint=hint, kind=Kind.CLOSED))


ALL_OF_IT = (
    "All of the body is read before the next request: the last chunk, and its trailers, too."
)


CHUNKS = {
    "nothing came": "Each chunk: its size in hexadecimal, perhaps `;` and more, CRLF, so many"
    " octets, CRLF. The last has size 0; then come trailers, if any, and an empty line.",
}


@http_server.scenario("5.5", needs=A_BODY, builds_on=(*A_BODY, "2.14", "5.2", "5.4"), when=has_post)
async def understands_chunks_in_pieces(server):
    """Chunks are cut anywhere into segments, or come together with the next request."""
    body = server.draw.data(600)
    octets = in_chunks(server, body, (171, 300))
    head = octets.index(b"\r\n\r\n") + 4
    for cuts in ([head + 1], [head + 3, head + 4], [head + 100, head + 176, head + 177]):
        async with browsing(server) as browser:
            await sends_in_pieces(browser, octets, [*cuts, len(octets) - 3, len(octets) - 1])
            await comes_back(browser, body, "chunks in pieces", hint=CHUNKS)
    await goes_on_behind(server, octets, body)


async def goes_on_behind(server, octets, body):
    """The request behind chunks, in the same segment, is answered, too: where others are, for which
    4.1, 4.4 and 5.3 pay."""
    if server.dialect.get("quiet") and server.relies_on("2.3"):
        return
    file, to = Site(server)["text"], "the request behind chunks"
    async with browsing(server) as browser:
        client = browser.client
        await client.send(octets + request(server, file.target))
        answer = await comes_back(browser, body, "chunks and a request", hint=CHUNKS)
        if answer.is_last:
            return
        if await client.watch(lambda: client.taken > browser.begins) or not pays(server):
            await goes_on(browser, answer, file, to)


def pays(server):
    """Whether another clause pays for a request that was lost behind another one."""
    return any(server.relies_on(clause) for clause in ("4.1", "4.4", "5.3"))


# -- what is refused ----------------------------------------------------------------------------


@http_server.scenario("5.10", needs=A_BODY, builds_on=A_BODY, when=has_post)
async def knows_a_request_without_a_length(server):
    """A POST without a length has no body: 411, or an empty answer, at once."""
    async with browsing(server) as browser:
        await browser.client.send(plain_post(server, []))
        to = "a POST without a length"
        answer = await browser.hear(to, "POST", within=2.0, hint=NO_LENGTH, whole=False)
        wrong = has_status(answer, to, 411, 200, 204, 400)
        require(browser.shows(wrong, answer))


NO_LENGTH = {"nothing came": "Without Content-Length and chunks there is no body: do not wait."}


@http_server.scenario("5.12", needs=A_BODY, builds_on=A_BODY, when=has_post)
async def does_not_wait_for_who_waits(server):
    """A request with `Expect: 100-continue` is answered before its body has come."""
    body = server.draw.line(60).encode()
    async with browsing(server) as browser:
        octets = post(server, body, "Expect: 100-continue")
        await browser.client.send(octets[: -len(body)])
        require(await says_go_on(browser))
        await browser.client.send(body)
        answer = await browser.hear("a body that was waited for", "POST", hint=WAITS)
        require(browser.shows(takes_or_refuses(answer), answer))


def takes_or_refuses(answer):
    """Whether the body was taken after a 100, or refused without one: by whichever error."""
    if answer.status >= 400 and not answer.before:
        return None
    return has_status(answer, "`Expect: 100-continue`", 200, 417)


async def says_go_on(browser):
    """Whether nothing comes for a head that asks for 100."""
    client = browser.client
    if await client.watch(lambda: client.taken > 0, 5.0):
        return None
    hint = {
        "nothing came": "Send `HTTP/1.1 100 Continue` and an empty line before you read the body."
    }
    wanted = "`100 Continue`, or a final status, before the body comes"
    if client.ending is not None:
        told = "the server closed the connection"
        return client.shows(Violation(wanted, told, hint=hint, kind=Kind.CLOSED))
    wrong = Violation(wanted, "nothing within 5 s", hint=hint, fault=Fault.ABSENT)
    return client.shows(wrong)
