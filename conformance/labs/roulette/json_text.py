"""JSON in the text of an answer: strictly as one line, or wherever it stands and however it is
written. Pure."""

import json

LONGEST = 200_000
"""Characters of a text that is read."""


class NotJsonError(ValueError):
    """The text is no JSON, or has a key twice."""


def strictly(text):
    """The value of a text that is JSON and nothing else. Raises NotJsonError."""
    try:
        return _decoder().decode(text[:LONGEST].strip())
    except (ValueError, RecursionError) as error:
        raise NotJsonError(text[:80]) from error


def found_in(text):
    """The JSON object that begins at the first brace of a text, and what stands before and behind
    it; None where there is none, or not all of it."""
    text = text[:LONGEST]
    begins = text.find("{")
    if begins < 0:
        return None
    try:
        value, ends = _decoder().raw_decode(text, begins)
    except (ValueError, RecursionError):
        return None
    return value, text[:begins], text[ends:]


def as_python_writes_it(text):
    """The same for an object in Python's own notation: `{'error': None}`."""
    if '"' in text:
        return None
    for python, plain in (("'", '"'), ("None", "null"), ("True", "true"), ("False", "false")):
        text = text.replace(python, plain)
    return found_in(text)


def alike(one, other):
    """Whether two JSON values are the same: 3 and 3.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) in (int, float) if _is_number(one, other) else one == other


def _is_number(one, other):
    return isinstance(one, int | float) and isinstance(other, int | float) and one == other


def whole_number(value):
    """The whole number that a JSON value is, also as a text ("3") or as 3.0; None for others."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        plain = value.strip()
        return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None
    return int(value) if isinstance(value, int) or value.is_integer() else None


def _decoder():
    return json.JSONDecoder(object_pairs_hook=_each_key_once, parse_constant=_no_constant)


def _each_key_once(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise NotJsonError("a key stands twice")
    return dict(pairs)


def _no_constant(name):
    raise NotJsonError(f"{name} is no JSON")
