"""Tells when files of a submission have changed.

A process of ours listens for changes, since the listening takes threads, and a check forks.
"""

from __future__ import annotations

import json
import selectors
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from conformance.session.forked import Forked, Tell
from conformance.submissions.intake.clutter import is_leftover
from conformance.submissions.java.java import siblings

LOOK_EVERY = 500
"""Milliseconds between two looks at all files, where the kernel does not tell of changes; and for
a folder that is gone."""

SILENT = frozenset(
    {
        *("vboxsf", "9p", "virtiofs", "prl_fs", "vmhgfs", "drvfs", "fakeowner"),
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs"),
    }
)
"""File systems whose other side changes files without this machine's kernel noticing: folders
shared with a virtual machine's host, or by a server. So may any of FUSE."""

TOOLS_FOLDERS = frozenset(
    {
        *("node_modules", "target", "build", "out", "CMakeFiles", "__pycache__"),
        *(".git", ".hg", ".svn", ".venv", "venv", ".idea", ".vscode", ".settings", ".gradle"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache"),
    }
)
"""Folders that tools write while a student works."""

BUILT = (".class", ".o", ".pyc", ".pyo")
VIMS_TRIAL = "4913"
"""The file by which vim finds out whether it may write in a folder."""


class FileChanges:
    """The changes of what was handed in, from now on. `close` ends the listening."""

    def __init__(self, path: Path, scratch: Path, *, poll: bool, but: Collection[Path]) -> None:
        """`path` is the submission; `but` are files and folders that do not belong to it; with
        `poll`, files are looked at again and again, whatever the file system. Raises OSError where
        the machine has no room for it."""
        top, belongs = _files_of(path.resolve())
        self.polls = poll or not tells_of_changes(top)
        """Whether files are looked at again and again."""
        apart = [each.resolve() for each in but]

        def tell_of_changes(tell: Tell) -> None:
            try:
                for changed in _changes(top, polls=self.polls):
                    within = [
                        each.relative_to(top) for each in changed if not _lies_in(each, apart)
                    ]
                    if names := sorted({str(name) for name in within if belongs(name)}):
                        tell(json.dumps(names).encode("ascii") + b"\n")
            except OSError as error:
                tell(json.dumps(str(error)).encode("ascii") + b"\n")

        self._listener = Forked(tell_of_changes, scratch)
        self._taken = 0

    def take(self) -> list[str]:
        """The names of the files that have changed since the last call, without waiting. Raises
        OSError when no more changes will be told."""
        ended = self._listener.has_ended()
        told = self._listener.told()
        whole = told.rfind(b"\n") + 1
        lines, self._taken = told[self._taken : whole].splitlines(), whole
        names: set[str] = set()
        for line in map(json.loads, lines):
            if isinstance(line, str):
                raise OSError(line)
            names.update(line)
        if ended:
            raise OSError("the files can no longer be watched")
        return sorted(names)

    def wait(self, within: float) -> list[str]:
        """The names of the files that have changed, after waiting up to `within` seconds."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.select(within)
        return self.take()

    def close(self) -> None:
        self._listener.close()


def tells_of_changes(path: Path) -> bool:
    """Whether this machine's kernel notices every change below the path."""
    import psutil

    mounted = {mount.mountpoint: mount.fstype for mount in psutil.disk_partitions(all=True)}
    here = next((mounted[str(at)] for at in (path, *path.parents) if str(at) in mounted), "")
    return here not in SILENT and not here.startswith("fuse")


def _files_of(path: Path) -> tuple[Path, Callable[[Path], bool]]:
    """The folder to be watched, and whether a path below it belongs to the submission."""
    if path.is_dir():
        return path, _is_work
    if path.suffix == ".java":
        return siblings(path)[0], lambda name: name.suffix == ".java" and _is_work(name)
    return path.parent, lambda name: str(name) == path.name


def _is_work(name: Path) -> bool:
    """Whether that is a student's work, and not what a tool or an editor writes meanwhile."""
    if not name.parts:
        return False  # the folder itself
    *folders, file = name.parts
    if any(folder in TOOLS_FOLDERS or is_leftover(folder, folder=True) for folder in folders):
        return False
    tools = file in TOOLS_FOLDERS or file.endswith(BUILT) or file == VIMS_TRIAL
    return not tools and not is_leftover(file)


def _lies_in(path: Path, folders: Collection[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _changes(top: Path, *, polls: bool) -> Iterator[list[Path]]:
    """The files that change below `top`, together what changes at about the same time. Raises
    OSError where they cannot be watched."""
    from watchfiles import Change, watch
    from watchfiles._rust_notify import WatchfilesRustInternalError

    fails = False
    """Whether it failed, and nothing has changed since."""
    anew = False
    """Whether what is there may have changed before it was watched."""
    while True:
        try:
            # None: where watchfiles knows better, as in WSL, it polls all the same.
            for changes in watch(
                top,
                watch_filter=None,
                force_polling=polls or None,
                poll_delay_ms=LOOK_EVERY,
                rust_timeout=LOOK_EVERY,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                if anew:
                    yield list(top.iterdir())
                anew = False
                if not changes:
                    continue
                fails = False
                yield [Path(name) for _, name in changes]
                if (Change.deleted, str(top)) in changes:
                    break  # what takes its place has to be watched anew
        except (OSError, WatchfilesRustInternalError) as error:
            if polls and fails:
                raise OSError(f"the files can no longer be watched: {error}") from None
            # The kernel's limit of watches, which polling does not need; or a name that is not
            # UTF-8, which is a change.
            polls = fails = True
        while not top.exists():
            time.sleep(LOOK_EVERY / 1000)
        anew = True
