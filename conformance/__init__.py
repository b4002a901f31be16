"""The lab author's vocabulary, and nothing else.

A lab is one Markdown file, the contract, and one Python file beside it that imports
from here: see CONTRIBUTING.md, "A lab of your own".
"""

from conformance.contract.lab import Lab, Parameter
from conformance.dates import zone_for
from conformance.dialect import Dialect, recognise, rule_of
from conformance.disorder import disorder
from conformance.heard import bunched
from conformance.notices import Heard, Manner, Speaker
from conformance.notices import learn as learn_manner
from conformance.stream import Stream
from conformance.tellings import tellings, tells
from conformance.verdict.checks import at_most, cadence, drift, hold, in_order, promptly
from conformance.verdict.expectations import Wording
from conformance.verdict.model import Fault, Kind, Level, NotJudged, Parameters, Violation

__all__ = [
    "Dialect",
    "Fault",
    "Heard",
    "Kind",
    "Lab",
    "Level",
    "Manner",
    "NotJudged",
    "Parameter",
    "Parameters",
    "Speaker",
    "Stream",
    "Violation",
    "Wording",
    "at_most",
    "bunched",
    "cadence",
    "disorder",
    "drift",
    "hold",
    "in_order",
    "learn_manner",
    "promptly",
    "recognise",
    "rule_of",
    "tellings",
    "tells",
    "zone_for",
]

__version__ = "0.1.0"
