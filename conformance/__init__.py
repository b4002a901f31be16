"""The lab author's vocabulary, and nothing else.

A lab is one Markdown file, the contract, and one Python file beside it that imports
from here: see CONTRIBUTING.md, "A lab of your own".
"""

from conformance.contract.draw import Draw
from conformance.contract.lab import Lab, Parameter
from conformance.verdict.checks import at_most, cadence, drift, hold, in_order, promptly, slope
from conformance.verdict.expectations import Wording
from conformance.verdict.model import Fault, Kind, Level, NotJudged, Parameters, Violation
from conformance.verdict.transcript import as_text

__all__ = [
    "Draw",
    "Fault",
    "Kind",
    "Lab",
    "Level",
    "NotJudged",
    "Parameter",
    "Parameters",
    "Violation",
    "Wording",
    "as_text",
    "at_most",
    "cadence",
    "drift",
    "hold",
    "in_order",
    "promptly",
    "slope",
]

__version__ = "0.1.0"
