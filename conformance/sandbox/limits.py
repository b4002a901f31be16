"""How much of the machine a program may use."""

from __future__ import annotations

import resource
from dataclasses import dataclass

from conformance.sandbox.measure import proc
from conformance.sandbox.measure.proc import Usage

MIB = 1024 * 1024

_STACK_BYTES = 8 * MIB
"""What glibc maps for the stack of a thread. The kernel counts it as data, used or not."""


@dataclass(frozen=True)
class Limits:
    """What a program may use. Hitting a limit is no fault in itself."""

    processes: int = 1024
    """Processes and threads together: a JVM takes 20 to start, a client one more."""
    memory_bytes: int = 2048 * MIB
    """Of the whole tree: watched with `Process.usage`, since the kernel limits each process."""
    file_bytes: int = 256 * MIB
    open_files: int = 16_384
    """A server of a crowd of ten thousand holds as many connections."""

    def resources(self, processes_apart: bool) -> dict[str, int]:
        """The limits by their names in `resource` and, in lower case, in prlimit(1). That of
        processes only where the kernel counts them apart, or it could hit another program."""
        wanted = {
            "FSIZE": self.file_bytes,
            "NOFILE": self.open_files,
            "CORE": 0,
            # The stacks of 256 threads count as data, although they take no memory.
            "DATA": self.memory_bytes + 256 * _STACK_BYTES,
        }
        if processes_apart:
            wanted["NPROC"] = self.processes
        return {name: min(value, _ceiling(name)) for name, value in wanted.items()}

    def exceeded_by(self, used: Usage, who: str = "the program") -> str:
        """What the program uses too much of, as a sentence; "" if nothing.

        A program at its limit of processes keeps every core busy, or starves itself.
        """
        if used.threads + used.zombies >= self.processes - _SPARE_PROCESSES:
            return (
                f"{who} held {used.threads + used.zombies:,} processes and threads, as many"
                " as one submission may, and was stopped"
            )
        if used.memory_bytes > self.memory_bytes:
            return (
                f"{who} took {used.memory_bytes / 2**30:.1f} GiB of memory, more than the"
                f" {self.memory_bytes / 2**30:g} GiB that one submission may, and was stopped"
            )
        return ""


_SPARE_PROCESSES = 1024 - proc.TOO_MANY_PROCESSES
"""The sandbox's processes count too, and a fork bomb changes while it is counted."""


def _ceiling(name: str) -> int:
    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1]
    return 2**63 - 1 if hard == resource.RLIM_INFINITY else hard
