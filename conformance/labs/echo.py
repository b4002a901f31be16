"""Echo: a TCP server that shouts back. The contract stands beside this file, in echo.md.

Replies are expected in the server's own dialect, which 3.1 learns: a fault in the form
of a reply is paid for there, and nowhere else.
"""

import asyncio
import string

from conformance import (
    Dialect,
    Fault,
    Kind,
    Lab,
    NotJudged,
    Parameter,
    Violation,
    Wording,
    at_most,
    every_reading,
    fits,
    hold,
    in_order,
    promptly,
    recognise,
)

CONCURRENCY = (
    "any",
    "sequential",
    "thread-per-client",
    "thread-pool",
    "process-per-client",
    "event-loop",
)


def _combination(parameters):
    if parameters.prefix == "" and parameters.greeting == "any":
        return (
            "with an empty prefix a reply cannot be told from a greeting:"
            " set greeting to the number of its lines"
        )
    return None


echo = Lab(
    "echo",
    __file__,
    teaches="3.1",
    parameters=[
        Parameter("port", 2323, "TCP port that the server listens on"),
        Parameter("prefix", "> ", "what stands before the line in each reply"),
        Parameter("greeting", "any", "lines that the server sends first", also=("any",)),
        Parameter("goodbye", "BYE", "the line that ends the conversation"),
        Parameter(
            "goodbye_reply",
            "echoed",
            "what the server answers to it",
            choices=("echoed", "silent", "any"),
        ),
        Parameter("concurrency", "any", "how clients are served", choices=CONCURRENCY),
        Parameter("pool", 10, "clients that a thread pool serves at once"),
        Parameter("clients", 20, "clients of clause 5.2"),
        Parameter("crowd", 200, "clients of clause 5.4"),
    ],
    variants={
        "echo-node": {
            "port": 9907,
            "prefix": "",
            "greeting": 0,
            "goodbye_reply": "silent",
        },
        "echo-sequential": {"port": 2424, "concurrency": "sequential"},
    },
    check_parameters=_combination,
    see=r"printf 'hello\nBYE\n' | nc localhost {port}",
)

ANSWERS = ("3.2",)
"""Where a server does not answer while the client waits, no dialogue can be held."""

DIALOGUE = ("3.3",)
"""A fault that shows in a dialogue of thousands of lines is paid for in 3.3; see also
`needs_dialogue`."""

WHOLE_LINES = ("3.5",)
"""A server that does not wait for the end of a line is not sent lines in pieces."""

NEXT_CLIENT = ("4.4",)
"""A server that serves one client and no other pays for it in 4.4."""

LETTERS = string.ascii_letters + string.digits + string.punctuation


def sequential(parameters):
    return parameters.concurrency == "sequential"


def at_the_same_time(parameters):
    return not sequential(parameters)


# -- the form of a reply --------------------------------------------------------------


def needs_replies(server):
    """Where no rule is known by which the server replies, nothing can be said of a reply."""
    if server.dialect.get("unknown"):
        raise NotJudged("3.1", Kind.FORM, "there is no rule in its replies to judge others by")


def reply(server, text):
    """The reply that this server gives to a line, by what 3.1 has learnt of it."""
    needs_replies(server)
    known = server.dialect.get("form")
    dialect = Dialect(**known) if known else Dialect(server.parameters.prefix)
    return dialect.reply(text)


def answer_to(server, text):
    """The line in which the reply to `text` comes: behind the prompt of a server that
    ends its greeting without a newline (2.1's affair) it is the first line's second half."""
    wanted, prompt = reply(server, text), server.dialect.get("prompt", "")
    return Wording(wanted, lambda line: line in (wanted, prompt + wanted)) if prompt else wanted


def any_reply_to(server, text):
    """A reply to `text`, with its accents, whatever became of the case of the letters."""
    wanted, prompt = reply(server, text), server.dialect.get("prompt", "")
    return Wording(wanted, lambda line: line.removeprefix(prompt).lower() == wanted.lower())


