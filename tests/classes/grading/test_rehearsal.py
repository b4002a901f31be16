"""`conformance grade --dry-run`: who is matched with what, what it was recognised as, what belongs
to nobody, how long it will take; and nothing is started or written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.classes.grading import rehearsal
from conformance.classes.grading.rehearsal import recognised
from conformance.classes.model import HandIn
from conformance.cli import main
from conformance.submissions import open_submission

SERVER = "import socket\nsocket.create_server(('', 2323))\n"
MANIFEST = 'lab = "streaming-time"\ncommand = ["python3", "s.py"]\n'


def lay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def a_class(folder: Path, roster: str, files: dict[str, str], more: str = "") -> Path:
    lay(folder / "in", files)
    lay(folder, {"roster.csv": roster})
    text = f'title = "Net"\nsubmissions = "in"\nroster = "roster.csv"\n{more}\n'
    return lay(folder, {"class.toml": text + '[[lab]]\nname = "echo"\nonly = "1.1"\n'})


def rehearse(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["grade", "--dry-run", *map(str, arguments)])


def all_files(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_everybody_and_everything_is_shown(tmp_path: Path) -> None:
    roster = "id,name\nann,Ann Lee\nbob,Bob Ray\ncy,Cy Doe\ndan,Dan\n"
    files = {
        "ann.py": SERVER,
        "bob/one.py": SERVER,
        "bob/two.py": SERVER,
        "dan/submission.toml": MANIFEST,
        "dan/s.py": "",
        "stranger.py": SERVER,
    }
    folder = a_class(tmp_path, roster, files)
    before = all_files(tmp_path)
    shown = rehearse(folder)
    text = " ".join(shown.output.split())
    assert "ann (Ann Lee) ann.py, by the id python · " in text
    assert "/python3 ann.py" in text
    assert (
        "bob (Bob Ray) bob, by the id open: bob: several Python files could be the server" in text
    )
    assert "its submission.toml names the lab streaming-time" in text
    assert "stranger.py belongs to nobody in the roster" in text
    assert "It will take about" in text
    assert "1 hand-in, " in text
    assert shown.exit_code == 3
    assert all_files(tmp_path) == before


def test_a_class_that_is_whole_has_the_status_0(tmp_path: Path) -> None:
    folder = a_class(tmp_path, "id,name\nann,Ann\nbob,Bob\n", {"ann.py": SERVER, "bob.py": SERVER})
    shown = rehearse(folder, "--out", tmp_path / "results")
    assert shown.exit_code == 0
    assert "2 students: 2 to grade · 0 open · 0 handed in nothing" in shown.output
    assert not (tmp_path / "results").exists()


def test_what_time_decides_is_shown(tmp_path: Path) -> None:
    roster = (
        "id,submitted\nann,2026-11-22T10:00:00+01:00\nbob,2026-11-22T10:00:00+01:00\n"
        "cy,2026-11-22T10:00:00+01:00\ndan,\n"
    )
    more = "[late]\nper_day = 10\n[extensions]\nbob = 5\n[waivers]\ncy = 'all'\n"
    files = dict.fromkeys(("ann.py", "bob.py", "cy.py", "dan.py"), SERVER)
    folder = a_class(tmp_path, roster, files, more)
    with (folder / "class.toml").open("a") as file:
        file.write("deadline = 2026-11-20T23:59:00+01:00\n")
    text = " ".join(rehearse(folder).output.split())
    assert "echo: due 2026-11-20 23:59+01:00" in text
    assert "Each day that has begun after the deadline costs 10 %" in text
    ann, bob, cy, dan = (
        text.partition(f" {id}.py, by the id")[2] for id in ("ann", "bob", "cy", "dan")
    )
    at = "handed in 2026-11-22 10:00+01:00, "
    assert f"{at}late by 2 days: 20 % of the points bob" in ann
    assert f"{at}extension to 2026-11-25 23:59+01:00 cy" in bob
    assert f"{at}late by 2 days, lateness is waived dan" in cy
    assert "when it was handed in is not known: not late" in dan


def test_of_a_group_each_with_another_deadline_is_shown(tmp_path: Path) -> None:
    roster = "id,group,submitted\nann,duo,2026-11-22T10:00:00+01:00\nbob,duo,\n"
    folder = a_class(
        tmp_path, roster, {"duo.py": SERVER}, "[late]\nper_day = 10\n[extensions]\nbob = 5\n"
    )
    with (folder / "class.toml").open("a") as file:
        file.write("deadline = 2026-11-20T23:59:00+01:00\n")
    text = " ".join(rehearse(folder).output.split())
    assert "ann: handed in 2026-11-22 10:00+01:00, late by 2 days: 20 % of the points" in text
    assert "bob: handed in 2026-11-22 10:00+01:00, extension to 2026-11-25 23:59+01:00" in text


def test_as_many_are_to_be_graded_as_the_grading_says(tmp_path: Path) -> None:
    """Also what cannot be started: the grading says so of it, and counts it."""
    folder = a_class(tmp_path, "id\nann\nbob\n", {"ann.py": SERVER, "bob.rar": "Rar!"})
    shown = rehearse(folder)
    assert "2 students: 2 to grade, 1 of them not recognised · 0 open" in shown.output


def test_nothing_that_was_handed_in_is_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    manifest = f'build = ["touch", "{trace}"]\ncommand = ["touch", "{trace}"]\n'
    folder = a_class(tmp_path, "id\nann\n", {"ann/submission.toml": manifest})
    shown = rehearse(folder)
    assert "manifest · " in shown.output
    assert "built by" in shown.output
    assert not trace.exists()


def test_arguments_are_those_of_the_class_or_of_the_manifest(tmp_path: Path) -> None:
    files = {
        "ann.py": SERVER,
        "bob/submission.toml": 'command = ["python3", "s.py", "-p", "{port}"]\n',
    }
    folder = a_class(tmp_path, "id\nann\nbob\n", {**files, "bob/s.py": SERVER})
    with (folder / "class.toml").open("a") as file:
        file.write('arguments = ["--port={port}"]\n')
    shown = " ".join(rehearse(folder).output.split())
    assert "python3 ann.py '--port={port}'" in shown
    assert "s.py -p '{port}'" in shown


def test_without_a_roster_and_for_a_lab(tmp_path: Path) -> None:
    shown = rehearse(lay(tmp_path, {"ann.py": SERVER, "bob.rar": "Rar!"}), "--lab", "echo")
    assert "cannot be started: bob" in shown.output
    assert shown.exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "there is no file or folder nowhere"),
        ([".", "--lab", "ech"], "ech"),
        ([".", "--lab", "echo", "--out", "."], "is the folder of the submissions"),
    ],
)
def test_a_wrong_call_has_the_status_2(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lay(tmp_path, {"ann.py": SERVER}))
    shown = rehearse(*arguments)
    assert shown.exit_code == 2
    assert told in shown.output


@pytest.mark.parametrize("options", [["--dry-run"], []])
def test_a_folder_with_other_files_takes_no_results(options: list[str], tmp_path: Path) -> None:
    folder = a_class(tmp_path / "class", "id\nann\n", {"ann.py": SERVER})
    mine = lay(tmp_path / "mine", {"midterm.csv": "1", "grades.csv": "2"})
    shown = CliRunner().invoke(main, ["grade", str(folder), "--out", str(mine), *options])
    assert shown.exit_code == 2
    assert "holds other files and no results of a class (grades.csv, midterm.csv)" in shown.output
    assert {path.name for path in mine.iterdir()} == {"midterm.csv", "grades.csv"}


def test_a_folder_with_the_log_of_a_grading_takes_its_results(tmp_path: Path) -> None:
    folder = a_class(tmp_path / "class", "id\nann\n", {"ann.py": SERVER})
    out = lay(tmp_path / "out", {"grading.log": "", ".gitkeep": ""})
    assert rehearse(folder, "--out", out).exit_code == 0


def test_grading_itself_asks_where_to(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["grade", str(tmp_path)])
    assert shown.exit_code == 2
    assert "Missing option '--out'" in shown.output


def test_what_students_call_their_files_moves_no_cursor(tmp_path: Path) -> None:
    name = "x\x1b[2Jy.py"
    folder = a_class(
        tmp_path, "id,name\n111,Ann Lee\n", {f"Ann Lee_111_assignsubmission_file_{name}": ""}
    )
    shown = rehearse(folder)
    assert "\x1b" not in shown.output
    assert "Ann Lee_111_assignsubmission_file_x" in shown.output


def test_the_former_grading_is_the_basis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has been graded into the folder, reading it changes nothing there."""
    from conformance.classes.results.ledger import Ledger

    asked: list[str] = []
    monkeypatch.setattr(Ledger, "run", lambda self, hand_in: asked.append(hand_in.author))
    folder = a_class(tmp_path, "id\nann\nbob\n", {"ann.py": SERVER, "bob.py": SERVER})
    (tmp_path / "out").mkdir()
    assert rehearse(folder, "--out", tmp_path / "out").exit_code == 0
    assert asked == ["ann", "bob"]
    assert list((tmp_path / "out").iterdir()) == []


