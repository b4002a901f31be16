"""The values of the suite: clauses, violations, attempts, verdicts, runs.

Rules of this module: frozen values only, no clock, no socket, no file. Every other module may
import it; it imports none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from conformance.verdict.transcript import Transcript


class Level(StrEnum):
    """How much a clause binds (RFC 2119, section 1 and 3)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    INFO = "INFO"
    """Observed and reported, never worth points."""


class Outcome(StrEnum):
    """What became of one scenario."""

    PASSED = "passed"
    FAILED = "failed"
    """Proof against the submission, and nothing less."""
    INCONCLUSIVE = "inconclusive"
    """No judgement, because of the machine or the suite."""
    NOT_RUN = "not_run"
    """The clause could not be tested; the verdict says why."""


class Fault(StrEnum):
    """What kind of proof a violation is, which decides whether it is repeated."""

    WRONG = "wrong"
    """Wrong bytes, a wrong order, a line too many, a close too early: stands at once, however
    rarely it occurs. A race is a fault of the program."""
    LATE = "late"
    """It came after its deadline. It is repeated, since the machine may be the cause."""
    ABSENT = "absent"
    """It did not come while we waited. It is repeated, since the machine may be the cause."""

    @property
    def stands_at_once(self) -> bool:
        return self is Fault.WRONG


class Kind(StrEnum):
    """How a fault looked. A clause that failed explains the failure of another only if both are of
    one kind, or one follows from the other: a closed connection does not explain a BYE that is not
    understood."""

    SILENCE = "silence"
    """Nothing came, though the connection stood."""
    LATE = "late"
    """It came too late."""
    FORM = "form"
    """Something else came: other bytes, too many, too few, in another order."""
    CLOSED = "closed"
    """The server ended a connection that it should have kept."""
    OPEN = "open"
    """The server kept a connection that it should have ended."""
    ENDED = "ended"
    """The program ended by itself."""
    REFUSED = "refused"
    """No client could connect, although the program was running."""

    def explains(self, other: Kind) -> bool:
        """Whether a fault of this kind, paid for elsewhere, explains one of the `other`."""
        return self is other or other in _EXPLAINS.get(self, ())


_EXPLAINS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.SILENCE: (Kind.LATE,),  # what never comes cannot be in time
    Kind.ENDED: (Kind.CLOSED, Kind.REFUSED),  # after its end there are only closed connections
}


class Blame(StrEnum):
    """Whose doing it is that a scenario was NOT RUN."""

    PROGRAM = "program"
    """Another fault of the program, which another clause pays for: not shown, 0 points."""
    CALL = "call"
    """The call (`--connect`) or the tier rules it out: it is not part of the points possible."""
    SUITE = "suite"
    """The machine or the suite: open, like INCONCLUSIVE."""


@dataclass(frozen=True)
class Delay:
    """Something that took too long, and when. How long the program was kept waiting meanwhile
    decides whether it is to blame."""

    begin: float
    """Seconds since the conversation began, as all times of clients. For times outside the
    conversation it is unknown how long the program waited."""
    end: float
    beyond: float
    """Seconds by which it took longer than allowed."""
    told: str
    """In words: `1.62 s between line 7 and line 8`."""

    def counted_from(self, zero: float) -> Delay:
        """The same delay, in seconds since a moment that lies `zero` seconds earlier."""
        return replace(self, begin=self.begin + zero, end=self.end + zero)