def any_spaces_in_reply_to(server, text):
    """A reply to `text`, whatever became of its spaces."""
    wanted = reply(server, text)
    return Wording(wanted, lambda line: line.split() == wanted.split())


async def ask(server, client, text):
    """Sends one line and reads the reply to it."""
    await client.send_line(text)
    return await client.expect_line(answer_to(server, text))


def needs_dialogue(server):
    """Where the server answers one line of a connection, that is paid for in 3.3 alone."""
    if server.dialect.get("one_line"):
        reason = "the server answers one line of each connection, no more"
        server.excuse("3.3", Kind.SILENCE, reason)


async def say_goodbye(server, client):
    """Says BYE; waits until the server has hung up, as long as it may take."""
    await client.send_line(server.parameters.goodbye)
    await client.gather(5.0)


async def served(server):
    """A new client comes, is answered, and leaves."""
    async with server.connect() as client:
        await ask(server, client, server.draw.word())


async def replies_to(server, words):
    """The reply to each word: over one connection as long as that gives replies, over a
    new one each after that. Ends where no reply comes at all. And: whether each connection
    gave one reply while the client waited, and no more.

    What a longer dialogue shows, and how long a reply takes, are other clauses' affair.
    """
    replies: list[str] = []
    only_at_the_end = False
    client = await server.open_client()
    await client.gather(GREETING)
    connections = 1
    for word in words:
        text = None if only_at_the_end else await reply_on(server, client, word)
        if text is None and replies:
            await client.leave()
            client = await server.open_client()
            connections += 1
            if only_at_the_end:  # as it was with the word before: do not wait in vain again
                await client.send_line(word)
            else:
                text = await reply_on(server, client, word)
        if text is None:
            only_at_the_end = True
            text = await reply_at_the_end(server, client, word)
        if text is None:
            break
        replies.append(text)
    await client.leave()
    return replies, len(replies) == connections > 1 and not only_at_the_end


GREETING = 0.5
"""Seconds for a greeting to come first, so that it is not taken for a reply."""


async def reply_on(server, client, word):
    """What comes back for a word: the first line that has it in some form, for a greeting
    may come before it; else, where lines had come before it was sent, the last line."""
    known = len(client.lines)
    await client.send_line(word)
    try:
        return (await client.wait_for_line(some_form_of(server, word))).text
    except Violation:
        return client.lines[-1].text if len(client.lines) > known > 0 else None


async def reply_at_the_end(server, client, word):
    """What comes back for a word that was sent, when the client has said its last."""
    sent = client.sent_at
    await client.half_close()
    try:
        return (await client.wait_for_line(some_form_of(server, word))).text
    except Violation:
        since = [line.text for line in client.lines if client.arrival(line) > sent]
        return since[-1] if since else None


def some_form_of(server, word):
    """A line that answers the word in any dialect."""
    usual = Dialect(server.parameters.prefix)
    return Wording("", lambda line: bool(recognise(word, line, usual=usual)))


def silence(wanted, replies):
    """Whether no reply came at all, to any word."""
    if replies:
        return None
    told = "no reply within 5 s, nor when the client had closed its sending side"
    hint = "Does it read the line that comes, and write to that client's socket?"
    return Violation(wanted, told, hint=hint, fault=Fault.ABSENT)


LONGEST_FORM = 4_000
"""Characters of a reply to a word beyond which it is no form of one."""


