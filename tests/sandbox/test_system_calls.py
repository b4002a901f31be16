"""Which system calls are refused: as the tables say, as libseccomp would have it, and as the
kernel does it, to programs and to builds of each tier."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import re
import shutil
import struct
import subprocess
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from conformance.sandbox import (
    Isolation,
    Limits,
    Tier,
    World,
    kernel,
    probe,
    run_build,
    start_program,
    system_calls,
)
from conformance.sandbox.system_calls import ALLOW, KILL, MACHINES, Machine, refuse
from kit.trials import WITHIN, apart

ATTACK = Path(__file__).parents[1] / "attacks" / "programs" / "calls_the_kernel.c"
EVERY_MACHINE = pytest.mark.parametrize("name", MACHINES)


def judged(program: bytes, architecture: int, number: int, first: int = 0) -> int:
    """What the filter returns for a call: a reader of its language, as far as it is used."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, first, *[0] * 5)
    lines = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    at, loaded = 0, 0
    while True:
        code, so, other, operand = lines[at]
        at += 1
        if code == 0x06:
            return int(operand)
        if code == 0x20:
            (loaded,) = struct.unpack_from("<I", data, operand)
        elif code == 0x54:
            loaded &= operand
        elif code == 0x05:
            at += operand
        else:
            true = {
                0x15: loaded == operand, 0x25: loaded > operand, 0x35: loaded >= operand,
                0x45: loaded & operand != 0,
            }  # fmt: skip
            at += so if true[code] else other


@EVERY_MACHINE
def test_families_of_sockets(name: str) -> None:
    machine = MACHINES[name]
    program = system_calls.program(machine)
    for call, family in product(("socket", "socketpair"), range(64)):
        for upper in (0, 1 << 32):  # the kernel takes no more than the lower half
            said = judged(program, machine.architecture, machine.numbers[call], upper | family)
            assert said == (ALLOW if family in (1, 2, 10, 16) else refuse(errno.EAFNOSUPPORT))


@EVERY_MACHINE
def test_other_calls(name: str) -> None:
    machine = MACHINES[name]
    program = system_calls.program(machine)
    named = {number: call for call, number in machine.numbers.items()}
    looked_into = {"socket", "socketpair", "clone", "unshare"}
    for number in range(600):
        call = named.get(number, "")
        if call in looked_into:
            continue
        wanted = system_calls.REFUSED.get(call)
        said = judged(program, machine.architecture, number)
        assert said == (ALLOW if wanted is None else refuse(wanted)), (number, call)
    assert set(machine.numbers) == looked_into | set(system_calls.REFUSED)


@EVERY_MACHINE
def test_namespaces(name: str) -> None:
    machine = MACHINES[name]
    program = system_calls.program(machine)
    thread = 0x3D0F00  # what the C library makes a thread with
    for call, plain in (("clone", thread), ("clone", 17), ("unshare", 0x400)):
        number = machine.numbers[call]
        assert judged(program, machine.architecture, number, plain) == ALLOW
        for bit in (17, 25, 26, 27, 28, 29, 30):
            said = judged(program, machine.architecture, number, plain | 1 << bit)
            assert said == refuse(errno.EPERM), (call, bit)


@EVERY_MACHINE
def test_calls_in_the_way_of_other_machines(name: str) -> None:
    machine = MACHINES[name]
    program = system_calls.program(machine)
    for other in (0x40000003, 0x40000028, 0xC00000F3, *(m.architecture for m in MACHINES.values())):
        for number in range(500):
            if other != machine.architecture:
                assert judged(program, other, number) == KILL


def test_calls_in_the_way_of_x32() -> None:
    machine = MACHINES["x86_64"]
    program = system_calls.program(machine)
    for number in range(500):
        said = judged(program, machine.architecture, 0x40000000 | number, 1)
        assert said == refuse(errno.ENOSYS)


HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


