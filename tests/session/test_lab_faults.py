"""A fault in a lab costs nobody a point, and is told with the line of the lab."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.contract.stumble import stumbled, would_again
from conformance.verdict.model import WrongCall
from kit.desk import Desk

CONTRACT = """# lease: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (1) `lends`: it lends.
- **1.3** MUST (1) `takes_back`: it takes back.
"""

LAB = """\
from conformance import Lab, Parameter
from .terms import length

lab = Lab("lease", __file__, parameters=[Parameter("port", 2323, "TCP port")])
lab.listening()

@lab.scenario("1.2")
async def lends(server):
    "It lends."
    await length(server)

@lab.scenario("1.3")
async def takes_back(server):
    "It takes back."
    async with server.connect() as client:
        await client.expect_line(
            5,
        )
"""

TERMS = """\
async def length(server):
    return {}["length"]
"""


def written(folder: Path, **files: str) -> Path:
    """A folder of labs with the lab lease in it."""
    (folder / "lease").mkdir(parents=True)
    texts = {"lease.md": CONTRACT, "lease.py": LAB, "terms.py": TERMS}
    for name, text in {**texts, **{f"{stem}.py": text for stem, text in files.items()}}.items():
        (folder / "lease" / name).write_text(text)
    return folder


def test_an_exception_out_of_a_scenario_is_told_with_the_innermost_line_of_the_lab(
    desk: Desk,
) -> None:
    labs = written(desk.folder / "labs")
    labs.chmod(0o700)  # as an ordinary user, whom root has judge, nobody reads it
    checked = desk.check(desk.echo(), "--labs", labs, lab="lease")
    assert checked.status == 3
    assert list(checked.outcomes.values()) == ["passed", "inconclusive", "inconclusive"]
    lends, takes_back = (checked.verdicts[number]["reason"] for number in ("1.2", "1.3"))
    told = """the lab stumbled at terms.py:2: KeyError: 'length', in: return {}["length"]"""
    assert lends == told
    assert [checked.verdicts[n]["earlier"] for n in ("1.2", "1.3")] == [[], []], "held once"
    assert told in checked.stdout
    assert takes_back.startswith("the lab stumbled at lease.py:16: AttributeError: 'int' object")
    assert "in: await client.expect_line( (raised at expectations.py:" in takes_back


@pytest.mark.parametrize(
    ("module", "text", "told"),
    [
        ("terms", "def length(:\n    pass", r"terms.py:1: SyntaxError: invalid syntax, in: def"),
        ("terms", "\n\nlength = 1 / 0", r"terms.py:3: ZeroDivisionError: division by zero, in: le"),
        ("lease", 'LAB.scenario("9.9")', r"lease.py:1: NameError: name 'LAB' is not defined"),
        ("more", 'from .lease import lab\n@lab.scenario("9.9")\nasync def x(server): "X."',
         r"more.py:2: the lab lease has no clause 9.9, in: @lab.scenario"),
    ],
)  # fmt: skip
def test_a_lab_that_cannot_be_loaded_is_told_with_its_line(
    tmp_path: Path, module: str, text: str, told: str
) -> None:
    labs = written(tmp_path, **{module: text})
    with pytest.raises(WrongCall) as refused:
        load([labs])
    assert f".py cannot be loaded: the lab stumbled at {told}" in str(refused.value)


def test_what_was_under_way_when_the_time_was_over_is_told(tmp_path: Path) -> None:
    labs = written(tmp_path, terms="import asyncio\nasync def length(x): await asyncio.sleep(60)")
    lends = load([labs])["lease"].scenarios[1].judge

    async def hold() -> None:
        async with asyncio.timeout(0.0):
            await lends(None)

    with pytest.raises(TimeoutError) as over:
        asyncio.run(hold())
    told = stumbled(over.value, labs / "lease")
    assert told.startswith("the lab stumbled at terms.py:2: TimeoutError, in: async def length")
    assert not would_again(over.value), "the machine may have been slow"


def test_what_no_line_of_the_lab_had_a_part_in_is_the_suites_own(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as elsewhere:
        1 / 0  # noqa: B018 - what it raises is what is asked for
    assert stumbled(elsewhere.value, tmp_path) == ""
