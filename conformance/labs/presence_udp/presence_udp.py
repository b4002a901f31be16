"""Presence over UDP: who is there. The contract stands beside this file, in presence_udp.md.

People of an earlier scenario may still be in the room: each scenario draws names of its own, all
of one length, and a HELLO is as long as a short SAY: where one datagram runs into the next, 2.8
alone pays. Clause 2.1 learns how the server tells of people (`learning`): a fault in that costs
the clause about it, and the others are judged by what the server really tells (`notices`).
"""

from conformance import Lab, Parameter

STRANGER = "Who are you? Say HELLO name first"
COMMANDS = ("HELLO", "SAY", "WHO", "ALIVE", "BYE")
LATEST = 1.5  # seconds that the first beacon may take, and that an expiry may come after its time
MOMENT = 0.3  # seconds in which a datagram too many is waited for
PATIENCE = 5.0  # seconds after which an answer, or a notice, is called absent
LARGEST = 1400  # bytes of a datagram
WHOLE = ("2.8",)  # a datagram that is cut, or runs into the next, spoils every longer conversation


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
    see="nc -u localhost {port}   # type HELLO Ann, SAY hi, WHO, BYE",
)
