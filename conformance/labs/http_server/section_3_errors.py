"""Section 3 of the contract: what is wrong is refused, by the right code.

A server that refuses all would pass all of this. So each scenario begins with a file that comes:
where it does not, 2.1 pays, and nothing was shown.
"""

from conformance import Violation, require

from .browser import browsing, host_of, raw
from .endless import sends_without_end
from .http_server import http_server, keeps_alive
from .judging import has_file, has_status, is_error
from .section_2_a_file import A_FILE, is_served
from .site import Site

REFUSED = {
    "closed too early": "Answer before you close: a client that hears nothing learns nothing. Did"
    " an exception end the connection?",
    "nothing came": "An error is an answer, too: a status line, headers, an empty line.",
    "the program ended": "Catch what reading a request can throw, for each connection.",
}


async def is_refused(server, lines, to, *codes, hint="", body=b"", whole=False, best=(400,)):
    """Sends a request of these lines on a connection of its own; it must be answered with one of
    the codes (none: with any error, of which `best` are those that the RFC names), and where
    `whole` is true the answer must end. Returns the answer."""
    async with browsing(server) as browser:
        await browser.say(*lines, body=body)
        answer = await browser.hear(to, hint=REFUSED, whole=whole)
        wrong = is_error(answer, to, hint, best=best)
        if codes:
            wrong = has_status(answer, to, *codes, hint=hint)
        require(browser.shows(wrong, answer))
    return answer


def get(server, *more, target="", version=""):
    """The lines of a right request for a file, and more headers."""
    target = target or Site(server)["text"].target
    version = version or f"HTTP/{server.parameters.version}"
    return [f"GET {target} {version}", f"Host: {host_of(server)}", *more]


@http_server.scenario("3.1", needs=A_FILE, builds_on=A_FILE)
async def says_404(server):
    """What is not there is answered with 404; then the server serves on."""
    word = server.draw.word()
    await is_served(server)
    for target in (f"/{word}.txt", f"/{word}/{word}.html"):
        await is_refused(server, get(server, target=target), f"`GET {target}`", 404, whole=True)
    await is_served(server)


@http_server.scenario("3.2", needs=A_FILE, builds_on=A_FILE)
async def refuses_what_is_no_request(server):
    """A request line that is none is answered with 400; then the server serves on."""
    await is_served(server)
    target, host = Site(server)["text"].target, f"Host: {host_of(server)}"
    for line in ("HELLO", "GET", f"GET {target} {target} HTTP/1.1"):
        await is_refused(server, [line, host], f"`{line}`", hint=WORDS)
    await is_served(server)


WORDS = "A request line has three words, with one space between: method, target, version."


@http_server.scenario("3.3", needs=A_FILE, builds_on=A_FILE)
async def refuses_another_protocol_version(server):
    """HTTP/3.0 is answered with 505, what is no version of HTTP with 400 or 505."""
    await is_served(server)
    for version, codes in {
        "HTTP/3.0": (505,),
        "HTTP/1.x": (400, 505),
        "HTCPCP/1.0": (400, 505),
    }.items():
        await is_refused(server, get(server, version=version), f"`{version}`", *codes)


@http_server.scenario("3.4", needs=A_FILE, builds_on=A_FILE)
async def refuses_an_unknown_method(server):
    """BREW is answered with 501 or 405, and so is get: methods have a case."""
    await is_served(server)
    target, host = Site(server)["text"].target, f"Host: {host_of(server)}"
    hint = "Look at the method before you look for the file."
    for method in ("BREW", "get"):
        lines = [f"{method} {target} HTTP/{server.parameters.version}", host]
        await is_refused(server, lines, f"`{method}`", hint=hint, best=(501, 405))


@http_server.scenario("3.5", needs=A_FILE, builds_on=A_FILE)
async def says_what_is_allowed(server):
    """DELETE is answered with 405 and Allow, or with 501; the file is still there."""
    target, host = Site(server)["text"].target, f"Host: {host_of(server)}"
    lines = [f"DELETE {target} HTTP/{server.parameters.version}", host]
    await is_served(server)
    answer = await is_refused(server, lines, "`DELETE`", best=(405, 501))
    require(allows(server, answer))
    await is_served(server)


