"""submission.toml: how a submission is built and started, in the student's words.

A submission of several programs has a table for each, named after it: `[auditor]`.
"""

from __future__ import annotations

import reprlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.submissions import first_word, texts, toolchain
from conformance.submissions.native import make
from conformance.submissions.recipe import Recipe
from conformance.verdict.model import WrongCall

NAME = "submission.toml"
OF_A_PROGRAM = ("build", "command", "arguments")
KEYS = ("lab", *OF_A_PROGRAM, "port")
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
    programs: Mapping[str, Manifest] = field(default_factory=dict)
    """What it says of each program of several."""

    def started(self, root: Path) -> tuple[Recipe | None, tuple[str, ...] | None]:
        """How the program in `root` is built and started, None if that is to be recognised; and its
        arguments, None if it says nothing of them."""
        if not self.command:
            return None, self.arguments
        # It says how it is started, and that is all of it.
        recipe = Recipe("manifest", root, self.command, self.build)
        made = make.recognise(root) if not self.build and self._is_missing(root) else None
        if made is not None:
            told = f"{self.command[0]} was not handed in, so make was run first"
            note = "; ".join(filter(None, (told, made.note)))
            recipe = replace(recipe, build=made.build, note=note)
        return recipe, self.arguments or ()

    def _is_missing(self, root: Path) -> bool:
        """Whether the command starts with a file of the submission that is not there."""
        word = self.command[0]
        tool = toolchain.TOOLS.fullmatch(word) or toolchain.installed(word)
        if tool or word.startswith("/") or toolchain.is_elsewhere(word):
            return False
        return not (root / word).exists()

    def require(self, roles: Sequence[str]) -> None:
        """Raises WrongCall unless its tables are those of these programs: all, or none of them."""
        for name in self.programs:
            if name not in roles:
                raise _unknown(name, (*KEYS, *roles))
        if not self.programs:
            return
        if self.command or self.build or self.arguments is not None:
            tables = " or ".join(f"[{role}]" for role in roles)
            raise WrongCall(
                f"{NAME}: this lab has {len(roles)} programs, so `build`, `command` and `arguments`"
                f" stand in the table {tables}"
            )
        if missing := [role for role in roles if role not in self.programs]:
            raise WrongCall(f"{NAME}: the table [{missing[0]}] is missing")


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
    for key, value in values.items():
        if key not in KEYS and not isinstance(value, dict):
            raise _unknown(key, KEYS)
    tables = {key: value for key, value in values.items() if key not in KEYS}
    manifest = Manifest(
        lab=_lab(values.get("lab")),
        build=_build(values.get("build")),
        command=_words("command", values.get("command")),
        arguments=_arguments(values.get("arguments")),
        port=_port(values.get("port")),
        note=note,
        programs={name: _program(table) for name, table in tables.items()},
    )
    for said in (manifest, *manifest.programs.values()):
        for command in (*said.build, *filter(None, [said.command])):
            if refusal := first_word.refused(command[0], path.parent):
                raise WrongCall(f"{NAME}: {refusal}")
        if said.build and not said.command:
            told = f"{NAME}: with `build` there must be a `command` that starts the program"
            raise WrongCall(told)
    return manifest


def _program(values: Mapping[str, Any]) -> Manifest:
    """What the table of one program says."""
    for key in values:
        if key not in OF_A_PROGRAM:
            raise _unknown(key, OF_A_PROGRAM)
    return Manifest(
        build=_build(values.get("build")),
        command=_words("command", values.get("command")),
        arguments=_arguments(values.get("arguments")),
    )


def _unknown(key: str, known: Sequence[str]) -> WrongCall:
    return WrongCall(f"{NAME}: there is no key {_shown(key)}; the keys are {', '.join(known)}")


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
