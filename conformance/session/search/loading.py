"""Loads what a search needs, before anything is forked: a session imports nothing itself."""

from __future__ import annotations

from conformance.verdict.model import WrongCall

WITHOUT = (
    "--search needs Hypothesis, which is not installed here: pip install 'conformance[search]'"
)


def load() -> None:
    """Loads Hypothesis, and has it do once what it does only when it is used. Raises WrongCall
    where it is not installed."""
    try:
        from conformance.session.search import machine
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "hypothesis":
            raise
        raise WrongCall(WITHOUT) from None
    machine.warm_up()
