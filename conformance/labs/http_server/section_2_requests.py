"""Section 2 of the contract, its second half: the headers of answers, and how requests are read."""

import asyncio

from conformance import Kind, Laid, Violation, require

from .browser import A_MOMENT, ask, browsing, host_of, request
from .dates import date_of
from .http_server import has_head, http_server, keeps_alive
from .judging import has_file, has_octets, has_status, in_short
from .section_2_a_file import A_FILE, gets
from .site import CHANGES, TYPES, Site

# -- headers of answers -------------------------------------------------------------------------


@http_server.scenario("2.11", needs=A_FILE, builds_on=A_FILE)
async def names_the_type(server):
    """Content-Type is that of the name's ending."""
    site = Site(server)
    for role, kind in TYPES.items():
        async with browsing(server) as browser:
            answer = await browser.ask(site[role].target)
            require(browser.shows(has_type(answer, site[role], kind), answer))


def has_type(answer, file, kind):
    """Whether the answer's media type is this one."""
    target = f"`GET {file.target}`"
    said = answer.value("content-type")
    plain = said.partition(";")[0].strip().lower()
    same = {"text/javascript": "application/javascript"}.get(kind, kind)
    if plain in (kind, same):
        return None
    wanted = f"Content-Type: {kind} for {target}"
    return Violation(wanted, f"Content-Type: {said}" if said else "no Content-Type")


@http_server.scenario("2.12", needs=A_FILE, builds_on=A_FILE)
async def dates_its_answers(server):
    """Date is the time of the answer, in its form."""
    async with browsing(server) as browser:
        answer = await browser.ask(Site(server)["text"].target)
        require(browser.shows(is_dated(server, browser.client, answer), answer))


def is_dated(server, client, answer):
    """Whether Date is now, in its form."""
    said, example = answer.value("date"), "`Date: Tue, 01 Dec 2026 10:00:00 GMT`"
    if not said:
        return Violation(f"a header like {example}", "no Date")
    date = date_of(said)
    if date is None:
        hint = "English names, two digits for the day, and GMT, whatever the system's language."
        return Violation(f"a header like {example}", f"`Date: {said}`", hint=hint)
    asked, heard = server.epoch + client.sent_at, server.epoch + server.now()
    if int(asked) - TOLERANCE <= date <= heard + TOLERANCE:
        return None
    off = date - asked
    told = f"`Date: {said}`, {abs(off):,.0f} s {'ahead of it' if off > 0 else 'before it'}"
    return Violation("the time of the answer", told, hint="The time of now, in GMT.")


TOLERANCE = 2.0


@http_server.scenario("2.13", needs=A_FILE, builds_on=A_FILE, when=has_head)
async def answers_head_like_get(server):
    """HEAD is answered with the head that GET has, and no body."""
    file = Site(server)["text"]
    got = await gets(server, "text")
    async with browsing(server) as browser:
        answer = await browser.ask(file.target, method="HEAD")
        await browser.client.watch(lambda: False, A_MOMENT)
        behind = browser.client.bytes_from(browser.begins)
        require(browser.shows(is_like(answer, got, behind, file), answer))


def is_like(answer, got, behind, file):
    """Whether the answer to HEAD has the head of that to GET, and nothing behind it."""
    to = f"`HEAD {file.target}`"
    if wrong := has_status(answer, to, 200):
        return wrong
    if behind.strip():
        hint = "The answer to HEAD ends with the empty line, whatever Content-Length says."
        return Violation(f"no body for {to}", in_short(behind), hint=hint)
    for name in ("content-length", "content-type", "etag", "last-modified"):
        said, right = answer.value(name), got.value(name)
        if said and said != right:
            wanted = f"the same {name.title()} as for GET: {right or 'none'}"
            return Violation(wanted, f"{name.title()}: {said}")
    return None


# -- reading requests ---------------------------------------------------------------------------


@http_server.scenario("2.14", needs=A_FILE, builds_on=A_FILE)
async def waits_for_the_end_of_the_head(server):
    """A request in pieces gets one answer, and none before its end."""
    file = Site(server)["text"]
    said = request(server, file.target, headers=[("X-Word", server.draw.word())])
    for cuts in ([len(said) - 4], [len(said) - 3], [len(said) - 2], [said.index(b"Host") + 2]):
        await in_pieces(server, file, said, cuts)
    await in_pieces(server, file, said, range(1, len(said)), pause=0.01)


