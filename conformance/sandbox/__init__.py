"""Where a submission runs: two hosts for each session, and confinement on one of them."""

from __future__ import annotations

from conformance.sandbox.build import BuildResult, run_build
from conformance.sandbox.confinement import Limits
from conformance.sandbox.diagnostics import Connection, Listener, open_ports
from conformance.sandbox.disk import ROOM_BYTES, ROOM_FILES, Disk
from conformance.sandbox.holders import Holders
from conformance.sandbox.identity import others_may_read
from conformance.sandbox.kernel import SandboxError, die_with_parent
from conformance.sandbox.lock import HostLock
from conformance.sandbox.output import Output, tail_of_text
from conformance.sandbox.preloaded import preload
from conformance.sandbox.probe import probe
from conformance.sandbox.process import Process
from conformance.sandbox.remedies import by_root
from conformance.sandbox.shortage import Shortage, processes_left
from conformance.sandbox.tier import Isolation, Tier
from conformance.sandbox.watch import Usage
from conformance.sandbox.world import Host, World

__all__ = [
    "ROOM_BYTES",
    "ROOM_FILES",
    "BuildResult",
    "Connection",
    "Disk",
    "Holders",
    "Host",
    "HostLock",
    "Isolation",
    "Limits",
    "Listener",
    "Output",
    "Process",
    "SandboxError",
    "Shortage",
    "Tier",
    "Usage",
    "World",
    "by_root",
    "die_with_parent",
    "open_ports",
    "others_may_read",
    "preload",
    "probe",
    "processes_left",
    "run_build",
    "tail_of_text",
]
