"""A lab may be two files, or a folder of them whose modules import one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.verdict.model import WrongCall

CONTRACT = """# lease: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (1) `lends`: it lends.
"""

LAB = """
from conformance import Lab, Parameter

from .words import TITLE

lease = Lab("lease", __file__, parameters=[Parameter("port", 2323, TITLE)])

@lease.scenario("1.1")
async def listens(server):
    "It listens."
"""

SECTION = """
from .lease import lease

@lease.scenario("1.2")
async def lends(server):
    "It lends."
"""

FILES = {
    "lease.md": CONTRACT,
    "lease.py": LAB,
    "words.py": 'TITLE = "TCP port"',
    "lending.py": SECTION,
}


def written(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_every_module_of_the_folder_adds_its_scenarios(tmp_path: Path) -> None:
    written(tmp_path / "labs" / "lease", FILES)
    lab = load([tmp_path / "labs"])["lease"]
    assert [scenario.name for scenario in lab.scenarios] == ["listens", "lends"]


def test_the_same_name_in_another_folder_is_another_lab(tmp_path: Path) -> None:
    for title in ("one", "other"):
        files = {**FILES, "words.py": f"TITLE = {title!r}"}
        written(tmp_path / title / "lease", files)
        [parameter] = load([tmp_path / title])["lease"].parameters
        assert parameter.meaning == title


def test_a_flat_lab_may_have_a_helper_beside_it(tmp_path: Path) -> None:
    everything = LAB + SECTION.replace("from .lease import lease", "")
    folder = written(tmp_path / "labs", {**FILES, "lease.py": everything, "lending.py": ""})
    assert len(load([folder])["lease"].scenarios) == 2


def test_a_fault_names_the_module_that_has_it(tmp_path: Path) -> None:
    written(tmp_path / "labs" / "lease", {**FILES, "lending.py": "from .nowhere import lease"})
    with pytest.raises(WrongCall, match=r"lease/lending\.py cannot be .* at lending\.py:1: "):
        load([tmp_path / "labs"])


def test_a_scenario_that_is_missing_is_a_wrong_call(tmp_path: Path) -> None:
    written(tmp_path / "labs" / "lease", {**FILES, "lending.py": ""})
    with pytest.raises(WrongCall, match=r"clause 1\.2 has no scenario"):
        load([tmp_path / "labs"])
