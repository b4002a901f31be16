"""Section 5 of the contract: bodies that are refused, and what must not be taken for a request."""

from conformance import Fault, Kind, Violation, require

from .browser import PATIENCE, browsing, host_of, raw, request
from .chunks import BROKEN, UNFINISHED, chunk, chunked
from .endless import sends_without_end
from .http_server import has_post, http_server
from .judging import has_status, in_short, is_error
from .section_3_errors import REFUSED
from .section_5_bodies import A_BODY, comes_back, plain_post, post, target_of
from .site import Site


async def is_served_a_body(server):
    """A body comes back: so a server that refuses all is not taken for one that refuses what it
    should."""
    body = server.draw.line(30).encode()
    async with browsing(server) as browser:
        await browser.client.send(post(server, body))
        await comes_back(browser, body, f"`POST {target_of(server)}`")


async def is_refused(server, octets, to, *codes, hint=""):
    """Sends a POST; it must be answered with one of the codes, and the connection be closed."""
    async with browsing(server) as browser:
        await browser.client.send(octets)
        answer = await browser.hear(to, "POST", hint=REFUSED, whole=False)
        require(browser.shows(has_status(answer, to, *codes, hint=hint), answer))
        require(await stays_open(browser, to))


async def stays_open(browser, to):
    """Whether the connection goes on although it is not known where the next request begins."""
    if await browser.closes():
        return None
    hint = {"never closed": "Nobody knows where the next request begins: close the connection."}
    wanted = f"the server closes the connection behind its answer to {to}"
    told = "it was still open after 5 s"
    wrong = Violation(wanted, told, hint=hint, fault=Fault.ABSENT, kind=Kind.OPEN)
    return browser.client.shows(wrong)


@http_server.scenario("5.6", needs=A_BODY, builds_on=A_BODY, when=has_post)
async def refuses_a_length_that_is_none(server):
    """A Content-Length that is no number, or two that differ, is answered with 400."""
    await is_served_a_body(server)
    for lengths in (["abc"], ["-1"], ["+5"], ["5", "6"]):
        headers = [("Content-Length", length) for length in lengths]
        to = " and ".join(f"`Content-Length: {length}`" for length in lengths)
        await is_refused(server, plain_post(server, headers) + b"hello", to, 400)


@http_server.scenario("5.7", needs=A_BODY, builds_on=(*A_BODY, "5.4", "5.6"), when=has_post)
async def is_not_led_by_two_lengths(server):
    """Of Transfer-Encoding and Content-Length, the chunks count, or the request is refused."""
    await is_served_a_body(server)
    word = server.draw.word()
    smuggled = f"GET /{word} HTTP/1.1\r\nHost: {host_of(server)}\r\n\r\n".encode()
    octets = chunked(b"hello", ()) + smuggled
    headers = [("Content-Length", str(len(octets))), ("Transfer-Encoding", "chunked")]
    async with browsing(server) as browser:
        await browser.client.send(plain_post(server, headers) + octets)
        answer = await browser.hear("a request with two lengths", "POST", hint=REFUSED, whole=False)
        require(browser.shows(led_by(answer, len(octets)), answer))
        require(await stays_open(browser, "a request with two lengths"))


def led_by(answer, length):
    """Whether the body was read by its Content-Length."""
    to = "Transfer-Encoding and Content-Length"
    if answer.status != 200:
        return has_status(answer, to, 400, 501, 411, 413)
    if answer.body == b"hello":
        return None
    hint = "Where there is Transfer-Encoding, Content-Length does not count."
    return Violation("400, or the 5 octets of the chunks", in_short(answer.body), hint=hint)


@http_server.scenario("5.8", needs=A_BODY, builds_on=A_BODY, when=has_post)
async def refuses_an_unknown_coding(server):
    """A Transfer-Encoding that does not end with chunked is answered with 400 or 501."""
    await is_served_a_body(server)
    for codings in (["gzip"], ["chunked, identity"], ["xchunked"], ["chunked", "identity"]):
        headers = [("Transfer-Encoding", coding) for coding in codings]
        octets = plain_post(server, headers) + chunked(b"hello", ())
        to = " and ".join(f"`Transfer-Encoding: {coding}`" for coding in codings)
        async with browsing(server) as browser:
            await browser.client.send(octets)
            answer = await browser.hear(to, "POST", hint=REFUSED, whole=False)
            require(browser.shows(has_status(answer, to, 400, 501), answer))


