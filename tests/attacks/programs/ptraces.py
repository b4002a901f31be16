"""Attaches to every process that it can see, and reads and writes their memory."""

import ctypes

ATTACH, DETACH, SEIZE = 16, 17, 0x4206


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    me = os.getpid()
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    for pid in [*pids, GIVEN["suite"]]:
        if pid == me:
            continue
        for call in (ATTACH, SEIZE):
            if libc.ptrace(call, pid, None, None) == 0:
                libc.ptrace(DETACH, pid, None, None)
                yield f"traced {pid}"
        try:
            with open(f"/proc/{pid}/mem", "r+b"):
                yield f"opened the memory of {pid}"
        except OSError:
            pass
