"""What a network does to packets on their way: the conditions of `--network`. Pure.

    delay 50ms jitter 10ms loss 2% duplicate 1% reorder 5%

The words are those of tc-netem(8). Each holds for both directions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from conformance.verdict.model import WrongCall

LONGEST = 0.5
"""The most seconds of delay, as by satellite: with more, no deadline of a lab means anything."""

MOST = 50.0
"""The most percent of packets that anything may happen to."""

HELD_BACK = 0.02
"""Seconds for which a packet waits, at most, to be overtaken by the next one."""

RETRANSMISSION = 0.6
"""Seconds by which TCP delivers a segment late that was lost twice: Linux repeats it after 0.2 s,
then after twice as long (RFC 6298)."""

_TIME = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(ms|s)", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%", re.ASCII)
_EXAMPLE = '"delay 50ms jitter 10ms loss 2% duplicate 1% reorder 5%"'


@dataclass(frozen=True)
class NetworkConditions:
    """Of a network. Without any, packets arrive at once, all of them, in their order."""

    delay: float = 0.0
    """Seconds that a packet takes from one host to the other."""
    jitter: float = 0.0
    """Seconds by which that varies, up and down. Packets stay in their order."""
    loss: float = 0.0
    """Percent of the packets that never arrive."""
    duplicate: float = 0.0
    """Percent of the packets that arrive twice."""
    reorder: float = 0.0
    """Percent of the packets that the next one overtakes, if it comes soon enough."""

    @classmethod
    def read(cls, text: str) -> NetworkConditions:
        """The conditions in words, as `--network` takes them. Raises WrongCall."""
        read: dict[str, float] = {}
        words = re.sub(r"(?<=\d) +(?=ms\b|s\b|%)", "", text.replace(",", " ")).split()
        for name, value in zip(words[::2], [*words[1::2], ""], strict=False):
            _require_new(name, read, text)
            read[name] = _value(name, value, text)
        made = cls(**read)
        if not words:
            raise WrongCall(f"the network has no conditions: write {_EXAMPLE}, or some of it")
        if made.jitter > made.delay:
            raise WrongCall(f"network {text!r}: the jitter cannot be more than the delay")
        return made

    def __str__(self) -> str:
        """In the words that `read` takes; "" where there are no conditions."""
        told = []
        for name, value in self._given():
            told.append(f"{name} {value * 1000:g}ms" if name in _TIMES else f"{name} {value:g}%")
        return " ".join(told)

    @property
    def told(self) -> str:
        """For a reader: `delay 50 ms, loss 2 %`."""
        told = []
        for name, value in self._given():
            told.append(f"{name} {value * 1000:g} ms" if name in _TIMES else f"{name} {value:g} %")
        return ", ".join(told)

    def _given(self) -> list[tuple[str, float]]:
        values = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(name, value) for name, value in values if value]

    def __bool__(self) -> bool:
        return bool(self._given())

    @property
    def by_chance(self) -> bool:
        """Whether anything is drawn, so that a seed repeats it."""
        return bool(self.jitter or self.loss or self.duplicate or self.reorder)

    def allowance(self, protocol: str) -> float:
        """Seconds that a question and its answer may take longer than on a wire: a round trip, and
        with "tcp" also what is lost on it."""
        held_back = HELD_BACK if self.reorder else 0.0
        again = RETRANSMISSION if self.loss and protocol == "tcp" else 0.0
        return 2 * (self.delay + self.jitter + held_back) + again


_TIMES = ("delay", "jitter")


def _require_new(name: str, read: dict[str, float], text: str) -> None:
    known = [field.name for field in fields(NetworkConditions)]
    if name not in known:
        raise WrongCall(f"network {text!r}: {name!r} is none of {', '.join(known)}")
    if name in read:
        raise WrongCall(f"network {text!r}: {name} stands there twice")


def _value(name: str, value: str, text: str) -> float:
    """Seconds, or percent."""
    if name in _TIMES:
        found = _TIME.fullmatch(value)
        seconds = float(found[1]) / (1000 if found[2] == "ms" else 1) if found else -1.0
        if not 0 <= seconds <= LONGEST:
            wanted = f"a time like 50ms, of {LONGEST:g} s at most"
            raise WrongCall(f"network {text!r}: {name} wants {wanted}, not {value!r}")
        return seconds
    found = _PERCENT.fullmatch(value)
    percent = float(found[1]) if found else -1.0
    if not 0 <= percent <= MOST:
        wanted = f"percent like 2%, and no more than {MOST:g}%"
        raise WrongCall(f"network {text!r}: {name} wants {wanted}, not {value!r}")
    return percent
