"""Which line is this server's reply to a line, by what 3.1 has learnt of its replies."""

import re

from conformance import Kind, Wording

from .dialect import Dialect
from .echo import usual

PAYS = {"at_end": "3.2", "one_line": "3.3", "pieces": "3.5"}
"""Odd ways of a server, and the clause that pays for each: it answers only when the client has sent
its last line; it answers one line of each connection; it answers parts of a line."""


def way(server, name):
    """What 3.1 has learnt of such a way; None if the server is not like that, or no clause pays."""
    has_it = name in server.dialect and server.relies_on(PAYS[name])
    return server.dialect[name] if has_it else None


def form(server):
    """The form of its replies."""
    known = server.dialect.get("form")
    return Dialect(**known) if known else usual(server.parameters)


def answers(server, holds, text):
    """The reply to `text`: a line for which `holds` is true. After a greeting without a newline
    (2.1 pays for that), the first reply is the second half of a line."""
    if server.dialect.get("unknown"):
        reason = "its replies follow no pattern, so that this cannot be judged"
        server.excuse("3.1", Kind.FORM, reason)
    prompt = server.dialect.get("prompt", "")

    def matches(line):
        line = line.strip("\0") if server.dialect.get("nuls") else line
        return holds(line) or bool(prompt and holds(line.removeprefix(prompt)))

    return Wording(form(server).reply(text), matches)


def answer_to(server, text):
    """What the line with the reply to `text` must be."""
    if not {"prompt", "nuls", "unknown"} & set(server.dialect) and not form(server).numbered:
        return form(server).reply(text)
    return answers(server, lambda line: form(server).answers(text, line), text)


def answer_is(server, text, line):
    """Whether a line is the reply to `text`."""
    wanted = answer_to(server, text)
    return line.text == wanted if isinstance(wanted, str) else wanted.holds(line.text)


def any_reply_to(server, text):
    """A reply to `text` with its accents, whatever the case of its letters."""
    wanted = any_number(server, form(server).reply(text).lower())
    return answers(server, lambda line: any_number(server, line.lower()) == wanted, text)


def any_spaces_in_reply_to(server, text):
    """A reply to `text`, with any spaces."""
    wanted = any_number(server, form(server).reply(text)).split()
    return answers(server, lambda line: any_number(server, line).split() == wanted, text)


def reply_to_nothing(server):
    """The reply to a blank line: its prefix, with or without the final space."""
    wanted = any_number(server, form(server).reply("").rstrip())
    return answers(server, lambda line: any_number(server, line.rstrip()) == wanted, "")


def any_number(server, line):
    """A pattern for the line with any number where the server numbers its replies."""
    return re.sub(r"\d+", "0", line) if form(server).numbered else line
