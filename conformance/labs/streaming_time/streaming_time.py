"""Streaming time: a server that tells the time. The contract is in streaming_time.md."""

from conformance import Lab, Parameter

from .causes import CAUSES
from .dates import zone_for

CONCURRENCY = ("any", "one-at-a-time", "together")


def _combination(parameters):
    if "<date>" not in parameters.form:
        return "the form of a line must hold <date>, which stands for the date"
    if parameters.lines < 1:
        return "a stream has at least 1 line"
    return None


def _shown(parameters):
    """What the contract shows of the parameters."""
    lines, period = parameters.lines, parameters.period
    return {
        "line": f"`{parameters.form.replace('<date>', 'TEXT')}`",
        "gap": f"{period:g} s ± {parameters.tolerance:g} s",
        "periods": str(max(0, lines - 2)),
        "soon": f"{soon(parameters):g} s",
        "turn": f"{in_turn(parameters):g} s",
    }


def _longest(parameters):
    """Seconds for a scenario: three whole streams, one turn, clients, and two starts of the
    server."""
    return max(150.0, 7 * in_turn(parameters) + 8 * PATIENCE)


streaming = Lab(
    "streaming-time",
    __file__,
    parameters=[
        Parameter("port", 2205, "TCP port that the server listens on"),
        Parameter("lines", 15, "lines that each client gets"),
        Parameter("period", 1.0, "seconds from one line to the next; 0: as they come"),
        Parameter("tolerance", 0.25, "seconds by which a gap may be shorter or longer"),
        Parameter("form", "{'time' : '<date>'}", "the line; <date> stands for the date"),
        Parameter("concurrency", "any", "how clients are served", choices=CONCURRENCY),
    ],
    check_parameters=_combination,
    shown=_shown,
    outlives=("3.1", "3.2"),
    zone=zone_for,
    longest=_longest,
    causes=CAUSES,
)

PATIENCE = 5.0  # seconds to wait for what has no deadline of its own
ALONE = ("2.1", "2.2", "2.3", "2.4", "2.5")
"""The clauses that pay for a fault in a single client's stream."""


def together(parameters):
    return parameters.concurrency == "together"


def has_rhythm(parameters):
    """Whether the contract says how long a gap is."""
    return parameters.period > 0 and parameters.lines > 1


def can_drift(parameters):
    return parameters.period > 0 and parameters.lines > 2


def pause(parameters):
    """Seconds for which a server may pause before a line; 1 if the contract has no rhythm."""
    return parameters.period or 1.0


def soon(parameters):
    """Seconds within which a client that is served at once gets its first line, and the close after
    the last."""
    return pause(parameters) + 0.5


def in_the_end(parameters):
    """Seconds within which a server that flushes only at the end has sent its lines."""
    return parameters.lines * pause(parameters) + soon(parameters)


def in_turn(parameters):
    """Seconds within which a client that must wait for another's stream gets its first line."""
    return parameters.lines * pause(parameters) + PATIENCE
