"""The language in which a command speaks: as it is told, as its class says, or as LANG has it."""

from __future__ import annotations

import os

import click

from conformance.words import LANGUAGES, from_environment, speaking

_ASKED = "conformance.language"


def _speak(context: click.Context, option: click.Parameter, value: str | None) -> None:
    context.meta[_ASKED] = value or ""
    context.with_resource(speaking(value or from_environment(os.environ)))


LANGUAGE = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="The language of what is printed and written (default: that of LANG, else English).",
    is_eager=True,  # what other options complain of is told in it
    expose_value=False,
    callback=_speak,
)


def asked_language() -> str:
    """The language that the command was told to speak; "" where it was told none."""
    asked: str = click.get_current_context().meta.get(_ASKED, "")
    return asked
