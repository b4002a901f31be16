"""The values of the suite: clauses, attempts, verdicts, runs.

Rules of this module: frozen values only, no clock, no socket, no file. It imports
only `transcript` and `violation`; every other module may import it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from conformance.verdict.symptoms import Moment, Stood, Symptom, Thrown
from conformance.verdict.transcript import Transcript
from conformance.verdict.violation import Fault, Kind


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


class Blame(StrEnum):
    """Whose doing it is that a scenario was NOT RUN."""

    PROGRAM = "program"
    """Another fault of the program, which another clause pays for: not shown, 0 points."""
    CALL = "call"
    """The call (`--connect`) or the tier rules it out: it is not part of the points possible."""
    SUITE = "suite"
    """The machine or the suite: open, like INCONCLUSIVE."""
    HIDDEN = "hidden"
    """Nobody's: the class hides the verdict from the student who reads this, and the points."""


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
    stumbled: bool = False
    """Whether the lab's own code failed, as it will again: repeating the conversation shows
    nothing."""
    disordered: bool = False
    """Whether what the network between the hosts did may explain it, which is drawn anew when it is
    tried again."""
    symptom: Symptom | None = None
    """What was seen of the fault; None where nothing better is known than the rest says."""
    client: str = ""
    """The client whose conversation failed, as the transcript calls it."""
    proof: tuple[Moment, ...] = ()
    """The entries of the transcript that the failure rests on."""
    thrown: Thrown | None = None
    """The exception that the program printed itself."""
    stood: tuple[Stood, ...] = ()
    """What each thread of the program did, where it was looked at."""
    queued: tuple[str, ...] = ()
    """The clients, as the transcript calls them, whose connection the program had not accepted
    then."""

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
    def settled(self) -> bool:
        """Whether a teacher has given it all its points, so that nothing of it is left to mend."""
        return bool(self.corrected) and self.points == self.possible

    @property
    def not_shown(self) -> bool:
        """Whether it was NOT RUN because of the program, so that it earns nothing."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.PROGRAM

    @property
    def left_out(self) -> bool:
        """Whether the call or the tier rules it out, so that it is not part of the points
        possible."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.CALL

    @property
    def is_hidden(self) -> bool:
        """Whether the class hides it from the student who reads this."""
        return self.outcome is Outcome.NOT_RUN and self.attempt.blame is Blame.HIDDEN

    def with_attempt(self, **changes: Any) -> Verdict:
        """The verdict, with these fields of its attempt changed."""
        return replace(self, attempt=replace(self.attempt, **changes))


_LISTED = 6
"""Clauses that a sentence names where there are many more."""


@dataclass(frozen=True)
class Common:
    """What several clauses of a run failed by."""

    name: str
    """In two or three words: `no flush`."""
    sentence: str
    clauses: tuple[str, ...]
    """The clauses that failed, or could not be shown, for that reason."""

    @property
    def told(self) -> str:
        """The sentence, with the clauses behind it; of many the first few, and how many more."""
        few = self.clauses if len(self.clauses) <= _LISTED + 2 else self.clauses[:_LISTED]
        more = f" and {left} more" if (left := len(self.clauses) - len(few)) else ""
        return f"{self.sentence.removesuffix('.')} ({', '.join(few)}{more})."


@dataclass(frozen=True)
class Search:
    """What came of the search for a conversation that breaks the contract. It costs no points."""

    seconds: float
    """How long it was to last."""
    conversations: int = 0
    """How many were held."""
    reason: str = ""
    """Why there was no search, or why what it found does not count; "" where neither is so."""
    sentence: str = ""
    """The shortest conversation that was found, and what is wrong with it."""
    verdict: Verdict | None = None
    """What that conversation shows, and the clause that it breaks; None where none was found."""
    again: str = ""
    """The command that repeats the search."""


BUILDS = "the submission builds"
"""What was expected of a submission that was at fault for not building."""

UNTOLD_SEED = -1
"""Stands for a seed that the reader of a run must not know."""


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
    language: str = ""
    """What it is written in: "python", "java", "node", "c"; "" if that is unknown, or an older
    suite did not say."""
    doubt: str = ""
    """A note that another part of what was handed in could be meant as well."""
    verdicts: tuple[Verdict, ...] = ()
    interrupted: bool = False
    worth: int | None = None
    """Points of all clauses that were to be judged; None if an older suite did not say."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    network: str = ""
    """The conditions of the network between the hosts, and who drew them; "" for a wire."""
    common: tuple[Common, ...] = ()
    """What its failures have in common."""
    search: Search | None = None
    """None where nobody asked for a search."""

    @property
    def not_built(self) -> str:
        """Why no program could be built of the submission, by its own fault; "" if one was, or that
        is not known."""
        failed = (v.attempt for v in self.verdicts if v.outcome is Outcome.FAILED)
        return next((each.actual for each in failed if each.expected == BUILDS), "")
