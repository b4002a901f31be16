"""The notices as this server words them, and who gets them."""

import re

from conformance import Wording


def notice(template, *, whole=True, **parts):
    """The notice, with what is known of its parts; the others, and `*`, may be any text. Not
    `whole`: it may stand in a longer text."""
    return _wording(template, parts, whole, lambda text: re.escape(text).replace(r"\*", ".*"))


def own_notice(form, *, whole=True, **parts):
    """A notice in the server's own words, to the letter: but numbers, which may be a clock's."""
    return _wording(form, parts, whole, lambda text: re.sub(r"\d+", r"\\d+", re.escape(text)))


def _wording(form, parts, whole, literal):
    pieces = re.split(r"\{(\w+)\}", form)  # text, name of a part, text, …
    words = [parts.get(piece, "…") if at % 2 else piece for at, piece in enumerate(pieces)]
    patterns = [
        (re.escape(parts[piece]) if piece in parts else ".*") if at % 2 else literal(piece)
        for at, piece in enumerate(pieces)
    ]
    compiled = re.compile("".join(patterns))
    matches = compiled.fullmatch if whole else compiled.search
    return Wording("".join(words), lambda line: matches(line) is not None)


def called(server, name, clause="", hello=None):
    """What the server calls somebody who said `hello` with that name. The clause that pays for
    it where that is another name is judged by the right one."""
    known = server.dialect.get("called")
    if not known or known["by"] == clause:
        return name
    word = server.parameters.hello
    return known["form"].replace(word, hello or word).replace("{name}", name)


def names_people(server):
    """Whether HELLO gives people names that can be told apart."""
    return called(server, "x") != called(server, "y")


def came(server, name):
    return _notice(server, "came", name=called(server, name))


def says(server, name, message, hello=None):
    return _notice(server, "says", name=called(server, name, hello=hello), message=message)


def says_somehow(server, **parts):
    """Something that was said, where only these parts of it are known."""
    return _notice(server, "says", **parts)


def left(server, name):
    return _notice(server, "left", name=called(server, name))


def _notice(server, which, **parts):
    """The notice as the server words it."""
    whole = server.dialect.get("ends", "\n") != ""
    own = server.dialect.get(which, {}).get("form")
    if own:
        return own_notice(own, whole=whole, **parts)
    return notice(server.parameters[which], whole=whole, **parts)


def as_asked(server, which, clause, name, **parts):
    """The notice as the clause about it wants it."""
    whole = server.dialect.get("ends", "\n") != ""
    name = called(server, name, clause)
    return notice(server.parameters[which], whole=whole, name=name, **parts)


ROLES = ("self", "others")


def agreed(server, which):
    """How often a notice comes to whoever it is about, and to each of the others: as it was
    learnt, or as the lab has it."""
    told = int(server.parameters.speaker == "included")
    return server.dialect.get(which, {"self": told, "others": 1})


def audience(server, which, speaker, others):
    """Who gets the notice of what the speaker does, by the server's rule."""
    times = agreed(server, which)
    return [
        *([speaker] if times.get("self") else []),
        *(others if times.get("others") else []),
    ]


def voice(server, others):
    """The command by which a speaker reaches the others, where one does; else one that is
    answered. Empty: none."""
    notices = {
        "SAY": agreed(server, "says"),
        "HELLO": server.dialect.get("came", {}),
    }
    for role in ("others", "self") if others else ("self",):
        for command, times in notices.items():
            if times.get(role):
                return command
    return ""
