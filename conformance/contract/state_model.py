"""What a lab promises of any conversation, for the search for one that breaks it. Pure.

A model knows what clients have said so far, which lines they may say next, and what each of them
must hear of it. It asks for no more than the contract does: what the contract leaves open, the
model does not promise, or does not let clients say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

from conformance.verdict.expectations import Expected, describe, matches
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Kind


class Act(StrEnum):
    """What a client does."""

    COMES = "comes"
    SAYS = "says"
    BEGINS = "begins"
    """Sends the first half of a line; the rest follows in a later turn, or never."""
    ENDS = "ends"
    """Sends the rest of that line."""
    LEAVES = "leaves"
    RESETS = "resets"
    """Ends its connection by a reset."""


TAG = "\ue000"
"""Stands for a model's tag in conversations that are drawn and have not been held yet."""

ON_THE_CONNECTION = (Act.COMES, Act.LEAVES, Act.RESETS)
"""What says nothing."""


@dataclass(frozen=True)
class Turn:
    """One thing that one client does."""

    who: int
    """Which client, from 0."""
    act: Act
    text: str = ""
    """The line, without its end; several lines in one segment have \\n between them."""


@dataclass(frozen=True)
class Incoming:
    """What has come to one client since a turn began."""

    texts: tuple[str, ...] = ()
    """Whole lines."""
    unfinished: str = ""
    """What has come after the last end of line."""
    closed: bool = False
    """Whether the server has ended the connection."""

    @property
    def words(self) -> str:
        """In the words of a report."""
        parts = [" / ".join(self.texts)] if self.texts else []
        parts += [f"{self.unfinished}, without an end of line"] if self.unfinished else []
        if self.closed:
            parts.append("the server closed the connection")
        return ", then ".join(parts) or "nothing"


Broken = Callable[[Incoming], str]
"""What came instead of what was promised, in words; "" where the promise is kept."""


def _closed(incoming: Incoming) -> bool:
    return incoming.closed


def _at_once(incoming: Incoming) -> bool:
    return True


@dataclass(frozen=True)
class Promise:
    """What one client must hear, or must not, of a turn."""

    who: int
    clause: str
    """The clause that a server breaks by not keeping it."""
    wanted: str
    """In words: what should come."""
    broken: Broken
    hopeless: Callable[[Incoming], bool] = _closed
    """Whether nothing that still comes can mend it, so that nobody needs to wait."""
    kind: Kind | None = None
    """How it looks when it is broken, where that does not follow from what came."""
    asked_again: bool = False
    """Whether the line is said once more before the promise counts as broken: it asks for a state
    that the server has time to reach."""

    @classmethod
    def answer(cls, who: int, clause: str, *lines: Expected, before: bool = False) -> Self:
        """Exactly these lines come, in this order. `before`: others may come before them, as a
        greeting does."""
        wanted = " / ".join(map(describe, lines)) or "nothing"

        def unlike(incoming: Incoming) -> bool:
            texts = incoming.texts[max(0, len(incoming.texts) - len(lines)) :] if before else ()
            came = texts or incoming.texts
            return len(came) != len(lines) or not all(map(matches, lines, came))

        def broken(incoming: Incoming) -> str:
            wrong = unlike(incoming) or incoming.unfinished
            return incoming.words if wrong else ""

        def hopeless(incoming: Incoming) -> bool:
            wrong = len(incoming.texts) >= len(lines) and unlike(incoming) and not before
            return incoming.closed or wrong

        return cls(who, clause, wanted, broken, hopeless)

    @classmethod
    def told(cls, who: int, clause: str, notice: Expected, *, once: bool = False) -> Self:
        """That notice comes, among any others. `once`: and does not come again."""

        def broken(incoming: Incoming) -> str:
            times = sum(matches(notice, text) for text in incoming.texts)
            return "" if times == 1 or (times and not once) else incoming.words

        return cls(who, clause, describe(notice), broken)

    @classmethod
    def untold(cls, who: int, clause: str, notice: Expected) -> Self:
        """No such line comes."""

        def broken(incoming: Incoming) -> str:
            return next((text for text in incoming.texts if matches(notice, text)), "")

        return cls(who, clause, f"nothing like: {describe(notice)}", broken, _at_once)

    @classmethod
    def close(cls, who: int, clause: str) -> Self:
        """The server ends the connection, whatever it says before."""

        def broken(incoming: Incoming) -> str:
            return "" if incoming.closed else "the connection is still open"

        return cls(who, clause, "the server closes the connection", broken, kind=Kind.OPEN)

    @classmethod
    def stays(cls, who: int, clause: str) -> Self:
        """The server does not end the connection."""

        def broken(incoming: Incoming) -> str:
            return incoming.words if incoming.closed else ""

        return cls(who, clause, "the connection stays open", broken, _at_once)


def _can_be_cut(line: str) -> bool:
    return len(line) > 1 and "\n" not in line


