"""How a server really words its notices of people who come, speak and leave.

One fault costs one clause: elsewhere a server is judged by the words that it uses. They are learnt
from what each client was told, and believed only if they explain every occurrence. What a server
also says to nonsense is no notice. A number instead of a name, and words that change, are not
learnt: they cost every clause.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

NAME, TEXT = "«name»", "«text»"

USUAL: Mapping[str, str] = {
    "came": f"{NAME} is in the room.",
    "says": f"{NAME} says: {TEXT}",
    "left": f"{NAME} has left the room.",
}
"""By event, the contract's words."""

EVENTS = ("came", "says", "list", "left")  # that tell a name, in the order of their clauses


@dataclass(frozen=True)
class Speaker:
    """A person who did something, and what the server knows of her."""

    name: str
    host: str = ""
    port: int = 0


_NAMES: Mapping[str, Callable[[str], str]] = {
    f"HELLO {NAME}": lambda name: f"HELLO {name}",
    NAME: lambda name: name,
    "«NAME»": str.upper,
    "«name in lower case»": str.lower,
    "«name without its last letter»": lambda name: name[:-1],
    "«name without its first letter»": lambda name: name[1:],
}
"""What students' servers make of a name."""

_TEXTS: Mapping[str, Callable[[str], str]] = {TEXT: lambda text: text, "«TEXT»": str.upper}
"""What students' servers make of a message."""


@dataclass(frozen=True)
class Heard:
    """What one client was told of one event."""

    event: str  # a key of USUAL; "list": WHO; "alive"; "unknown": a word that is no command
    speaker: Speaker  # who did it; for a list, a person who should be in it
    sent: str  # the datagram that did it
    text: str  # the message in it
    own: bool  # whether the client had done it herself
    texts: tuple[str, ...]  # what she was sent, without the optional final newline


@dataclass(frozen=True)
class Manner:
    """How a server words and sends its notices."""

    head: str = ""  # what comes before everything that it sends
    nuls: bool = False  # whether all its texts contain NUL bytes
    tail: bool = False  # whether all its texts end with white space, beyond the optional newline
    copies: int = 1  # how often it sends each notice, to everybody
    extras: tuple[str, ...] = ()  # what it sends with every answer
    extras_on_alive: bool = False
    names: Mapping[str, str] = field(default_factory=dict)  # by event, how it names people instead
    words: Mapping[str, str] = field(default_factory=dict)
    """By "event/own" and "event/others": the words for the person who did it, and for others."""
    untold: tuple[str, ...] = ()  # keys like those of `words` of what is told to nobody
    answers_who: bool = True  # whether WHO is answered
    lists: bool = True  # whether the answer to WHO is a list of names

    # -- reading what it sends ----------------------------------------------------------

    def plain(self, text: str) -> str:
        """A text from the server, without what it puts around all its texts."""
        if self.nuls:
            text = text.replace("\0", "")
        if self.tail:
            text = text.rstrip()
        return text.removeprefix(self.head)

    def once(self, texts: Iterable[str], wanted: str) -> int:
        """How often the server meant to send the text `wanted`: copies count as one."""
        return -(-sum(self.plain(text) == wanted for text in texts) // self.copies)

    def is_notice(self, text: str) -> bool:
        """Whether a text is a notice of an event, in the contract's words or the server's own."""
        return any(
            fits(words, self.plain(text))
            for words in (*USUAL.values(), *self.words.values())
            if len(re.sub("«[^«»]*»", "", words).strip()) > 2
        )

    # -- expecting it --------------------------------------------------------------------

    def called(self, event: str, speaker: Speaker) -> str:
        """What the server calls the speaker in the notice of that event."""
        return _filled(self.names.get(event, NAME), speaker)

    def name_due(self, event: str, speaker: Speaker) -> str:
        """What the server should call the speaker: what it called her in an earlier event, if a
        clause pays for that."""
        earlier = [self.names.get(other) for other in EVENTS[: EVENTS.index(event)]]
        form = self.names.get(event, NAME)
        return _filled(form if form in earlier else NAME, speaker)

    def due(self, event: str, speaker: Speaker, text: str = "") -> str:
        """What the contract wants the server to say, with the name that is due."""
        return USUAL[event].replace(NAME, self.name_due(event, speaker)).replace(TEXT, text)

    def tells(self, event: str, *, own: bool) -> bool:
        """Whether the server tells the person who did it (`own`), or the others, of that event."""
        return _key(event, own) not in self.untold

    @property
    def tells_nothing(self) -> bool:
        """Whether nobody is told of anything."""
        return len(self.untold) == 2 * len(USUAL)

    def told(self, event: str, speaker: Speaker, text: str = "", *, own: bool) -> str:
        """The server's words for that event."""
        usual = USUAL[event].replace(NAME, self.names.get(event, NAME))
        return _filled(self.words.get(_key(event, own), usual), speaker, text)

    def in_words(self) -> str:
        """What a student should know of how other clauses are judged; "" if all is right."""
        ann, told = Speaker("Ann", "10.9.9.2", 40_000), []
        for event, does in (("came", "HELLO Ann"), ("says", "SAY hi"), ("left", "BYE")):
            for own in (False, True):
                came = _filled(self.words.get(_key(event, own), USUAL[event]), ann, "hi")
                if came != _filled(USUAL[event], ann, "hi"):
                    told.append(f"{'Ann' if own else 'others'} of `{does}` with `{came}`")
        told += [f"everything {self.copies} times"] * (self.copies > 1)
        told += [f"everything behind `{self.head}`"] * bool(self.head)
        if not told:
            return ""
        return (
            f"The server tells {'; '.join(told)}: that costs the clause which says otherwise,"
            " and every other is judged by what it really tells."
        )


def _filled(words: str, speaker: Speaker, text: str = "") -> str:
    for form, change in _NAMES.items():
        if form.startswith("«"):
            words = words.replace(form, change(speaker.name))
    words = words.replace("«host»", speaker.host).replace("«port»", str(speaker.port))
    for form, change in _TEXTS.items():
        words = words.replace(form, change(text))
    return words


def fits(words: str, text: str) -> bool:
    """Whether a text is these words, with any text for placeholders; in linear time."""
    first, *others = re.split("«[^«»]*»", words)
    if not others:
        return text == first
    *between, last = others
    at, end = len(first), len(text) - len(last)
    if at > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for part in between:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


# -- learning it --------------------------------------------------------------------------


def learn(heard: Sequence[Heard]) -> Manner:
    """How the server words and sends its notices, learnt from what each person was told; each event
    occurs twice."""
    frame = _frame(heard)
    plain = [replace(h, texts=tuple(map(frame.plain, h.texts))) for h in heard]
    nonsense = {
        words for h in plain if h.event == "unknown" for text in h.texts for words in _bare(text, h)
    }  # an answer to nonsense is no notice
    telling = [
        replace(h, texts=tuple(text for text in h.texts if not nonsense & _bare(text, h)))
        for h in plain
    ]
    names = _names(telling)
    words: dict[str, str] = {}
    untold: list[str] = []
    for event in USUAL:
        for own in (False, True):
            key, others = _key(event, own), words.get(_key(event, own=False), "")
            times = [h for h in telling if h.event == event and h.own is own]
            if times and not any(h.texts for h in times):
                untold.append(key)
            elif rule := _rule(event, times, names.get(event, NAME), others):
                words[key] = rule
    asked = [h for h in plain if h.event == "list" and h.own]
    extras = _extras(plain)
    on_alive = [text for h in plain if h.event == "alive" and h.own for text in h.texts]
    return replace(
        frame,
        extras=extras,
        extras_on_alive=any(text in on_alive for text in extras),
        names={event: form for event, form in names.items() if form != NAME},
        words={key: rule for key, rule in words.items() if rule != USUAL[key.partition("/")[0]]},
        untold=tuple(untold),
        answers_who=not asked or any(h.texts for h in asked),
        lists=not asked or "list" in names,
    )


def _frame(heard: Sequence[Heard]) -> Manner:
    """What the server puts around all its texts, and how often it sends each."""
    texts = [text for h in heard for text in h.texts if text]
    notices = [text for h in heard if h.event in USUAL for text in h.texts]
    nuls = bool(notices) and all("\0" in text for text in notices)
    texts = [text.replace("\0", "") if nuls else text for text in texts]
    tail = bool(texts) and all(text[-1:].isspace() for text in texts)
    kinds = {h.event for h in heard if h.texts}
    head = _beginning(texts) if len(kinds) > 2 and len(set(texts)) > 3 else ""
    counts = [n for h in heard if h.event in USUAL for n in Counter(h.texts).values()]
    copies = min(counts, default=1)
    if len({h.event for h in heard if h.event in USUAL and h.texts}) < 3:
        copies = 1  # too few events to be a habit: their own clauses pay
    return Manner(head=head, nuls=nuls, tail=tail, copies=copies)


def _beginning(texts: Sequence[str]) -> str:
    """The common beginning of all texts, up to the last whole word, so that it is not half a
    number."""
    first, last = min(texts), max(texts)
    differing = (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return re.sub(r"(?<!\w)\w+$", "", first[: next(differing, len(first))])


def _bare(text: str, heard: Heard) -> set[str]:
    """The texts that a server which knows no commands would make of this one."""
    made = text.replace(heard.sent, "«datagram»")
    return {_abstract(text, heard, NAME), _abstract(made, heard, NAME)}


def _extras(plain: Sequence[Heard]) -> tuple[str, ...]:
    """The texts that come to everybody who says or asks something, whatever it is."""
    kinds = {"says", "list"}
    own = [h for h in plain if h.event in kinds and h.own]
    if {h.event for h in own} != kinds:
        return ()
    always = set(own[0].texts).intersection(*(h.texts for h in own))
    return tuple(text for text in own[0].texts if text in always)


def _abstract(text: str, heard: Heard, form: str) -> str:
    """The text, with placeholders for what belongs to the speaker and what she said."""
    for known in (form, *_NAMES):
        value = _filled(known, heard.speaker)
        if value and "«" in known and value in text:
            text = text.replace(value, known)
            break
    if heard.speaker.port:
        text = re.sub(rf"\b{heard.speaker.port}\b", "«port»", text)
        text = text.replace(heard.speaker.host, "«host»") if heard.speaker.host else text
    for known, change in _TEXTS.items():
        if heard.text and change(heard.text) in text:
            return text.replace(change(heard.text), known)
    return text


def _key(event: str, own: bool) -> str:
    return f"{event}/{'own' if own else 'others'}"


def _rule(event: str, times: Sequence[Heard], form: str, others: str) -> str:
    """The words of the event's notice, the same each time, or "". `others`: the words for the
    others."""
    told = [[_abstract(text, h, form) for text in h.texts] for h in times if h.texts]
    if not told:
        return ""
    shared = [words for words in told[0] if all(words in others for others in told)]
    wanted = ("«text»", "«TEXT»") if event == "says" else ("«",)
    speaking = [words for words in shared if any(sign in words for sign in wanted)]
    if not speaking and event != "says" and (event == "came" or not times[0].own):
        speaking = shared  # without a name
    if not speaking and others in shared:
        return others  # the leaver may be told more than the others, whose notice this is
    return speaking[0] if speaking else ""


def _names(telling: Sequence[Heard]) -> dict[str, str]:
    """By event, what people are called in its notice, if known."""
    found: dict[str, str] = {}
    for event in EVENTS:
        times = [h for h in telling if h.event == event and h.texts and (h.own or event != "list")]
        forms = (*_NAMES, *found.values()) if times else ()
        known = (form for form in forms if all(_names_her(form, h) for h in times))
        if form := next(known, "") or _called_otherwise(event, times):
            found[event] = form
    return found


def _names_her(form: str, heard: Heard) -> bool:
    value = _filled(form, heard.speaker)
    return bool(value) and any(value in text for text in heard.texts)


def _called_otherwise(event: str, times: Sequence[Heard]) -> str:
    """What the notice has instead of the name, if the rest is the contract's."""
    if event not in USUAL or not times:
        return ""
    before, _, behind = USUAL[event].partition(NAME)
    called = set()
    for heard in times:
        rest = behind.replace(TEXT, heard.text)
        calls = {
            _abstract(text[len(before) : len(text) - len(rest)], heard, NAME)
            for text in heard.texts
            if text.endswith(rest)
        }
        called.add(calls.pop() if len(calls) == 1 else "")
    return called.pop() if len(called) == 1 else ""
