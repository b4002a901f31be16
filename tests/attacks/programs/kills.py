"""Kills every process that it can see but itself: by one call, by number, by group."""


def attack():
    here = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    near = range(max(1, GIVEN["suite"] - 50), GIVEN["suite"] + 50)
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        for pid in [-1, *sorted(here), *near]:
            if pid != os.getpid():
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
    others = {int(name) for name in os.listdir("/proc") if name.isdigit()} - {1, os.getpid()}
    if others:
        yield f"sees the processes {sorted(others)}"
