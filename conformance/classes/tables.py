"""A table of class.toml, read key by key. Errors name the key and what is allowed."""

from __future__ import annotations

import math
import reprlib
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conformance.classes.file_names import identity
from conformance.verdict.model import WrongCall

SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 100


class Table:
    """One table. All its methods that read raise WrongCall."""

    def __init__(self, values: Any, where: str, keys: tuple[str, ...]) -> None:
        """`where` names the table in messages; `keys` are those that it may have."""
        self.where = where
        if not isinstance(values, dict):
            raise WrongCall(f"{where} must be a table with the keys {', '.join(keys)}")
        self._values: Mapping[str, Any] = values
        for key in values:
            if key not in keys:
                raise WrongCall(f"{where}: there is no key {key!r}; the keys are {', '.join(keys)}")

    def wrong(self, key: str, wanted: str, value: Any = None) -> WrongCall:
        """The error for a value of the wrong kind; the caller raises it."""
        instead = "" if value is None else f", not {_shown(value)}"
        return WrongCall(f"{self.where}: `{key}` must be {wanted}{instead}")

    def get(self, key: str, default: Any = None) -> Any:
        """The value as in TOML; `default` if the key is missing."""
        return self._values.get(key, default)

    def text(self, key: str, default: str = "") -> str:
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text", value)
        return value

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        value = self._values.get(key, default)
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}", value)
        return value

    def number(self, key: str, default: float, most: float = math.inf) -> float:
        """A number from 0 to `most`."""
        value = self._values.get(key, default)
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not 0 <= value <= min(most, sys.float_info.max):  # NaN is no such number
            limits = "that is at least 0" if most == math.inf else f"from 0 to {most:g}"
            raise self.wrong(key, f"a number {limits}", value)
        return float(value)

    def words(self, key: str) -> tuple[str, ...]:
        return as_words(self._values.get(key, []), self, key)

    def time(self, key: str) -> datetime | None:
        """A time with its zone; None if the key is missing."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.wrong(key, "a time with its zone, like 2026-11-20T23:59:00+01:00", value)
        return value

    def table(self, key: str, example: str) -> dict[str, Any]:
        """A table within this one; empty if the key is missing."""
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table like {example}", value)
        return value

    def settings(self, key: str) -> dict[str, str]:
        """A lab's parameters, as `--set` takes them."""
        settings = {}
        for name, setting in self.table(key, '{ prefix = "> " }').items():
            if isinstance(setting, bool) or not isinstance(setting, str | int | float):
                raise self.wrong(f"{key}.{name}", "a text or a number", setting)
            settings[name] = str(setting)
        return settings


def as_words(value: Any, table: Table, key: str) -> tuple[str, ...]:
    """A list of texts, none of them empty. Raises WrongCall."""
    if not isinstance(value, list) or not all(isinstance(w, str) and identity(w) for w in value):
        raise table.wrong(key, 'a list of texts like ["a", "b"]', value)
    return tuple(identity(word) for word in value)


def _shown(value: Any) -> str:
    """The value as in the file, shortened."""
    try:
        return str(value) if isinstance(value, datetime) else SHORT.repr(value)
    except ValueError:
        return "a number of thousands of digits"