@http_server.scenario(
    "5.9", needs=A_BODY, builds_on=(*A_BODY, "5.4"), when=has_post, destructive=True
)
async def refuses_broken_chunks(server):
    """Chunks that are none are answered with 400, or the connection is closed."""
    await is_served_a_body(server)
    head = plain_post(server, [("Transfer-Encoding", "chunked")])
    for to, octets in BROKEN.items():
        async with browsing(server) as browser:
            await browser.client.send(head + octets)
            require(await is_taken(browser, to))
    await overflows(server, head)
    await is_served_a_body(server)


REFUSES = (400, 413, 501)
"""Codes that refuse a body."""


async def is_taken(browser, to):
    """What is wrong where the server neither answers with an error nor closes the connection."""
    answer = await browser.hear_all("POST")
    if answer is None:
        return says_nothing(browser, f"400, or a close, for {to}", REFUSED)
    if answer.whole or answer.status in REFUSES:
        return browser.shows(has_status(answer, to, *REFUSES), answer)
    # An answer that was begun, and cut when the fault came, refuses it, too.
    return None if await browser.closes() else browser.unended(to, answer)


def says_nothing(browser, wanted, hint):
    """Whether the server has sent nothing, and not closed, when `hear_all` has waited."""
    if browser.client.ending is not None or browser.client.taken:
        return None
    wrong = Violation(wanted, f"nothing within {PATIENCE:g} s", hint=hint, fault=Fault.ABSENT)
    return browser.client.shows(wrong)


async def overflows(server, head):
    """A chunk of 4 GiB, of which a little comes, is not taken for one of 5 octets. Whether so much
    is refused before it has come is the affair of 5.11."""
    async with browsing(server) as browser:
        await browser.client.send(head + UNFINISHED)
        await browser.client.half_close()
        answer = await browser.hear_all("POST")
        if answer is not None and answer.body == b"hello":
            to = "a chunk of size `100000005`, of which 5 octets came"
            require(browser.shows(is_error(answer, to), answer))


# -- limits -------------------------------------------------------------------------------------


@http_server.scenario(
    "5.11", needs=A_BODY, builds_on=(*A_BODY, "5.2"), when=has_post, destructive=True
)
async def limits_bodies(server):
    """A body as large as is allowed comes back; one without end, or far too large, is refused."""
    largest = server.parameters.largest
    body = (server.draw.word(1_000).encode() * (largest // 1_000 + 1))[:largest]
    async with browsing(server) as browser:
        await browser.client.send(post(server, body))
        await comes_back(browser, body, f"a body of {largest:,} octets")
    await is_too_large(server, largest * 10)
    piece = chunk(server.draw.data(65_536))
    head = plain_post(server, [("Transfer-Encoding", "chunked")])
    limit = {"most": largest * 10, "may_begin": True}
    await sends_without_end(server, head, piece, "chunks", 413, 400, **limit)
    await is_served_a_body(server)


async def is_too_large(server, length):
    """Says that a body of so many octets comes, and sends some of it: 413, or a close."""
    to = f"`Content-Length: {length}`"
    async with browsing(server) as browser:
        await browser.client.send(plain_post(server, [("Content-Length", str(length))]))
        await browser.client.push(bytes(1_000))
        answer = await browser.hear_all("POST")
        if answer is not None:
            require(browser.shows(has_status(answer, to, 413), answer))
        hint = {"nothing came": "Look at Content-Length before you read the body."}
        require(says_nothing(browser, f"413, or a close, for {to}", hint))


@http_server.scenario("5.13", needs=A_BODY, builds_on=(*A_BODY, "4.1", "5.3"), when=has_post)
async def keeps_in_step_over_a_body_that_it_refuses(server):
    """What was in the body of a POST to a file is not taken for a request."""
    site, word = Site(server), server.draw.word()
    body = raw(f"GET {site['other'].target} HTTP/1.1", f"Host: {host_of(server)}", f"X-W: {word}")
    lines = (f"POST {site['text'].target} HTTP/1.1", f"Host: {host_of(server)}")
    async with browsing(server) as browser:
        await browser.say(*lines, f"Content-Length: {len(body)}", body=body)
        await browser.hear(f"`POST {site['text'].target}`", "POST", hint=REFUSED, whole=False)
        await browser.client.send(request(server, site["page"].target))
        following = await browser.hear_all()
        require(browser.shows(was_smuggled(following, site), following))


def was_smuggled(answer, site):
    """Whether the body was answered as if it were a request."""
    if answer is None or site["other"].data not in answer.body:
        return None
    wanted = "the answer to the request behind the body, or a close"
    hint = "Read the body away before you go on, or close the connection."
    return Violation(wanted, f"the body was taken for a request: `{answer.told}`", hint=hint)
