"""Which language is spoken: that of the report under way, and of nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr")

_SPOKEN: ContextVar[str] = ContextVar("language", default=ENGLISH)


def spoken() -> str:
    """The language of the report under way, as in `LANGUAGES`."""
    return _SPOKEN.get()


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is rendered meanwhile is in this language. Raises ValueError for one that is unknown."""
    if language not in LANGUAGES:
        raise ValueError(f"no language of the suite: {language!r}")
    former = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(former)


def from_environment(environment: Mapping[str, str]) -> str:
    """The language that a user has set, in the variables that gettext reads; else English."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := environment.get(name))), "C")
    if locale.partition(".")[0] in ("C", "POSIX"):
        return ENGLISH
    wanted = [*environment.get("LANGUAGE", "").split(":"), locale]
    known = (each.partition(".")[0].partition("_")[0].lower() for each in wanted)
    return next((language for language in known if language in LANGUAGES), ENGLISH)
