"""What an answer has to be: each a check that returns a violation, or None."""

from http import HTTPStatus

from conformance import Violation

SHORT = 60
"""Characters of a body that a report shows."""


def named(code):
    """A status code with its usual words: `404 Not Found`."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def first(*wrongs):
    """The first of these that is a violation; None where none is."""
    return next((wrong for wrong in wrongs if wrong is not None), None)


def one_of(codes):
    """Codes in words: `400 Bad Request or 404 Not Found`."""
    return " or ".join(named(code) for code in codes)


def has_status(answer, to, *codes, hint=""):
    """Whether the answer to `to` has one of these codes."""
    if answer.status in codes:
        return None
    return Violation(f"status {one_of(codes)} for {to}", f"`{answer.told}`", hint=hint)


def is_error(answer, to, hint="", *, best=(400,)):
    """Whether the answer is an error, whichever; `best` are those that the RFC names."""
    if answer.status >= 400:
        return None
    return Violation(
        f"status {one_of(best)}, or another error, for {to}", f"`{answer.told}`", hint=hint
    )


def same_text(body, data):
    """Whether the body is the file, but for line ends, and what is blank behind it."""
    return body == data or _plain(body) == _plain(data)


def _plain(data):
    return data.replace(b"\r\n", b"\n").rstrip()


def has_file(answer, to, file, hint=""):
    """Whether the answer brings the file: 200, and its text. Whether each octet is right is the
    affair of 2.3 and 2.4."""
    if wrong := has_status(answer, to, 200, hint=hint):
        return wrong
    if same_text(answer.body, file.data):
        return None
    return Violation(in_short(file.data), in_short(answer.body), hint=hint)


def has_octets(body, wanted, what, hint=""):
    """Whether the body is exactly these octets; else where it differs."""
    if body == wanted:
        return None
    pairs = zip(body, wanted, strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(body), len(wanted)))
    told = f"{len(body):,} octets"
    if same < min(len(body), len(wanted)):
        came, right = body[same : same + 4], wanted[same : same + 4]
        told += f"; octet {same:,} is {came.hex(' ')} in place of {right.hex(' ')}"
    elif len(body) > len(wanted):
        told += f"; behind the last: {in_short(body[same:])}"
    return Violation(f"{what}: {len(wanted):,} octets, unchanged", told, hint=hint)


def in_short(data):
    """The beginning of a body, as a report shows it."""
    text = data[:SHORT].decode("utf-8", "replace")
    told = text.encode("unicode_escape").decode("ascii") if "\0" in text else text
    more = f" … ({len(data):,} octets)" if len(data) > SHORT else ""
    return f"{told}{more}" if data else "no body"