def allows(server, answer):
    """Whether 405 says which methods are allowed, GET among them."""
    said = [word.strip() for word in answer.value("allow").split(",")]
    wanted = server.parameters.methods.split(" and ")
    if answer.status != 405 or all(method in said for method in wanted):
        return None
    told = f"Allow: {answer.value('allow')}" if answer.values("allow") else "no Allow"
    return Violation(f"405 with `Allow: {', '.join(wanted)}`", told)


@http_server.scenario("3.6", needs=A_FILE, builds_on=A_FILE, when=keeps_alive)
async def asks_for_the_host(server):
    """A request without Host, or with two, is answered with 400."""
    await is_served(server)
    line, host = f"GET {Site(server)['text'].target} HTTP/1.1", f"Host: {host_of(server)}"
    await is_refused(server, [line], "a request without Host", 400)
    await is_refused(server, [line, host, "Host: other.example"], "a request with two Hosts", 400)


@http_server.scenario("3.7", needs=A_FILE, builds_on=A_FILE)
async def refuses_a_space_before_the_colon(server):
    """A header with a space before its colon is answered with 400."""
    await is_served(server)
    for line in ("Content-Length : 5", f"X-Word : {server.draw.word()}"):
        await is_refused(server, get(server, line), f"`{line}`", 400, body=b"hello")


@http_server.scenario("3.8", needs=A_FILE, builds_on=A_FILE)
async def unfolds_or_refuses_a_folded_header(server):
    """A folded header is refused, or belongs to the one before: it is none of its own."""
    file = Site(server)["text"]
    await is_served(server)
    lines = get(server, "X-Word: a", " Content-Length: 5")
    async with browsing(server) as browser:
        await browser.say(*lines)
        answer = await browser.hear("a request with a folded header", hint=FOLDED, whole=False)
        require(browser.shows(refused_or_served(answer, "a folded header", file), answer))


def refused_or_served(answer, to, file):
    """Whether the answer is neither 400 nor the file."""
    if has_status(answer, to, 400) is None:
        return None
    return has_file(answer, to, file)


FOLDED = {
    "nothing came": "Does it wait for a body? A line that begins with a space is no header: refuse"
    " it, or join it to the line before.",
    **{sign: REFUSED[sign] for sign in ("closed too early", "the program ended")},
}


@http_server.scenario("3.9", needs=A_FILE, builds_on=A_FILE)
async def refuses_a_line_that_is_no_header(server):
    """A line of the head without a colon is answered with 400."""
    await is_served(server)
    line = f"{server.draw.word()} {server.draw.word()}"
    await is_refused(server, get(server, line), f"`{line}` among the headers", 400)


@http_server.scenario("3.10", needs=A_FILE, builds_on=A_FILE)
async def takes_a_request_line_of_8000_octets(server):
    """A request line of 8,000 octets is understood."""
    file = Site(server)["text"]
    rest = 8_000 - len(f"GET {file.target}? HTTP/1.1")
    target = f"{file.target}?{server.draw.word(rest)}"
    async with browsing(server) as browser:
        answer = await browser.ask(target)
        to = "a request line of 8,000 octets"
        require(browser.shows(has_file(answer, to, file), answer))


@http_server.scenario("3.11", needs=A_FILE, builds_on=A_FILE, destructive=True)
async def limits_the_request_line(server):
    """A request line that does not end is refused before 16 MiB have come."""
    await is_served(server)
    line = f"GET /{server.draw.word(65_536)}".encode()
    await sends_without_end(server, line, line[5:], "a request line", 414, 400, 431)
    await is_served(server)


@http_server.scenario("3.12", needs=A_FILE, builds_on=A_FILE, destructive=True)
async def limits_the_head(server):
    """Headers that do not end are refused before 16 MiB have come."""
    await is_served(server)
    begins = raw(*get(server))[:-2]
    lines = b"".join(f"X-{word}: {word}\r\n".encode() for word in server.draw.words(3_000))
    await sends_without_end(server, begins, lines, "a head", 431, 400, 413)
    await is_served(server)
