"""Whose sound is in a payload, whatever form that has. Pure."""

import json

from conformance import as_text

MAX_DEPTH = 20
"""Objects and arrays in one another that are looked into."""
PART_OF_A_WORD = "-_'’"
"""What stands in a word, beside letters and digits."""


def sounds_in(data, sounds):
    """The instruments whose sounds are in the payload as whole words."""
    text = as_text(data)
    pieces = _texts(text)
    found = [name for name, sound in sounds.items() if any(_says(p, sound) for p in pieces)]
    if found or pieces != [text]:
        return found
    return [name for name, sound in sounds.items() if _says_quoted(text, sound)]


def _texts(text):
    """All texts in a JSON value; the payload itself where it is no JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    found, level = [], [value]
    for _ in range(MAX_DEPTH):
        found += [each for each in level if isinstance(each, str)]
        inside = [each for each in level if isinstance(each, list | dict)]
        level = [one for each in inside for one in _members(each)]
    return found


def _members(value):
    return [*value.keys(), *value.values()] if isinstance(value, dict) else value


def _says(text, sound):
    """Whether the word is in the text, and no part of a longer one."""
    return any(
        not (_is_in_word(before) or _is_in_word(behind)) for before, behind in _around(text, sound)
    )


def _says_quoted(text, sound):
    """Whether it is in a text that is no JSON, between quotes: `{'sound': 'pouet'}`."""
    return any(before == behind == "'" for before, behind in _around(text, sound))


def _around(text, sound):
    """The characters before and behind each place where the sound stands."""
    at = text.find(sound)
    while at >= 0:
        end = at + len(sound)
        yield text[at - 1 : at] if at else "", text[end : end + 1]
        at = text.find(sound, at + 1)


def _is_in_word(character):
    return character.isalnum() or (character != "" and character in PART_OF_A_WORD)