async def in_pieces(server, file, said, cuts, pause=0.05):
    """Sends a request in pieces; the file must come, and nothing before the last piece."""
    async with browsing(server) as browser:
        client, at = browser.client, 0
        for cut in cuts:
            await client.send(said[at:cut])
            await until_taken(server, client, pause)
            require(came_early(client, said[:cut], len(said) - cut))
            at = cut
        await client.send(said[at:])
        answer = await browser.hear(f"`GET {file.target}` in pieces", hint=PIECES)
        require(browser.shows(has_file(answer, "a request in pieces", file, EARLY), answer))


async def until_taken(server, client, pause):
    """Until the server has read what was sent, so that the rest comes in a read of its own."""
    await asyncio.sleep(pause)
    await server.until_read(client)


def came_early(client, said, missing):
    """Whether something came before the end of the request, or the server hung up. When only the
    last LF is missing it may answer: what takes CR for the end of a line (Java: BufferedReader) has
    read the empty line."""
    if missing <= 1 or (not client.taken and client.ending is None):
        return None
    line = client.bytes_from(0).partition(b"\n")[0].decode("latin-1").strip()
    told = f"`{line}`" if client.taken else "the server closed the connection"
    wanted = f"nothing before the request's end: {len(said)} octets of it had come"
    kind = Kind.FORM if client.taken else Kind.CLOSED
    return client.shows(Violation(wanted, told, hint=EARLY, kind=kind))


EARLY = "One read may bring a part of a request. Read on until the empty line has come."
PIECES = {"nothing came": EARLY, "closed too early": EARLY}


@http_server.scenario("2.15", needs=A_FILE, builds_on=A_FILE)
async def reads_headers_in_any_form(server):
    """Names in any case, no space or several behind the colon, blanks behind the value."""
    file, host = Site(server)["text"], host_of(server)
    version = server.parameters.version
    for line in (f"HOST: {host}", f"hOsT:{host}", f"host: \t {host} \t "):
        async with browsing(server) as browser:
            await browser.say(f"GET {file.target} HTTP/{version}", line)
            answer = await browser.hear(f"a request with `{line}`")
            require(browser.shows(has_file(answer, f"`{line}`", file, hint=FORMS), answer))


FORMS = "Cut a header at the first colon; compare its name without regard to case; trim its value."


@http_server.scenario("2.16", needs=A_FILE, builds_on=A_FILE, when=keeps_alive)
async def takes_the_absolute_form(server):
    """GET http://host/file is answered like GET /file."""
    target = f"http://{host_of(server)}{Site(server)['text'].target}"
    await gets(server, "text", target=target, hint="Cut `http://` and the host off the target.")


@http_server.scenario("2.17", needs=A_FILE, builds_on=A_FILE)
async def passes_over_empty_lines(server):
    """A CRLF before the request line is ignored."""
    file = Site(server)["text"]
    async with browsing(server) as browser:
        await browser.client.send(b"\r\n" + request(server, file.target))
        answer = await browser.hear("a request behind an empty line")
        require(browser.shows(has_file(answer, "a request behind an empty line", file), answer))


@http_server.scenario("2.18", needs=A_FILE, builds_on=A_FILE)
async def understands_a_newer_minor_version(server):
    """HTTP/1.2 is answered like HTTP/1.1."""
    file = Site(server)["text"]
    async with browsing(server) as browser:
        await browser.say(f"GET {file.target} HTTP/1.2", f"Host: {host_of(server)}")
        answer = await browser.hear("`HTTP/1.2`")
        require(browser.shows(has_file(answer, "`HTTP/1.2`", file), answer))


@http_server.scenario("2.19", needs=A_FILE, builds_on=A_FILE)
async def reads_the_file_when_it_is_asked_for(server):
    """A file that has changed is sent as it is now."""
    file, now = Site(server)[CHANGES], server.draw.line(80).encode()
    await gets(server, CHANGES)
    server.lay({file.path: Laid(now)})
    answer = await is_known(server, file, now)
    hint = "Open the file for each request."
    require(has_octets(answer.body.rstrip(), now, "the file as it is now", hint))


async def is_known(server, file, now):
    """Asks for a file that has just changed until it comes as it is now, for 2 s at most: a server
    may look at its files once a second. Returns the last answer."""
    until = server.now() + 2.0 * server.scale
    while True:
        answer = await ask(server, file.target)
        if answer.body.rstrip() == now or server.now() > until:
            return answer
        await asyncio.sleep(0.25)
