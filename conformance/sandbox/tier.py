"""How well a submission is isolated from the machine and from other submissions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.sandbox import system_calls
from conformance.verdict.model import WrongCall


class Tier(StrEnum):
    """How well the submission is isolated, from best to worst."""

    FULL = "full"
    """A host of its own, and bubblewrap around the program."""
    NETWORK = "network"
    """A host of its own; the program sees the files that its user may see."""
    NONE = "none"
    """The network of this machine: one session at a time, under `HostLock`."""


@dataclass(frozen=True)
class Isolation:
    """What this machine allows, found out by trying it once."""

    tier: Tier
    reason: str = ""
    """Why it is not better, in one sentence; empty for the full tier."""
    remedy: str = ""
    """The command that would fix that; empty where there is none."""
    user_namespace: bool = True
    """False: root made the network namespaces without a user namespace."""
    bubblewrap: tuple[str, ...] = ()
    """The options that the installed bubblewrap understands."""
    unfiltered: str = ""
    """Why no filter limits system calls here, in one sentence; empty where one does."""
    tried: tuple[str, ...] = ()
    """What failed in the trials, in the words of the kernel or of the tool."""

    @property
    def system_calls(self) -> bytes | None:
        """The filter for programs on this machine; None where there can be none."""
        machine = system_calls.here()
        return None if self.unfiltered or machine is None else system_calls.program(machine)

    def shortcomings(self) -> list[str]:
        """What this machine lacks compared with the best, a sentence each."""
        found = []
        if self.tier is not Tier.FULL:
            found.append(f"tier {self.tier.value}, for {self.reason}")
        if self.unfiltered:
            found.append(f"no filter of system calls, for {self.unfiltered}")
        return found

    def require(self, wanted: str | None) -> None:
        """Raises WrongCall if the machine isolates less than was asked for."""
        if wanted and list(Tier).index(self.tier) > list(Tier).index(Tier(wanted)):
            raise WrongCall(
                f"--require-tier {wanted}: this machine offers {self.tier.value} only"
                f" ({self.reason})" + (f"; to mend it: {self.remedy}" * bool(self.remedy))
            )
