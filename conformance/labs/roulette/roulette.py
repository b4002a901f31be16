"""Roulette: a store of students, one of whom is named at random. The contract is in roulette.md.

`model` has the right answers. Clause 2.1 learns how this server words its answers, and which of
them can be relied upon (`survey`). A fault costs the clause that is about it; every other clause
reads answers in whichever form they come (`reading`, `guest`) and counts students by what tells
their number (`students`).
"""

from conformance import Lab, Parameter

from .causes import CAUSES
from .model import CLEARED, LOADED, compact, info_of, loaded

PORTS = {1: 1313, 2: 2613}
"""The usual port of each version."""

PATIENCE = 5.0  # seconds to wait for what has no deadline of its own
A_MOMENT = 0.2  # seconds in which nothing more may come behind an answer


def is_version_2(parameters):
    return parameters.version == 2


def _version(parameters):
    return None if parameters.version in PORTS else "version is 1 or 2"


def _shown(parameters):
    """What the contract shows of the version in force."""
    first = not is_version_2(parameters)
    return {
        "INFO": f"`{compact(info_of(parameters.version, 3))}`",
        "count": f"`{LOADED}`" if first else f"the count of these lines, `{compact(loaded(3))}`",
        "second count": f"`{LOADED}`" if first else "2",
        "parting": "and without a word" if first else "and of the answer that 3.3 is about",
        "cleared": f"`{CLEARED}`",
        "commands": "five" if first else "seven",
        "in any case": f"`info`, `Load`, `rANDOM`{'' if first else ', `List`'}, `bye`",
        "from where": "RANDOM" if first else "LIST or RANDOM",
    }


roulette = Lab(
    "roulette",
    __file__,
    teaches="2.1",
    remembers=True,
    outlives=("3.4", "5.1"),
    parameters=[
        Parameter("version", 2, "version of the protocol: 1 or 2"),
        Parameter(
            "port",
            PORTS[2],
            "TCP port that the server listens on; 1313 in version 1",
            follows=lambda others: PORTS.get(others["version"], PORTS[2]),
        ),
    ],
    variants={"roulette-1": {"version": 1}},
    check_parameters=_version,
    shown=_shown,
    causes=CAUSES,
)
