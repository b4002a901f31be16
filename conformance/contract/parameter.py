"""A parameter of a lab, and what a teacher may write for it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.verdict.model import WrongCall


@dataclass(frozen=True)
class Parameter:
    """Something that a teacher may word or choose differently."""

    name: str
    default: Any
    meaning: str
    choices: tuple[str, ...] = ()
    """The allowed words; empty: any."""
    also: tuple[str, ...] = ()
    """Words that are allowed instead of a number ("any")."""
    follows: Callable[[Mapping[str, Any]], Any] | None = None
    """Its value where nobody sets it, from the values of those before it; None: the default."""

    def usual(self, others: Mapping[str, Any]) -> Any:
        """Its value where nobody sets it, beside these values of the others."""
        return self.follows(others) if self.follows else self.default

    def is_written(self, text: str) -> bool:
        """Whether `text`, from a contract's table of parameters, means its default."""
        plain = text.removeprefix("`").removesuffix("`")
        if isinstance(self.default, str):
            return self.default in (plain, plain.removeprefix('"').removesuffix('"'))
        return plain == str(self.default)

    def read(self, text: str) -> Any:
        """The value that `text` stands for. Raises WrongCall in one sentence."""
        if self.choices:
            if text not in self.choices:
                raise WrongCall(
                    f"{self.name} is one of {', '.join(self.choices)}, not {text!r}"
                    f"{did_you_mean(text, self.choices)}"
                )
            return text
        if text in self.also:
            return text
        kind = int if self.also else type(self.default)
        if kind is str:
            return text
        try:
            value = kind(text)
            if not math.isfinite(value):
                raise ValueError(text)
        except ValueError:
            wanted = "a whole number" if kind is int else "a number"
            either = f", or {' or '.join(self.also)}" if self.also else ""
            raise WrongCall(f"{self.name} is {wanted}{either}, not {text!r}") from None
        if value < 0:
            raise WrongCall(f"{self.name} is at least 0, not {text!r}")
        if self.name.endswith("port") and not 0 < value < 65_536:
            raise WrongCall(f"{self.name} is between 1 and 65535, not {text!r}")
        return value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` if the word is close to a known one, or part of it; else ""."""
    plain = word.casefold().replace("_", "-")
    names = {name.casefold().replace("_", "-"): name for name in known}
    parts = [name for name in names if plain and (name.startswith(plain) or plain in name)]
    near = parts[:1] or difflib.get_close_matches(plain, names, n=1)
    return f"; did you mean {names[near[0]]}?" if near else ""
