"""What a session itself may take: more is refused it, and costs nobody anything."""

from __future__ import annotations

import resource

import pytest

from conformance.session.worker import MAX_MEMORY
from kit.desk import Checked, Desk

MIB = 2**20

CONTRACT = """# hungry: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (2) `eats`: it eats.
"""

LAB = """
import asyncio
from conformance import *
from conformance import Lab

hungry = Lab("hungry", __file__, parameters=[Parameter("port", 2323, "port")])

@hungry.scenario("1.1")
async def listens(server):
    "It listens."
    await server.expect_listening()

@hungry.scenario("1.2", alone=True)
async def eats(server):
    "It eats."
    {eats}
"""


def eaten(desk: Desk, eats: str) -> Checked:
    folder = desk.folder / "labs"
    folder.mkdir()
    (folder / "hungry.md").write_text(CONTRACT)
    (folder / "hungry.py").write_text(LAB.format(eats=eats))
    return desk.check(desk.echo(), "--labs", folder, lab="hungry")


@pytest.mark.parametrize(
    "eats",
    [
        f"bytes({2 * MAX_MEMORY})",
        f"asyncio.get_running_loop().call_soon(bytes, {2 * MAX_MEMORY}); await asyncio.sleep(0)",
        f"asyncio.get_running_loop().call_soon(bytes, {2 * MAX_MEMORY}); await asyncio.sleep(0);"
        " raise Violation('something', 'nothing')",
    ],
    ids=["in a scenario", "where something is read", "so that something is missing"],
)
def test_a_session_that_grows_is_nobodys_fault(desk: Desk, eats: str) -> None:
    checked = eaten(desk, eats)
    assert checked.outcomes == {"1.1": "passed", "1.2": "inconclusive"}, checked.stdout
    assert "the suite itself stumbled: MemoryError" in checked.verdicts["1.2"]["reason"]
    assert checked.status == 3
    # The greatest of all that this process has ever started, in KiB.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 2 * MAX_MEMORY


def test_what_a_session_may_take_it_gets(desk: Desk) -> None:
    assert eaten(desk, f"bytes({MAX_MEMORY - 100 * MIB})").outcomes["1.2"] == "passed"


def test_the_limit_is_not_the_programs(desk: Desk) -> None:
    large = desk.echo(f"""
        def greet(client):
            client.sendall(b"Welcome." + bytes({MAX_MEMORY})[:0])
    """)
    checked = desk.check(large, "--only", "1.1,3.1")
    assert checked.status == 0, checked.stdout