class StateModel:
    """What a lab promises of any conversation.

    A lab's own model declares the rest::

        @adder.model
        class Sums(StateModel):
            kinds = ("number", "END")

            def lines(self, who): …
            def says(self, who, line): …
    """

    clients: int = 3
    """How many may be there at a time."""
    kinds: ClassVar[Sequence[str]] = ()
    """What kinds of lines clients say: the keys of `lines`."""
    farewells: ClassVar[Sequence[str]] = ()
    """The same, of lines by which clients leave: they are said less often."""
    needs: ClassVar[Sequence[str]] = ()
    """The clauses without which no promise can be looked at."""
    survives: str = ""
    """The clause that keeps all clients connected, and the program alive, after the latest turn."""
    resets: bool = True
    """Whether clients may end their connections by a reset."""
    halves: bool = True
    """Whether clients may send a line in two pieces."""

    def __init__(
        self, parameters: Parameters, failed: frozenset[str] = frozenset(), tag: str = ""
    ) -> None:
        """`failed`: clauses that do not hold; what they promise is not looked at. `tag`: where
        other conversations were held on this server before, words that hold it are new; else
        empty."""
        self.parameters = parameters
        self.failed = failed
        self.tag = tag
        self.here: list[int] = []
        """Which clients are connected, in the order in which they came."""
        self.begun: dict[int, str] = {}
        """The line that a client has sent one half of."""
        self._numbers: dict[int, int] = {}
        """Of each client, how many had come when it came last: so transcripts count them."""
        self._came = 0

    # -- what a lab's model declares --------------------------------------------------

    def may_come(self) -> bool:
        """Whether one more client may come now."""
        return True

    def lines(self, who: int) -> Mapping[str, Sequence[str]]:
        """The lines that this client may say now, by kind; the plainest first."""
        return {}

    def comes(self, who: int) -> Sequence[Promise]:
        """A client has come; it is `here` already."""
        return ()

    def says(self, who: int, line: str) -> Sequence[Promise]:
        """A client says a line, whole. Where it ends the conversation, call `hangs_up`."""
        return ()

    def leaves(self, who: int, act: Act) -> Sequence[Promise]:
        """A client has left without a word; it is `here` no longer."""
        return ()

    def goes_on(self, former: Any) -> None:
        """Another conversation was held on this server just before; `former` is its model. Takes
        over what the server keeps, all of whose clients have left."""

    # -- what is built on it ----------------------------------------------------------

    def others(self, who: int) -> list[int]:
        """The clients that are there, without that one."""
        return [other for other in self.here if other != who]

    def number_of(self, who: int) -> int:
        """Its number in transcripts, from 1."""
        return self._numbers[who]

    def hangs_up(self, who: int) -> None:
        """The server ends this client's connection."""
        self.here.remove(who)
        self.begun.pop(who, None)

    def holds(self, clause: str) -> bool:
        """Whether that clause is not known to be broken."""
        return clause not in self.failed

    def turns(self, what: str) -> list[Turn]:
        """What can be done next, of one kind of line, or by one act; the plainest first."""
        silent = [who for who in sorted(self.here) if who not in self.begun]
        if what == Act.COMES:
            free = [who for who in range(self.clients) if who not in self.here]
            return [Turn(who, Act.COMES) for who in free[:1] if self.may_come()]
        if what in ON_THE_CONNECTION:
            allowed = self.resets or what != Act.RESETS
            return [Turn(who, Act(what)) for who in sorted(self.here) if allowed]
        if what == Act.ENDS:
            return [Turn(who, Act.ENDS, line) for who, line in sorted(self.begun.items())]
        if what == Act.BEGINS:
            kinds = (*self.kinds, *self.farewells)
            known = [(who, line) for kind in kinds for who, line in self._lines(silent, kind)]
            cut = [Turn(who, Act.BEGINS, line) for who, line in known if _can_be_cut(line)]
            return cut if self.halves else []
        return [Turn(who, Act.SAYS, line) for who, line in self._lines(silent, what)]

    def allows(self, turn: Turn) -> bool:
        """Whether it can be done next, by whichever free client."""
        who, here = turn.who, turn.who in self.here
        if turn.act is Act.COMES:
            return not here and len(self.here) < self.clients and self.may_come()
        if turn.act is Act.ENDS:
            return self.begun.get(who) == turn.text
        if turn.act in ON_THE_CONNECTION:
            return here
        known = [line for lines in self.lines(who).values() for line in lines] if here else []
        return who not in self.begun and turn.text in known

    def _lines(self, clients: Sequence[int], kind: str) -> list[tuple[int, str]]:
        return [(who, line) for who in clients for line in self.lines(who).get(kind, ())]

    def after(self, turn: Turn) -> list[Promise]:
        """What each client must hear of it, without what is known to be broken."""
        promises = list(self._after(turn))
        promises += [Promise.stays(who, self.survives) for who in self.here if self.survives]
        return [promise for promise in promises if promise.clause not in self.failed]

    def _after(self, turn: Turn) -> Sequence[Promise]:
        who = turn.who
        if turn.act is Act.COMES:
            self.here.append(who)
            self._came += 1
            self._numbers[who] = self._came
            return self.comes(who)
        if turn.act is Act.BEGINS:
            self.begun[who] = turn.text
            return ()
        if turn.act in ON_THE_CONNECTION:
            self.hangs_up(who)
            return self.leaves(who, turn.act)
        self.begun.pop(who, None)
        return self.says(who, turn.text)