@EVERY_MACHINE
def test_numbers_are_those_of_the_kernels_headers(name: str) -> None:
    header = Path(HEADERS[name])
    if not header.exists():
        pytest.skip(f"{header} is not installed (linux-libc-dev)")
    told = dict(re.findall(r"^#define __NR3?2?6?4?_?(\w+)\s+(\d+)$", header.read_text(), re.M))
    for call, number in MACHINES[name].numbers.items():
        if call in told or name == "x86_64":
            assert int(told.get(call, number)) == number, call
    assert set(MACHINES[name].numbers) & set(told) >= {"socket", "clone", "bpf", "unshare"}


def by_libseccomp(machine: Machine) -> bytes:
    """The same rules, by the library that others write such filters with."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    library.seccomp_attr_set(handle, ctypes.c_int(2), ctypes.c_uint32(KILL))  # a bad architecture
    library.seccomp_arch_add(handle, ctypes.c_uint32(machine.architecture))
    native = MACHINES[platform.machine()].architecture
    if native != machine.architecture:
        library.seccomp_arch_remove(handle, ctypes.c_uint32(native))

    class Compared(ctypes.Structure):
        _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64),
                    ("b", ctypes.c_uint64))  # fmt: skip

    def rule(call: str, error: int, *compared: Compared) -> None:
        array = (Compared * max(len(compared), 1))(*compared)
        number = library.seccomp_syscall_resolve_name(call.encode())  # as this machine numbers it
        done = library.seccomp_rule_add_array(
            handle, ctypes.c_uint32(refuse(error)), ctypes.c_int(number),
            ctypes.c_uint(len(compared)), array,
        )  # fmt: skip
        assert done == 0, (call, os.strerror(-done))

    masked, low = 7, 0xFFFFFFFF
    allowed = set(system_calls.FAMILIES)
    for call in system_calls.BY_FAMILY:
        for family in set(range(64)) - allowed:
            rule(call, errno.EAFNOSUPPORT, Compared(0, masked, low, family))
    for call in system_calls.BY_NAMESPACE:
        for bit in (17, 25, 26, 27, 28, 29, 30):
            rule(call, errno.EPERM, Compared(0, masked, 1 << bit, 1 << bit))
    for call, error in system_calls.REFUSED.items():
        if library.seccomp_syscall_resolve_name(call.encode()) >= 0:
            rule(call, error)
    file = os.memfd_create("filter")
    assert library.seccomp_export_bpf(handle, ctypes.c_int(file)) == 0
    os.lseek(file, 0, os.SEEK_SET)
    with open(file, "rb") as exported:
        return exported.read()


@EVERY_MACHINE
def test_it_is_what_libseccomp_would_make(name: str) -> None:
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed")
    machine = MACHINES[name]
    ours, theirs = system_calls.program(machine), by_libseccomp(machine)
    numbers = [*range(460), 0x40000000 | 41, 0x40000000]
    flags = [0, 17, 0x400, 0x3D0F00, *(17 | 1 << bit for bit in range(17, 31))]
    firsts = {machine.numbers[call]: list(range(64)) for call in system_calls.BY_FAMILY}
    firsts |= {machine.numbers[call]: flags for call in system_calls.BY_NAMESPACE}
    for number in numbers:
        for first in firsts.get(number, [0, 40]):
            call = (machine.architecture, number, first)
            one, two = judged(ours, *call), judged(theirs, *call)
            if number >= 0x40000000 and two == KILL:
                two = one  # libseccomp ends a program for an x32 call, as a bad architecture
            assert one == two, (number, hex(first))
    for number, foreign in product(range(460), (0x40000003, 0x40000028)):
        assert judged(ours, foreign, number) == judged(theirs, foreign, number) == KILL


@pytest.fixture(scope="module")
def attacker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    binary = tmp_path_factory.mktemp("attacker") / "calls"
    subprocess.run(["gcc", "-O1", "-static", "-o", binary, ATTACK], check=True, timeout=60)
    return binary


WANTED = {
    **dict.fromkeys(
        ("vsock", "packet", "packet pair", "alg", "bluetooth", "can", "tipc", "rds", "xdp",
         "vsock in a long word"),
        "EAFNOSUPPORT",
    ),
    "vsock of x32": "ENOSYS",
    **dict.fromkeys(
        ("vsock by socketcall", "vsock of 32 bit", "getpid of 32 bit"), "ended by signal 31"
    ),
    **dict.fromkeys(
        ("ptrace", "ptrace of the parent", "process_vm_readv", "process_vm_writev", "kcmp",
         "pidfd_getfd", "add_key", "request_key", "keyctl", "bpf", "perf_event_open",
         "userfaultfd", "clone", "unshare", "unshare of more", "setns", "mount", "fsopen"),
        "EPERM",
    ),
    **dict.fromkeys(
        ("io_uring_setup", "io_uring_enter", "io_uring_register", "clone3", "memfd_secret"),
        "ENOSYS",
    ),
    **dict.fromkeys(
        ("unix", "unix pair", "inet", "inet udp", "inet6", "netlink", "unshare of files"),
        "it worked",
    ),
}  # fmt: skip


def said(output: str) -> dict[str, str]:
    return dict(line.split(": ") for line in output.splitlines())


def of_program(isolation: Isolation, scratch: Path, attacker: Path) -> dict[str, str]:
    shutil.copy(attacker, scratch / "work" / "calls")

    def work() -> str:
        with World(isolation, scratch) as world:
            process = start_program(world, ["./calls"], scratch / "work", {}, Limits())
            assert process.wait(within=WITHIN) == 0, process.output.tail()
            return process.output.text()

    return said(apart(work))


@pytest.fixture
def wanted() -> dict[str, str]:
    if system_calls.here() is None or not kernel.filters_system_calls():
        pytest.skip("this machine has no filter of system calls")
    if platform.machine() == "x86_64":
        return WANTED
    return {call: error for call, error in WANTED.items() if not re.search("32|socketcall", call)}


def test_a_program(
    isolation: Isolation, scratch: Path, attacker: Path, wanted: dict[str, str]
) -> None:
    got = of_program(isolation, scratch, attacker)
    if got.get("getpid of 32 bit") == "ended by signal 11":  # the kernel has no 32-bit calls
        wanted = wanted | {call: "ended by signal 11" for call in got if "32 bit" in call}
    assert got == wanted


def test_a_build(
    isolation: Isolation, scratch: Path, attacker: Path, wanted: dict[str, str]
) -> None:
    shutil.copy(attacker, scratch / "work" / "calls")
    result = run_build(["./calls"], scratch / "work", WITHIN, isolation=isolation)
    assert result.status == 0, result.output
    got = said(result.output)
    assert {name: got[name] for name in ("vsock", "ptrace", "io_uring_setup", "unix")} == {
        "vsock": "EAFNOSUPPORT", "ptrace": "EPERM", "io_uring_setup": "ENOSYS", "unix": "it worked",
    }  # fmt: skip


def test_without_a_filter_the_same_program_gets_through(
    full: Isolation, scratch: Path, attacker: Path
) -> None:
    """Or the tests before prove nothing."""
    got = of_program(replace(full, unfiltered="for a test"), scratch, attacker)
    through = {"process_vm_readv", "process_vm_writev", "unix", "inet"}
    assert {name for name in through if got[name] == "it worked"} == through


def test_a_machine_without_filters_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    isolation = probe.__wrapped__()
    assert isolation.unfiltered == "none is known for Linux on riscv64"
    assert isolation.system_calls is None
    told = isolation.shortcomings()
    assert told[-1] == "no filter of system calls, for none is known for Linux on riscv64"


def test_a_kernel_without_filters_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "filters_system_calls", lambda: False)
    assert probe.__wrapped__().unfiltered == "the kernel knows none"


def test_a_machine_that_refuses_one_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose own filter refuses more filters."""
    if probe().tier is Tier.NONE:
        pytest.skip("this machine has tier none only")
    broken = b"\x00" * 8  # no program that the kernel takes
    monkeypatch.setattr(system_calls, "program", lambda machine: broken)
    isolation = probe.__wrapped__()
    assert isolation.tier is probe().tier
    assert isolation.unfiltered.startswith("this machine refuses one: ")
    assert isolation.system_calls is None
