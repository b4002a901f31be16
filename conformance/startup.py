"""What to say of a program that does not listen where it should: what was seen instead."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.host import IN_USE, Host
from conformance.model import UNDISTURBED, Fault, Violation
from conformance.sandbox import Listener
from conformance.waiting import Waited

EPHEMERAL = 32_768
"""Ports from here on are given by the system to who asks for none
(/proc/sys/net/ipv4/ip_local_port_range)."""


def after_waiting(took: float, own: float, waited: Waited) -> str:
    """How long was waited for the port, and why for longer than the `own` seconds of the
    program; "" where it was not, or only for a moment."""
    return f"{took:.1f} s, {waited}" if took > own + UNDISTURBED else ""


def not_listening(host: Host, protocol: str, within: float, told: str = "") -> Violation:
    """The violation of a program that has not opened its port within so many seconds, and was
    waited for as long as is `told`. Raises SandboxError where that is not known, or not its
    doing."""
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
        f"no port was opened within {told or f'{within:g} s'}; the program is still running",
        hint="Does it wait for input, or for something else, before it listens?",
        fault=Fault.ABSENT,
    )


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
    if all(other.port >= EPHEMERAL for other in others):
        return (
            "The system chose that port, another at each start: was none given to listen(), or 0?"
        )
    return "Look for the number of the port in the program."
