"""What the suite talks about: clauses, violations, attempts, verdicts, runs.

Rules of this module: values only, frozen, no clock, no socket, no file. Every
other module may import it; it imports none of them.
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
    """The machine or the suite stood in the way: no judgement is made."""
    NOT_RUN = "not_run"
    """The clause could not be put to the test; the verdict says why."""


class Fault(StrEnum):
    """What kind of proof a violation is, which decides whether it is repeated."""

    WRONG = "wrong"
    """Wrong bytes, a wrong order, a line too many, a close too early: stands at
    once, however rarely it shows. A race is a fault of the program."""
    LATE = "late"
    """Came, but after its deadline. May be the machine's doing: repeated alone."""
    ABSENT = "absent"
    """Did not come while we waited. May be the machine's doing: repeated alone."""

    @property
    def stands_at_once(self) -> bool:
        return self is Fault.WRONG


class Kind(StrEnum):
    """What was seen of a fault. A clause that failed explains the failure of another only
    where both are of one kind: a connection that was closed explains no BYE that is not
    understood."""

    SILENCE = "silence"
    """Nothing came, though the connection stood."""
    LATE = "late"
    """It came, and too late."""
    FORM = "form"
    """Something else came than should have: other bytes, too many, too few, in another
    order."""
    CLOSED = "closed"
    """The server ended a connection that it should have kept."""
    OPEN = "open"
    """The server kept a connection that it should have ended."""
    ENDED = "ended"
    """The program ended by itself."""
    REFUSED = "refused"
    """No client could connect, although the program was running."""

    def explains(self, other: Kind) -> bool:
        """Whether a fault of this kind, paid for elsewhere, is reason enough for one of
        the `other`."""
        return self is other or other in _EXPLAINS.get(self, ())


_EXPLAINS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.SILENCE: (Kind.LATE,),  # what never comes cannot be in time
    Kind.ENDED: (Kind.CLOSED, Kind.REFUSED),  # what is left of a program that has ended
}


class Blame(StrEnum):
    """Why a scenario was NOT RUN: by whose doing."""

    PROGRAM = "program"
    """Another fault of the program, which another clause pays for: not shown, 0 points."""
    CALL = "call"
    """The call (`--connect`) or the tier rules it out: it is no part of the worth."""
    SUITE = "suite"
    """The machine or the suite: open, as what is INCONCLUSIVE."""


@dataclass(frozen=True)
class Delay:
    """Something that took longer than it may, and when: how long the program was kept
    waiting meanwhile says whether it is to blame."""

    begin: float
    """Seconds since the conversation began, as all times of clients. Other times are of no
    conversation: then nobody knows how long the program waited."""
    end: float
    beyond: float
    """Seconds by which it took longer than allowed."""
    told: str
    """In words: `1.62 s between line 7 and line 8`."""

    def counted_from(self, zero: float) -> Delay:
        """The same, in seconds since another moment, which lies `zero` seconds before."""
        return replace(self, begin=self.begin + zero, end=self.end + zero)


