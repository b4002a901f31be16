"""What is found wrong, and of what kind it is; and what a scenario raises instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from conformance.verdict.symptoms import Moment, Sign, Symptom

Hint = str | Mapping[str, str]
"""The usual causes, for students: a text that is meant where the text or the time itself was wrong;
or, by the value of a sign ("never closed"), what is meant where that was seen."""


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
    `hint` names the usual causes, see `Hint`. `kind` is how the fault looked; by default FORM for a
    WRONG `fault`, LATE for LATE, SILENCE for ABSENT. `symptom` is what was seen, or just the value
    of its sign, where whoever raises it knows better than what is derived from the rest. `proof`
    are the entries of the transcript that it rests on, and `client` whose conversation it is about.
    """

    def __init__(
        self,
        expected: str,
        actual: str,
        *,
        hint: Hint = "",
        fault: Fault = Fault.WRONG,
        kind: Kind | None = None,
        lines: bool = False,
        timed: bool = False,
        delays: Sequence[Delay] = (),
        steps: Sequence[Delay] = (),
        symptom: Symptom | str | None = None,
        proof: Sequence[Moment] = (),
        client: str = "",
    ) -> None:
        super().__init__(f"expected {expected}, got {actual}")
        self.expected = expected
        self.actual = actual
        if not isinstance(hint, str):
            hint = {Sign(sign).value: words for sign, words in hint.items()}  # ValueError: no sign
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
        self.symptom = Symptom(Sign(symptom)) if isinstance(symptom, str) else symptom
        self.proof = tuple(proof)
        self.client = client
        self.at: float | None = None
        """When the first client left because of it, in seconds since the conversation began; None
        where none has."""

    def rests_on(self, *proof: Moment, client: str = "") -> Self:
        """The violation itself, resting on these entries, and about that client; what is not given
        stays as it was."""
        self.proof = proof or self.proof
        self.client = client or self.client
        return self

    def seen_at(self, *times: float, until: float | None = None) -> Self:
        """The violation itself, resting on what came at these times; with `until`, on the silence
        from the last of them to that time."""
        silence = 0.0 if until is None else max(0.0, until - times[-1])
        *others, last = times
        return self.rests_on(*map(Moment, others), Moment(last, silence=silence))


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


class HeldApart(Exception):  # noqa: N818 - a word of the vocabulary
    """Conversations that were held on one server at the same time prove nothing together: each is
    held again, on a server of its own."""


class LeftOut(Exception):  # noqa: N818 - a word of the vocabulary
    """The call (`--connect`) or the tier leaves no way to test the clause: it is NOT RUN, with this
    reason, and not part of the points possible."""
