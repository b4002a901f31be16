"""What a result rests on: where that is the same, nothing is run again."""

from __future__ import annotations

from pathlib import Path

import pytest

import conformance
from conformance.classes.results.fingerprint import fingerprint, suite_files, work_of
from conformance.submissions.intake.limits import MAX_BYTES
from kit.small_class import CATALOG


def of(path: Path, **settings: object) -> str:
    return fingerprint(path, Path(CATALOG["echo"].file), settings)


def test_an_entry_that_is_a_link_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "main.py").write_text("1")
    link = tmp_path / "ann"
    link.symlink_to(folder)
    before = of(link)
    (folder / "main.py").write_text("2")
    assert of(link) != before


def test_a_link_in_an_entry_is_not(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("1")
    folder = tmp_path / "ann"
    folder.mkdir()
    (folder / "link").symlink_to("../outside")
    before = of(folder)
    (tmp_path / "outside").write_text("2")
    assert of(folder) == before


def test_sources_beside_a_lone_one_are_other_students(tmp_path: Path) -> None:
    lone = tmp_path / "Ann.java"
    lone.write_text("public class Ann { public static void main(String[] a) { new Bob(); } }")
    (tmp_path / "Bob.java").write_text("class Bob {}")
    before = of(lone)
    (tmp_path / "Bob.java").write_text("class Bob { int x; }")
    assert of(lone) == before


def test_work_is_the_same_however_it_is_judged(tmp_path: Path) -> None:
    file = tmp_path / "ann.py"
    file.write_text("1")
    assert of(file, seed=1) != of(file, seed=2)
    assert work_of(of(file, seed=1)) == work_of(of(file, seed=2))


def test_a_file_too_large_to_be_taken_in_is_known_by_its_size(tmp_path: Path) -> None:
    image = tmp_path / "ann.img"
    found = []
    for start, size in ((b"1", MAX_BYTES + 1), (b"2", MAX_BYTES + 1), (b"2", MAX_BYTES + 2)):
        with image.open("wb") as file:
            file.write(start)
            file.truncate(size)  # the rest is a hole, which takes no room
        found.append(of(image))
    assert found[0] == found[1] != found[2]


# -- of the lab ---------------------------------------------------------------------------


def written(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1")


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("adder.py", True),
        ("adder.md", True),
        ("sums.py", True),
        ("data/primes.txt", True),
        ("adder.fr.md", False),
        ("../other/other.py", False),
        ("__pycache__/adder.cpython-313.pyc", False),
        (".adder.py.swp", False),
    ],
)
def test_of_a_lab_in_a_folder_of_its_own_all_counts(
    tmp_path: Path, name: str, counts: bool
) -> None:
    lab = tmp_path / "labs" / "adder" / "adder.py"
    changed = lab.parent / name
    written(tmp_path / "ann.py", lab, lab.with_suffix(".md"), changed)
    before = fingerprint(tmp_path / "ann.py", lab, {})
    changed.write_text("2")
    assert (fingerprint(tmp_path / "ann.py", lab, {}) != before) is counts


def test_what_was_handed_in_is_no_part_of_the_lab(tmp_path: Path) -> None:
    lab = tmp_path / "adder" / "adder.py"
    helper, ann, bob = (lab.parent / name for name in ("sums.py", "work/ann.py", "work/bob.py"))
    written(lab, lab.with_suffix(".md"), helper, ann, bob)
    before = fingerprint(ann, lab, {})
    bob.write_text("2")
    assert fingerprint(ann, lab, {}) == before
    helper.write_text("2")
    assert fingerprint(ann, lab, {}) != before


@pytest.mark.parametrize(
    ("name", "counts"), [("adder.py", True), ("adder.md", True), ("other.py", False)]
)
def test_of_a_lab_among_others_its_two_files_do(tmp_path: Path, name: str, counts: bool) -> None:
    lab = tmp_path / "labs" / "adder.py"
    changed = lab.parent / name
    written(tmp_path / "ann.py", lab, lab.with_suffix(".md"), changed)
    before = fingerprint(tmp_path / "ann.py", lab, {})
    changed.write_text("2")
    assert (fingerprint(tmp_path / "ann.py", lab, {}) != before) is counts


# -- of the suite -------------------------------------------------------------------------


def test_labs_reports_and_commands_are_no_part_of_the_suite_however_deep(tmp_path: Path) -> None:
    judged = ["check.py", "session/labs/one.py", "sandbox/reports.py", "run/cli/two.py"]
    apart = ["labs/echo/echo.py", "reports/run/console.py", "cli/check.py", "pytest_plugin/a/b.py"]
    apart += ["words/messages.py"]
    written(*(tmp_path / name for name in judged + apart))
    assert suite_files(tmp_path) == sorted(tmp_path / name for name in judged)


def test_all_that_judges_is_part_of_the_suite() -> None:
    package = Path(conformance.__file__).parent
    found = {path.relative_to(package).parts[0] for path in suite_files(package)}
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    assert folders - found == {"labs", "reports", "cli", "pytest_plugin", "words"}