class Violation(Exception):  # noqa: N818 - a word of the vocabulary, not an error of ours
    """The submission breaks a clause. The only exception that costs points.

    `expected` and `actual` are short texts in the words of the lecture. `lines` says that both are
    lines as they are sent; if they are much alike, reports put a caret under the first difference.
    `hint` names the usual causes. `kind` is how the fault looked; by default FORM for a WRONG
    `fault`, LATE for LATE, SILENCE for ABSENT.
    """

    def __init__(
        self,
        expected: str,
        actual: str,
        *,
        hint: str = "",
        fault: Fault = Fault.WRONG,
        kind: Kind | None = None,
        lines: bool = False,
        timed: bool = False,
        delays: Sequence[Delay] = (),
        steps: Sequence[Delay] = (),
    ) -> None:
        super().__init__(f"expected {expected}, got {actual}")
        self.expected = expected
        self.actual = actual
        self.hint = hint
        self.fault = fault
        self.kind = kind or _KINDS[fault]
        self.lines = lines
        self.timed = timed or fault is Fault.LATE
        """Whether it rests on when something came, so that a standstill of the machine puts it in
        doubt."""
        self.delays = tuple(delays)
        """The delays that it rests on, if their times are known."""
        self.steps = tuple(steps)
        """The same, step by step. If most steps take too long, even without the waits in each, the
        program itself is slow, and no momentary delay explains it."""


_KINDS: Mapping[Fault, Kind] = {
    Fault.WRONG: Kind.FORM,
    Fault.LATE: Kind.LATE,
    Fault.ABSENT: Kind.SILENCE,
}


