"""Which line is this server's reply to a line, as far as 3.1 has learnt how it replies."""

import re

from conformance import Kind, Wording

from .dialect import Dialect
from .echo import usual

PAYS = {"at_end": "3.2", "one_line": "3.3", "pieces": "3.5"}
"""Odd ways of a server, and the clause that pays for each: it answers only when the client has sent
its last; it answers one line of each connection; it answers a piece of a line."""


def way(server, name):
    """What 3.1 has learnt of such a way; None where the server lacks it, or nobody pays."""
    has_it = name in server.dialect and server.relies_on(PAYS[name])
    return server.dialect[name] if has_it else None


def form(server):
    """The form of its replies."""
    known = server.dialect.get("form")
    return Dialect(**known) if known else usual(server.parameters)


def answers(server, holds, text):
    """The reply to `text`: a line of which this holds. A greeting that ends without a newline
    (2.1 pays for that) makes the first reply the second half of its line."""
    if server.dialect.get("unknown"):
        reason = "there is no rule in its replies by which others could be judged"
        server.excuse("3.1", Kind.FORM, reason)
    prompt = server.dialect.get("prompt", "")

    def matches(line):
        line = line.strip("\0") if server.dialect.get("nuls") else line
        return holds(line) or bool(prompt and holds(line.removeprefix(prompt)))

    return Wording(form(server).reply(text), matches)


def answer_to(server, text):
    """The line in which the reply to `text` comes."""
    if not {"prompt", "nuls", "unknown"} & set(server.dialect) and not form(server).numbered:
        return form(server).reply(text)
    return answers(server, lambda line: form(server).answers(text, line), text)


def answer_is(server, text, line):
    """Whether a line is the reply to `text`."""
    wanted = answer_to(server, text)
    return line.text == wanted if isinstance(wanted, str) else wanted.holds(line.text)


def any_reply_to(server, text):
    """A reply to `text`, with its accents, whether or not the letters' case was changed."""
    wanted = any_number(server, form(server).reply(text).lower())
    return answers(server, lambda line: any_number(server, line.lower()) == wanted, text)


def any_spaces_in_reply_to(server, text):
    """A reply to `text`, whatever became of its spaces."""
    wanted = any_number(server, form(server).reply(text)).split()
    return answers(server, lambda line: any_number(server, line).split() == wanted, text)


def reply_to_nothing(server):
    """The reply to a blank line: its prefix, with or without the final space."""
    wanted = any_number(server, form(server).reply("").rstrip())
    return answers(server, lambda line: any_number(server, line.rstrip()) == wanted, "")


def any_number(server, line):
    """The line, with the same number in each place where the server counts its replies."""
    return re.sub(r"\d+", "0", line) if form(server).numbered else line
