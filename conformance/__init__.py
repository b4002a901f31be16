"""The lab author's vocabulary, and nothing else.

A lab is a Markdown file, the contract, and a Python file beside it that imports from here, or
a folder of such files: see CONTRIBUTING.md, "A lab of your own".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.contract.draw import Draw
    from conformance.contract.lab import Lab
    from conformance.contract.laid import Laid
    from conformance.contract.parameter import Parameter
    from conformance.contract.state_model import Act, Incoming, Promise, StateModel
    from conformance.verdict.causes import Cause, never_served
    from conformance.verdict.checks import (
        at_most,
        cadence,
        drift,
        in_order,
        not_before,
        promptly,
        require,
        slope,
    )
    from conformance.verdict.expectations import Wording
    from conformance.verdict.model import Level, Parameters
    from conformance.verdict.symptoms import Sign, Symptom
    from conformance.verdict.transcript import as_text
    from conformance.verdict.violation import Fault, Kind, NotJudged, Violation

__all__ = [
    "Act",
    "Cause",
    "Draw",
    "Fault",
    "Incoming",
    "Kind",
    "Lab",
    "Laid",
    "Level",
    "NotJudged",
    "Parameter",
    "Parameters",
    "Promise",
    "Sign",
    "StateModel",
    "Symptom",
    "Violation",
    "Wording",
    "as_text",
    "at_most",
    "cadence",
    "drift",
    "in_order",
    "never_served",
    "not_before",
    "promptly",
    "require",
    "slope",
]

__version__ = "0.1.0"

_HOMES = {
    "conformance.contract.draw": ("Draw",),
    "conformance.contract.lab": ("Lab",),
    "conformance.contract.laid": ("Laid",),
    "conformance.contract.parameter": ("Parameter",),
    "conformance.contract.state_model": ("Act", "Incoming", "Promise", "StateModel"),
    "conformance.verdict.causes": ("Cause", "never_served"),
    "conformance.verdict.checks": (
        "at_most",
        "cadence",
        "drift",
        "in_order",
        "not_before",
        "promptly",
        "require",
        "slope",
    ),
    "conformance.verdict.expectations": ("Wording",),
    "conformance.verdict.model": ("Level", "Parameters"),
    "conformance.verdict.symptoms": ("Sign", "Symptom"),
    "conformance.verdict.transcript": ("as_text",),
    "conformance.verdict.violation": ("Fault", "Kind", "NotJudged", "Violation"),
}
"""Where each word is defined. It is imported when it is first asked for: who only wants to know the
options of a command shall not wait for what labs need."""

_HOME = {word: module for module, words in _HOMES.items() for word in words}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    word = globals()[name] = getattr(import_module(_HOME[name]), name)
    return word


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