# -- recognising ----------------------------------------------------------------------


def hand_ins(folder: Path, *names: str) -> list[HandIn]:
    return [HandIn(name, "echo", folder / name) for name in names]


def test_what_ends_its_process_is_that_hand_ins_trouble_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, *arguments: Any, **more: Any) -> object:
        if path.name == "bad.py":
            os._exit(9)
        return open_submission(path, *arguments, **more)

    monkeypatch.setattr(rehearsal, "open_submission", opened)
    lay(tmp_path, {"bad.py": SERVER, "good.py": SERVER})
    found = recognised(hand_ins(tmp_path, "bad.py", "good.py"), jobs=1)
    told = {hand_in.author: (each.kind, each.trouble, each.open) for hand_in, each in found.items()}
    ended = "it could not be recognised: its process ended early"
    assert told == {"bad.py": ("", ended, True), "good.py": ("python", "", False)}


def test_what_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **more: object) -> None:
        reading, _ = os.pipe()
        os.read(reading, 1)

    monkeypatch.setattr(rehearsal, "open_submission", never)
    monkeypatch.setattr(rehearsal, "LOOKED_AT_WITHIN", 0.2)
    lay(tmp_path, {"a.py": SERVER, "b.py": SERVER})
    found = recognised(hand_ins(tmp_path, "a.py", "b.py"), jobs=2)
    assert {each.trouble for each in found.values()} == {
        "it could not be recognised: not within 0.2 s"
    }


def test_one_entry_for_two_labs_is_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(tmp_path, {"a.py": SERVER}) / "a.py"
    both = [HandIn("a", lab, path) for lab in ("echo", "streaming-time")]
    found = recognised(both)
    assert [found[each].kind for each in both] == ["python", "python"]
    assert found[both[0]] is found[both[1]]
