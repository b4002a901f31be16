"""Which processor a program was compiled for, and which one this machine has.

A program for another processor cannot be run, which proves nothing against it. Neither can 32-bit
programs, whose system calls would escape the filter.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_MAGIC = b"\x7fELF"
_HEADER = 20
"""Bytes up to and including e_machine (elf(5))."""
_NAMES = {3: "i386", 8: "MIPS", 40: "ARM, 32 bit", 62: "x86-64", 183: "AArch64", 243: "RISC-V"}


def for_another_machine(command: str, root: Path, folder: str = ".") -> str:
    """Why the hand-in's program `command`, started in this folder of it, cannot be run here, as a
    sentence; "" if it can, is not the hand-in's, or is no such file."""
    real = os.path.realpath(root / folder / command)
    if "/" not in command or not Path(real).is_relative_to(os.path.realpath(root)):
        return ""
    program, own = _header(real), _header("/proc/self/exe")
    if not own or not program or _kind(program) == _kind(own):
        return ""
    return (
        f"{os.path.basename(command)} is a program for {_name(program)}, and this machine runs"
        f" those for {_name(own)}: hand in its sources"
    )


def _header(path: str) -> bytes:
    """The beginning of an ELF file; b"" of any other."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        read = os.read(file, _HEADER) if stat.S_ISREG(os.fstat(file).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(file)
    return read if read.startswith(_MAGIC) and len(read) == _HEADER else b""


def _kind(header: bytes) -> tuple[int, int]:
    """Its class (32 or 64 bit) and its machine."""
    machine = header[18:20] if header[5] == 2 else header[19:17:-1]
    return header[4], int.from_bytes(machine, "big")


def _name(header: bytes) -> str:
    kind, machine = _kind(header)
    x32 = " (x32)" if kind == 1 and machine == 62 else ""
    return _NAMES.get(machine, f"machine {machine} of the ELF format") + x32
