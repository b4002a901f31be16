"""What an answer means, in whichever form it came, and what is odd about the form. Pure.

The clause about a command asks for its form. All others read answers here, as far as anybody can
tell what is meant: `number` and `names` understand other keys, and texts that are no JSON.
"""

import re
from dataclasses import dataclass

from .json_text import NotJsonError, as_python_writes_it, found_in, strictly, whole_number

LONGEST = 20_000
"""Characters of an answer in which numbers and names are searched."""

NAME, NUMBER, STUDENTS = "a name", "a number", "a list of names"
"""What the value of a key may be where the clause asks for no certain one."""


@dataclass(frozen=True)
class Reply:
    """What came after a command: whole lines, and what stands behind the last of them."""

    lines: tuple[str, ...]
    rest: str = ""

    @property
    def text(self):
        return "\n".join((*self.lines, *([self.rest] if self.rest else [])))

    @property
    def says_something(self):
        return bool(self.text.strip())

    @property
    def has_object(self):
        """Whether an object has come, and the end of its line."""
        found = an_object("\n".join(self.lines))
        return found is not None

    @property
    def told(self):
        """As reports say it."""
        said = " / ".join(self.lines)
        if not self.rest:
            return said
        return f"{said} / {self.rest}" if said else f"{self.rest}, without an end of line"


def an_object(text):
    """The first JSON object in a text, or one in Python's notation, with what stands around it."""
    found = found_in(text) or as_python_writes_it(text)
    return found if found and isinstance(found[0], dict) else None


def number(reply, key):
    """The number that an answer tells; None where it tells none, or several."""
    found = an_object(reply.text[:LONGEST])
    if found is None:
        plain = re.findall(r"(?<![\w.])\d{1,9}(?![\w.])", reply.text[:LONGEST])
        return int(plain[0]) if len(plain) == 1 else None
    value = found[0]
    if key in value:
        return whole_number(value[key])
    others = [whole_number(each) for each in value.values()]
    numbers = [each for each in others if each is not None]
    return numbers[0] if len(numbers) == 1 else None


def names(reply, known):
    """The names that an answer tells: every text in its object; else those `known` that occur."""
    found = an_object(reply.text)
    told = [*_texts(found[0])] if found else []
    if set(told) & set(known) or (found and not told):
        return told
    return [name for name in known if name in reply.text] or told


def tells_error(reply):
    """Whether an answer says that something went wrong."""
    found = an_object(reply.text)
    return bool(found[0].get("error")) if found else "error" in reply.text.casefold()


def _texts(value):
    """Every text in a JSON value that is not empty, except its keys."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


# -- the form -----------------------------------------------------------------------------


ITS_OWN = ("text", "no object")
"""Oddities that are none of several answers: something else was said."""


def oddities(reply, wanted):
    """What is odd about the form of an answer. `wanted`: the keys of its object and their values;
    or the `Wording` of a line. Each is a list of texts: what kind it is, and in which way. Of two
    answers that are odd in one way, they are the same."""
    whole = [*reply.lines]
    if not whole:
        return [*([["unended"]] if reply.rest else []), *_of_line(reply.rest, wanted)]
    behind = [["behind", reply.rest]] if reply.rest.strip() else []
    if not isinstance(wanted, dict):
        return [*_around(whole, _place_of(whole, wanted)), *behind, *_of_text(whole, wanted)]
    text = "\n".join(whole)
    found = an_object(text)
    if found is None:
        return [*_no_object(text), *behind]
    value, before, after = found
    first, last = before.count("\n"), len(whole) - 1 - after.count("\n")
    odd = _around(whole, range(first, last + 1))
    if last > first:
        odd.append(["lines"])
    odd += [["before", ahead]] if (ahead := before.rpartition("\n")[2]).strip() else []
    odd += [["after", rest]] if (rest := after.partition("\n")[0]).strip() else []
    if not odd and not _is_strict(text):
        odd.append(["notation"])
    return [*odd, *behind, *_of_value(value, wanted)]


def _around(lines, place):
    """How many lines stand before the answer, and behind it."""
    counts = {"lines before": place.start, "lines behind": len(lines) - place.stop}
    return [[what, str(count)] for what, count in counts.items() if count]


def _place_of(lines, wording):
    """Where the right line is; else the first that says something."""
    right = (at for at, line in enumerate(lines) if wording.holds(line))
    place = next(right, None)
    return _first_said(lines) if place is None else range(place, place + 1)


def _first_said(lines):
    place = next((at for at, line in enumerate(lines) if line.strip()), 0)
    return range(place, place + 1)


def _of_text(lines, wording):
    line = lines[_place_of(lines, wording).start]
    if wording.holds(line):
        return []
    if line.endswith(wording.words):
        return [["before", line.removesuffix(wording.words)]]
    return [["text"]]


def _of_line(line, wanted):
    if not isinstance(wanted, dict):
        return _of_text([line], wanted)
    found = an_object(line)
    return _of_value(found[0], wanted) if found else _no_object(line)


def _no_object(text):
    return [["broken"]] if "{" in text and "}" in text else [["no object"]]


def _is_strict(text):
    try:
        return isinstance(strictly(text), dict)
    except NotJsonError:
        return False


def _of_value(value, wanted):
    """Where an object has other keys, or other kinds of values, than it should."""
    missing = [key for key in wanted if key not in value]
    further = [key for key in value if key not in wanted]
    odd = []
    if len(missing) == len(further) == 1 and _is_of(value[further[0]], wanted[missing[0]]):
        odd.append(["key", missing[0], further[0]])
    else:
        odd += [*(["missing", key] for key in missing), *(["further", key] for key in further)]
    for key in [key for key in wanted if key in value]:
        if wanted[key] == STUDENTS and isinstance(value[key], list):
            odd += [each for entry in value[key][:20] for each in _of_entry(entry)]
        elif not _is_of(value[key], wanted[key]):
            odd.append(_of_another_kind(key, value[key], wanted[key]))
    return [each for place, each in enumerate(odd) if each not in odd[:place]]


def _of_entry(entry):
    if isinstance(entry, dict):
        return _of_value(entry, {"fullname": NAME})
    return [["entry", type(entry).__name__]]


def _is_of(value, wanted):
    if wanted == NUMBER:
        return not isinstance(value, str) and whole_number(value) is not None
    if wanted == NAME:
        return isinstance(value, str)
    return isinstance(value, list) if wanted == STUDENTS else value == wanted


def _of_another_kind(key, value, wanted):
    if wanted == NUMBER and whole_number(value) is not None:
        return ["quoted number"]
    return ["value", key, str(value)[:80]]
