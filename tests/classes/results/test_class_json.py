"""What else identifies a student is kept with the class; a class of an older suite is read, too."""

from __future__ import annotations

from pathlib import Path

from conformance.classes.class_file import read_class
from conformance.classes.model import Student
from conformance.classes.results.class_json import class_from_json, class_to_json
from conformance.contract.catalog import load


def test_addresses_and_numbers_of_the_roster_are_kept(tmp_path: Path) -> None:
    (tmp_path / "class.toml").write_text('roster = "roster.csv"\n[[lab]]\nname = "echo"\n')
    (tmp_path / "roster.csv").write_text("login,name,email,sid\naa,Ann,ann@example.org,4711\n")
    (tmp_path / "aa.py").write_text("")
    a_class = read_class(tmp_path / "class.toml", load())
    assert a_class.students == (Student("aa", "Ann", "", ("4711", "ann", "ann@example.org")),)
    told = class_to_json(a_class)
    assert class_from_json(told).students == a_class.students
    told["students"] = [each[:3] for each in told["students"]]
    assert class_from_json(told).students == (Student("aa", "Ann"),)


def test_what_is_not_graded_is_kept_with_its_place(tmp_path: Path) -> None:
    """Several entries of one student, and one of nobody."""
    (tmp_path / "class.toml").write_text(
        'roster = "roster.csv"\nsubmissions = "in"\n[[lab]]\nname = "echo"\n'
    )
    (tmp_path / "roster.csv").write_text("id\nann\nbob\n")
    (tmp_path / "in" / "ann").mkdir(parents=True)
    for name in ("ann/s.py", "ann.py", "bob.py", "stray.py"):
        (tmp_path / "in" / name).write_text("print()\n")
    a_class = read_class(tmp_path / "class.toml", load())
    kept = class_from_json(class_to_json(a_class))
    [ann, bob] = kept.hand_ins
    assert {path.name for path in ann.unclear} == {"ann", "ann.py"}
    assert (ann.path, bob.unclear) == (None, ())
    assert kept.unowned == (("", tmp_path / "in" / "stray.py"),)
    told = class_to_json(a_class)
    del told["unowned"]
    assert class_from_json(told).unowned == ()
