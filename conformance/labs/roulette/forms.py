"""Whether an answer has the form that the contract asks for. An oddity that 2.1 has seen before is
paid for by the first clause that it showed at, and by no other."""

import json

from conformance import Fault, Violation

from .model import compact
from .reading import NAME, NUMBER, STUDENTS, oddities

INFO = {"protocolVersion": "2.0", "numberOfStudents": NUMBER}
LOADED = {"status": "success", "numberOfNewStudents": NUMBER}
COUNTED = {"status": "success", "numberOfCommands": NUMBER}
NAMED = {"fullname": NAME}
LISTED = {"students": STUDENTS}

HINTS = {
    "unended": "End each answer with a newline (Java: println(), not print()) (Python: print(), or"
    " a \\n at the end) (Node: a \\n at the end).",
    "lines": "JSON stands on one line (Java: no pretty printer, no INDENT_OUTPUT)"
    " (Python: json.dumps() without indent) (Node: JSON.stringify() without a third argument).",
    "lines before": "An answer is one line, with nothing before it.",
    "lines behind": "An answer is one line, with nothing behind it.",
    "before": "An answer is one line, with nothing before it.",
    "after": "An answer is one line, with nothing behind it.",
    "behind": "No prompt: behind the end of an answer comes nothing until the next command.",
    "no object": "The answer is a JSON object.",
    "broken": "That is no JSON: look at its commas, brackets and quotes"
    " (Java: a comma behind the last element).",
    "notation": "JSON has its texts in double quotes (Python: json.dumps(), not str()).",
    "key": "The key is called otherwise: {key}, not {instead}.",
    "missing": "The key {key} is missing.",
    "further": "The key {key} does not belong there, also where its value is null.",
    "quoted number": "A number stands without quotes.",
    "entry": "Each student is an object of its own, with the key fullname.",
}
"""What to say of each kind of oddity; {key} and {instead} are its details."""


def info_form(parameters):
    return {**INFO, "protocolVersion": f"{parameters.version}.0"}


def form(guest, clause, reply, wanted, words):
    """Whether the answer has that form, but for what another clause pays for. `wanted`: as for
    `oddities`. `words`: a right answer, as reports say it."""
    server, found = guest.server, oddities(reply, wanted)
    odd = [each for each in found if not is_paid_elsewhere(server, each, clause)]
    if not odd:
        return None
    kind, *details = odd[0]
    named = dict(zip(("key", "instead"), details, strict=False))
    hint = HINTS.get(kind, "").format(**named)
    plain = len(reply.lines) == 1 and not reply.rest
    wrong = Violation(words, reply.told, hint={"another text": hint} if hint else "")
    if kind == "unended":  # the end of the line may be on its way
        wrong.fault = Fault.ABSENT
    wrong.lines = plain
    return guest.client.shows(wrong, *guest.lines_of(reply))


def is_paid_elsewhere(server, oddity, clause):
    """Whether another clause pays for this oddity."""
    payer = server.dialect.get("odd", {}).get(key(oddity))
    return payer is not None and payer != clause and server.relies_on(payer)


def key(oddity):
    """An oddity as a key of the dialect."""
    return json.dumps(oddity)


def example(wanted, **values):
    """A right answer of that form, as most servers write it."""
    drawn = {NUMBER: 3, NAME: "john doe", STUDENTS: [{"fullname": "john doe"}]}
    plain = {key: values.get(key, drawn.get(value, value)) for key, value in wanted.items()}
    return compact(plain)
