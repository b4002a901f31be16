"""Presence over UDP: who is there. The contract is in presence_udp.md.

People of an earlier scenario may still be in the room, so each scenario draws names of its own. All
have one length, and a HELLO is as long as a short SAY, so that only 2.8 pays if one datagram runs
into the next. Clause 2.1 learns how the server words its notices (`learning`): a fault in that
costs the clause about it, and the others are judged by what the server really says (`notices`).
"""

from conformance import Lab, Parameter

from .causes import CAUSES

STRANGER = "Who are you? Say HELLO name first"
COMMANDS = ("HELLO", "SAY", "WHO", "ALIVE", "BYE")
LATEST = 1.5  # seconds for the first beacon, and by which an expiry may be late
MOMENT = 0.3  # seconds to wait for a datagram too many
PATIENCE = 5.0  # seconds after which an answer or a notice counts as absent
MAX_DATAGRAM_BYTES = 1400  # bytes of a datagram
WHOLE = ("2.8",)  # datagrams that are cut, or run into each other, spoil longer conversations


def shown(parameters):
    """What the contract shows of the parameters."""
    expiry, tolerance = parameters.expiry, parameters.tolerance
    return {
        "every second": f"every {parameters.beacon_period:g} s",
        "beacons": f"{parameters.beacon_period:g} s ± {tolerance:g} s",
        "silence": f"{expiry:g} s",
        "told gone": f"between {expiry - tolerance:g} s and {expiry + LATEST:g} s",
        "surely gone": f"{expiry + LATEST:g} s",
    }


presence_udp = Lab(
    "presence-udp",
    __file__,
    protocol="udp",
    teaches="2.1",
    causes=CAUSES,
    parameters=[
        Parameter("port", 9907, "UDP port that the server listens on"),
        Parameter("expiry", 5.0, "seconds of silence after which somebody is gone"),
        Parameter("beacon_group", "239.255.22.5", "multicast group of the beacon"),
        Parameter("beacon_port", 9908, "port of the beacon"),
        Parameter("beacon_period", 1.0, "seconds between two beacons"),
        Parameter("tolerance", 0.25, "seconds by which a beacon or an expiry may be off"),
    ],
    shown=shown,
    longest=lambda parameters: max(150.0, 12 * parameters.expiry),
)
