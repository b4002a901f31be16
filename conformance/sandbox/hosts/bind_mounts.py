"""Shows folders that only root can reach to other users, by bind mounts.

A Python or a JDK that root has installed for itself often lies below /root, which
nobody else may enter. Root can mount it a second time, at a place that the session's
user can reach, in a mount namespace of the session's own.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from conformance.sandbox import kernel
from conformance.sandbox.kernel import SandboxError


def plan(paths: Iterable[Path], folder: Path) -> dict[Path, Path]:
    """For each of `paths` that others cannot reach, an empty mount point in `folder`.

    Called as root. Paths that do not exist are skipped: they fail where they are used.
    """
    places = {}
    for number, path in enumerate(paths):
        if not path.exists() or _is_open_to_others(path):
            continue
        place = folder / f"shown-{number}"
        if path.is_dir():
            place.mkdir()
        else:
            place.touch()
        places[path] = place
    return places


def _is_open_to_others(path: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    above = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
    return above and path.stat().st_mode & wanted == wanted


def mount(places: Mapping[Path, Path]) -> None:
    """Mount each path of a plan at its place, in a new mount namespace. Called as root. Raises
    SandboxError, with the names, when this root may not mount (in most containers)."""
    if not places:
        return
    try:
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        for path, place in places.items():
            kernel.mount(str(path), str(place), flags=kernel.MS_BIND | kernel.MS_REC)
    except OSError as error:
        names = ", ".join(str(path) for path in places)
        raise SandboxError(
            f"only root can reach {names}, and programs do not run as root: make the folders "
            f"above it accessible (chmod o+x), or install it elsewhere ({error})"
        ) from error