def learn(server, words, lines):
    """Finds out in which form the server answers, from its replies to `words`.

    The first line may begin with a prompt; it settles what the others leave open.
    """
    server.dialect.clear()  # an earlier attempt may have seen less
    usual = Dialect(server.parameters.prefix)
    is_form = len(lines) > 1 and max(map(len, lines)) <= LONGEST_FORM
    readings = every_reading(words[1], lines[1], usual=usual) if is_form else ()
    forms = [form for form in readings if fits(form, words[1:], lines[1:])]
    if not forms:
        server.dialect["unknown"] = True
        return
    form = next((form for form in forms if lines[0].endswith(form.reply(words[0]))), forms[0])
    if (before := lines[0].removesuffix(form.reply(words[0]))) not in ("", lines[0]):
        server.dialect["prompt"] = before
    if form != usual:
        server.dialect["form"] = form.to_json()
        server.dialect["words"] = (
            f"The server answers `hello` with `{form.reply('hello')}`: that costs clause 3.1,"
            " and every other clause is judged by the replies that it really gives."
        )


# -- 1 Listening ----------------------------------------------------------------------


@echo.scenario("1.1", see="ss -ltnp | grep {port}")
async def listens(server):
    """The server listens on its TCP port within 10 s of its start, and goes on running."""
    await server.expect_listening()
    async with server.connect() as client:
        await server.expect_accepted()
        await client.gather(1.0)
        if client.ending is None:
            await server.expect_alive(0.0)


@echo.scenario("1.2", needs_process=True, see="nc $(hostname -I | cut -d' ' -f1) {port}")
async def reachable_from_other_hosts(server):
    """It accepts connections on every address of the host, not only on loopback."""
    async with server.connect(from_another_host=True):
        await server.expect_accepted()


# -- 2 Greeting -----------------------------------------------------------------------


@echo.scenario("2.1", needs=ANSWERS, see="nc localhost {port}")
async def greets_in_whole_lines(server):
    """What the server sends before the client speaks is whole lines, sent at once."""
    async with server.connect() as client:
        lines = await client.gather(1.0)
        if client.unfinished:
            raise Violation(
                "a greeting of whole lines",
                f"{client.unfinished} without an end of line",
                hint="A client that reads lines waits for ever for the end of this one:"
                " print a newline behind it, and flush.",
                fault=Fault.LATE,
            )
        answer = await ask(server, client, server.draw.word())
        greeting = client.lines[: client.lines.index(answer)]
        late = greeting[len(lines) :]
        if late:
            raise Violation(
                "a greeting that arrives within 1 s, before the client has spoken",
                f"{late[0].text} (only after the client had sent a line)",
                hint="Is the greeting flushed?",
                fault=Fault.LATE,
            )
        wanted = server.parameters.greeting
        if wanted not in ("any", len(lines)):
            raise Violation(f"{wanted} lines of greeting", f"{len(lines)} lines")


# -- 3 Echo ---------------------------------------------------------------------------

FORM = "Each reply is the prefix, then the line in upper case, then the end of the line."
FLUSH = "Is each reply flushed (Java: PrintWriter with autoflush, or flush())?"
ENCODING = "Name the encoding, UTF-8, wherever bytes become text and text becomes bytes."


@echo.scenario("3.1", see=r"printf 'hello\n' | nc localhost {port}")
async def sends_the_line_back_in_upper_case(server):
    """`hello` is answered with `> HELLO`, and so is every other line."""
    words = ["hello" + server.draw.word(), *server.draw.spread(LETTERS, 10)]
    usual = Dialect(server.parameters.prefix)
    replies, one_each = await replies_to(server, words)
    learn(server, words, replies)
    hold(silence(usual.reply(words[0]), replies))
    if one_each:
        server.dialect["one_line"] = True
    replies = [line.removeprefix(server.dialect.get("prompt", "")) for line in replies]
    hold(in_order([usual.reply(word) for word in words], replies, hint=FORM))


def prompt(client, line):
    """Whether a reply came within 1 s of the line that was sent last."""
    sent, came = client.sent_at / 1e9, client.arrival(line) / 1e9
    return promptly(sent, came, within=1.0 + client.clock_error, what="a reply", hint=FLUSH)


