"""Section 11 of the contract: programs that the server runs (RFC 3875)."""

from urllib.parse import quote

from conformance import Violation, require

from .browser import PATIENCE, browsing, host_of
from .http_server import has_scripts, http_server
from .judging import first, has_octets, has_status, in_short
from .section_2_a_file import A_FILE, is_served
from .site import Site


def target_of(server, role):
    """How a request asks for the script of that role."""
    return "/" + quote(Site(server)[role].path)


def says(server, role):
    """The word that a script says in a header, and in its body."""
    return Site(server)[role].data.split(b"X-Word: ")[1].split(b"\\r")[0].decode()


@http_server.scenario("11.1", needs=A_FILE, builds_on=A_FILE, when=has_scripts)
async def runs_a_script(server):
    """What a script prints is the answer: its status, its headers, its body."""
    target = target_of(server, "created")
    async with browsing(server) as browser:
        answer = await browser.ask(target)
        require(browser.shows(is_what_it_prints(server, answer, f"`GET {target}`"), answer))


def is_what_it_prints(server, answer, to):
    """Whether the answer has the script's status, header and body."""
    word = says(server, "created")
    hint = "`Status:` is the status; the other lines are headers; then comes the body."
    if wrong := has_status(answer, to, 201, hint=hint):
        return wrong
    if answer.value("x-word") != word:
        return Violation(f"`X-Word: {word}`", f"X-Word: {answer.value('x-word') or 'none'}")
    if answer.body.strip() == word.encode():
        return None
    return Violation(f"the body `{word}`", in_short(answer.body), hint=hint)


@http_server.scenario("11.2", needs=A_FILE, builds_on=(*A_FILE, "11.1"), when=has_scripts)
async def tells_the_script_what_was_asked(server):
    """The script's environment says what was asked."""
    word, query = server.draw.word(), f"a={server.draw.word()}%20b+c"
    target = f"{target_of(server, 'environment')}/{word}/more?{query}"
    headers = [("X-Word", word), ("Content-Type", "text/x-word"), ("Content-Length", "5")]
    async with browsing(server) as browser:
        answer = await browser.ask(target, method="POST", headers=headers, body=b"hello")
        wanted = {
            "REQUEST_METHOD": "POST",
            "QUERY_STRING": query,
            "PATH_INFO": f"/{word}/more",
            "CONTENT_LENGTH": "5",
            "CONTENT_TYPE": "text/x-word",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_X_WORD": word,
        }
        require(browser.shows(is_told(answer, wanted, f"`POST {target}`"), answer))


def is_told(answer, wanted, to):
    """Whether the script has found these values in its environment."""
    if wrong := has_status(answer, to, 200):
        return wrong
    lines = answer.body.decode("utf-8", "replace").splitlines()
    told = dict(line.partition("=")[::2] for line in lines)
    for name, value in wanted.items():
        if told.get(name) != value:
            return Violation(f"{name}={value}", f"{name}={told.get(name, '')}", lines=True)
    return None


@http_server.scenario("11.3", needs=A_FILE, builds_on=(*A_FILE, "11.1"), when=has_scripts)
async def gives_the_script_the_body(server):
    """The body of a POST, by its length or in chunks, is what the script reads."""
    body, target = server.draw.data(3_000), target_of(server, "body")
    chunks = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (1_000, body[:1_000], 2_000, body[1_000:])
    sent = {"Content-Length: 3000": body, "Transfer-Encoding: chunked": chunks}
    for header, octets in sent.items():
        async with browsing(server) as browser:
            lines = (f"POST {target} HTTP/1.1", f"Host: {host_of(server)}", header)
            await browser.say(*lines, body=octets)
            answer = await browser.hear(f"`POST {target}`", "POST", hint=READS)
            wrong = has_octets(answer.body, body, f"with `{header}`, what was sent")
            wrong = first(has_status(answer, f"`{header}`", 200), wrong)
            require(browser.shows(wrong, answer))


READS = {"nothing came": "Close the script's standard input when it has the whole body."}


@http_server.scenario("11.4", needs=A_FILE, builds_on=(*A_FILE, "11.1"), when=has_scripts)
async def survives_a_script_that_fails(server):
    """A script that fails is answered with 500 or 502; one that does not end delays nobody."""
    target = target_of(server, "failing")
    async with browsing(server) as browser:
        answer = await browser.ask(target, patience=PATIENCE)
        wrong = has_status(answer, f"`GET {target}`, which ends with status 3", 500, 502)
        require(browser.shows(wrong, answer))
    async with browsing(server) as waiting:
        await waiting.say(
            f"GET {target_of(server, 'endless')} HTTP/1.1", f"Host: {host_of(server)}"
        )
        await server.until_read(waiting.client, 0.2)
        await is_served(server)
