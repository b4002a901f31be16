"""`conformance grade --on dask:…`: the workers of a scheduler that is there."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from conformance.classes.machines.engines.chosen import engine_for
from conformance.sandbox import Tier
from conformance.verdict.model import WrongCall
from kit.classroom import ANSWERS_WRONG, Classroom
from kit.dask_cluster import UP_WITHIN, Certificates, DaskCluster
from kit.desk import GONE_WITHIN

# One of the class answers wrong: the status of a grading that has gone well is 1.

STUDENTS = [f"student-{number}" for number in range(8)]
WRONG = STUDENTS[3]
PASSED = {"1.1": ("passed", 1), "3.1": ("passed", 3)}
FAILED = {"1.1": ("passed", 1), "3.1": ("failed", 0)}

LOCAL_CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=None,
        host="127.0.0.1",
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def full(classroom: Classroom) -> Classroom:
    """A class of eight, of whom one answers wrong."""
    for student in STUDENTS:
        classroom.hand_in(student, ANSWERS_WRONG if student == WRONG else "")
    return classroom


@pytest.fixture
def cluster(full: Classroom) -> Iterator[DaskCluster]:
    with DaskCluster(full.desk) as made:
        yield made


def require_right(classroom: Classroom) -> None:
    for student in STUDENTS:
        assert classroom.outcomes(student) == (FAILED if student == WRONG else PASSED)


def until_one_has_ended(grading: subprocess.Popen[str]) -> tuple[str, str]:
    """Reads a grading's progress up to the first result. Returns what it has said, and the machine
    that the result is from."""
    assert grading.stdout is not None
    said = ""
    for line in grading.stdout:
        said += line
        if found := re.search(r"1/8 .*, on (\S+)", line):
            return said, found[1]
    raise AssertionError(f"no result: {said}{grading.stderr and grading.stderr.read()}")


def test_two_workers_grade_a_class(full: Classroom, cluster: DaskCluster) -> None:
    cluster.add_worker("east")
    cluster.add_worker("west")
    checked = full.grade("--on", f"dask:{cluster.address}", **cluster.variables)
    require_right(full)
    assert "8/8" in checked.stdout
    assert checked.status == 1, checked.stderr
    for name in ("east", "west"):
        assert re.search(rf"^{name} is there: .* tier ", checked.stdout, re.M), checked.stdout
    assert "lost" not in checked.stdout


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nobody_anything(
    full: Classroom, cluster: DaskCluster
) -> None:
    full.desk.killed = True
    cluster.add_worker("east")
    cluster.add_worker("west")
    grading = full.desk.start(*full.words("--on", f"dask:{cluster.address}"), **cluster.variables)
    said, name = until_one_has_ended(grading)
    worker = cluster.workers[name]
    until = time.monotonic() + UP_WITHIN
    while not (below := worker.children(recursive=True)):
        assert time.monotonic() < until, "it is given nothing more"
        time.sleep(0.02)
    worker.kill()
    assert not psutil.wait_procs(below, timeout=GONE_WITHIN)[1], "orphans"
    checked = full.end_of(grading)
    assert checked.status == 1, checked.stdout + checked.stderr
    require_right(full)
    told = (said + checked.stdout).splitlines()
    assert len([line for line in told if re.match(r"\s+\d/8 ", line)]) == 8, told
    assert [line for line in told if line.startswith(f"{name} has ")], told


def test_a_worker_that_comes_later_is_used(full: Classroom, cluster: DaskCluster) -> None:
    grading = full.desk.start(*full.words("--on", f"dask:{cluster.address}"), **cluster.variables)
    cluster.add_worker("late")
    checked = full.end_of(grading)
    assert checked.status == 1, checked.stdout + checked.stderr
    require_right(full)


@pytest.mark.slow
def test_without_its_scheduler_a_grading_stops_and_goes_on_later(
    full: Classroom, cluster: DaskCluster
) -> None:
    full.desk.killed = True
    cluster.add_worker("east")
    grading = full.desk.start(*full.words("--on", f"dask:{cluster.address}"), **cluster.variables)
    said, _ = until_one_has_ended(grading)
    cluster.scheduler.kill()
    stdout, stderr = grading.communicate(timeout=600)
    assert grading.returncode == 3, said + stdout + stderr
    assert "the scheduler has gone" in stdout or "No machine is left" in stdout
    assert full.run_files()
    there = full.settled_files()
    cluster.start_scheduler()
    cluster.add_worker("west")
    checked = full.grade("--on", f"dask:{cluster.address}", **cluster.variables)
    assert checked.status == 1, checked.stdout + checked.stderr
    require_right(full)
    assert there.items() <= full.run_files().items(), "what had a result was judged again"


def test_a_local_cluster_is_one_for_trying(full: Classroom) -> None:
    script = full.desk.folder / "local_cluster.py"
    script.write_text(LOCAL_CLUSTER)
    variables: dict[str, Any] = {"DASK_CONFIG": str(full.desk.folder)}
    tmp = full.desk.folder / "its-tmp"  # in which it leaves something
    tmp.mkdir()
    tmp.chmod(0o1777)
    with psutil.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**full.desk.environment, **variables, "TMPDIR": str(tmp)}, cwd=full.desk.folder,
    ) as local:  # fmt: skip
        address = local.stdout.readline().strip()
        checked = full.grade("--on", f"dask:{address}", **variables)
        local.stdin.close()
        local.wait(UP_WITHIN)
    assert checked.status == 1, checked.stdout + checked.stderr
    require_right(full)


def test_who_has_no_certificate_of_the_cluster_is_refused(
    full: Classroom, cluster: DaskCluster
) -> None:
    others = Certificates(full.desk.folder / "others")
    for variables in (
        {},
        others.variables("CLIENT"),
        {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": "/"},
    ):
        checked = full.grade("--on", f"dask:{cluster.address}", **variables)
        assert checked.status == 2
        assert "certificate" in checked.stderr, checked.stderr
        assert "Traceback" not in checked.stderr


def test_where_no_scheduler_answers_the_call_was_wrong(full: Classroom) -> None:
    certificates = Certificates(full.desk.folder / "certificates").variables("CLIENT")
    checked = full.grade("--on", "dask:tls://127.0.0.1:1", **certificates)
    assert checked.status == 2
    assert "no scheduler answers there" in checked.stderr


@pytest.mark.parametrize(
    ("address", "tier", "why"),
    [
        ("", Tier.FULL, "is tls://HOST:PORT"),
        ("tls://somewhere", Tier.FULL, "is tls://HOST:PORT"),
        ("tls://somewhere:port", Tier.FULL, "is tls://HOST:PORT"),
        ("tls://somewhere:1/path", Tier.FULL, "is tls://HOST:PORT"),
        ("http://somewhere:1", Tier.FULL, "is tls://HOST:PORT"),
        ("tcp://10.0.0.7:8786", Tier.FULL, "without TLS tells nobody who is who"),
        ("tcp://somewhere:8786", Tier.FULL, "without TLS tells nobody who is who"),
        ("tcp://127.0.0.1:8786", Tier.NONE, "in tier none a submission reaches"),
    ],
)
def test_an_address_that_is_none_or_not_safe_is_refused(
    address: str, tier: Tier, why: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongCall, match=re.escape(why)):
        engine_for(f"dask:{address}", tier, tmp_path)


@pytest.mark.parametrize(
    ("on", "package", "extra"),
    [
        ("dask:tcp://127.0.0.1:1", "distributed", "conformance[dask]"),
        ("slurm:local:1", "submitit", "conformance[slurm]"),
    ],
)
def test_a_library_that_is_missing_is_named(
    on: str, package: str, extra: str, full: Classroom
) -> None:
    stand_in = full.desk.folder / "without"
    stand_in.mkdir()
    raising = f"raise ModuleNotFoundError('it is not there', name={package!r})"
    (stand_in / f"{package}.py").write_text(raising)
    checked = full.grade("--on", on, PYTHONPATH=str(stand_in))
    assert checked.status == 2
    assert f"pip install '{extra}'" in checked.stderr
