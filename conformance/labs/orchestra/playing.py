"""What was heard of a musician, and the questions about it. Pure but for `listen`."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from conformance import Fault, Kind, NotJudged, Parameters, Violation, cadence

from .sounds import sounds_in

FIRST_WITHIN = 10.0  # seconds for the first datagram, from the start of the program
SPAN = 6.0  # seconds for which a musician's rhythm is listened to
BROADCAST = ("255.255.255.255", "10.9.9.255")
SLOWEST = 2.5
"""Seconds between two datagrams with which an auditor can still be asked about a musician."""


@dataclass(frozen=True)
class Performance:
    """What one musician has played."""

    instrument: str
    sounds: dict[str, str]
    heard: list[Any]
    """Its datagrams, in the order of time."""
    started: float
    begin: float
    """From when on its rhythm is judged: all musicians had begun."""
    end: float
    """Until when it was listened to."""
    ended: str
    """How the program ended; "" while it plays."""

    @property
    def kind(self):
        """How it looks that nothing comes."""
        return Kind.ENDED if self.ended else Kind.SILENCE

    @cached_property
    def to(self):
        """Address and port that it plays to: a group, if it plays to several."""
        places = Counter(one.to for one in self.heard)
        return max(places, key=lambda to: (is_for_many(to[0]), places[to]))

    @cached_property
    def notes(self):
        """The datagrams that it has sent there."""
        return [one for one in self.heard if one.to == self.to] if self.heard else []

    @property
    def times(self):
        """When those came by which the rhythm is judged; the last one before, where none did."""
        times = [one.at for one in self.notes]
        return [at for at in times if at >= self.begin] or times[-1:]

    def says(self, note):
        """The instruments whose sounds are in a datagram."""
        return sounds_in(note.data, self.sounds)

    @property
    def is_music(self):
        """Whether its datagrams tell its instrument, be it by its name, or with capitals."""
        words = {name: f"{sound}".casefold() for name, sound in self.sounds.items()}
        names = {name: name for name in words}
        data = self.notes[-1].text.casefold().encode("utf-8", "replace")
        return [self.instrument] in (sounds_in(data, words), sounds_in(data, names))

    # -- questions ---------------------------------------------------------------------

    def nothing(self):
        """The violation of a musician that was not heard at all."""
        wanted = f"the musician sends a datagram within {FIRST_WITHIN:g} s of its start"
        actual = f"nothing{f' ({self.ended})' if self.ended else ''}"
        wrong = Violation(wanted, actual, fault=Fault.ABSENT, kind=self.kind)
        wrong = wrong.rests_on(client=self.instrument)
        return wrong.seen_at(self.started, until=self.end)

    def rhythm(self, parameters):
        """Whether it plays once in a period."""
        wrong = cadence(
            self.times,
            period=parameters.period,
            tolerance=parameters.tolerance,
            until=self.end,
            what="datagram",
            hint="Send one datagram, wait for a second, and so on, as long as the program runs.",
        )
        if wrong is None and self.ended:
            went_on = "it goes on playing until it is stopped"
            wrong = Violation(went_on, self.ended, kind=Kind.ENDED)
        return wrong and self._about(wrong)

    def _about(self, wrong):
        """The violation, resting on what this musician alone has sent."""
        voice = f"{self.instrument} > {self.to[0]}:{self.to[1]}"
        proof = [replace(m, who=self.instrument if m.silence else voice) for m in wrong.proof]
        return wrong.rests_on(*proof, client=self.instrument)

    def sound(self):
        """Whether each of its datagrams has its sound, and no other's."""
        sound = self.sounds[self.instrument]
        for note in self.notes:
            said = self.says(note)
            if said != [self.instrument]:
                others = [self.sounds[one] for one in said if one != self.instrument]
                hint = (
                    f"That is the sound of another instrument: {others[0]}."
                    if others
                    else ("The sounds are those of the contract, to the letter.")
                )
                wanted = f"{self.instrument}: a datagram with the word {sound}, and no other sound"
                return self._about(Violation(wanted, note.text, hint=hint).seen_at(note.at))
        return None

    def place(self):
        """Whether it plays to a group or to all."""
        address, port = self.to
        if is_for_many(address):
            return None
        wrong = Violation(
            "datagrams to a multicast group (224.0.0.0 to 239.255.255.255) or to the broadcast"
            " address (255.255.255.255)",
            f"{self.instrument}: datagrams to {address}, port {port}",
            hint="Each musician has a host of its own: what goes to one address reaches nobody"
            " else.",
        )
        return self._about(wrong.seen_at(self.notes[0].at))

    def learnt(self, parameters):
        """What others have to know of it, as JSON can hold it."""
        said = self.says(self.notes[0])
        gaps = [after.at - before.at for before, after in pairwise(self.notes)]
        known = {
            "data": self.notes[-1].data.hex(),
            "to": list(self.to),
            "says": said[0] if len(said) == 1 else "",
            "steady": bool(gaps) and max(gaps) <= SLOWEST * parameters.period and not self.ended,
            "reaches": is_for_many(self.to[0]),
        }
        return known


def is_for_many(address):
    """Whether an address is a multicast group's or for broadcast."""
    if ":" in address:
        return address.lower().startswith("ff")
    return address in BROADCAST or 224 <= int(address.partition(".")[0]) <= 239


@dataclass(frozen=True)
class Orchestra:
    """What the five musicians have played."""

    performances: list[Performance]
    parameters: Parameters

    @property
    def playing(self):
        """Those that were heard."""
        return [one for one in self.performances if one.heard]

    def _some(self):
        """Raises NotJudged where none was heard: 1.1 pays for that."""
        if not self.playing:
            raise NotJudged("1.1", self.performances[0].kind, "no musician was heard")

    def _music(self):
        """Raises NotJudged where nothing that was heard tells one instrument from another."""
        self._some()
        if not any(one.is_music for one in self.playing):
            raise NotJudged("1.2", Kind.FORM, "no datagram tells which instrument is played")

    def rhythm(self):
        if not self.playing:
            return self.performances[0].nothing()
        self._music()
        wrong = [one.rhythm(self.parameters) for one in self.playing]
        return next(filter(None, wrong), None)

    def sounds(self):
        self._some()
        wrong = [one.sound() if one.heard else one.nothing() for one in self.performances]
        return next(filter(None, wrong), None)

    def places(self):
        self._music()
        return next(filter(None, (one.place() for one in self.playing)), None)
