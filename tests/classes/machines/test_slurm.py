"""`conformance grade --on slurm`: jobs that find their shards in a folder. Slurm itself is stood in
for by submitit's local executor, and by commands that answer as Slurm's do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from conformance.classes.machines.engines import slurm_job, slurm_queue
from conformance.classes.machines.engines.chosen import engine_for
from conformance.classes.machines.engines.slurm import SlurmEngine
from conformance.classes.machines.engines.slurm_queue import sbatch_options
from conformance.classes.machines.shard import Shard
from conformance.sandbox import Tier, die_with_parent
from conformance.verdict.model import WrongCall
from kit.classroom import ANSWERS_WRONG, Classroom
from kit.desk import GONE_WITHIN

STUDENTS = [f"student-{number}" for number in range(6)]
WRONG = STUDENTS[2]
PASSED = {"1.1": ("passed", 1), "3.1": ("passed", 3)}
FAILED = {"1.1": ("passed", 1), "3.1": ("failed", 0)}

# The status of a grading that has gone well is 1: one of the class answers wrong.

UP_WITHIN = 300.0
"""Seconds for a job to be given something: the machine is busy."""

SBATCH = """\
#!/bin/sh
# Runs the job at once.
folder=$(dirname "$0")
echo x >> "$folder/jobs"
number=$(wc -l < "$folder/jobs")
cp "$1" "$folder/$number.sh"
export SLURM_JOB_ID=$number SLURM_PROCID=0 SLURM_NODEID=0 SLURM_LOCALID=0
setsid sh "$folder/$number.sh" > "$folder/$number.log" 2>&1 &
echo $! > "$folder/$number.pid"
echo "Submitted batch job $number"
"""

SACCT = """\
#!/bin/sh
folder=$(dirname "$0")
echo 'JobID|State|NodeList'
for pid in "$folder"/*.pid; do
    number=$(basename "$pid" .pid)
    case $(cut -d' ' -f3 "/proc/$(cat "$pid")/stat" 2>/dev/null) in
        [RSD]) state=RUNNING ;;
        *) state=PREEMPTED ;;
    esac
    echo "$number|$state|node"
done
"""

SCANCEL = """\
#!/bin/sh
folder=$(dirname "$0")
kill -s KILL -- -"$(cat "$folder/$1.pid")" 2>/dev/null
true
"""


@pytest.fixture
def full(classroom: Classroom) -> Classroom:
    """A class of six, of whom one answers wrong."""
    for student in STUDENTS:
        classroom.hand_in(student, ANSWERS_WRONG if student == WRONG else "")
    return classroom


def require_right(classroom: Classroom) -> None:
    for student in STUDENTS:
        assert classroom.outcomes(student) == (FAILED if student == WRONG else PASSED)
    assert not list(classroom.out.glob(".slurm-*")), "the folder of the jobs is left"


def ended(said: str) -> list[str]:
    return re.findall(r"^\s+\d/6 .*", said, re.M)


def one_with_a_shard(below: psutil.Process) -> psutil.Process:
    """A process that has started a shard, once there is one."""
    until = time.monotonic() + UP_WITHIN
    while time.monotonic() < until:
        for process in below.children(recursive=True):
            try:
                if "shard" in process.cmdline() and (parent := process.parent()):
                    return parent
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.02)
    raise AssertionError("no job has a shard")


def test_two_jobs_grade_a_class(full: Classroom) -> None:
    checked = full.grade("--on", "slurm:local:2")
    assert checked.status == 1, checked.stdout + checked.stderr
    require_right(full)
    assert len(ended(checked.stdout)) == 6
    assert re.search(r"^job \d+ on \S+ is there: .* tier ", checked.stdout, re.M)
    assert "Traceback" not in checked.stderr


@pytest.mark.slow
def test_a_job_that_is_killed_costs_nobody_anything(full: Classroom) -> None:
    full.desk.killed = True
    grading = full.desk.start(*full.words("--on", "slurm:local:2"))
    job = one_with_a_shard(psutil.Process(grading.pid))
    below = job.children(recursive=True)
    job.kill()
    assert not psutil.wait_procs(below, timeout=GONE_WITHIN)[1], "orphans"
    checked = full.end_of(grading)
    assert checked.status == 1, checked.stdout + checked.stderr
    require_right(full)
    assert len(ended(checked.stdout)) == 6
    assert "its job has ended" in checked.stdout, checked.stdout


@pytest.mark.slow
def test_a_job_that_is_preempted_is_followed_by_another(full: Classroom) -> None:
    """Through the commands of Slurm: sbatch, sacct and scancel."""
    full.desk.killed = True
    slurm = full.desk.folder / "slurm"
    slurm.mkdir()
    for name, script in {
        "sbatch": SBATCH, "sacct": SACCT, "scancel": SCANCEL, "srun": "",
    }.items():  # fmt: skip
        (slurm / name).write_text(script)
        (slurm / name).chmod(0o755)
    path = {"PATH": f"{slurm}:{os.environ['PATH']}"}
    words = full.words("--on", "slurm:1", "--slurm", "partition=long", "--slurm", "time=30")
    grading = full.desk.start(*words, command=(), **path)
    assert grading.stdout is not None
    said = ""
    for line in grading.stdout:
        said += line
        if "1/6" in line:
            break
    subprocess.run([slurm / "scancel", "1"], check=True)
    checked = full.end_of(grading)
    said += checked.stdout
    assert checked.status == 1, said + checked.stderr
    require_right(full)
    assert len(ended(said)) == 6
    assert re.search(r"^job 2 on \S+ is there", said, re.M), said
    asked = (slurm / "1.sh").read_text()
    for option in ("--partition=long", "--time=30", "--exclusive", "--job-name=conformance"):
        assert f"#SBATCH {option}\n" in asked
    assert "srun" not in asked


def test_where_there_is_no_slurm_the_call_was_wrong(full: Classroom) -> None:
    checked = full.grade("--on", "slurm", PATH="/usr/bin:/bin")
    assert checked.status == 2
    assert "there is no Slurm here" in checked.stderr


def test_jobs_that_never_come_up_are_not_given_forever(full: Classroom) -> None:
    slurm = full.desk.folder / "slurm"
    slurm.mkdir()
    for name, script in {"sbatch": "echo 'no such partition' >&2; exit 1", "srun": ""}.items():
        (slurm / name).write_text(f"#!/bin/sh\n{script}\n")
        (slurm / name).chmod(0o755)
    checked = full.grade("--on", "slurm:1", PATH=f"{slurm}:{os.environ['PATH']}")
    assert checked.status == 2
    assert "Slurm has not taken the jobs" in checked.stderr
    assert "no such partition" in checked.stderr
    assert not list(full.out.glob(".slurm-*"))


def none_is_left(folder: Path) -> bool:
    """Whether all processes end that name a folder."""
    found = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
    ]
    return not psutil.wait_procs(found, timeout=GONE_WITHIN)[1]


def test_jobs_that_hang_at_their_start_are_cancelled_and_not_given_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(folder: str) -> None:
        die_with_parent()
        while True:
            signal.pause()

    def run(engine: SlurmEngine) -> None:
        with engine:
            while True:
                assert engine.hear(0.1) == []
                assert engine.machines() == []

    monkeypatch.setattr(slurm_queue, "hold_machine", hang)
    engine = SlurmEngine(1, tmp_path, {}, local=True, start_within=0.0)
    with pytest.raises(WrongCall, match="no job has come up; the last is CANCELLED after 0 s"):
        run(engine)
    assert none_is_left(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_shard_that_does_not_start_is_lost_with_its_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, archive = tmp_path / "hung", tmp_path / "archive"
    script = f"die_with_parent(); pathlib.Path({str(hung)!r}).touch(); signal.pause()"
    imports = "import pathlib, signal; from conformance.sandbox import die_with_parent"

    def hold(folder: str) -> None:
        def command() -> list[str]:
            return [sys.executable, "-c", f"{imports}; {script}"]

        vars(slurm_job)["shard_command"] = command
        slurm_job.hold_machine(folder)

    monkeypatch.setattr(slurm_queue, "hold_machine", hold)
    archive.touch()
    with SlurmEngine(1, tmp_path, {}, local=True, start_within=UP_WITHIN) as engine:
        while not engine.machines():  # until it hangs, by the engine's own bound
            engine.hear(0.1)
        [machine] = engine.machines()
        engine.submit(machine.name, Shard("shard-1", archive, 0))
        while not hung.exists():
            assert engine.hear(0.1) == []
        engine.start_within = 0.0
        [news] = engine.hear(0.1)
        engine.start_within = UP_WITHIN
        assert (news.shard, news.lost) == ("shard-1", "nothing was heard of it for 0 s")
        assert machine not in engine.machines()
    assert none_is_left(tmp_path)


def test_options_are_those_of_sbatch() -> None:
    assert sbatch_options([]) == {"time": "60", "exclusive": True}
    given = ["--time=2:00:00", "cpus-per-task=4", "account=teaching"]
    assert sbatch_options(given) == {
        "time": "2:00:00",
        "cpus_per_task": "4",
        "account": "teaching",
    }
    assert sbatch_options(["oversubscribe"]) == {"time": "60", "oversubscribe": True}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "give an option of sbatch"),
        ("=x", "give an option of sbatch"),
        ("a b=x", "give an option of sbatch"),
        ("account=x\n#SBATCH --array=0-9", "give an option of sbatch"),
        ("nodes=4", "one process on one node"),
        ("ntasks-per-node=4", "one process on one node"),
    ],
)
def test_what_is_no_option_or_not_for_the_caller_is_refused(given: str, why: str) -> None:
    with pytest.raises(WrongCall, match=why):
        sbatch_options([given])


@pytest.mark.parametrize(
    ("on", "slurm", "why"),
    [
        ("slurm:many", [], "how many jobs at a time"),
        ("slurm:0", [], "from 1 to 1000 jobs"),
        ("slurm:local:1001", [], "from 1 to 1000 jobs"),
        ("slurmy", [], "no such engine"),
        ("local:2", ["time=3"], "goes with --on slurm"),
    ],
)
def test_an_address_that_is_none_is_refused(
    on: str, slurm: list[str], why: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongCall, match=why):
        engine_for(on, Tier.FULL, tmp_path, slurm)
