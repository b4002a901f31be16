"""Faults that cost several clauses, and the sentence for each. The first that was seen is told."""

from conformance import Cause, Sign

CAUSES = (
    Cause(
        "ends at its start",
        "It ends by itself, and has not connected to anything.",
        {"1.1": (Sign.ENDED,)},
    ),
    Cause("never connects", "It connects to nothing.", {"1.1": (Sign.NO_VISIT,)}),
    Cause(
        "prints nothing",
        "Nothing of what the server answers is printed.",
        {"1.3": (Sign.UNPRINTED,)},
    ),
)