@echo.scenario("3.2", builds_on=("3.1",), see="nc localhost {port}   # type hello, wait")
async def answers_at_once(server):
    """The reply arrives within 1 s, without the client sending anything more or closing."""
    first, second = server.draw.words(2)
    async with server.connect() as client:
        await client.send_line(first)
        hold(prompt(client, await client.expect_line(answer_to(server, first), hint=FLUSH)))
        later = await reply_on(server, client, second)
        if later is not None:  # a reply that never comes is 3.3's affair
            hold(prompt(client, client.lines[-1]))


@echo.scenario("3.3", needs=ANSWERS)
async def answers_every_line_in_order(server):
    """100 different lines, each sent when the last is answered, get 100 replies in order."""
    async with server.connect() as client:
        for line in server.draw.lines(100):
            await ask(server, client, line)


@echo.scenario("3.4", needs=ANSWERS, see=r"printf 'one\ntwo\n' | nc localhost {port}")
async def answers_lines_sent_together(server):
    """Ten lines in one segment get ten replies, in order; so do 20 lines of 300 characters."""
    needs_dialogue(server)
    async with server.connect() as client:
        for lines in (server.draw.lines(10), server.draw.lines(20, length=300)):
            await client.send("".join(f"{line}\n" for line in lines))
            for number, line in enumerate(lines, 1):
                hint = f"This is line {number} of {len(lines)} that were sent together: {TOGETHER}"
                await client.expect_line(answer_to(server, line), hint=hint)


TOGETHER = (
    "TCP carries a stream of bytes, not messages: one read may bring several lines, or half a line."
)


@echo.scenario("3.5", needs=ANSWERS)
async def waits_for_the_end_of_the_line(server):
    """A line sent byte by byte gets one reply, and none before its newline."""
    needs_dialogue(server)
    word, hint = server.draw.word(), f"{TOGETHER} Answer at the newline."
    async with server.connect() as client:
        await ask(server, client, server.draw.word())
        for byte in word:
            await client.send(byte)
            await client.expect_silence(0.02, hint=hint)
        await server.until_read(client)  # which takes as long as it waits for a core
        await client.expect_silence(0.2, hint=hint)
        await client.send("\n")
        await client.expect_line(answer_to(server, word), hint=hint)
        await client.expect_silence(0.2, hint=hint)


@echo.scenario(
    "3.6",
    needs=ANSWERS,
    builds_on=("4.1",),
    see=r"printf 'hello\r\nBYE\r\n' | nc localhost {port}",
)
async def accepts_telnet_line_ends(server):
    """`hello CR LF` is answered like `hello LF`; no CR comes back inside the text."""
    hint = "telnet ends a line with CR LF: neither belongs to the text."
    async with server.connect() as client:
        word = server.draw.word()
        await client.send_line(word, end="\r\n")
        await client.expect_line(answer_to(server, word), hint=hint)
        await client.send_line(server.parameters.goodbye, end="\r\n")
        await client.expect_close(within=5.0, hint=hint)


@echo.scenario("3.7", needs=ANSWERS, see=r"printf 'hello\n\nBYE\n' | nc localhost {port}")
async def answers_the_empty_line(server):
    """A blank line is answered with the prefix alone, and the conversation goes on."""
    needs_dialogue(server)
    wanted = reply(server, "")
    blank = Wording(wanted, lambda line: line.rstrip() == wanted.rstrip())
    hint = "A blank line is a line of no characters: it is no end of stream (null)."
    async with server.connect() as client:
        await ask(server, client, server.draw.word())
        await client.send_line("")
        await client.expect_line(blank, hint=hint)
        await ask(server, client, server.draw.word())


