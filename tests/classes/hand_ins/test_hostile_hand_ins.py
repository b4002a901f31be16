"""What a few have handed in to break the grading: it is refused in a sentence each, and the
others are graded."""

from __future__ import annotations

from kit.classroom import Classroom

HOSTILE = {
    "deep": ("submission.toml", "lab = " + "[" * 5000, "submission.toml is nested too deeply"),
    "long": ("submission.toml", f"port = {'9' * 5000}", "has a number of thousands of digits"),
    "laughs": (
        "pom.xml",
        "<!DOCTYPE p [<!ENTITY a0 'ha'>"
        + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 20))
        + "]><p>&a19;</p>",
        "pom.xml is not XML",
    ),
    "nested": ("package.json", "[" * 100_000, "package.json is nested too deeply"),
    "block": (
        "Server.java",
        'class Server { String s = """' + "\\" * 100_001,
        "no class with a main method was found",
    ),
}


def test_the_others_are_graded(classroom: Classroom) -> None:
    classroom.describe(only="1.1")
    classroom.hand_in("ann")
    classroom.hand_in("zoe")
    for student, (name, text, _) in HOSTILE.items():
        (classroom.folder / student).mkdir()
        (classroom.folder / student / name).write_text(text)
    graded = classroom.grade()
    assert graded.status in (1, 3)
    assert "Traceback" not in graded.stdout + graded.stderr
    rows = classroom.gradebook()
    assert {row["id"]: row["grade"] for row in rows.values() if row["id"] in ("ann", "zoe")} == {
        "ann": "6.0",
        "zoe": "6.0",
    }
    for student, (_, _, sentence) in HOSTILE.items():
        assert rows[student]["echo points"] in ("", "0")
        page = " ".join((classroom.out / "students" / f"{student}.txt").read_text().split())
        assert sentence in page, student
