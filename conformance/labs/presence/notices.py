"""The notices as this server words them, and who gets them.

What clause 2.1 has learnt is kept in `server.dialect`:

- `came`, `says`, `left`: of each notice its `form`, if the words are not the lab's; how often it
  comes to the person it is about (`self`) and to each of the `others`. If there is no rule,
  `missing` instead: the kind of fault that was seen.
- `called`: the `form` of the names that people get, where that is not `{name}`, and the clause
  that pays for it (`by`).
- `ends`: how lines end, where it is neither LF nor CR LF: "\\r", or "" where they have no end.
- `prompt`: a `text` before lines that is no part of them, and the clause that pays (`by`).
- `welcomes`: whether a newcomer is sent something.
- `works`: the commands that had an effect. Where none has, `deaf` is the kind of fault that was
  seen, and `mute` says whether nothing came at all.
"""

from conformance import Wording

ROLES = ("self", "others")


def called(server, name, *, hello=None, clause=""):
    """What the server calls a person who said `hello` with that name. The clause that pays for a
    wrong name is judged by the right one."""
    known = server.dialect.get("called")
    if not known or known["by"] == clause:
        return name
    word = server.parameters.hello
    return known["form"].replace(word, hello or word).replace("{name}", name)


def names_people(server):
    """Whether HELLO gives people names that can be told apart."""
    return called(server, "x") != called(server, "y")


def notice(server, event, **parts):
    """The notice in the server's words; parts that are not given may be any text."""
    own = server.dialect.get(event, {}).get("form")
    form = own or server.parameters[event]
    return Wording.template(form, exactly=bool(own), whole=has_ends(server), **parts)


def as_asked(event, person, **parts):
    """The notice of what this person does, in the lab's words."""
    server = person.server
    form, whole = server.parameters[event], has_ends(server)
    return Wording.template(form, whole=whole, name=person.label, **parts)


def has_ends(server):
    """Whether the server ends its lines; if not, a notice is part of a longer text."""
    return server.dialect.get("ends", "\n") != ""


def count(server, texts, wanted):
    """How often a notice is in the texts that somebody was told."""
    if has_ends(server):
        return sum(map(wanted.holds, texts))
    return texts[0].count(wanted.words)


def says(speaker, message):
    """The notice that this person has said this, in the server's words."""
    return notice(speaker.server, "says", name=speaker.label, message=message)


def left(leaver):
    """The notice that this person has left, in the server's words."""
    return notice(leaver.server, "left", name=leaver.label)


def times(server, event):
    """How often a notice comes to the person it is about (`self`), and to each of the `others`."""
    included = int(server.parameters.speaker == "included")
    return server.dialect.get(event, {"self": included, "others": 1})


def audience(event, speaker, others):
    """Who gets the notice of what the speaker does, by the server's rule."""
    known = times(speaker.server, event)
    return [speaker] * bool(known.get("self")) + [*others] * bool(known.get("others"))


def voice(server, others):
    """The command by which a speaker reaches the others; else one that is answered; else empty."""
    notices = {"SAY": times(server, "says"), "HELLO": server.dialect.get("came", {})}
    for role in ("others", "self") if others else ("self",):
        for command, known in notices.items():
            if known.get(role):
                return command
    return ""
