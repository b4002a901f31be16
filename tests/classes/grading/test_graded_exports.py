"""Exports of course sites, graded."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit.desk import REFERENCES, Desk, clean_desk
from kit.exported import ODD, SITES, Person, Site, export, forty

SERVER = REFERENCES / "echo/python/thread_per_client.py"
BOB, MAL = Person(1, "Bob", "Ray"), Person(2, "Mal", "Lory")
TAKES = f"a_{BOB.number}_assignsubmission_file_server.py"
SEVEN = ("Moodle", "Canvas", "Gradescope", "GitHub Classroom", "Blackboard", "Brightspace", "Sakai")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with clean_desk() as desk:
        yield desk


def laid(site: Site, people: list[Person], desk: Desk) -> Path:
    """A class of servers that conform."""
    folder = desk.folder / "class"
    folder.mkdir()
    file = export(site, people, folder)
    for path in (folder / site.folder).rglob("*.py"):
        shutil.copyfile(SERVER, path)
    return file


def points(desk: Desk) -> dict[str, str]:
    with (desk.folder / "out" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row["echo points"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("name", "people"),
    [
        pytest.param(SEVEN[0], forty(), marks=pytest.mark.heavy, id=f"{SEVEN[0]}, forty"),
        # All forty of each site are matched in tests/classes/hand_ins.
        *(pytest.param(name, forty()[: len(ODD)], id=f"{name}, odd names") for name in SEVEN[1:]),
    ],
)
def test_a_class_is_graded(name: str, people: list[Person], desk: Desk) -> None:
    site = next(site for site in SITES if site.name == name)
    graded = desk.call("grade", laid(site, people, desk), "--out", desk.folder / "out")
    assert graded.status == 0, graded.stderr
    assert points(desk) == {site.id(person): "1" for person in people}


def test_each_has_the_points_of_the_own_program(desk: Desk) -> None:
    """Also beside somebody who calls a file as the other's would be called."""
    [site] = [site for site in SITES if site.name == "Moodle without folders"]
    people = [BOB, replace(MAL, files=(TAKES,))]
    file = laid(site, people, desk)
    for path in file.parent.rglob(f"*{TAKES}"):
        path.write_text("import sys\nsys.exit(0)\n")
    assert desk.call("grade", file, "--out", desk.folder / "out").status == 1
    assert points(desk) == {site.id(people[0]): "1", site.id(people[1]): "0"}
