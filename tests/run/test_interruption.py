"""Stopped in mid-run, in whatever way: what was judged is written, and nothing is left."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kit.desk import Desk

WITHIN = 60.0
"""Seconds for a check to come so far as a test waits for: a bound."""


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def events_in(path: Path) -> list[str]:
    """The kinds of the events that the file holds so far."""
    if not path.exists():
        return []
    lines = path.read_text().split("\n")[:-1]
    return [json.loads(line)["event"] for line in lines]


STUBBORN = """
    def main():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
        accept_from(listen())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_writes_what_it_knows(desk: Desk, number: signal.Signals) -> None:
    events, junit, report = (desk.folder / name for name in ("run.jsonl", "junit.xml", "run.json"))
    process = desk.start(
        "check", desk.echo(STUBBORN), "--lab", "echo",
        "--events", events, "--junit", junit, "--json", report,
    )  # fmt: skip
    until(lambda: "verdict" in events_in(events))
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=WITHIN)
    assert process.returncode == 3
    assert "interrupted" in (stdout + stderr).lower()
    assert "Traceback" not in stderr
    kinds = events_in(events)
    assert kinds[0] == "run"
    assert kinds[-1] == "end"
    last = json.loads(events.read_text().splitlines()[-1])
    assert last["interrupted"] is True
    assert json.loads(report.read_text())["interrupted"] is True
    judged = kinds.count("verdict")
    assert 1 <= judged < 30
    suite = ElementTree.parse(junit).getroot()
    told = [case.get("name") for case in suite.iter("testcase")]
    assert len(told) >= judged
    assert "interrupted" in junit.read_text().lower()


def test_a_second_interrupt_leaves_nothing_either(desk: Desk) -> None:
    events = desk.folder / "run.jsonl"
    process = desk.start("check", desk.echo(STUBBORN), "--lab", "echo", "--events", events)
    until(lambda: "verdict" in events_in(events))
    desk.killed = True  # the folder may stay, for the next run to remove
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=WITHIN)
    assert process.returncode != 0


def test_interrupted_before_there_is_anything_to_judge(desk: Desk) -> None:
    """While the submission is built."""
    folder = desk.folder / "slow"
    folder.mkdir()
    desk.echo(name="slow/server.py")
    (folder / "submission.toml").write_text(
        'lab = "echo"\n'
        'build = ["sh", "-c", "echo started > /proc/self/fd/1; sleep 98765"]\n'
        'command = ["python3", "server.py"]\n'
    )
    process = desk.start("check", folder)
    import psutil

    def building() -> bool:
        tree = psutil.Process(process.pid).children(recursive=True)
        return any("98765" in child.cmdline() for child in tree if child.is_running())

    until(lambda: _still(building))
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=WITHIN)
    assert process.returncode == 3
    assert stderr == "conformance: interrupted\n"


def _still(true: Callable[[], bool]) -> bool:
    import psutil

    try:
        return true()
    except psutil.NoSuchProcess:
        return False


def test_killed_it_leaves_no_process_and_the_next_run_sweeps(desk: Desk) -> None:
    events = desk.folder / "run.jsonl"
    server = desk.echo(STUBBORN)
    process = desk.start("check", server, "--lab", "echo", "--events", events)
    until(lambda: "verdict" in events_in(events))
    process.kill()
    process.communicate(timeout=WITHIN)
    desk.killed = True
    left = {path.name for path in desk.tmp.glob("conformance-*")}
    assert left

    def swept() -> bool:
        # Until the last of the killed run's processes is gone, its folder is in use.
        desk.call("check", server, "--lab", "echo", "--only", "1.2")
        return not left & {path.name for path in desk.tmp.iterdir()}

    until(swept)
    # A run that was cut off can be reported all the same.
    reported = desk.call("report", events)
    assert reported.status == 3
    assert "interrupted" in reported.stdout.lower()
