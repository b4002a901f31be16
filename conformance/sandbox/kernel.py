"""The system calls that Python 3.11 does not offer, by their names.

One function for each call, and no policy. Errors are OSErrors with the kernel's errno. The module
can be imported where the calls do not exist (macOS): they are looked up when they are used.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import select
import signal
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

_CLONE3 = 435
"""The number of clone3(2), the same on all machines; glibc offers no way to call it."""

_PR_SET_PDEATHSIG = 1
_PR_GET_PDEATHSIG = 2
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2


class SandboxError(Exception):
    """The machine did not provide what a session needs. Never the submission's fault."""


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, name: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move this process into new namespaces of these kinds (unshare(2))."""
    _check(_libc().unshare(ctypes.c_int(flags)), "unshare")


class _CloneArguments(ctypes.Structure):
    """struct clone_args, in its first size."""

    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in (
            "flags", "pidfd", "child_tid", "parent_tid",
            "exit_signal", "stack", "stack_size", "tls",
        )
    )  # fmt: skip


def fork_as_process_one() -> int:
    """Fork, with the child as process 1 of a pid namespace of its own (clone3(2)). Only where no
    other thread runs: it does not wait for one that holds a lock of the C library."""
    arguments = _CloneArguments(flags=CLONE_NEWPID, exit_signal=signal.SIGCHLD)
    python = ctypes.pythonapi  # the C API wants these three calls around a clone
    call = ctypes.PyDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    number, size = ctypes.c_long(_CLONE3), ctypes.c_size_t(ctypes.sizeof(arguments))
    python.PyOS_BeforeFork()
    child: int = call(number, ctypes.byref(arguments), size)
    if child == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
        _check(min(child, 0), "clone3")
    return child


def setns(fd: int, kind: int) -> None:
    """Move the calling thread into the namespace that `fd` stands for (setns(2))."""
    _check(_libc().setns(ctypes.c_int(fd), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount `source` on `target` (mount(2)); `options` are those of the kind of file system."""
    result = _libc().mount(
        source.encode(),
        target.encode(),
        kind.encode(),
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(result, f"mount on {target}")


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _check(_libc().prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero), "prctl")


def die_with_parent(parent: int | None = None) -> None:
    """Has the kernel kill this process when its parent is gone; at once if `parent` (its pid from
    before the fork) is gone already. Does nothing outside Linux. The kernel forgets this when the
    process changes its uid."""
    if not sys.platform.startswith("linux"):
        return
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def death_signal() -> int:
    """The signal that this process gets when its parent dies; 0 for none."""
    value = ctypes.c_int(0)
    _check(_libc().prctl(_PR_GET_PDEATHSIG, ctypes.byref(value), 0, 0, 0), "prctl")
    return value.value


def set_death_signal(number: int) -> None:
    """Set again what `death_signal` returned."""
    _prctl(_PR_SET_PDEATHSIG, number)


def shell_status(status: int) -> int:
    """The exit status that a shell gives for a status of waitpid(2): 128 + n for signal n."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (subreaper)."""
    if sys.platform.startswith("linux"):
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def capabilities() -> int:
    """The effective capabilities of this process, a bit each (capabilities(7)); all of them where
    /proc does not say (macOS has no capabilities)."""
    with suppress(OSError), open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"CapEff:"):
                return int(line.split()[1], 16)
    return -1


def set_dumpable() -> None:
    """Makes this process the owner of its files in /proc/self again, after a change of uid."""
    _prctl(_PR_SET_DUMPABLE, 1)


def be_ended_first() -> None:
    """When the machine runs out of memory, have the kernel end this process and its children
    before all others. That takes no privilege, and a child can undo it
    (proc_pid_oom_score_adj(5)). Does nothing outside Linux."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")


def forbid_new_privileges() -> None:
    """Makes sudo and the like useless for this process and all that it starts."""
    if sys.platform.startswith("linux"):
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)


class _FilterProgram(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filter_system_calls(program: bytes) -> None:
    """Apply this filter (struct sock_filter, 8 bytes each) to every system call of this process
    and of all that it starts, for good. Call `forbid_new_privileges` first."""
    kept = ctypes.create_string_buffer(program, len(program))
    argument = _FilterProgram(len(program) // 8, ctypes.addressof(kept))
    libc, zero = _libc(), ctypes.c_ulong(0)
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    _check(libc.prctl(_PR_SET_SECCOMP, mode, ctypes.byref(argument), zero, zero), "seccomp")


def filters_system_calls() -> bool:
    """Whether this kernel has such filters: it then answers EFAULT for a filter at address 0."""
    if not sys.platform.startswith("linux"):
        return False
    zero, mode = ctypes.c_ulong(0), ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    _libc().prctl(_PR_SET_SECCOMP, mode, zero, zero, zero)
    return ctypes.get_errno() == errno.EFAULT


def wait_readable(fds: Iterable[int], seconds: float) -> bool:
    """Whether one of `fds` has something to read, or has ended, within `seconds`. Not select(2):
    that fails for descriptors over 1023, and a session may have that many clients."""
    poller = select.poll()
    for fd in fds:
        poller.register(fd, select.POLLIN)
    return bool(poller.poll(max(0.0, seconds) * 1000))


def is_heard(fd: int) -> bool:
    """Whether what is written there goes anywhere: to a file, or a pipe that somebody reads."""
    poller = select.poll()
    poller.register(fd, 0)  # an error is told in any case
    return not any(event & select.POLLERR for _, event in poller.poll(0))


@contextmanager
def forking() -> Iterator[None]:
    """For a fork that is safe although the process may have threads, of which Python warns since
    3.12. In the child our code takes no lock that another thread could hold."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
        yield
