"""Section 2 of the contract: files, and how they are asked for."""

import re

from conformance import Violation, require

from .browser import A_MOMENT, browsing, host_of, request
from .http_server import has_index, http_server
from .judging import first, has_file, has_octets, has_status
from .learning import hear_the_first
from .site import Site

A_FILE = ("2.1",)
"""What a server that sends files keeps."""


@http_server.scenario("2.1")
async def answers_a_get(server):
    """GET of a text file is answered with 200, a head, an empty line, and the file."""
    file = Site(server)["text"]
    async with browsing(server) as browser:
        await browser.client.send(request(server, file.target))
        await hear_the_first(browser, file)


async def gets(server, role, *, target="", hint="", **what):
    """Asks for the file of that role, which must come. Returns the answer."""
    file = Site(server)[role]
    target = target or file.target
    async with browsing(server) as browser:
        answer = await browser.ask(target, **what)
        require(browser.shows(has_file(answer, f"`GET {target}`", file, hint), answer))
    return answer


async def is_served(server):
    """A file comes: so a server that refuses all is not taken for one that refuses what it
    should."""
    await gets(server, "text")


# -- the form of answers ------------------------------------------------------------------------

STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9] [^\r\n]*\r\n")
HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r\n")


@http_server.scenario("2.2", needs=A_FILE, builds_on=("3.1",))
async def writes_heads_as_they_are_defined(server):
    """The status line and each header have the form that RFC 9112 gives them."""
    site = Site(server)
    for target in (site["text"].target, f"/{server.draw.word()}.txt"):
        async with browsing(server) as browser:
            answer = await browser.ask(target, whole=False)
            require(browser.shows(form_of(answer.head), answer))


def form_of(head):
    """Whether a head has its form: what is wrong with its first line that has not."""
    first, *lines = head.lstrip(b"\r\n").splitlines(keepends=True)
    if not STATUS_LINE.fullmatch(first):
        return Violation("`HTTP/1.1 200 OK␍␊`", f"`{_seen(first)}`", hint=_ends(first), lines=True)
    for line in lines[:-1]:
        if not HEADER_LINE.fullmatch(line):
            return Violation("`Name: value␍␊`", f"`{_seen(line)}`", hint=_ends(line), lines=True)
    if lines and lines[-1] != b"\r\n":
        told = f"`{_seen(lines[-1])}`"
        return Violation("the empty line `␍␊`", told, hint=_ends(lines[-1]), lines=True)
    return None


def _seen(line):
    """A line of the head with its end made visible."""
    text = line.decode("latin-1")
    return text.replace("\r", "␍").replace("\n", "␊")


def _ends(line):
    if line.endswith(b"\n") and not line.endswith(b"\r\n"):
        return "End each line of the head with `\\r\\n`; println writes the system's line end."
    return "Name, colon, space, value: no space before the colon, one header a line."


@http_server.scenario("2.3", needs=A_FILE, builds_on=A_FILE)
async def tells_where_the_body_ends(server):
    """Content-Length is the number of octets, or the body comes in chunks, or up to the close."""
    site = Site(server)
    for role in ("text", "accents"):
        file = site[role]
        async with browsing(server) as browser:
            await browser.client.send(request(server, file.target))
            require(await how_it_ends(browser, file))


async def how_it_ends(browser, file):
    """What is wrong with the end of an answer that brings the file."""
    client, to = browser.client, f"`GET {file.target}`"
    browser.server.dialect = {**browser.server.dialect, "quiet": False}
    answer = await browser.hear_all()
    await client.watch(lambda: False, A_MOMENT)
    if answer is None:
        return browser.without_head(f"an answer to {to}", answer)
    behind = client.bytes_from(browser.begins)
    return browser.shows(
        has_both(answer) or wrong_length(answer, behind, file) or without_end(browser, answer, to),
        answer,
    )


def has_both(answer):
    """Whether there is a length and chunks as well."""
    if not (answer.values("content-length") and answer.values("transfer-encoding")):
        return None
    hint = "Chunks tell the length: leave Content-Length out."
    return Violation("Content-Length or Transfer-Encoding", "both", hint=hint)


