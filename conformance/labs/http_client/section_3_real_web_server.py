"""Section 3 of the contract: a web server that nobody has written for this lab."""

from conformance import require

from .answers import WebAnswer
from .http_client import client
from .printing import near
from .section_1_one_conversation import request
from .talk import answer, hear, missing, printed, stopped_early


@client.scenario("3.1", builds_on=("1.3",))
async def works_with_a_real_web_server(program):
    """nginx answers 400 Bad Request, and this answer is printed."""
    async with program.web_server() as web, program.visiting() as visitor:
        visitor = await hear(program, visitor)
        sent = WebAnswer((await web.reply_to(said(program, visitor)),))
        await answer(visitor, sent.pieces)
        found = await printed(program, sent.lines)
        note_another_answer(program, sent)
        require(unless_another_pays(program, sent, found))


def said(program, visitor):
    """What the program has said. For one that does not flush, the suite says it: 1.2 pays."""
    wrong = request(visitor)
    if wrong is None:
        return visitor.received
    require(None if program.relies_on("1.2") else wrong)
    return f"{program.parameters.request}\r\n\r\n".encode()


def note_another_answer(program, sent):
    status = sent.lines[0].decode("utf-8", "replace") if sent.lines else "nothing"
    if " 400 " not in status:
        program.note(f"nginx answered `{status}`: the request is one that it understands.")


def unless_another_pays(program, sent, found):
    """What is wrong with what was printed. A program that stops early pays with 1.4; one that
    prints in another form, with 1.3."""
    if found.whole or stopped_early(program, found, least=1):
        return None
    in_another_form = all(near(program.printed, sent.lines[at]) for at in (0, -1))
    if in_another_form and program.relies_on("1.3"):
        return None
    return missing(program, found, "the answer of nginx")
