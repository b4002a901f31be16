"""What to say of a program that does not listen where it should: what was seen instead."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.host import IN_USE, Host
from conformance.model import Fault, Violation
from conformance.sandbox import Listener


def not_listening(host: Host, protocol: str, within: float) -> Violation:
    """The violation of a program that has not opened its port within so many seconds.

    Raises SandboxError where that is not known, or not its doing."""
    host.require_seen()
    host.require_no_rival()
    wanted = f"the program listens on {protocol.upper()} port {host.port}"
    in_time = f"{wanted} within {within:g} s of its start"
    if ended := host.ended():
        return Violation(in_time, f"{ended}, before it listened", hint=_why_ended(host))
    if others := host.other_ports():
        seen = " and ".join(sorted({f"{other.protocol.upper()} {other.port}" for other in others}))
        return Violation(
            wanted,
            f"it listens on {seen}, but the lab asks for {protocol.upper()} {host.port}",
            hint=_why_elsewhere(host, others),
            fault=Fault.ABSENT,
        )
    return Violation(
        in_time,
        f"no port was opened within {within:g} s; the program is still running",
        hint="Does it wait for input, or for something else, before it listens?",
        fault=Fault.ABSENT,
    )


def only_other_port(host: Host, protocol: str) -> int | None:
    """The one port of the right protocol on which it listens instead; None of several."""
    ports = {other.port for other in host.other_ports() if other.protocol == protocol}
    return ports.pop() if len(ports) == 1 else None


def _why_ended(host: Host) -> str:
    output = host.last_output().lower()
    if any(words in output for words in IN_USE):
        return (
            "The port was still taken by the run before: set SO_REUSEADDR on the listening"
            " socket, before bind."
        )
    if "exit status 0" in host.ended():
        return (
            "It came to its end without an error: a server accepts clients in a loop that does"
            " not end, in a thread that keeps the program alive."
        )
    return "Its own last output says why it ended."


def _why_elsewhere(host: Host, others: Sequence[Listener]) -> str:
    if any(other.port == host.port for other in others):
        return "The number of the port is right, the kind of socket is not: TCP and UDP differ."
    return "Look for the number of the port in the program."