class Violation(Exception):  # noqa: N818 - a word of the vocabulary, not an error of ours
    """The submission breaks a clause. The only exception that costs points.

    `expected` and `actual` are short texts in the words of the lecture; where they are much
    alike, reports put a caret under the first difference. `lines` says that both are lines as
    they are sent, and no sentences, in which a first difference means nothing.
    `hint` names the usual causes. `kind` is what was seen; where it is not given, it follows
    from `fault`: FORM of what is wrong, LATE of what is late, SILENCE of what is absent.
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
        """It rests on when something came: a machine that stood still puts it in doubt."""
        self.delays = tuple(delays)
        """The delays that it rests on, where it is known when they were."""
        self.steps = tuple(steps)
        """The same, step by step: where most of them take too long, beyond what the program
        was kept waiting in each, that is its steady way, which no momentary delay explains."""


_KINDS: Mapping[Fault, Kind] = {
    Fault.WRONG: Kind.FORM,
    Fault.LATE: Kind.LATE,
    Fault.ABSENT: Kind.SILENCE,
}


class NotJudged(Exception):  # noqa: N818 - a word of the vocabulary
    """The clause cannot be put to the test because of a fault of the program that another
    clause pays for: the verdict is NOT RUN, and worth nothing.

    That is believed only where `clause` has failed in this very run, by a fault that explains
    one of `kind`. Else the conversation is held again, on a fresh server; if it raises this
    once more, the verdict is INCONCLUSIVE.
    """

    def __init__(self, clause: str, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.clause = clause
        self.kind = kind


class LeftOut(Exception):  # noqa: N818 - a word of the vocabulary
    """The call (`--connect`), or the tier, leaves no way to put the clause to the test: it is
    NOT RUN, with this reason, and no part of what the lab is worth."""


class WrongCall(Exception):  # noqa: N818 - what it is, not a failure of the suite
    """The user asked for something that cannot be: one clear sentence, exit status 2."""


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
    """Title of the section that it stands in, without its number."""

    @property
    def order(self) -> list[tuple[int, str]]:
        """Sorts clauses as a reader would: see `order_of`."""
        return order_of(self.number)

    def within(self, prefix: str) -> bool:
        """Whether the clause is `prefix` or stands below it: 4.1 within 4; not 41.1."""
        return self.number == prefix or self.number.startswith(prefix + ".")


UNDISTURBED = 0.2
"""Seconds that a program may have been kept waiting in a conversation that counts like one
on a calm machine: less than any contract tolerates, and what a start of threads costs."""


@dataclass(frozen=True)
class Attempt:
    """One holding of one scenario's conversation, and what it showed."""

    outcome: Outcome
    transcript: Transcript = field(default_factory=Transcript)
    expected: str = ""
    actual: str = ""
    hint: str = ""
    fault: Fault | None = None
    kind: Kind | None = None
    """What was seen of the fault; of a NOT RUN, what explains it."""
    reason: str = ""
    """Why it is INCONCLUSIVE or NOT RUN."""
    blame: Blame | None = None
    """By whose doing it is NOT RUN."""
    behind: tuple[str, ...] = ()
    """The clauses that pay for what made it impossible to judge."""
    relies: tuple[str, ...] = ()
    """The clauses that have to pay for faults that it was judged through: where they hold, what
    it showed was shown by a conversation that nobody should be spared."""
    aftermath: bool = False
    """The conversation itself held; the program ended by itself right after it."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and costs nothing."""
    seconds: float = 0.0
    shared: bool = False
    """Held on a server that other scenarios had used before."""
    output: str = ""
    """The last lines that the program itself had written."""
    timed: bool = False
    """What it shows rests on when something came."""
    own: bool = False
    """It was late by more than it was kept waiting: that is the program's own doing."""
    waited: float | None = None
    """Seconds that others kept the program waiting, for a core or by the machine, during the
    whole conversation, at the most; None where nobody knows."""
    capture: str = ""
    """The file that its packets are kept in, as seen from where the suite was called; a
    text of the same name, with the suffix .txt, stands beside it."""
    lines: bool = False
    """`expected` and `actual` are known to be lines as they are sent (see Violation)."""

    @property
    def undisturbed(self) -> bool:
        """Whether nothing kept the program from running, as on a calm machine."""
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
    """What the clause is worth in this run, whatever the submission does: 0 for a SHOULD that
    does not count, and for what the call leaves out."""
    points: int | None = 0
    """None while the clause could not be judged, though it counts."""
    seconds: float = 0.0
    """Of all attempts together."""
    reproduce: str = ""
    """A command with which the student sees it without the suite."""
    again: str = ""
    """The command that runs just this scenario again."""
    earlier: tuple[Attempt, ...] = ()
    """Attempts before the one that it rests on."""
    corrected: str = ""
    """The sentence that says how a teacher has corrected its points; "" where nobody has."""

    @property
    def outcome(self) -> Outcome:
        return self.attempt.outcome

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing and costs nothing; last, what a teacher has corrected."""
        return (*self.attempt.notes, *filter(None, [self.corrected]))

    @property
    def counts(self) -> bool:
        return self.possible > 0

    @property
    def not_shown(self) -> bool:
        """Whether it was NOT RUN for a reason that lies in the program: it earns nothing."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.PROGRAM

    @property
    def left_out(self) -> bool:
        """Whether the call or the tier rules it out: it is no part of what the lab is worth."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.CALL

    def with_attempt(self, **changes: Any) -> Verdict:
        """The same, resting on its attempt with these fields changed."""
        return replace(self, attempt=replace(self.attempt, **changes))


@dataclass(frozen=True)
class Run:
    """One check of one submission against one lab, as the reports render it."""

    lab: str
    """Name of the lab or of its variant."""
    submission: str
    parameters: Mapping[str, Any]
    """Those that differ from the defaults of the lab (or of the variant)."""
    seed: int
    tier: str
    """How well the submission was isolated: "full", "network", "none" or "remote"."""
    suite: str
    """Version of the suite."""
    strict: bool = False
    title: str = ""
    notes: tuple[str, ...] = ()
    """What holds for the whole run: the dialect, how the submission was recognised."""
    command: tuple[str, ...] = ()
    """How the program was started, with its arguments; () where it was not, or an older suite
    did not say."""
    folder: str = "."
    """Where, below what was handed in."""
    doubt: str = ""
    """That something else of what was handed in could be meant as well."""
    verdicts: tuple[Verdict, ...] = ()
    interrupted: bool = False
    worth: int | None = None
    """Points of all clauses that were to be judged; None where an older suite did not say."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