@echo.scenario(
    "3.8",
    needs=ANSWERS,
    builds_on=WHOLE_LINES,
    see=r"printf 'héllo ça €\n' | nc localhost {port}",
)
async def keeps_accents(server):
    """Accents in UTF-8 come back intact, also when a segment ends in mid-character."""
    needs_dialogue(server)
    whole, parted = (f"{server.draw.word()} héllo ça €" for _ in range(2))
    async with server.connect() as client:
        await ask(server, client, server.draw.word())
        await client.send_line(whole)
        line = await client.expect_line(any_reply_to(server, whole), hint=ENCODING)
        if line.text != reply(server, whole):
            server.note("Accents come back in lower case (that costs nothing).")
        first, second = f"{parted}\n".encode()[:-2], f"{parted}\n".encode()[-2:]
        await client.send(first)
        await server.until_read(client, 0.05)
        await client.send(second)
        await client.expect_line(any_reply_to(server, parted), hint=f"{ENCODING} {TOGETHER}")


@echo.scenario("3.9", needs=ANSWERS, see=r"printf '  a  b\t \n' | nc localhost {port}")
async def keeps_spaces(server):
    """Leading, trailing and inner spaces and tabs come back as they were."""
    needs_dialogue(server)
    hint = "Send back the line that came: no trim or strip, no split and join."
    first, second = server.draw.words(2)
    async with server.connect() as client:
        await ask(server, client, server.draw.word())
        for line in (f"  {first}", f"{first}  ", f"{first}   {second}", f"\t{first}\t{second} \t"):
            await client.send_line(line)
            await client.expect_line(answer_to(server, line), hint=hint)


@echo.scenario("3.10", needs=ANSWERS, builds_on=WHOLE_LINES)
async def answers_long_lines(server):
    """A line of 100,000 characters comes back whole."""
    line = server.draw.line(100_000)
    async with server.connect() as client:
        await client.send_line(line)
        await client.expect_line(
            answer_to(server, line), hint="A line may be longer than a buffer."
        )


@echo.scenario("3.11", needs=ANSWERS, builds_on=("3.8",), alone=True, needs_process=True)
async def names_its_encoding(server):
    """Accents survive under `LC_ALL=C` too: the program names the encoding itself."""
    await server.restart({"LC_ALL": "C", "LANG": "C"})
    line = f"{server.draw.word()} héllo ça €"
    async with server.connect() as client:
        await client.send_line(line)
        await client.expect_line(any_reply_to(server, line), hint=ENCODING)


# -- 4 Goodbye ------------------------------------------------------------------------


@echo.scenario("4.1", needs=ANSWERS, see=r"printf 'BYE\r\n' | nc localhost {port}")
async def hangs_up_after_bye(server):
    """BYE is sent back like any other line; then the server hangs up."""
    async with server.connect() as client:
        if server.parameters.goodbye_reply == "silent":
            await ask(server, client, server.draw.word())  # what comes then is no greeting
        await client.send_line(server.parameters.goodbye)
        if server.parameters.goodbye_reply == "echoed":
            hint = "Send the reply, and flush it, before you close."
            await client.expect_line(answer_to(server, server.parameters.goodbye), hint=hint)
        await client.expect_close(within=1.0, hint=CLOSE)
        if server.parameters.goodbye_reply == "silent":
            said = [line.text for line in client.gather_now()]
            if not reply(server, "").startswith(client.unfinished):  # that would be a prompt
                said.append(f"{client.unfinished} without an end of line")
            if said:
                raise Violation("the close, and no reply", said[-1])
    if server.host.ended():
        server.note("The program ends with its client; that is clause 4.4's affair.")


CLOSE = "Close the socket (not only a stream of your own) when BYE has come."


@echo.scenario(
    "4.2",
    needs=ANSWERS,
    builds_on=("4.1", *NEXT_CLIENT),
    see=r"printf 'bye\r\n' | nc localhost {port}",
)
async def understands_bye_in_any_case(server):
    """`bye`, `Bye` and `bYe` end the conversation like `BYE`."""
    needs_replies(server)
    goodbye = server.parameters.goodbye
    for word in (goodbye.lower(), goodbye.capitalize(), goodbye[:1].lower() + goodbye[1:].upper()):
        async with server.connect() as client:
            await client.send_line(word)
            hint = f"`{word}` was sent. Compare without regard to case (Java: equalsIgnoreCase)."
            await client.expect_close(within=5.0, hint=hint)


