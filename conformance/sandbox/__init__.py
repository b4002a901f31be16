"""Where a submission runs: two hosts for each session, and confinement on one of them."""

from __future__ import annotations

from conformance.sandbox.build.confined_build import CommandResult, run_build
from conformance.sandbox.hosts.disk import ROOM_BYTES, ROOM_FILES, Disk
from conformance.sandbox.hosts.lock import HostLock
from conformance.sandbox.hosts.sock_diag import Listener, open_ports
from conformance.sandbox.hosts.world import HostName, World
from conformance.sandbox.kernel import SandboxError, die_with_parent, is_heard
from conformance.sandbox.limits import Limits
from conformance.sandbox.measure.exhaustion import Exhaustion, processes_left
from conformance.sandbox.measure.proc import Usage
from conformance.sandbox.port_owners import PortOwners
from conformance.sandbox.preloaded import preload
from conformance.sandbox.probe import by_root, probe
from conformance.sandbox.process.output import Output, tail_of_text
from conformance.sandbox.process.process import Process
from conformance.sandbox.process.start import start_program
from conformance.sandbox.tier import Isolation, Tier
from conformance.sandbox.uids import others_may_read

__all__ = [
    "ROOM_BYTES",
    "ROOM_FILES",
    "CommandResult",
    "Disk",
    "Exhaustion",
    "HostLock",
    "HostName",
    "Isolation",
    "Limits",
    "Listener",
    "Output",
    "PortOwners",
    "Process",
    "SandboxError",
    "Tier",
    "Usage",
    "World",
    "by_root",
    "die_with_parent",
    "is_heard",
    "open_ports",
    "others_may_read",
    "preload",
    "probe",
    "processes_left",
    "run_build",
    "start_program",
    "tail_of_text",
]
