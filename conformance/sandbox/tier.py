"""How well a submission is kept apart from the machine and from the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.model import WrongCall


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
    """What this machine allows, found out by trying once."""

    tier: Tier
    reason: str = ""
    """Why it is not better, in one sentence; empty for the full tier."""
    remedy: str = ""
    """The command that would mend it; empty where there is none."""
    user_namespace: bool = True
    """False: root made the network namespaces without a user namespace."""
    bubblewrap: tuple[str, ...] = ()
    """The options that the installed bubblewrap understands."""
    tried: tuple[str, ...] = ()
    """What failed on the way, in the words of the kernel or of the tool."""

    def require(self, wanted: str | None) -> None:
        """Raises WrongCall where the machine isolates less than was asked for."""
        if wanted and list(Tier).index(self.tier) > list(Tier).index(Tier(wanted)):
            raise WrongCall(
                f"--require-tier {wanted}: this machine offers {self.tier.value} only"
                f" ({self.reason})" + (f"; to mend it: {self.remedy}" * bool(self.remedy))
            )
