"""Section 3 of the contract: how a line comes back."""

from conformance import in_order, require

from .answers import answer_is, any_reply_to, form, reply_to_nothing
from .dialect import CASES
from .echo import MUTE, STREAM, echo, has_goodbye, in_which_form, usual
from .learning import LETTERS, learn_how_it_replies, silence, unended, with_nothing_else
from .slips import again_and_again, of_letters, shown_by
from .talk import IN_PIECES, Talk, needs_several_lines, needs_to_be_kept, talking


@echo.scenario("3.1")
async def sends_the_line_back_in_upper_case(server):
    """`hello` is answered with `> HELLO`, and so is every other line."""
    words = ["hello" + server.draw.word(), *server.draw.spread(LETTERS, 10)]
    reply = usual(server.parameters).reply
    heard, replies = await learn_how_it_replies(server, words)
    hint = why_in_no_form(server, heard.words, replies)
    require(silence(reply(words[0]), heard))
    require(unended(reply(words[0]), heard, replies))
    require(in_order([*map(reply, heard.words)], replies, hint=hint))
    require(with_nothing_else(server, heard))
    require(heard.missed)


ITS_LENGTH = (
    "Two bytes with the length of the text come before it: send its bytes alone (Java: writeUTF()"
    " sends the length, write(text.getBytes(StandardCharsets.UTF_8)) does not)."
)


def why_in_no_form(server, words, replies):
    """A hint on what a reply consists of, or on what was made of the words."""
    right = usual(server.parameters)
    if replies and is_behind_its_length(right.reply(words[0]), replies[0]):
        return ITS_LENGTH
    slip = of_letters(right.prefix, CASES[right.case], words, replies)
    return slip or in_which_form(server)


def is_behind_its_length(wanted, came):
    """Whether the right reply came, behind its length in two bytes."""
    length = len(wanted.encode())
    behind = (f"{chr(n >> 8)}{chr(n & 0xFF)}{wanted}" for n in range(length, length + 3))
    return came in behind


@echo.scenario("3.2", needs=MUTE, builds_on=("3.1",))
async def answers_at_once(server):
    """The reply arrives within 1 s, without the client sending anything more or closing."""
    first, second = server.draw.words(2)
    async with talking(server) as talk:
        await talk.say(first)
        await talk.hear_at_once(first)
        await talk.say(second)
        await talk.hear_at_once_if_at_all(second)


@echo.scenario("3.3", needs=MUTE, builds_on=("3.1",))
async def answers_every_line_in_order(server):
    """100 different lines, each sent when the last is answered, get 100 replies in order."""
    async with server.connect() as client:
        await Talk(server, client).dialogue(server.draw.lines(as_many(server, 100)))


def as_many(server, count):
    """So many lines; fewer if the server is slow to answer each (3.2 pays for that)."""
    pace = server.dialect.get("pace", 0.0)
    return count if pace < 0.5 else max(10, min(count, int(20 / pace)))


@echo.scenario("3.4", needs=MUTE, builds_on=("3.1",))
async def answers_lines_sent_together(server):
    """Ten lines in one segment get ten replies, in order; so do 20 lines of 300 characters."""
    needs_several_lines(server)
    async with talking(server) as talk:
        await talk.ask_together(server.draw.lines(10))
        await talk.ask_together(server.draw.lines(20, length=300))


@echo.scenario("3.5", needs=MUTE, builds_on=("3.1",))
async def waits_for_the_end_of_the_line(server):
    """A line sent byte by byte gets one reply, and none before its newline."""
    word, hint = server.draw.word(), dict.fromkeys(IN_PIECES, f"{STREAM} Answer at the newline.")
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        await talk.say_slowly(word, hint)
        await talk.client.send("\n")
        with shown_by(again_and_again(form(server).prefix)):
            await talk.hear(word, hint=hint)
        await talk.hear_the_last(0.2, hint)


@echo.scenario(
    "3.6",
    needs=MUTE,
    builds_on=("3.1", "4.1"),
)
async def accepts_telnet_line_ends(server):
    """`hello CR LF` is answered like `hello LF`; no CR comes back inside the text."""
    needs_to_be_kept(server)
    async with talking(server) as talk:
        await talk.ask(server.draw.word(), end="\r\n")
        await says_goodbye_as_telnet_does(talk)


TELNET = {"never closed": "telnet ends a line with CR LF: neither belongs to the text."}


async def says_goodbye_as_telnet_does(talk):
    """BYE, if there is such a word, ends the conversation with CR LF too."""
    if has_goodbye(talk.server.parameters):
        goodbye = talk.server.parameters.goodbye
        await talk.say(goodbye, end="\r\n")
        await talk.expect_close(within=5.0, hint=TELNET, after=f"`{goodbye}` CR LF")


@echo.scenario("3.7", needs=MUTE, builds_on=("3.1",))
async def answers_the_empty_line(server):
    """A blank line is answered with the prefix alone, and the conversation goes on."""
    blank = reply_to_nothing(server)
    hint = {
        "nothing came": "A blank line is a line of no characters, and is answered like others.",
        "closed too early": "A blank line is a line of no characters. At the end of the stream a"
        " read gives nothing at all (Python: b'') (Java: null, or -1) (C: 0).",
    }
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        reply = await talk.ask("", blank, hint=hint)
        await talk.stays_open("the empty line", reply, hint)
        await talk.ask(server.draw.word(), hint=hint)


@echo.scenario("3.8", needs=MUTE, builds_on=("3.1", "3.5"))
async def keeps_accents(server):
    """Accents in UTF-8 come back intact, also when a segment ends in mid-character."""
    whole, parted = (f"{server.draw.word()} héllo ça €" for _ in range(2))
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        reply = await talk.ask(whole, any_reply_to(server, whole))
        note_lower_case(server, whole, reply)
        await talk.ask_in_two_parts(parted, any_reply_to(server, parted))


def note_lower_case(server, text, reply):
    """Notes, without judging it, that accents are left in lower case."""
    if not answer_is(server, text, reply):
        server.note("Accents come back in lower case (that costs nothing).")


@echo.scenario("3.9", needs=MUTE, builds_on=("3.1",))
async def keeps_spaces(server):
    """Leading, trailing and inner spaces and tabs come back as they were."""
    hint = "Send back the line that came: no trim or strip, no split and join."
    first, second = server.draw.words(2)
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        for line in (f"  {first}", f"{first}  ", f"{first}   {second}", f"\t{first}\t{second} \t"):
            await talk.ask(line, hint=hint)


@echo.scenario("3.10", needs=MUTE, builds_on=("3.1", "3.5"))
async def answers_long_lines(server):
    """A line of 100,000 characters comes back whole."""
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        await talk.ask(server.draw.line(100_000), hint=BUFFER)


LONG = "A line may be longer than a buffer, or than what a library takes for one."
BUFFER = {"closed too early": LONG}


@echo.scenario(
    "3.11",
    needs=MUTE,
    builds_on=("3.1", "3.8"),
    alone=True,
    needs_process=True,
    see="LC_ALL=C LANG=C {start}   # start it so; then, in another terminal:\n{derived}",
)
async def names_its_encoding(server):
    """Accents survive under `LC_ALL=C` too: the program names the encoding itself."""
    await server.restart({"LC_ALL": "C", "LANG": "C"})
    line = f"{server.draw.word()} héllo ça €"
    async with talking(server) as talk:
        await talk.ask(server.draw.word())
        await talk.ask(line, any_reply_to(server, line))
