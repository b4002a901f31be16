"""Which system calls a submission, and its build, may make: a filter for seccomp(2), in classic
BPF, assembled here from two tables.

Namespaces isolate a program from the machine's files, processes and networks. This filter
blocks what they leave open: families of sockets that ignore namespaces (AF_VSOCK leads from a
virtual machine to its host), calls that look into other processes, keys that all programs of a
user share, and parts of the kernel that servers do not need.

A call is refused with the error of a kernel that does not have it, so that runtimes fall back
(libuv without io_uring, the C library without clone3). Pure: `kernel` puts the filter in force.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, AF_UNIX

AF_NETLINK = 16
"""Linux's number; Python has the name on Linux only."""
FAMILIES = (int(AF_UNIX), int(AF_INET), int(AF_INET6), AF_NETLINK)
"""The families that sockets may have; the last is for asking for the network's addresses."""

BY_FAMILY = ("socket", "socketpair")
BY_NAMESPACE = ("clone", "unshare")
"""Calls whose first argument is flags, among them those for new namespaces."""
REFUSED: Mapping[str, int] = {
    **dict.fromkeys(
        ("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"), errno.EPERM
    ),
    **dict.fromkeys(("add_key", "request_key", "keyctl"), errno.EPERM),
    **dict.fromkeys(("bpf", "perf_event_open", "userfaultfd"), errno.EPERM),
    **dict.fromkeys(
        ("setns", "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen",
         "fsconfig", "fsmount", "fspick", "mount_setattr"),
        errno.EPERM,
    ),
    **dict.fromkeys(("io_uring_setup", "io_uring_enter", "io_uring_register"), errno.ENOSYS),
    # Its flags are in memory, where a filter cannot see them; programs fall back to clone.
    "clone3": errno.ENOSYS,
    # Memory that no other process can see, so that the monitor would not count it.
    "memfd_secret": errno.ENOSYS,
}  # fmt: skip
"""Calls that are refused whatever their arguments are, and with which error."""

NAMESPACES = 0x7E020080
"""All CLONE_NEW… flags of clone(2) and unshare(2)."""
_NEW_TIME = 0x80
"""A flag of unshare(2) only: clone(2) has the number of a signal in these bits."""

_SINCE_5_1 = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "clone3": 435, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
}  # fmt: skip
"""Calls added since Linux 5.1 have the same number on all machines."""


@dataclass(frozen=True)
class Machine:
    """How one kind of processor calls the kernel."""

    architecture: int
    """AUDIT_ARCH_… of linux/audit.h, which the kernel passes with each call."""
    numbers: Mapping[str, int]
    foreign_from: int | None = None
    """Numbers from here on belong to another calling convention (x32 on x86-64)."""


MACHINES = {
    "x86_64": Machine(
        0xC000003E,
        {
            "socket": 41, "socketpair": 53, "clone": 56, "ptrace": 101, "pivot_root": 155,
            "mount": 165, "umount2": 166, "add_key": 248, "request_key": 249, "keyctl": 250,
            "unshare": 272, "perf_event_open": 298, "setns": 308, "process_vm_readv": 310,
            "process_vm_writev": 311, "kcmp": 312, "bpf": 321, "userfaultfd": 323, **_SINCE_5_1,
        },
        foreign_from=0x40000000,
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            "umount2": 39, "mount": 40, "pivot_root": 41, "unshare": 97, "ptrace": 117,
            "socket": 198, "socketpair": 199, "add_key": 217, "request_key": 218, "keyctl": 219,
            "clone": 220, "perf_event_open": 241, "setns": 268, "process_vm_readv": 270,
            "process_vm_writev": 271, "kcmp": 272, "bpf": 280, "userfaultfd": 282, **_SINCE_5_1,
        },
    ),
}  # fmt: skip
"""By their names in uname(2)."""

_INSTRUCTION = struct.Struct("<HBBI")
"""struct sock_filter: code, how far to jump if the condition holds, and if not, operand."""
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in struct seccomp_data. Of the argument only the low half, because the kernel uses no
more of a family, or of the flags for namespaces."""

ALLOW = 0x7FFF0000
KILL = 0x80000000
"""SECCOMP_RET_ALLOW and SECCOMP_RET_KILL_PROCESS of linux/seccomp.h."""


def refuse(error: int) -> int:
    """What the filter returns for a call that is to fail with this errno."""
    return 0x00050000 | error


def here() -> Machine | None:
    """This machine; None where the numbers of its calls are not known."""
    return MACHINES.get(platform.machine()) if platform.system() == "Linux" else None


def program(machine: Machine) -> bytes:
    """The filter: an array of struct sock_filter. A call by another machine's convention (32-bit,
    with numbers of its own) ends the program: the filter could not judge it."""
    return b"".join(_assembled(list(_lines(machine))))


@dataclass(frozen=True)
class _Line:
    """An instruction. Jumps go to a label; "" means the next line."""

    code: int
    operand: int
    so: str = ""
    """Where to jump if the condition holds."""
    other: str = ""
    """Where to jump if not."""
    label: str = ""


def _lines(machine: Machine) -> Iterator[_Line]:
    number = machine.numbers
    yield _Line(_LOAD, _ARCHITECTURE)
    yield _Line(_IF_EQUAL, machine.architecture, other="kill")
    yield _Line(_LOAD, _NUMBER)
    if machine.foreign_from is not None:
        yield _Line(_IF_AT_LEAST, machine.foreign_from, so=str(errno.ENOSYS))
    for name in BY_FAMILY:
        yield _Line(_IF_EQUAL, number[name], so="family")
    yield _Line(_IF_EQUAL, number["clone"], so="clone")
    yield _Line(_IF_EQUAL, number["unshare"], so="unshare")
    for name, error in REFUSED.items():
        yield _Line(_IF_EQUAL, number[name], so=str(error))
    yield _Line(_RETURN, ALLOW, label="allow")
    yield _Line(_LOAD, _FIRST_ARGUMENT, label="family")
    for family in FAMILIES:
        yield _Line(_IF_EQUAL, family, so="to-allow")
    yield _Line(_RETURN, refuse(errno.EAFNOSUPPORT))
    yield _Line(_LOAD, _FIRST_ARGUMENT, label="unshare")
    yield _Line(_IF_ANY_OF, NAMESPACES, so=str(errno.EPERM), other="to-allow")
    yield _Line(_LOAD, _FIRST_ARGUMENT, label="clone")
    yield _Line(_IF_ANY_OF, NAMESPACES & ~_NEW_TIME, so=str(errno.EPERM), other="to-allow")
    yield _Line(_RETURN, ALLOW, label="to-allow")  # jumps go forward only
    for error in sorted({*REFUSED.values(), errno.EPERM, errno.ENOSYS}):
        yield _Line(_RETURN, refuse(error), label=str(error))
    yield _Line(_RETURN, KILL, label="kill")


def _assembled(lines: list[_Line]) -> Iterable[bytes]:
    places = {line.label: place for place, line in enumerate(lines) if line.label}
    for place, line in enumerate(lines):
        so, other = (places[name] - place - 1 if name else 0 for name in (line.so, line.other))
        yield _INSTRUCTION.pack(line.code, so, other, line.operand)