def wrong_length(answer, behind, file):
    """Whether Content-Length is another number than that of the octets that came."""
    if answer.ends_by != "length":
        return None
    came = len(answer.body) + len(behind)
    if came < len(file.data) and file.data.startswith(answer.body + behind):
        came = len(file.data)  # the file is cut where its length is wrong
    if answer.length == came and answer.whole:
        return None
    hint = LENGTH
    if answer.length == len(file.data.decode()) != len(file.data):
        hint = "That is the number of characters. Count the octets: those of `é` are two."
    wanted = f"Content-Length: {came:,}, the octets of the file"
    return Violation(wanted, f"Content-Length: {answer.length:,}", hint=hint)


LENGTH = "Content-Length counts the octets of the body, and nothing is sent behind them."


def without_end(browser, answer, to):
    return None if answer.whole else browser.unended(to, answer)


@http_server.scenario("2.4", needs=A_FILE, builds_on=(*A_FILE, "2.3"))
async def sends_any_octet(server):
    """A file that holds every octet comes as it is."""
    file = Site(server)["octets"]
    hint = "Read files as octets (rb, InputStream, Buffer), and write them as such: no text."
    async with browsing(server) as browser:
        answer = await browser.ask(file.target)
        wrong = has_octets(answer.body, file.data, "the body", hint)
        wrong = first(has_status(answer, f"`GET {file.target}`", 200), wrong)
        require(browser.shows(wrong, answer))


@http_server.scenario("2.5", needs=A_FILE, builds_on=A_FILE)
async def sends_an_empty_file(server):
    """An empty file is answered with 200 and no body."""
    await gets(server, "empty", hint="An empty file is a file: Content-Length is 0.")


# -- paths --------------------------------------------------------------------------------------


@http_server.scenario("2.6", needs=A_FILE, builds_on=A_FILE)
async def finds_files_in_folders(server):
    """A file in a folder in a folder is found."""
    await gets(server, "deep", hint="The whole path leads to the file, all its folders.")


@http_server.scenario("2.7", needs=A_FILE, builds_on=A_FILE)
async def decodes_the_path(server):
    """%20 and %C3%A9 stand for the octets of the name, in either case; + for itself."""
    hint = "Decode each `%` and two digits to an octet, then take the octets for UTF-8."
    accented = Site(server)["accented"].target
    await gets(server, "space", hint=hint)
    await gets(server, "accented", hint=hint)
    await gets(server, "accented", target=accented.replace("%C3%A9", "%c3%a9"), hint=hint)
    plus = Site(server)["plus"].target.replace("%2B", "+")
    await gets(server, "plus", target=plus, hint="`+` is a space in forms only, not in a path.")


@http_server.scenario("2.8", needs=A_FILE, builds_on=A_FILE)
async def keeps_the_query_apart(server):
    """What follows ? is no part of the file's name."""
    target = f"{Site(server)['text'].target}?{server.draw.word()}=1&b=/../c"
    await gets(server, "text", target=target, hint="Cut the target at the first `?`.")


@http_server.scenario("2.9", needs=A_FILE, builds_on=A_FILE, when=has_index)
async def sends_the_index_of_a_folder(server):
    """/ and /folder/ are answered with the index of that folder."""
    hint = "A path that ends with `/` means the index in that folder."
    folder = Site(server)["folder"].target.rpartition("/")[0]
    await gets(server, "index", target="/", hint=hint)
    await gets(server, "folder", target=f"{folder}/", hint=hint)


@http_server.scenario("2.10", needs=A_FILE, builds_on=A_FILE, when=has_index)
async def leads_to_the_folder(server):
    """/folder is answered with 301 and a Location that leads to /folder/."""
    folder = Site(server)["folder"].target.rpartition("/")[0]
    async with browsing(server) as browser:
        answer = await browser.ask(folder)
        wrong = has_status(answer, f"`GET {folder}`", 301, 308)
        require(browser.shows(first(wrong, leads_to(answer, folder, server)), answer))


def leads_to(answer, folder, server):
    """Whether Location leads to the folder, on this host."""
    location = answer.value("location")
    path = re.sub("^(?:https?:)?//[^/]*", "", location)
    right = path in (f"{folder}/", f"{folder.rpartition('/')[2]}/")
    if right and (path == location or host_of(server).partition(":")[0] in location):
        return None
    wanted = f"Location: {folder}/"
    return Violation(wanted, f"Location: {location}" if location else "no Location")
