"""What the auditor told of three musicians, and the questions about it. Pure.

The first of them was stopped, and later both others. A question returns None if it holds, else a
Violation; it raises NotJudged if another clause pays for what leaves it open.
"""

from dataclasses import dataclass

from conformance import Fault, Kind, NotJudged, Parameters, Sign, Symptom, Violation

from .answers import KEYS, AuditorAnswer, label_of, uuid_in
from .moments import epoch_of, rough, why_not, written
from .orchestra import INSTRUMENTS, sounds_of

RIGHT = 2.0  # seconds by which `activeSince` may be off
MOVES = 0.5  # seconds by which it may differ from one answer to the next
SURE = 0.5  # seconds before the end of the window from which on nobody knows what is to be told


@dataclass(frozen=True)
class Listed:
    """One musician, and when it was heard."""

    name: str
    label: str
    """The instrument that it plays, by its sound."""
    started: float
    times: list[float]


@dataclass(frozen=True)
class Listing:
    """The answers, in order."""

    parameters: Parameters
    epoch: float
    """When the conversation began, in seconds since 1970."""
    parts: list[Listed]
    reaching: bool
    """Whether what musicians send leaves their hosts."""
    far: AuditorAnswer | None
    """What was told first, where nobody was listed; then they were brought nearer to the auditor,
    to judge all the rest."""
    first: AuditorAnswer
    """While all three played."""
    later: AuditorAnswer
    """1.5 s before the first, which had been stopped, is forgotten."""
    after: AuditorAnswer
    """1.5 s after that. The others had been stopped meanwhile."""
    last: AuditorAnswer
    """1.5 s after they are forgotten, too."""
    fresh: AuditorAnswer | None = None
    """Where somebody is listed even then: what a fresh auditor tells, to whom nobody has played."""

    # -- reading ------------------------------------------------------------------------

    def _entries(self, answer, payer="2.7"):
        """The entries of an answer. Raises NotJudged where it cannot be read: that clause pays."""
        if answer.entries is None:
            raise NotJudged(payer, answer.form().kind, "an answer could not be read")
        return answer.entries

    def _some(self):
        """The entries of the first answer. Raises NotJudged where nobody is listed: 2.3 pays."""
        entries = self._entries(self.first, "2.3")
        if not entries or self._invented:
            raise NotJudged("2.3", Kind.FORM, "nobody is listed for having played")
        return entries

    @property
    def _invented(self):
        """The entries of an auditor to whom nobody has played."""
        return (self.fresh.entries if self.fresh else None) or []

    def label_of(self, entry):
        """The instrument that an entry means; "" where unknown."""
        return label_of(entry, sounds_of(self.parameters))

    def _of(self, answer, label):
        """The entries for that instrument."""
        return [one for one in self._entries(answer) if self.label_of(one) == label]

    @property
    def _blind(self):
        """Whether no entry says of which instrument it is."""
        return not any(self.label_of(entry) for entry in self._some())

    # -- 2.3 ----------------------------------------------------------------------------

    def listed(self):
        """Whether there is an entry for each of the three, and each tells all of it."""
        answer = self.far or self.first
        entries, labels = answer.entries, sorted(part.label for part in self.parts)
        if entries is None:
            return answer.form()
        wanted = f"3 entries: {', '.join(labels)}"
        told = self._told(answer)
        if self._invented:
            wanted = f"{wanted}; and none before anybody plays"
            made_up = f"before anybody has played, {self._told(self.fresh)}"
            return Violation(wanted, made_up).seen_at(answer.came)
        if len(entries) < len(labels):
            hint = "Does the auditor join the musicians' group, on the port that they send to?"
            if not self.reaching:
                hint = "What musicians send to one address does not reach another host."
            fewer = Violation(wanted, told, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
            return fewer.seen_at(answer.came)
        if len(entries) > len(labels):
            hint = "One entry for each musician: find the one that is there by its uuid."
            return Violation(wanted, told, hint=hint).seen_at(answer.came)
        for entry in entries:
            if missing := [key for key in KEYS if key not in entry]:
                wanted, came = f"an entry with {', '.join(KEYS)}", f"{', '.join(map(str, entry))}"
                hint = f"{missing[0]} is missing."
                return Violation(wanted, came, hint=hint).seen_at(answer.came)
        if sorted(str(entry["instrument"]) for entry in entries) != labels:
            return Violation(wanted, told).seen_at(answer.came)
        return None

    def _told(self, answer):
        entries = self._entries(answer)
        count = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
        names = [str(entry.get("instrument", "?"))[:30] for entry in entries[:6]]
        more = ", …" if len(entries) > len(names) else ""
        return f"{count}: {', '.join(names)}{more}" if entries else answer.emptiness

    # -- 2.4 ----------------------------------------------------------------------------

    def uuids(self):
        """Whether each has a uuid of its own, and keeps it."""
        first = [self._uuid(entry) for entry in self._some()]
        later = [self._uuid(entry) for entry in self._entries(self.later)]
        for uuid in [*first, *later]:
            if not uuid_in(uuid):
                wanted = "a uuid such as aa7d8cb3-a15f-4f06-a0eb-b8feb6244a60"
                return Violation(wanted, str(uuid), lines=True).seen_at(self.first.came)
        if len({uuid.lower() for uuid in first}) < len(first):
            told = ", ".join(first[:6])
            return Violation("each musician has a uuid of its own", told).seen_at(self.first.came)
        new = [uuid for uuid in later if uuid.lower() not in {each.lower() for each in first}]
        if new:
            wanted = f"the same uuids as in the answer before: {', '.join(first[:3])}"
            hint = "A musician has its uuid from its start: make it once, and send it along."
            return Violation(wanted, new[0], hint=hint).seen_at(self.first.came, self.later.came)
        return None

    def _uuid(self, entry):
        """Its uuid, whatever the key. Raises NotJudged where it has none: 2.3 pays."""
        found = [entry["uuid"]] if "uuid" in entry else [v for v in entry.values() if uuid_in(v)]
        if not found:
            raise NotJudged("2.3", Kind.FORM, "an entry has no uuid")
        return found[0]

    # -- 2.5 ----------------------------------------------------------------------------

    def moments(self):
        """Whether each time is written as ISO 8601 has it, and right."""
        moves = self.later.entries is not None and self._moved() is not None
        for entry in self._some():
            text = self._since(entry)
            moment = epoch_of(text)
            if moment is None:
                wanted = "a time such as 2016-04-27T05:20:50.731Z"
                wrong = Violation(wanted, str(text), hint=why_not(text), symptom="another text")
                return wrong.seen_at(self.first.came)
            at = moment - self.epoch
            label = self.label_of(entry)
            parts = [part for part in self.parts if part.label == label] or self.parts
            if not any(self._fits(part, at, moves=moves) for part in parts):
                return self._wrong_time(parts[0], text, at)
        return None

    def _fits(self, part, at, *, moves):
        """Whether it is when the musician began; or, of a time that moves, when it played."""
        times = [at_ for at_ in part.times if at_ <= self.first.left]
        until = times[-1] if moves else times[0]
        return part.started - RIGHT <= at <= until + RIGHT

    def _wrong_time(self, part, text, at):
        off = at - part.times[0]
        hours = round(off / 3600)
        hint = ""
        if hours and abs(off - hours * 3600) < 2 * RIGHT:
            hint = "That is the local time: write its offset behind it, or use the time of Z."
        symptom = Symptom(Sign.WRONG_TIME, facts={"off": round(off, 3)})
        wanted = f"{part.label}: {written(self.epoch + part.times[0])} (± {RIGHT:g} s)"
        wrong = Violation(wanted, str(text), hint=hint, timed=True, symptom=symptom)
        return wrong.seen_at(self.first.came)

    def _since(self, entry):
        """When it says that the musician is active since, whatever the key. Raises NotJudged where
        it says nothing of it: 2.3 pays."""
        if "activeSince" in entry:
            return entry["activeSince"]
        found = [value for value in entry.values() if epoch_of(value) is not None]
        found += [value for key, value in entry.items() if "since" in str(key).casefold()]
        if not found:
            raise NotJudged("2.3", Kind.FORM, "an entry has no activeSince")
        return found[0]

    # -- 2.6 ----------------------------------------------------------------------------

    def steady(self):
        """Whether the time stays as it is while a musician plays."""
        wrong = self._moved()
        if wrong is None and not self._pairs():
            raise NotJudged("2.4", Kind.FORM, "no entry is known again by its uuid or instrument")
        return wrong

    def _moved(self):
        for before, behind in self._pairs():
            one, two = self._since(before), self._since(behind)
            seconds = [rough(one), rough(two)]
            same = one == two if None in seconds else abs(seconds[1] - seconds[0]) <= MOVES
            if not same:
                label = self.label_of(before) or "an entry"
                hint = "Keep when a musician was first heard beside when it was last heard."
                since = self.later.came - self.first.came
                wanted = f"{label}: activeSince {one} also {since:.0f} s later"
                wrong = Violation(wanted, str(two), hint=hint)
                return wrong.seen_at(self.first.came, self.later.came)
        return None

    def _pairs(self):
        """The same musician's entries in the first answer, and in the second."""
        before, behind = self._some(), self._entries(self.later)
        both = [(self._of(self.first, name), self._of(self.later, name)) for name in INSTRUMENTS]
        if single := [(one[0], two[0]) for one, two in both if len(one) == len(two) == 1]:
            return single
        known = {str(self._uuid(entry)): entry for entry in behind}
        return [(e, known[uuid]) for e in before if (uuid := str(self._uuid(e))) in known]

    # -- 2.7 ----------------------------------------------------------------------------

    def forgetting(self):
        """Whether those who have stopped are listed as long as they should, and no longer."""
        gone, *others = self.parts
        window, heard = self.parameters.active_window, gone.times[-1]
        self._some()
        if not self._number(self.first, gone):
            raise NotJudged("2.3", Kind.FORM, f"{gone.name} was not listed while it played")
        for answer in (self.later, self.after, self.last):
            if answer.entries is None:
                return answer.form()
        silent = max(part.times[-1] for part in others)
        return (
            self._still(gone, self.later, heard + window)
            or self._no_more(gone, others, self.after, heard)
            or self._still(others[0], self.after, others[0].times[-1] + window)
            or next(filter(None, (self._no_more(p, [], self.last, silent) for p in others)), None)
        )

    def _number(self, answer, part):
        """How many entries of its instrument there are; of any, where none says which it is."""
        return len(self._entries(answer) if self._blind else self._of(answer, part.label))

    def _still(self, part, answer, until):
        """Whether it is still listed in an answer that came before `until`."""
        if answer.came > until - SURE or self._number(answer, part):
            return None
        since = answer.asked - part.times[-1]
        wanted = f"{part.name} is listed, {since:.1f} s after its last datagram"
        hint = f"It is active for {self.parameters.active_window:g} s after its last datagram."
        return self._absent(wanted, self._told(answer), hint, answer)

    def _no_more(self, part, like, answer, heard):
        """Whether it is listed no more; others that play the same instrument may be."""
        alike = [one for one in like if self._blind or one.label == part.label]
        if self._number(answer, part) <= len(alike):
            return None
        since = answer.asked - heard
        wanted = f"{part.name} is not listed, {since:.1f} s after its last datagram"
        hint = (
            "Look at when each musician was last heard whenever you are asked, or in a timer: not"
            " only when a datagram comes."
        )
        return self._absent(wanted, self._told(answer), hint, answer)

    def _absent(self, wanted, told, hint, answer):
        wrong = Violation(wanted, told, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM, timed=True)
        return wrong.seen_at(answer.came)
