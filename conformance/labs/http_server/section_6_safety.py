"""Section 6 of the contract: what a stranger may ask for, and must not get.

Each scenario begins with a file that comes: a server that sends nothing keeps no secret.
"""

import re

from conformance import Fault, Violation, require

from .browser import browsing
from .http_server import http_server
from .judging import in_short, same_text
from .section_2_a_file import A_FILE, is_served
from .section_3_errors import get, is_refused
from .site import Site

PASSWORDS = re.compile(rb"^root:[^:\n]*:0:0:", re.MULTILINE)
"""How the file begins that every system has, and no root."""


@http_server.scenario("6.1", needs=A_FILE, builds_on=A_FILE)
async def keeps_to_its_root(server):
    """No path leads out of the root: the suite has laid a secret beside it."""
    await is_served(server)
    for target in ways_out(server, "../"):
        await keeps_its_secret(server, target, OUTSIDE)
    await is_served(server)


@http_server.scenario("6.2", needs=A_FILE, builds_on=(*A_FILE, "6.1"))
async def looks_after_it_has_decoded(server):
    """Nor does a path whose dots or slashes are encoded."""
    await is_served(server)
    for up in ("%2e%2e/", "%2E%2E%2F", "..%2f", "%252e%252e/", "%252e%252e%252f"):
        for target in ways_out(server, up):
            await keeps_its_secret(server, target, DECODED)
    await is_served(server)


OUTSIDE = (
    "Resolve the path first (realpath, normalize), then see whether it is the root's own path, or"
    " begins with that and a `/`."
)
DECODED = "Decode the path once, then resolve it, and look where it leads only then."


def ways_out(server, up):
    """Targets that lead to what lies beside the root; `up` is one folder up."""
    site = Site(server)
    out = up * (site.root.count("/") + 1)
    folder = site["in folder"].target.rpartition("/")[0]
    below = site["beside"].path.removeprefix(site.root.rpartition("/")[0]).removeprefix("/")
    yield f"/{out}{site['secret'].path}"
    yield f"{folder}/{up}{out}{site['secret'].path}"
    yield f"/{up}{below}"
    if up == "../":
        yield "//etc/passwd"
        yield f"/{up * 12}etc/passwd"


async def keeps_its_secret(server, target, hint):
    """Asks for it; whatever is answered, or a close, must not be the secret."""
    async with browsing(server) as browser:
        await browser.say(*get(server, target=target))
        answer = await browser.hear_all()
        require(heard_nothing(browser, target))
        require(browser.shows(is_secret(server, answer, target, hint), answer))


def heard_nothing(browser, target):
    """Whether the server neither answers nor closes."""
    if browser.client.taken or browser.client.ending is not None:
        return None
    wrong = Violation(
        f"400, 403 or 404 for `GET {target}`", "nothing within 5 s", fault=Fault.ABSENT
    )
    return browser.client.shows(wrong)


def is_secret(server, answer, target, hint):
    """Whether the answer holds what lies outside the root."""
    if answer is None:
        return None
    site = Site(server)
    secrets = [site["secret"].data, site["beside"].data]
    known = any(same_text(answer.body, each) for each in secrets)
    if not known and not PASSWORDS.search(answer.body):
        return None
    wanted = f"400, 403 or 404 for `GET {target}`"
    return Violation(wanted, f"`{answer.told}` and {in_short(answer.body)}", hint=hint)


@http_server.scenario("6.3", needs=A_FILE, builds_on=A_FILE, destructive=True)
async def survives_nul(server):
    """A NUL in a path, encoded or not, is answered with 400 or 404; then the server serves on."""
    await is_served(server)
    target = Site(server)["text"].target
    for nul in ("%00", "%00.html", "\0"):
        asked = f"{target}{nul}"
        to = f"`GET {asked}`".replace("\0", "␀")
        await is_refused(server, get(server, target=asked), to, hint=NUL)
    await is_served(server)


NUL = "No name of a file holds a NUL: refuse it. In C a name ends there."


