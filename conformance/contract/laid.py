"""What the suite lays in the folder in which a program is started, for the program to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.contract.draw import Draw
from conformance.verdict.model import Parameters


@dataclass(frozen=True)
class Laid:
    """A file, a link, or an empty folder."""

    data: bytes = b""
    size: int = 0
    """How long the file is, where that is more than its data: what stands behind is zeros, a hole
    that takes no room on the disk."""
    link: str = ""
    """Where a symbolic link leads to; "": it is none."""
    executable: bool = False
    folder: bool = False
    modified: int = 0
    """When it was changed last, in seconds since 1970; 0: when it is laid."""

    @property
    def length(self) -> int:
        """Bytes of the file."""
        return max(self.size, len(self.data))


Lays = Callable[[Parameters, Draw], Mapping[str, Laid]]
"""What is laid: paths below the folder in which the program is started, with `/` between, in the
order in which they are laid."""


def laid_for(lays: Lays | None, parameters: Parameters, seed: int) -> Mapping[str, Laid]:
    """What a run of that seed lays: the same in each of its sessions. Raises ValueError for a path
    that leads elsewhere."""
    if lays is None:
        return {}
    laid = lays(parameters, Draw(seed, "laid"))
    for path in laid:
        if not all(part not in ("", ".", "..") for part in path.split("/")):
            raise ValueError(f"{path!r} is no path below the program's folder")
    return laid
