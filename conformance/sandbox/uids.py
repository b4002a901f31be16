"""A user id for one session, where the suite is run by root.

A process limit does not bind uid 0, and root's files are no business of a
submission: so root lends each session a uid that nobody else has at the time.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import kernel
from conformance.sandbox.kernel import SandboxError

BUILD_UID = 61_184
"""All builds share one uid, because they share caches. The range 61184-65519 is
what systemd sets aside for DynamicUser: no distribution gives these to people."""

SESSION_UIDS = range(61_185, 65_520)


@dataclass(frozen=True)
class Identity:
    """A uid (and the gid of the same number), and the claim that keeps others off it."""

    uid: int
    claim: socket.socket


@contextmanager
def others_may_read() -> Iterator[None]:
    """For the block, what is made may be read by everybody, whatever the caller's umask says:
    who builds and who runs a program has a uid of its own."""
    former = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(former)


_CHOWN, _DAC_OVERRIDE, _KILL, _SETGID, _SETUID = 0, 1, 5, 6, 7
_NEEDED = sum(1 << number for number in (_CHOWN, _DAC_OVERRIDE, _KILL, _SETGID, _SETUID))
"""The capabilities (capabilities(7)) with which root gives files to another user, starts
programs as that user, ends them, and puts away what they leave. Docker leaves root all five;
`--cap-drop` takes them."""


def is_real_root() -> bool:
    """Whether this process may become any of our uids, and deal with what is theirs.

    Root of a container that maps only a few uids, or that was left no such
    right, is no more than an ordinary user to us.
    """
    if os.geteuid() != 0 or kernel.capabilities() & _NEEDED != _NEEDED:
        return False
    try:
        with open("/proc/self/uid_map", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return False
    spans = [tuple(int(number) for number in line.split()) for line in lines]
    return any(
        inside <= BUILD_UID and SESSION_UIDS[-1] < inside + count for inside, _, count in spans
    )


def claim_identity() -> Identity:
    """A uid that no other session of this machine has.

    The claim is an abstract Unix socket of that name: exclusive, and freed by
    the kernel when its holder dies, however it dies. Neighbouring pids begin
    their search at neighbouring uids, so the first try nearly always holds.
    Raises SandboxError when all are taken.
    """
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
    # Both are lost with the change of uid: the right to write one's own uid map,
    # and the wish to die with the parent.
    kernel.set_dumpable()
    if death_signal:
        kernel.set_death_signal(death_signal)


@contextmanager
def looking_as(uid: int) -> Iterator[None]:
    """For the block, root asks the kernel what `uid` may ask.

    To look into the processes of another user takes CAP_SYS_PTRACE, which root has not in
    most containers. A user may always look into its own, and root may be that user for a
    moment (its real and its saved uid stay root's: nobody gets a hold on it meanwhile).
    """
    us, group, parent = os.geteuid(), os.getegid(), os.getppid()
    dies = kernel.death_signal()
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(us)
        os.setegid(group)
        # Both are lost with each change of uid: see `become`.
        kernel.set_dumpable()
        if dies:
            kernel.die_with_parent(parent)


def require_reachable(folder: Path) -> None:
    """Raise SandboxError unless this process can work in `folder`; says what to mend."""
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return
    raise SandboxError(
        f"user {os.getuid()} cannot write to {folder}: "
        "each folder above it needs the permission x for others (chmod o+x)"
    )