@http_server.scenario("6.4", needs=A_FILE, builds_on=A_FILE)
async def follows_no_link_out_of_its_root(server):
    """A link that leads out of the root is answered with 403 or 404."""
    target = Site(server)["link"].target
    await is_served(server)
    to = f"`GET {target}`, a link to `../{Site(server)['secret'].path}`"
    hint = "realpath (toRealPath, fs.realpath) follows links: compare what it returns."
    await is_refused(server, get(server, target=target), to, 403, 404, hint=hint)


@http_server.scenario("6.5", needs=A_FILE, builds_on=A_FILE)
async def lets_nobody_write_its_headers(server):
    """CR and LF in a path or a query end no line of the answer's head."""
    await is_served(server)
    name = f"X-{server.draw.word()}"
    evil = f"%0d%0a{name}:%20yes"
    folder = Site(server)["in folder"].target.rpartition("/")[0]
    raw = f"\r{name}:yes"
    ways = (f"/{evil}", f"{folder}?{evil}", f"{folder}/{evil}/..", f"{folder}/{raw}/..")
    for target in ways:
        async with browsing(server) as browser:
            await browser.say(*get(server, target=target))
            answer = await browser.hear_all()
            require(browser.shows(is_written(answer, name, target), answer))


def is_written(answer, name, target):
    """Whether the client has written a header of the answer."""
    if answer is None or not answer.values(name.lower()):
        return None
    wanted = f"no header of the client's making for `GET {target}`"
    hint = "Write paths into headers as they came, encoded; or refuse what holds CR or LF."
    return Violation(wanted, f"`{name}: {answer.value(name.lower())}`", hint=hint)


@http_server.scenario("6.6", needs=A_FILE, builds_on=A_FILE)
async def lets_nobody_write_its_pages(server):
    """A path that holds markup is not sent back as markup."""
    await is_served(server)
    word = server.draw.word()
    for markup in (f"<script>{word}</script>", f"%3Cscript%3E{word}%3C/script%3E"):
        for target in (f"/{markup}", f"/?{markup}"):
            async with browsing(server) as browser:
                await browser.say(*get(server, target=target))
                answer = await browser.hear_all()
                require(browser.shows(is_markup(answer, word, target), answer))


def is_markup(answer, word, target):
    """Whether a page has the client's script in it."""
    if answer is None or f"<script>{word}".encode() not in answer.body:
        return None
    if answer.value("content-type", "text/html").partition(";")[0].strip() != "text/html":
        return None
    hint = "Leave the path out of the page, or write `&lt;` for each `<` in it."
    wanted = f"a page without the client's script for `GET {target}`"
    return Violation(wanted, in_short(answer.body[answer.body.index(b"<script>") :]), hint=hint)


@http_server.scenario("6.7", needs=A_FILE, builds_on=A_FILE)
async def tells_nothing_of_itself(server):
    """An error page holds no stack trace, and no path of the server's files."""
    await is_served(server)
    word = server.draw.word()
    odd = f"{Site(server)['text'].target}/{word}"
    for target in (f"/{word}.txt", f"/{word * 40}", odd, "/%ff%fe", "/%zz"):
        async with browsing(server) as browser:
            await browser.say(*get(server, target=target))
            answer = await browser.hear_all()
            require(browser.shows(tells_too_much(server, answer, target), answer))


TRACES = re.compile(
    rb"Traceback \(most recent call last\)|\bat [\w.$]+\([\w]+\.java:\d+\)|\bat .*\.js:\d+:\d+"
    rb"|Exception in thread|File \"[^\"]+\", line \d+"
)


def tells_too_much(server, answer, target):
    """Whether a page holds a trace, or a path of the server's own files."""
    if answer is None:
        return None
    root = re.escape(server.parameters.root.encode())
    found = TRACES.search(answer.body) or re.search(
        rb"/[\w.-]+(?:/[\w.-]+)*/" + root + rb"/", answer.body
    )
    if not found:
        return None
    wanted = f"a page that says nothing of the server's insides for `GET {target}`"
    return Violation(wanted, f"`{found[0].decode('utf-8', 'replace')}`")