@echo.scenario(
    "4.3",
    needs=ANSWERS,
    builds_on=("3.9",),
    see=r"printf 'goodbye\n' | nc localhost {port}",
)
async def hangs_up_on_bye_only(server):
    """A line that only contains BYE, or begins with it, is a line like others."""
    needs_dialogue(server)
    goodbye = server.parameters.goodbye.lower()
    hint = "Compare the whole line with BYE, as it came."
    async with server.connect() as client:
        await ask(server, client, server.draw.word())
        for line in (
            f" {goodbye}",
            f"{goodbye} {goodbye}",
            f"good{goodbye}",
            f"{goodbye.upper()}!",
        ):
            await client.send_line(line)
            await client.expect_line(any_spaces_in_reply_to(server, line), hint=hint)
        await client.expect_silence(0.3, hint=hint)


@echo.scenario("4.4", needs=ANSWERS)
async def serves_the_next_client(server):
    """After one client's BYE, a new client is served."""
    for _ in range(2):
        async with server.connect() as client:
            await ask(server, client, server.draw.word())
            await say_goodbye(server, client)
    await served(server)


@echo.scenario("4.5", needs=ANSWERS, builds_on=("4.1", *NEXT_CLIENT), rough=True)
async def survives_lines_after_bye(server):
    """Lines that follow BYE in the same segment get no reply; the next client is served."""
    word, after = server.draw.words(2)
    async with server.connect() as client:
        await ask(server, client, word)
        await client.send(f"{server.parameters.goodbye}\n{after}\n{after}\n")
        if any(line.text == reply(server, after) for line in await client.gather(5.0)):
            raise Violation("no reply to a line after BYE", reply(server, after), hint=AFTER)
    await served(server)


AFTER = "After BYE the conversation is over: leave the loop, read no further."


# -- 5 Several clients ----------------------------------------------------------------


@echo.scenario("5.1", needs=ANSWERS, when=at_the_same_time)
async def serves_a_second_client_meanwhile(server):
    """While one client is connected and silent, another is greeted and answered."""
    hint = "While it serves one client, the server must accept and serve others."
    async with server.connect() as silent:
        await silent.gather(0.3)
        async with server.connect() as second:
            word = server.draw.word()
            await second.send_line(word)
            line = await second.expect_line(answer_to(server, word), hint=hint)
            connected, came = second.connected_at / 1e9, second.arrival(line) / 1e9
            within = 2.0 + second.clock_error
            what = "a second client's reply"
            hold(promptly(connected, came, within=within, what=what, hint=hint))


@echo.scenario(
    "5.2",
    needs=("3.2", "5.1"),
    builds_on=(*WHOLE_LINES, "5.1"),
    when=at_the_same_time,
)
async def serves_twenty_clients_at_once(server):
    """20 clients at the same time each get their own replies, and no other's."""
    needs_dialogue(server)
    count, pooled = server.parameters.clients, server.parameters.concurrency == "thread-pool"
    at_once = min(count, server.parameters.pool) if pooled else count
    served, enough = [], asyncio.Event()

    async def come_and_go(client):
        await talk(server, client)
        served.append(client)
        if len(served) == at_once:
            enough.set()
        if pooled:  # make room for those that wait
            await enough.wait()
            await client.leave()

    async with server.crowd(count) as clients:
        try:
            async with asyncio.TaskGroup() as talks:
                for client in clients:
                    talks.create_task(come_and_go(client))
        except ExceptionGroup as failures:  # the others' talks have been cancelled
            raise failures.exceptions[0] from None