class NotJudged(Exception):  # noqa: N818 - a word of the vocabulary
    """The clause cannot be put to the test because of a fault of the program that another
    clause pays for: the verdict is NOT RUN, and worth nothing.

    That is accepted only if `clause` has failed in the same run, by a fault that explains one of
    `kind`. Else the conversation is held again, on a fresh server; if it raises this again, the
    verdict is INCONCLUSIVE.
    """

    def __init__(self, clause: str, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.clause = clause
        self.kind = kind


class LeftOut(Exception):  # noqa: N818 - a word of the vocabulary
    """The call (`--connect`) or the tier leaves no way to test the clause: it is NOT RUN, with this
    reason, and not part of the points possible."""


class WrongCall(Exception):  # noqa: N818 - what it is, not a failure of the suite
    """The user asked for something impossible: one clear sentence, exit status 2."""


class Parameters(Mapping[str, Any]):
    """The parameters of a lab, as a run uses them: `parameters.port`, `parameters["port"]`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"this lab has no parameter {name!r}") from None

    def __repr__(self) -> str:
        return f"Parameters({self._values!r})"


def order_of(number: str) -> list[tuple[int, str]]:
    """Sorts numbers of clauses as a reader would: 3.9 before 3.10, 5 before 5S."""
    parts = re.findall(r"(\d*)([^\d.]*)\.?", number)
    return [(int(digits or 0), letters) for digits, letters in parts]


@dataclass(frozen=True)
class Clause:
    """A numbered sentence of a lab's contract."""

    number: str
    level: Level
    weight: int
    """Points that the clause is worth by default."""
    scenario: str
    """Name of the scenario that puts it to the test."""
    text: str
    """The sentence, in the contract's own Markdown."""
    faults: str = ""
    """Mistakes that students really make, as the contract lists them."""
    section: str = ""
    """Title of its section, without the number."""

    @property
    def order(self) -> list[tuple[int, str]]:
        """Sorts clauses as a reader would: see `order_of`."""
        return order_of(self.number)

    def within(self, prefix: str) -> bool:
        """Whether the clause is `prefix` or below it: 4.1 is within 4; 41.1 is not."""
        return self.number == prefix or self.number.startswith(prefix + ".")


UNDISTURBED = 0.2
"""Seconds that a program may have been kept waiting in a conversation that counts as undisturbed:
less than any contract tolerates, and about what starting threads costs."""


@dataclass(frozen=True)
class Attempt:
    """One run of one scenario's conversation, and what it showed."""

    outcome: Outcome
    transcript: Transcript = field(default_factory=Transcript)
    expected: str = ""
    actual: str = ""
    hint: str = ""
    fault: Fault | None = None
    kind: Kind | None = None
    """How the fault looked; for a NOT RUN, the kind of fault that explains it."""
    reason: str = ""
    """Why it is INCONCLUSIVE or NOT RUN."""
    blame: Blame | None = None
    """Whose doing it is that it is NOT RUN."""
    behind: tuple[str, ...] = ()
    """The clauses that pay for the fault that made it impossible to judge."""
    relies: tuple[str, ...] = ()
    """The clauses that have to pay for faults that the conversation worked around. If they hold, it
    was too lenient and has to be held again."""
    aftermath: bool = False
    """Whether the conversation itself held, but the program ended by itself right after it."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and costs nothing."""
    seconds: float = 0.0
    shared: bool = False
    """Whether other scenarios had used the server before."""
    output: str = ""
    """The last lines that the program had written."""
    timed: bool = False
    """Whether the result rests on when something came."""
    own: bool = False
    """Whether it was late by more than it was kept waiting, so that the delay is its own doing."""
    waited: float | None = None
    """The most seconds for which others, or the machine, kept the program waiting during the whole
    conversation; None if unknown."""
    capture: str = ""
    """The file with its packets, relative to where the suite was called. A text of the same name,
    with the suffix .txt, is beside it."""
    lines: bool = False
    """Whether `expected` and `actual` are known to be lines as they are sent (see Violation)."""

    @property
    def undisturbed(self) -> bool:
        """Whether it is known that nothing kept the program from running."""
        return self.waited is not None and self.waited < UNDISTURBED

    @property
    def disturbed(self) -> bool:
        """Whether it is known that something kept the program from running."""
        return self.waited is not None and self.waited >= UNDISTURBED


@dataclass(frozen=True)
class Verdict:
    """What the run says about one clause of one submission."""

    clause: Clause
    level: Level
    attempt: Attempt
    """The attempt that it rests on."""
    possible: int = 0
    """Points that the clause can earn in this run, whatever the submission does: 0 for a SHOULD
    that does not count, and for what the call leaves out."""
    points: int | None = 0
    """None if the clause counts but could not be judged."""
    seconds: float = 0.0
    """The time of all attempts together."""
    reproduce: str = ""
    """A command with which a student sees it without the suite."""
    again: str = ""
    """The command that runs just this scenario again."""
    earlier: tuple[Attempt, ...] = ()
    """Earlier attempts that a reader should see."""
    corrected: str = ""
    """A sentence on how a teacher has corrected its points; "" if none has."""

    @property
    def outcome(self) -> Outcome:
        return self.attempt.outcome

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing and costs nothing; a teacher's correction comes last."""
        return (*self.attempt.notes, *filter(None, [self.corrected]))

    @property
    def counts(self) -> bool:
        return self.possible > 0

    @property
    def not_shown(self) -> bool:
        """Whether it was NOT RUN because of the program, so that it earns nothing."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.PROGRAM

    @property
    def left_out(self) -> bool:
        """Whether the call or the tier rules it out, so that it is not part of the points
        possible."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.CALL

    def with_attempt(self, **changes: Any) -> Verdict:
        """The verdict, with these fields of its attempt changed."""
        return replace(self, attempt=replace(self.attempt, **changes))


@dataclass(frozen=True)
class Run:
    """One check of one submission against one lab, as the reports render it."""

    lab: str
    """Name of the lab or of its variant."""
    submission: str
    parameters: Mapping[str, Any]
    """The parameters that differ from the defaults of the lab (or of the variant)."""
    seed: int
    tier: str
    """How well the submission was isolated: "full", "network", "none" or "remote"."""
    suite: str
    """Version of the suite."""
    strict: bool = False
    title: str = ""
    notes: tuple[str, ...] = ()
    """Notes on the whole run: the dialect, how the submission was recognised."""
    command: tuple[str, ...] = ()
    """The command that started the program; () if it was not started, or an older suite did not
    say."""
    folder: str = "."
    """The folder in which it was started, below what was handed in."""
    doubt: str = ""
    """A note that another part of what was handed in could be meant as well."""
    verdicts: tuple[Verdict, ...] = ()
    interrupted: bool = False
    worth: int | None = None
    """Points of all clauses that were to be judged; None if an older suite did not say."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
