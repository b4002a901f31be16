"""The lab author's vocabulary, and nothing else.

A lab is a Markdown file, the contract, and a Python file beside it that imports from here, or
a folder of such files: see CONTRIBUTING.md, "A lab of your own".
"""

from conformance.contract.draw import Draw
from conformance.contract.lab import Lab
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
