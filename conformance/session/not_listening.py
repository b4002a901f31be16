"""What a report says of a program that does not listen where it should: what was seen instead."""

from __future__ import annotations

import json
import re
import shlex
import signal
from collections.abc import Sequence

from conformance.sandbox import Listener
from conformance.session.host import Host
from conformance.verdict.delays import Waited
from conformance.verdict.model import UNDISTURBED
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Fault, Violation

CRASHED = 128 + signal.SIGSEGV
"""The exit status of a program that accessed memory that it may not."""

EPHEMERAL = 32_768
"""The first port that the system chooses for programs that name none
(/proc/sys/net/ipv4/ip_local_port_range)."""

IN_USE = ("address already in use", "eaddrinuse", "address in use")
"""What programs print when a port is taken, in lower case."""

USAGE = re.compile(
    r"(?im)^(?!.*\b(?:cpu|memory|heap|disk|ram)\s+usage).{0,60}?"
    r"\b(?:usage|utilisation|syntaxe|aufruf|verwendung|benutzung|sintassi|uso)\s*[:=]"
    r"|^\W*usage\b"
)
MISSING = re.compile(
    r"(?i)\barguments? (?:is|are) required|\bmissing (?:required )?arguments?\b"
    r"|\b(?:missing|too few) (?:\w+ ){0,2}arguments?\b|\bargument manquant"
    r"|\bno port (?:was )?(?:given|specified)|\bport (?:number )?(?:is )?(?:missing|manquant)"
    r"|\bplease (?:specify|provide|give) (?:\w+ ){0,2}port\b"
)
"""What programs that check their arguments print when one is missing."""

UNCAUGHT = (
    re.compile(
        r"ArrayIndexOutOfBoundsException: (?:Index )?[0-3]\b[^\n]*\n[ \t]*at [\w.$/]*\bmain\("
    ),
    re.compile(r"ERR_SOCKET_BAD_PORT[^\n]*(?:NaN|undefined)|Received type number \(NaN\)"),
    re.compile(r"index out of range \[\d\] with length 1\b"),
    re.compile(r"the len is 1 but the index is [1-3]\b|construction from null is not valid"),
    re.compile(r"\b[1-3]: (?:unbound variable|parameter (?:null or )?not set)"),
)
"""What Java, Node, Go, Rust, C++ and the shell print when a program reads a missing argument."""

IN_PYTHON = ("IndexError: ", "ValueError: not enough values to unpack")
"""The same for Python, where the traceback shows a line with `argv`."""

LOOKED_AT = 8_000
"""Characters of the last output that are searched, since the patterns are slow on hostile texts."""

WITHOUT_ARGUMENTS = "It was started without arguments"
"""How the hint begins for a program that wants arguments."""

OPTION = re.compile(r"(?<![\w-])(--?p(?:ort)?)\b(?=[ =,/|])")
"""The option for a port, as a usage line names it."""

PROMPT = re.compile(
    r"(?i)[?:>]\s*$|\b(?:enter|type in|input|choose|entrez|saisi\w*|indiquez|tapez|eingeben"
    r"|eingabe|inserisc\w*|inserir\w*|introdu\w*)\b"
)
"""A last line that asks for input."""

NO_INPUT = re.compile(r"EOFError: EOF when reading|NoSuchElementException: No line found")


def after_waiting(took: float, own: float, waited: Waited) -> str:
    """How long we waited for the port, and why longer than the program's `own` seconds; "" if it
    was not noticeably longer."""
    return f"{took:.1f} s, {waited}" if took > own + UNDISTURBED else ""


def not_listening(
    host: Host, protocol: str, within: float, waited: str = "", before: int = 0
) -> Violation:
    """The violation of a program that has not opened its port `within` so many seconds. `waited`:
    how long we waited, in words, if longer. `before`: the other port on which it listened when it
    was started before. Raises SandboxError if it may be listening unseen, or if something else has
    its port."""
    host.require_seen()
    host.require_no_rival()
    wanted = f"the program listens on {protocol.upper()} port {host.port}"
    in_time = f"{wanted} within {within:g} s of its start"
    if ended := host.ended():
        over = Symptom(Sign.ENDED, facts={"how": ended.partition(": ")[2]})
        told = f"{ended}, before it listened"
        return Violation(in_time, told, hint={over.sign: _why_ended(host)}, symptom=over)
    if others := host.other_ports():
        seen = " and ".join(sorted({f"{other.protocol.upper()} {other.port}" for other in others}))
        asked = f"the lab asks for {protocol.upper()} {host.port}"
        actual = f"it listens on {seen}, but {asked}"
        if another := _chosen_by_system(host, before):
            actual = (
                "it listens on a port that the system chose (another at each start): on"
                f" {protocol.upper()} {before}, then on {another}, but {asked}"
            )
        symptom = _elsewhere(host, protocol, others)
        hint = _no_port_given(host) if another else _why_elsewhere(host, others, before)
        if symptom.sign is Sign.SWAPPED_PORT:
            hint = ""  # the table of hints has a better one
            actual += f" ({host.port} is 0x{host.port:04X}, {symptom.facts['port']} is"
            actual += f" 0x{symptom.facts['port']:04X})"
        return Violation(
            wanted,
            actual,
            hint={symptom.sign: hint},
            fault=Fault.ABSENT,
            symptom=symptom,
        )
    return Violation(
        in_time,
        f"no port was opened within {waited or f'{within:g} s'}; the program is still running",
        hint={Sign.NO_PORT: _why_silent(host)},
        fault=Fault.ABSENT,
        symptom=Sign.NO_PORT,
    )


