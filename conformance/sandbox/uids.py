"""A user id for one session, where the suite is run by root.

Limits of processes do not apply to uid 0, and a submission must not read root's files. So each
session gets a uid that no other has at the time.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import kernel
from conformance.sandbox.kernel import SandboxError

BUILD_UID = 61_184
"""All builds share one uid, because they share caches. systemd reserves the range 61184-65519
for DynamicUser: no distribution gives these uids to people."""

SESSION_UIDS = range(61_185, 65_520)


@dataclass(frozen=True)
class Identity:
    """A uid (and the gid of the same number), and the claim that keeps others from using it."""

    uid: int
    claim: socket.socket


@contextmanager
def others_may_read() -> Iterator[None]:
    """In this block, all users may read what is created, whatever the caller's umask: builds and
    programs run with uids of their own."""
    former = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(former)


_CHOWN, _DAC_OVERRIDE, _KILL, _SETGID, _SETUID = 0, 1, 5, 6, 7
_NEEDED = sum(1 << number for number in (_CHOWN, _DAC_OVERRIDE, _KILL, _SETGID, _SETUID))
"""The capabilities (capabilities(7)) that root needs to give files to another user, start and end
programs as that user, and remove what they leave. Docker leaves root all five by default."""


def is_real_root() -> bool:
    """Whether this process may become any of our uids, and handle their files and processes. Else,
    as in a container that maps few uids, root counts as an ordinary user."""
    if os.geteuid() != 0 or kernel.capabilities() & _NEEDED != _NEEDED:
        return False
    with suppress(OSError), open("/proc/self/uid_map", "rb") as spans:
        for span in spans:
            inside, _, count = map(int, span.split())
            if inside <= BUILD_UID and SESSION_UIDS[-1] < inside + count:
                return True
    return False


def claim_identity() -> Identity:
    """A uid that no other session of this machine has: the claim is an abstract Unix socket with a
    name of that uid, which only one process can bind, and which the kernel frees when that process
    dies. The search starts at a uid that depends on the pid, so the first try nearly always
    succeeds. Raises SandboxError when all are taken."""
    count = len(SESSION_UIDS)
    for step in range(count):
        uid = SESSION_UIDS[(os.getpid() + step) % count]
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0conformance-session-uid-{uid}")
        except OSError:
            claim.close()
            continue
        return Identity(uid, claim)
    raise SandboxError(f"all {count} user ids for sessions are taken")


def give(folder: Path, uid: int) -> None:
    """Make `uid` the owner of `folder` and all that is in it; links are not followed.

    Files with several names are left alone: another name may lie outside.
    """
    for where, folders, files, handle in os.fwalk(folder, follow_symlinks=False):
        del where
        os.fchown(handle, uid, uid)
        for name in [*folders, *files]:
            about = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if about.st_nlink == 1 or name in folders:
                os.chown(name, uid, uid, dir_fd=handle, follow_symlinks=False)


def become(uid: int) -> None:
    """Give up root for good: `uid` and nothing else, without supplementary groups."""
    death_signal = kernel.death_signal()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # A change of uid loses both: the right to write the own uid map, and the death signal.
    kernel.set_dumpable()
    if death_signal:
        kernel.set_death_signal(death_signal)


def enter_user_namespace(others: int) -> None:
    """Move this process into a new user namespace, and new ones of `others` (flags of unshare(2)).
    The ids are the same inside: nothing looks like root, and no program gets capabilities."""
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER | others)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


@contextmanager
def looking_as(uid: int) -> Iterator[None]:
    """In this block, root acts as `uid` towards the kernel. Looking into the processes of another
    user takes CAP_SYS_PTRACE, which root lacks in most containers; that user may look into its
    own. The real and the saved uid stay root's, so the user gets no power over this process."""
    us, group, parent = os.geteuid(), os.getegid(), os.getppid()
    dies = kernel.death_signal()
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(us)
        os.setegid(group)
        # Each change of uid loses both: see `become`.
        kernel.set_dumpable()
        if dies:
            kernel.die_with_parent(parent)


def require_reachable(folder: Path) -> None:
    """Raise SandboxError, which says what to change, unless this process can work in `folder`."""
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return
    raise SandboxError(
        f"user {os.getuid()} cannot write to {folder}: "
        "each folder above it needs the permission x for others (chmod o+x)"
    )
