"""submission.toml: how a submission is built and started, in the student's words."""

from __future__ import annotations

import reprlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.submissions import first_word, texts
from conformance.verdict.model import WrongCall

NAME = "submission.toml"
KEYS = ("lab", "build", "command", "arguments", "port")
MAX_MANIFEST_BYTES = 16 << 10
"""Bytes of a manifest, which has a few lines. Parsing is quadratic in the depth of tables."""
MAX_LAB_NAME = 100
"""Characters of a lab's name."""


@dataclass(frozen=True)
class Manifest:
    """What a manifest says; what it leaves out is empty."""

    lab: str | None = None
    build: tuple[tuple[str, ...], ...] = ()
    command: tuple[str, ...] = ()
    arguments: tuple[str, ...] | None = None
    port: int | None = None
    note: str = ""
    """A note on its encoding, if that is not plain UTF-8."""


def read(path: Path) -> Manifest:
    """The manifest at `path`. Raises WrongCall: not TOML, an unknown key, a wrong type, a
    program that is not the submission's to name, or much too large or too deep."""
    text, note = texts.manifest(path, most=MAX_MANIFEST_BYTES)
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise WrongCall(f"{NAME} is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongCall(f"{NAME} is not TOML: {error}") from None
    except ValueError:
        raise WrongCall(f"{NAME} has a number of thousands of digits") from None
    for key in values:
        if key not in KEYS:
            shown = _shown(key)
            raise WrongCall(f"{NAME}: there is no key {shown}; the keys are {', '.join(KEYS)}")
    manifest = Manifest(
        lab=_lab(values.get("lab")),
        build=_build(values.get("build")),
        command=_words("command", values.get("command")),
        arguments=_arguments(values.get("arguments")),
        port=_port(values.get("port")),
        note=note,
    )
    for command in (*manifest.build, *filter(None, [manifest.command])):
        if refusal := first_word.refused(command[0], path.parent):
            raise WrongCall(f"{NAME}: {refusal}")
    if manifest.build and not manifest.command:
        raise WrongCall(f"{NAME}: with `build` there must be a `command` that starts the program")
    return manifest


def _wrong(key: str, wanted: str, value: Any) -> WrongCall:
    return WrongCall(
        f"{NAME}: `{key}` must be {wanted}, not {_shown(value)}; the keys are {', '.join(KEYS)}"
    )


def _shown(value: Any) -> str:
    """The value, cut to a readable length."""
    try:
        return reprlib.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def _lab(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and 0 < len(value) <= MAX_LAB_NAME and value.isprintable():
        return value
    raise _wrong("lab", "the name of a lab", value)


def _port(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    raise _wrong("port", "a number from 1 to 65535", value)


def _words(key: str, value: Any) -> tuple[str, ...]:
    """A command: a list of strings, run without a shell."""
    if value is None:
        return ()
    whole = isinstance(value, list) and bool(value)
    if whole and all(isinstance(word, str) and word and "\0" not in word for word in value):
        return tuple(value)
    raise _wrong(key, 'a list of words like ["java", "Main"]', value)


def _arguments(value: Any) -> tuple[str, ...] | None:
    """None if the manifest does not mention them; an empty list means that there are none."""
    return () if value == [] else _words("arguments", value) or None


def _build(value: Any) -> tuple[tuple[str, ...], ...]:
    """One command, or a list of them."""
    if isinstance(value, list) and value and all(isinstance(item, list) for item in value):
        return tuple(_words("build", command) for command in value)
    words = _words("build", value)
    return (words,) if words else ()