def swapped(port: int) -> int:
    """The port of which this is the number with its two bytes in the other order, as when htons()
    is forgotten: 2323 and 4873."""
    return (port & 0xFF) << 8 | port >> 8


def _elsewhere(host: Host, protocol: str, others: Sequence[Listener]) -> Symptom:
    """What was seen of a program that listens elsewhere."""
    first = others[0]
    if any(other.port == host.port and other.protocol != protocol for other in others):
        return Symptom(Sign.OTHER_PROTOCOL, facts={"protocol": first.protocol})
    facts = {"port": first.port, "asked": host.port}
    if len(others) == 1 and first.protocol == protocol and first.port == swapped(host.port):
        return Symptom(Sign.SWAPPED_PORT, facts=facts)
    return Symptom(Sign.OTHER_PORT, facts=facts)


def wants_argument(output: str) -> bool:
    """Whether a program that wrote this wants an argument that it was not given."""
    said = output[-LOOKED_AT:]
    if "Traceback" in said and "argv" in said and any(words in said for words in IN_PYTHON):
        return True
    return any(pattern.search(said) for pattern in (USAGE, MISSING, *UNCAUGHT))


def wants_input(output: str) -> bool:
    """Whether a program that wrote this, and still runs, waits for input."""
    lines = output[-LOOKED_AT:].rstrip().splitlines()
    return bool(lines) and bool(PROMPT.search(lines[-1]))


def _argument(host: Host, output: str) -> str:
    """The hint for a program that wants an argument."""
    call = f"`{shlex.join(host.call)}`"
    if host.arguments:
        return f"It wants other arguments than those that it was started with: {call}."
    option = OPTION.search(output[-LOOKED_AT:])
    words = [*([option[1]] if option else []), "{port}"]
    return (
        f"{WITHOUT_ARGUMENTS}: {call}. Give the port a default, or put a"
        f" submission.toml beside it that says `arguments = {json.dumps(words)}` (or a whole"
        ' `command = [… "{port}"]`).'
    )


def _input(host: Host) -> str:
    """The hint for a program that asks for input."""
    return (
        "It asks for input before it listens, and there is nobody to type. Write the port"
        f" ({host.port}) into the program instead, or have it given as an argument. It was started"
        f" as `{shlex.join(host.call)}`."
    )


def _why_silent(host: Host) -> str:
    """The hint for a program that runs, and listens nowhere."""
    output = host.last_output()
    if wants_argument(output):
        return _argument(host, output)
    if wants_input(output):
        return _input(host)
    return (
        "Does it wait for input, or for something else, before it listens? It was started as"
        f" `{shlex.join(host.call)}`."
    )


def _why_ended(host: Host) -> str:
    said = host.last_output()
    output = said.lower()
    if any(words in output for words in IN_USE):
        return (
            "The port was still taken by the run before: set SO_REUSEADDR on the listening"
            " socket, before bind."
        )
    if wants_argument(said):
        return _argument(host, said)
    if NO_INPUT.search(said):
        return _input(host)
    if host.exit_status() == CRASHED and not host.arguments:
        return (
            "It read or wrote where it may not. Does it take argv[1] for granted? It was started"
            f" without arguments: `{shlex.join(host.call)}`."
        )
    if host.exit_status() == 0:
        return (
            "It came to its end without an error: a server accepts clients in a loop that does"
            " not end, in a thread that keeps the program alive."
        )
    return "Its own last output says why it ended."


def _chosen_by_system(host: Host, before: int) -> int:
    """The other port that it listens on, if the system chose that one and `before`; else 0."""
    now = host.only_other_port() or 0
    return now if min(now, before) >= EPHEMERAL and now != before else 0


def _no_port_given(host: Host) -> str:
    hint = "No port was given to listen() or bind(), or the port 0."
    if host.arguments:
        return hint
    return (
        f"{hint} Is it taken from the command line? The program was started without arguments:"
        f" `{shlex.join(host.call)}`."
    )


def _why_elsewhere(host: Host, others: Sequence[Listener], before: int) -> str:
    if any(other.port == host.port for other in others):
        return "The number of the port is right, the kind of socket is not: TCP and UDP differ."
    if not before and all(other.port >= EPHEMERAL for other in others):
        return (
            "Did the system choose that port, since none was given to listen(), or 0? Else look for"
            " its number in the program."
        )
    return "Look for the number of the port in the program."