async def talk(server, client):
    """Five lines, each sent when the last is answered, each different from all others'. They
    are sent in halves: between the two of one client come those of all others."""
    for word in server.draw.words(5):
        await client.send(word[:5])
        await asyncio.sleep(0.05)
        await client.send(f"{word[5:]}\n")
        await client.expect_line(answer_to(server, word))


@echo.scenario(
    "5.3", needs=("3.2", "5.1"), builds_on=(*DIALOGUE, "5.2"), when=at_the_same_time, rough=True
)
async def a_slow_reader_delays_nobody(server):
    """A client that sends 5 MB and does not read does not stop the others."""
    line = server.draw.line(1_000)
    async with server.connect() as other:
        await ask(server, other, server.draw.word())
        async with server.deaf_client(f"{line}\n".encode() * 5_000) as deaf:
            await deaf.stuff()
            await ask(server, other, server.draw.word())
            await served(server)


@echo.scenario(
    "5.4", needs=("3.2", "5.1"), builds_on=("5.1", "5.2"), when=at_the_same_time, rough=True
)
async def serves_a_crowd(server):
    """200 clients at once are all answered within 10 s."""
    async with server.crowd(server.parameters.crowd, within=10.0) as clients:
        began = server.now()
        await asyncio.gather(*(answered(server, client) for client in clients))
        took = max(server.seconds(client.arrival(client.lines[-1])) for client in clients)
        within = 10.0 + server.clock_error
        hold(promptly(began, took, within=within, what="replies to the whole crowd"))


async def answered(server, client):
    """One line and its reply, which may take as long as a crowd may be served."""
    word = server.draw.word()
    await client.send_line(word)
    await client.expect_line(answer_to(server, word), within=10.0)


@echo.scenario("5S.1", needs=ANSWERS, builds_on=NEXT_CLIENT, when=sequential)
async def makes_the_second_client_wait(server):
    """The second client waits, and is served within 2 s of the first one's BYE."""
    first, second = server.draw.words(2)
    hint = "Accept the next client only when the first has gone; lose nothing of what it sent."
    async with server.connect() as served_first, server.connect() as waiting:
        await ask(server, served_first, first)
        await waiting.send_line(second)
        await waiting.expect_silence(1.0, hint=hint)
        await say_goodbye(server, served_first)
        gone = server.now()
        await served_first.leave()
        line = await waiting.expect_line(answer_to(server, second), hint=hint)
        took = server.seconds(waiting.arrival(line)) - gone
        within = 2.0 + waiting.clock_error
        hold(promptly(0.0, took, within=within, what="the waiting client's turn", hint=hint))


# -- 6 Robustness ---------------------------------------------------------------------


@echo.scenario("6.1", needs=ANSWERS, builds_on=NEXT_CLIENT, rough=True)
async def survives_a_client_that_leaves(server):
    """A client that closes without BYE does not stop the server; the next one is served."""
    hint = "At the end of the stream a read gives nothing (null, -1, b''): leave the loop."
    for word in server.draw.words(2):
        client = await server.open_client()
        await ask(server, client, word)
        await client.half_close()
        flood = await client.gather(0.5)
        hold(at_most(1, len(flood), what="lines to a client that has left", hint=hint))
        await client.vanish()
    await server.expect_alive(0.1, hint=hint)
    await served(server)


@echo.scenario("6.2", needs=ANSWERS, builds_on=NEXT_CLIENT, rough=True)
async def survives_a_reset(server):
    """A client that resets its connection in mid-conversation does not stop the server."""
    hint = "A reset shows as an exception or an error event of that one connection: catch it."
    for word in server.draw.words(2):
        client = await server.open_client()
        await ask(server, client, word)
        await client.send_line(word)
        client.reset()
    await server.expect_alive(0.2, hint=hint)
    await served(server)


