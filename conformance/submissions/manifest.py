"""submission.toml: a folder that says itself how it is built and started."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.model import WrongCall
from conformance.submissions import first_word

NAME = "submission.toml"
KEYS = ("lab", "build", "command", "arguments", "port")


@dataclass(frozen=True)
class Manifest:
    """What a manifest says; nothing for what it leaves out."""

    lab: str | None = None
    build: tuple[tuple[str, ...], ...] = ()
    command: tuple[str, ...] = ()
    arguments: tuple[str, ...] | None = None
    port: int | None = None


def read(path: Path) -> Manifest:
    """The manifest at `path`. Raises WrongCall: not TOML, an unknown key, a wrong type, a
    program that is not the submission's to name."""
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongCall(f"{NAME} is not TOML: {error}") from None
    for key in values:
        if key not in KEYS:
            raise WrongCall(f"{NAME}: there is no key {key!r}; the keys are {', '.join(KEYS)}")
    manifest = Manifest(
        lab=_lab(values.get("lab")),
        build=_build(values.get("build")),
        command=_words("command", values.get("command")),
        arguments=_arguments(values.get("arguments")),
        port=_port(values.get("port")),
    )
    for command in (*manifest.build, *filter(None, [manifest.command])):
        if refusal := first_word.refused(command[0], path.parent):
            raise WrongCall(f"{NAME}: {refusal}")
    if manifest.build and not manifest.command:
        raise WrongCall(f"{NAME}: with `build` there must be a `command` that starts the program")
    return manifest


def _wrong(key: str, wanted: str, value: Any) -> WrongCall:
    return WrongCall(
        f"{NAME}: `{key}` must be {wanted}, not {value!r}; the keys are {', '.join(KEYS)}"
    )


def _lab(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    raise _wrong("lab", "the name of a lab", value)


def _port(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    raise _wrong("port", "a number from 1 to 65535", value)


def _words(key: str, value: Any) -> tuple[str, ...]:
    """A command: a list of strings that are no shell's business."""
    if value is None:
        return ()
    whole = isinstance(value, list) and bool(value)
    if whole and all(isinstance(word, str) and word and "\0" not in word for word in value):
        return tuple(value)
    raise _wrong(key, 'a list of words like ["java", "Main"]', value)


def _arguments(value: Any) -> tuple[str, ...] | None:
    """None where nothing is said of them; an empty list says that there are none."""
    return () if value == [] else _words("arguments", value) or None


def _build(value: Any) -> tuple[tuple[str, ...], ...]:
    """One command, or a list of them."""
    if isinstance(value, list) and value and all(isinstance(item, list) for item in value):
        return tuple(_words("build", command) for command in value)
    words = _words("build", value)
    return (words,) if words else ()
