"""How 2.1 learns how this server answers: whether it waits for the end of what a client says, and
whether its answers end as their heads say. All other clauses read through that."""

from conformance import Kind, Violation, require

from .answer import by_hand
from .browser import A_MOMENT, PATIENCE, SILENT
from .judging import has_status, in_short, same_text

A_FLOOD = 500_000  # octets that come for a file of some hundred
AT_THE_END = 3.0  # seconds for an answer once the client has closed its side


async def hear_the_first(browser, file):
    """Asks for the file, learns how it is answered, and raises what is wrong with that."""
    server, client = browser.server, browser.client
    server.dialect.clear()
    to = f"`GET {file.target}`"
    silent = await _silence(browser, to)
    if silent is not None and not await _answers_at_the_end(browser):
        raise silent
    await _all_that_comes(browser, file)
    data = client.bytes_from(0)
    answer = by_hand(data, closed=client.ending is not None)
    if silent is None and answer is None:
        server.dialect["no_answer"] = True
        require(browser.without_head(f"an answer to {to}", answer))
    if answer is not None:
        answer.begins = 0
        _learn(server, answer, data[len(answer.head) :], file)
    server.dialect["words"] = in_words(server.dialect)
    require(silent)
    require(browser.shows(has_status(answer, to, 200, hint=CODE), answer))
    require(browser.shows(_another(answer, data, file, to), answer))


async def _silence(browser, to):
    """What is wrong where nothing comes for a request."""
    try:
        await browser.client.read_line(patience=PATIENCE, awaited=f"an answer to {to}", hint=SILENT)
    except Violation as wrong:
        if browser.client.taken:  # and no end of line: `without_head` says more of it
            return None
        return wrong
    return None


async def _answers_at_the_end(browser):
    """Whether an answer comes when the client closes its side."""
    client = browser.client
    if client.ending is not None or "2.1" in browser.server.void:
        return False
    browser.server.recorder.give_up()
    await browser.server.look_inside()
    await client.half_close()
    browser.server.dialect["at_end"] = await client.watch(lambda: client.taken > 0, AT_THE_END)
    return browser.server.dialect["at_end"]


async def _all_that_comes(browser, file):
    """Waits until the file is there, in whichever way it ends, and for what is behind it."""
    client = browser.client

    def whole():
        answer = by_hand(client.bytes_from(0))
        return answer is not None and answer.whole and len(answer.body) >= len(file.data)

    def all_of_it():
        return client.taken > A_FLOOD or whole() or file.data.rstrip() in client.bytes_from(0)

    await client.watch(all_of_it, PATIENCE)
    await client.watch(lambda: False, A_MOMENT)


def _learn(server, answer, behind, file):
    """Keeps what is known of how answers end. `behind`: all that came behind the head."""
    if answer.ends_by == "chunks":
        behind = answer.body
    right = answer.whole and answer.body == behind
    if not right and answer.status == 200 and same_text(behind, file.data):
        unended = answer.ends_by != "length" and not answer.whole
        server.dialect["quiet"] = Kind.SILENCE.value if unended else Kind.FORM.value


def _another(answer, data, file, to):
    """Whether something else came than the file."""
    behind = data[len(answer.head) :]
    if same_text(behind, file.data) or same_text(answer.body, file.data):
        return None
    wanted = f"the file for {to}: {in_short(file.data)}"
    return Violation(wanted, in_short(answer.body or behind), hint=FILE)


CODE = (
    "Is the path taken from the request line, without its first `/`, and looked for in the right"
    " folder, below the one in which the server is started?"
)
FILE = "Is it this file that is read, and all of it?"


def in_words(dialect):
    """What was learnt, for the report; empty if all is as it should be."""
    told = []
    if dialect.get("at_end"):
        told.append("answers only when the client has closed its side: that costs clause 2.1")
    if dialect.get("quiet"):
        told.append("does not end its answers as their heads say: that costs clause 2.3")
    return (
        f"The server {'; it '.join(told)}. Every other clause is read through it." if told else ""
    )