@echo.scenario(
    "6.3",
    needs=ANSWERS,
    rough=True,
    see=r"printf 'last' | nc -N localhost {port}",
)
async def answers_the_last_line_without_newline(server):
    """A last line without newline, then the end of the stream: it is answered all the same."""
    needs_dialogue(server)
    word, last = server.draw.words(2)
    async with server.connect() as client:
        await ask(server, client, word)
        await client.send(last)
        await client.half_close()
        await client.expect_line(answer_to(server, last))
        await client.expect_close(within=5.0)


@echo.scenario("6.4", needs=ANSWERS, builds_on=NEXT_CLIENT, rough=True)
async def survives_bytes_that_are_not_text(server):
    """Invalid UTF-8 and NUL bytes do not stop the server."""
    hint = "Decode with a replacement for what is not UTF-8, or catch the exception."
    for data in (b"\xff\xfe\x80\n", b"a\x00b\n", b"\xc3\n"):
        async with server.connect() as client:
            await ask(server, client, server.draw.word())
            await client.send(data)
            await client.gather(0.2)
    await server.expect_alive(0.1, hint=hint)
    await served(server)


@echo.scenario(
    "6.5", needs=ANSWERS, builds_on=(*NEXT_CLIENT, "6.1"), alone=True, needs_process=True
)
async def gives_back_what_it_took(server):
    """Between the 200th and the 400th client, threads, processes and files do not grow."""
    await comings_and_goings(server, 200)
    after = await settled(server)
    for _ in range(3):  # a large pool fills and is full: what leaks goes on growing
        before = after
        await comings_and_goings(server, 200)
        after = await settled(server, until=before)
        if (excess := growth(before, after)) is None:
            return
    hold(excess)


HELD = ("processes", "zombies", "threads", "open_files")


def growth(before, after):
    """What 200 clients have left in the program."""
    hint = "Close every socket; end, and wait for, every thread and process of a client."
    for what in HELD:
        grown = getattr(after, what) - getattr(before, what)
        told = f"growth of {what} over 200 clients".replace("_", " ")
        # Absent: what should have gone by now has not; on a busy machine that takes longer.
        if excess := at_most(5, grown, what=told, hint=hint, fault=Fault.ABSENT):
            return excess
    return None


async def comings_and_goings(server, count):
    """`count` clients, ten at a time, every other one leaving without BYE."""
    for _ in range(count // 10):
        await asyncio.gather(*(visit(server, politely=number % 2 == 0) for number in range(10)))


async def visit(server, politely):
    """A client that comes, has one line answered, and goes."""
    async with server.connect() as client:
        await answered(server, client)
        if politely:
            await client.send_line(server.parameters.goodbye)


async def settled(server, until=None):
    """What the program holds, once it holds no more than at the time of `until` (+ 5), or
    after 3 s: threads, processes and sockets need a moment to go."""
    if until is None:
        await asyncio.sleep(3.0)
        return server.usage()
    for _ in range(30):
        await asyncio.sleep(0.1)
        usage = server.usage()
        if all(getattr(usage, what) <= getattr(until, what) + 5 for what in HELD):
            break
    return usage


@echo.scenario("6.6", needs_process=True, see="top -p $(pgrep -n java)")
async def rests_when_idle(server):
    """With no client, the server uses under 5 % of one core over 2 s."""
    hint = "Wait for an event (accept, select) instead of asking for it in a loop."
    await asyncio.sleep(0.5)
    before = server.usage().cpu_seconds
    await asyncio.sleep(2.0)
    used = server.usage().cpu_seconds - before
    hold(at_most(0.1, used, what="CPU time over 2 s without a client", unit=" s", hint=hint))


@echo.scenario("6.7", needs=ANSWERS, alone=True, needs_process=True)
async def starts_again_at_once(server):
    """Stopped and started again right after it closed a connection, it listens again."""
    async with server.connect() as client:
        await ask(server, client, server.draw.word())
        await say_goodbye(server, client)
    await server.restart()
    await served(server)
