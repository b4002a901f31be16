"""A correct server that gets no thread, because others have all that the machine allows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.desk import Desk

CONTRACT = """# pair: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (2) `does`: it does.
"""

LAB = """
from pathlib import Path
from conformance import *
from conformance import Lab
from conformance.sandbox.measure import exhaustion

SEEN, REFUSED = Path({seen!r}), Path({refused!r})
exhaustion.refusal_counters = lambda: (REFUSED,)

pair = Lab("pair", __file__, parameters=[Parameter("port", 2323, "port")])

@pair.scenario("1.1")
async def listens(server):
    "It listens."
    await server.expect_listening()

@pair.scenario("1.2", alone=True)
async def does(server):
    "It does."
    count = len(list(SEEN.iterdir())) + 1
    (SEEN / str(count)).touch()
    if {refused_when}:
        REFUSED.write_text(f"max {{7 + count}}\\n")
    if {wrong_when}:
        raise Violation("the thread", "none")
"""


@pytest.mark.parametrize(
    ("refused_when", "wrong_when", "outcome", "held"),
    [
        ("count == 1", "count == 1", "passed", 2),
        ("count == 1", "True", "failed", 2),
        ("True", "True", "inconclusive", 2),
        ("True", "False", "passed", 1),
        ("False", "True", "failed", 1),
    ],
)
def test_wrong_while_the_kernel_refused_somebody(
    desk: Desk, refused_when: str, wrong_when: str, outcome: str, held: int
) -> None:
    """It proves nothing, and is tried again alone; what had been refused before is no reason."""
    folder, seen, refused = desk.folder / "labs", desk.reports / "seen", desk.reports / "refused"
    folder.mkdir()
    seen.mkdir()
    refused.write_text("max 7\n")
    for shared in (seen, refused):
        shared.chmod(0o1777)
    (folder / "pair.md").write_text(CONTRACT)
    lab = LAB.format(
        seen=str(seen), refused=str(refused), refused_when=refused_when, wrong_when=wrong_when
    )
    (folder / "pair.py").write_text(lab)
    checked = desk.check(desk.echo(), "--labs", folder, lab="pair")
    assert "Traceback" not in checked.stderr
    verdict = checked.verdicts["1.2"]
    assert (verdict["outcome"], len(list(seen.iterdir()))) == (outcome, held)
    told = verdict["reason"].startswith("the machine ran out of processes and threads")
    assert told is (outcome == "inconclusive")


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """One of our own, in which there may be 20 processes and threads."""
    for place in ("/sys/fs/cgroup/pids", "/sys/fs/cgroup"):
        folder = Path(place, f"conformance-test-{os.getpid()}")
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            (folder / "pids.max").write_text("20\n")
            yield folder
            return
        except OSError:
            continue
        finally:
            folder.rmdir()
    pytest.skip("this machine lets us limit no cgroup")


def test_a_cgroup_that_is_full(cgroup: Path, desk: Desk) -> None:
    """A thread for each client is right, and needs as many threads as there are clients."""
    enter = ("sh", "-c", f'echo $$ > {cgroup}/cgroup.procs && exec "$@"', "sh")
    checked = desk.check(desk.echo(), "--only", "5.2", "--jobs", "1", command=enter)
    verdict = checked.verdicts["5.2"]
    assert verdict["outcome"] == "inconclusive"
    assert verdict["reason"] == (
        "the machine ran out of processes and threads"
        " (pids.max: 20 for all that runs in its cgroup) while the program ran"
    )
    assert checked.status == 3
