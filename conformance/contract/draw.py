"""Payloads drawn for each run from its seed: a server cannot know them beforehand, and `--seed`
repeats a run exactly. Pure."""

from __future__ import annotations

import random

LETTERS = "abcdefghijklmnopqrstuvwxz"
"""ASCII letters without y, so that no drawn word contains "bye"."""


class Draw:
    """The source of a scenario's payloads."""

    def __init__(self, seed: int, scenario: str) -> None:
        """Each scenario has its own source, so that what one draws does not change the others."""
        self._random = random.Random(f"{seed}/{scenario}")

    def word(self, length: int = 10) -> str:
        """Lower-case letters of ASCII, unlikely to be any word of a greeting."""
        return "".join(self._random.choices(LETTERS, k=length))

    def words(self, count: int) -> list[str]:
        """Different words."""
        drawn: dict[str, None] = {}
        while len(drawn) < count:
            drawn[self.word()] = None
        return list(drawn)

    def line(self, length: int) -> str:
        """A line of words with single spaces between them, `length` characters long."""
        text = ""
        while len(text) < length:
            text += self.word(self._random.randint(3, 9)) + " "
        return text[: length - 1] + self._random.choice(LETTERS)

    def lines(self, count: int, length: int = 24) -> list[str]:
        """Different lines: each begins with its number."""
        return [f"{number} {self.line(length)}" for number in range(1, count + 1)]

    def spread(self, characters: str, count: int) -> list[str]:
        """`count` words that together hold every character of `characters`, shuffled."""
        mixed = list(characters)
        self._random.shuffle(mixed)
        return ["".join(mixed[start::count]) for start in range(count)]

    def data(self, length: int) -> bytes:
        """Any bytes."""
        return self._random.randbytes(length)

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability
