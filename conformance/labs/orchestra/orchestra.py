"""Orchestra: musicians that are heard, and an auditor that tells who plays. The contract is in
orchestra.md."""

from conformance import Lab, Parameter

from .causes import CAUSES

INSTRUMENTS = ("piano", "trumpet", "flute", "violin", "drum")
HOSTS = tuple(f"musician-{number}" for number in range(1, len(INSTRUMENTS) + 1))
"""The hosts that musicians play on, beside the auditor's own."""


def _shown(parameters):
    """What the contract shows of the parameters."""
    return {"gap": f"{parameters.period:g} s ± {parameters.tolerance:g} s"}


def _combination(parameters):
    if parameters.period <= 0:
        return "a musician has a period of more than 0 seconds"
    if parameters.active_window <= EARLIER + 2 * parameters.period:
        return "the active window is at least two periods and 1.5 s"
    return None


EARLIER = 1.5
"""Seconds before the end of the active window at which a musician is still listed, and after it at
which it is no more."""

orchestra = Lab(
    "orchestra",
    __file__,
    programs=("auditor", "musician"),
    hosts=HOSTS,
    port_parameter="tcp_port",
    gate="2.1",
    teaches="1.1",
    outlives=("2.2", "2.3", "3.1"),
    parameters=[
        Parameter("tcp_port", 2205, "TCP port that the auditor listens on"),
        Parameter("period", 1.0, "seconds from one datagram of a musician to the next"),
        Parameter("tolerance", 0.25, "seconds by which a gap may be shorter or longer"),
        Parameter("active_window", 5.0, "seconds after its last datagram for which one is active"),
        Parameter("piano", "ti-ta-ti", "the sound of the piano"),
        Parameter("trumpet", "pouet", "the sound of the trumpet"),
        Parameter("flute", "trulu", "the sound of the flute"),
        Parameter("violin", "gzi-gzi", "the sound of the violin"),
        Parameter("drum", "boum-boum", "the sound of the drum"),
    ],
    check_parameters=_combination,
    shown=_shown,
    zone=lambda now: "Europe/Zurich",
    see="nc localhost {tcp_port}   # while musicians play: {musician} piano",
    causes=CAUSES,
)


def sounds_of(parameters):
    """The sound of each instrument."""
    return {instrument: parameters[instrument] for instrument in INSTRUMENTS}
