"""From the share of all points to a grade, by the class's scale. Pure, and exact: it computes with
fractions, since rounded binary numbers could change a grade."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from conformance.verdict.model import WrongCall

ALLOWED = (
    'a scale is "percent", "linear 1..6" (from no point to all, in tenths), or letters with the '
    'least percent of each, "A 90, B 80, C 70, D 60, F 0"'
)

STEPS = (
    "a step is a number like 0.5, 0.25 or 1, of which both ends of the scale are multiples;"
    " without one, grades are in tenths"
)

_STEP = re.compile(r"\d{1,3}(?:\.(\d{1,4}))?")
_NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
_LINEAR = re.compile(rf"linear\s+({_NUMBER})\s*\.\.\s*({_NUMBER})")
_LETTER = re.compile(rf"([^\s,\d]\S*)\s+({_NUMBER})\s*%?")


@dataclass(frozen=True)
class Scale:
    """A scale of grades: linear from `low` to `high`, or letters, or percent."""

    linear: tuple[Fraction, Fraction] | None = None
    letters: tuple[tuple[str, Fraction], ...] = ()
    """Letters with the least percent of each, the best first."""
    step: Fraction = Fraction(1, 10)
    """The step to which grades are rounded. Letters have none."""
    digits: int = 1
    """Digits after the decimal point."""

    def grade(self, percent: Fraction) -> str:
        """The grade for a percentage of all points, rounded to the step: once, from the exact
        value, halves up.

        Letters depend on the percentage in tenths, as shown: 90.0 is an A.
        """
        if self.letters:
            shown = Fraction(tenths(percent))
            return next(letter for letter, least in self.letters if shown >= least)
        low, high = self.linear or (Fraction(0), Fraction(100))
        exact = low + (high - low) * percent / 100
        return rounded(self.step * math.floor(exact / self.step + Fraction(1, 2)), self.digits)


def read_scale(text: str, step: str = "") -> Scale:
    """Reads a scale whose grades are rounded to `step` ("": tenths). Raises WrongCall."""
    scale = _read_scale(text)
    return _stepped(scale, text, step) if step else scale


def _stepped(scale: Scale, text: str, step: str) -> Scale:
    if scale.letters:
        raise WrongCall(f"the scale {text!r} has letters, and letters have no step")
    found = _STEP.fullmatch(step)
    value = Fraction(step) if found else Fraction(0)
    if not found or not value:
        raise WrongCall(f"the step is {step!r}; {STEPS}")
    for end in scale.linear or (Fraction(0), Fraction(100)):
        if end % value:
            raise WrongCall(
                f"the step {step} does not lead to {plain(end)}, an end of the scale {text!r};"
                f" {STEPS}"
            )
    return replace(scale, step=value, digits=len((found[1] or "").rstrip("0")))


def _read_scale(text: str) -> Scale:
    words = " ".join(text.split())
    if words == "percent":
        return Scale()
    if found := _LINEAR.fullmatch(words):
        low, high = Fraction(found[1]), Fraction(found[2])
        if low == high:
            raise WrongCall(f"the scale {text!r} has one grade only; {ALLOWED}")
        return Scale((low, high))
    if words.startswith("linear"):
        raise WrongCall(
            f"the scale is {text!r}, but linear needs the grade for no point and the one for"
            f" all, with two dots between them; {ALLOWED}"
        )
    letters = []
    for part in words.removeprefix("letters ").split(","):
        found = _LETTER.fullmatch(part.strip())
        if not found:
            raise WrongCall(f"the scale is {text!r}; {ALLOWED}")
        letters.append((found[1], Fraction(found[2])))
    least = [percent for _, percent in letters]
    names = [letter for letter, _ in letters]
    falling = all(above > below for above, below in pairwise(least))
    if not falling or least[-1] != 0 or least[0] > 100 or len({*names}) < len(names):
        raise WrongCall(
            f"the scale {text!r} must name each letter once, and fall from 100 at most to 0;"
            f" {ALLOWED}"
        )
    return Scale(letters=tuple(letters))


def tenths(value: Fraction) -> str:
    """The value with one decimal, halves rounded up: 4.25 is "4.3"."""
    return rounded(value, 1)


def rounded(value: Fraction, digits: int) -> str:
    """A number, not negative, with so many decimals, halves rounded up."""
    units = math.floor(value * 10**digits + Fraction(1, 2))
    whole, rest = divmod(units, 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def plain(value: Fraction) -> str:
    """A number, not negative, in hundredths, without trailing zeros: 20, 7.5."""
    return rounded(value, 2).rstrip("0").rstrip(".")
