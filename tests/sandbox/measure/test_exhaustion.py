"""What the machine ran out of, told from files that stand for those of /proc and of cgroups."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.sandbox import Exhaustion, processes_left, uids
from conformance.sandbox.measure import exhaustion


class Machine:
    """A machine of files."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.cgroups = folder / "cgroup"
        self.cgroups.mkdir()
        self.write(self.proc / "loadavg", "0.00 0.00 0.00 1/100 4711\n")
        self.write(self.proc / "sys/kernel/pid_max", "4194304\n")
        self.write(self.proc / "sys/kernel/threads-max", "100000\n")

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def place(self, *lines: str, mounts: tuple[str, ...]) -> None:
        """We are in these cgroups, which are shown where `mounts` say."""
        self.write(self.proc / "self/cgroup", "".join(f"{line}\n" for line in lines))
        told = (mount.format(self.cgroups) for mount in mounts)
        self.write(self.proc / "self/mountinfo", "".join(f"{mount}\n" for mount in told))

    def group(self, name: str, most: int | str, now: int = 0, *, recent: bool = True) -> None:
        """A cgroup with a limit. On a `recent` kernel it also counts by itself."""
        folder = self.cgroups / name
        self.write(folder / "pids.max", f"{most}\n")
        self.write(folder / "pids.current", f"{now}\n")
        for counter in ("pids.events", "pids.events.local")[: 1 + recent]:
            self.count(f"{name}/{counter}", 0)

    def count(self, counter: str, refused: int) -> None:
        self.write(self.cgroups / counter, f"max {refused}\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """As root sees it, where nothing says otherwise: with a user for each session."""
    made = Machine(tmp_path)
    caches = (exhaustion.refusal_counters, exhaustion.limiting_groups)
    monkeypatch.setattr(exhaustion, "PROC", made.proc)
    monkeypatch.setattr(uids, "is_real_root", lambda: True)
    for cached in caches:
        cached.cache_clear()
    yield made
    for cached in caches:
        cached.cache_clear()


ROOT = "25 1 0:22 / / rw - ext4 /dev/vda rw"
SECOND = "31 25 0:27 / {} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
FIRST = (
    "32 25 0:28 /docker/4711 /elsewhere ro shared:9 - cgroup cgroup rw,cpu,cpuacct",
    "33 25 0:29 /docker/4711 {} ro shared:9 - cgroup cgroup rw,pids",
)

USER = "user.slice/user-1000.slice"
SERVICE = f"{USER}/user@1000.service"


def in_a_user_session(machine: Machine, *, recent: bool = True) -> None:
    """Linux with systemd: our own cgroup has no limit, the user's has one."""
    machine.place(f"0::/{SERVICE}", mounts=(ROOT, SECOND))
    for name, most, now in (("user.slice", "max", 300), (USER, 4096, 200), (SERVICE, "max", 96)):
        machine.group(name, most, now, recent=recent)


def test_nothing_is_short(machine: Machine) -> None:
    in_a_user_session(machine)
    machine.count(f"{USER}/pids.events.local", 7)  # before
    short = Exhaustion()
    # Below us, or beside: some other cgroup has a limit of its own, and has met it.
    machine.count(f"{USER}/pids.events", 9)
    machine.count("user.slice/pids.events.local", 9)
    assert short.reason() == ""


@pytest.mark.parametrize("group", [USER, SERVICE])
def test_a_limit_above_ours_was_met(machine: Machine, group: str) -> None:
    """By default the cgroup that has the limit counts; mounted with pids_localevents, ours."""
    in_a_user_session(machine)
    short = Exhaustion()
    machine.count(f"{group}/pids.events.local", 1)
    assert short.reason() == (
        "the machine ran out of processes and threads"
        " (pids.max: 4,096 for all that runs in its cgroup)"
    )
    assert Exhaustion().reason() == ""


def test_a_limit_was_met_before_linux_6_11(machine: Machine) -> None:
    in_a_user_session(machine, recent=False)
    short = Exhaustion()
    machine.count(f"{USER}/pids.events", 9)  # another's
    assert short.reason() == ""
    machine.count(f"{SERVICE}/pids.events", 1)
    assert "ran out of processes" in short.reason()


def test_the_limit_of_a_container_with_version_1(machine: Machine) -> None:
    """It sees the paths of its host, and its own cgroup where the host's would be."""
    machine.place("9:name=systemd:/", "8:pids:/docker/4711", "0::/", mounts=(ROOT, *FIRST))
    machine.group("", 512, 100, recent=False)
    short = Exhaustion()
    machine.count("pids.events", 1)
    assert "(pids.max: 512 for all" in short.reason()
    assert processes_left().processes == 412


def test_a_limit_that_cannot_be_seen(machine: Machine) -> None:
    """It is that of a cgroup above the container's."""
    machine.place("0::/", mounts=(ROOT, SECOND))
    machine.group("", "max", recent=False)
    short = Exhaustion()
    machine.count("pids.events", 1)
    assert short.reason() == "the machine ran out of processes and threads"


@pytest.mark.parametrize("lines", [("0::/",), ("0::/gone",), ()])
def test_no_cgroup_has_a_limit(machine: Machine, lines: tuple[str, ...]) -> None:
    machine.place(*lines, mounts=(ROOT, SECOND))
    short = Exhaustion()
    machine.count("pids.events", 1)
    assert short.reason() == ""
    assert processes_left() == exhaustion.Left(99_900, "kernel.threads-max")


def test_where_there_is_no_proc(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exhaustion, "PROC", machine.proc / "nowhere")
    assert Exhaustion().reason() == ""
    assert processes_left().processes > 10**9


# -- what is left -----------------------------------------------------------------------


def test_the_least_that_is_left(machine: Machine) -> None:
    in_a_user_session(machine)
    left = processes_left()
    assert left.processes == 3896
    assert left.limit.endswith(f"/{USER}")


def test_a_user_s_limit_is_shared(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an ordinary user all sessions count together, and what else is theirs."""
    in_a_user_session(machine)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2000, 2000))
    assert processes_left().limit.startswith("pids.max")
    monkeypatch.setattr(uids, "is_real_root", lambda: False)
    left = processes_left()
    assert left.limit.startswith("RLIMIT_NPROC")
    assert left.processes < 2000  # ours are there, one at the least


MEMORY = (
    "MemTotal: 999 kB\nMemAvailable: {} kB\nSwapFree: {} kB\nCommitLimit: {} kB\n"
    "Committed_AS: 9 kB\n"
)


@pytest.mark.parametrize(
    ("available", "swap", "limit", "mode", "short"),
    [
        (10**6, 0, 0, 0, False),
        (10**4, 0, 0, 0, True),
        (10**4, 10**6, 0, 0, False),
        (10**6, 10**6, 10**4, 2, True),
        (10**6, 10**6, 10**6, 2, False),
    ],
)
def test_a_machine_short_of_memory(
    machine: Machine, available: int, swap: int, limit: int, mode: int, short: bool
) -> None:
    """Seen while it lasts, and told afterwards, too."""
    told = Exhaustion()
    meminfo = machine.proc / "meminfo"
    meminfo.write_text(MEMORY.format(available, swap, limit))
    (machine.proc / "sys/vm").mkdir(parents=True)
    (machine.proc / "sys/vm/overcommit_memory").write_text(f"{mode}\n")
    assert told.reason() == ""
    told.check()
    meminfo.write_text(MEMORY.format(10**9, 0, 10**9))
    assert told.reason() == ("the machine ran out of memory" if short else "")
