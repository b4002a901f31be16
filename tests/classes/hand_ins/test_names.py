from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.classes.file_names import (
    Author,
    Name,
    identity,
    is_entry,
    prefixes,
    safe_name,
    same,
    spellings,
)
from conformance.classes.hand_ins.contents import for_lab, modified, part_for
from conformance.classes.hand_ins.entries import FolderEntry, read_entries
from conformance.classes.hand_ins.sites import read_name
from conformance.verdict.model import WrongCall


@pytest.mark.parametrize(
    ("name", "folder", "wanted"),
    [
        ("alice.py", False, Name(Author("alice"))),
        ("bob", True, Name(Author("bob"))),
        ("chloe.zip", False, Name(Author("chloe"))),
        ("x.tar.gz", False, Name(Author("x"))),
        ("x.7z", False, Name(Author("x"))),
        ("ann.smith.zip", False, Name(Author("ann.smith"))),
        ("ann.smith", False, Name(Author("ann.smith"))),
        ("anna.c", True, Name(Author("anna.c"))),
        (
            "Ann Smith_4711_assignsubmission_file_",
            True,
            Name(Author("4711", "Ann Smith"), "Moodle"),
        ),
        ("Ann Smith_4711_assignsubmission_file", True, Name(Author("4711", "Ann Smith"), "Moodle")),
        (
            "Ann_Smith_4711_assignsubmission_file_my_server.py",
            False,
            Name(Author("4711", "Ann Smith"), "Moodle", file="my_server.py"),
        ),
        (
            "Ann Smith_4711_assignsubmission_onlinetext_",
            True,
            Name(Author("4711", "Ann Smith"), "Moodle", no_file="a text"),
        ),
        (
            "smithann_LATE_12345_67890_Server.java",
            False,
            Name(Author("12345", "smithann"), "Canvas", True, 67890, "Server.java"),
        ),
        (
            "smithann_12345_67891_Server-2.java",
            False,
            Name(Author("12345", "smithann"), "Canvas", False, 67891, "Server.java"),
        ),
        (
            "müllerzoé_1_2_echo_3_4.tar.gz",
            False,
            Name(Author("1", "müllerzoé"), "Canvas", False, 2, "echo_3_4.tar.gz"),
        ),
        (
            "LATE_anon_a1B2c_67890_server.py",
            False,
            Name(Author("a1B2c"), "Canvas", True, 67890, "server.py"),
        ),
        (
            "smithann_12345_text.html",
            False,
            Name(Author("12345", "smithann"), "Canvas", no_file="a text"),
        ),
        ("Echo_1_2_Server.java", False, Name(Author("Echo_1_2_Server"))),
    ],
)
def test_a_name_tells_whose_it_is(name: str, folder: bool, wanted: Name) -> None:
    assert read_name(name, folder=folder) == wanted


@pytest.mark.parametrize(
    "name", [".git", ".alice.py", "__MACOSX", "class.toml", "roster.CSV", "submission_metadata.yml"]
)
def test_what_is_no_entry(name: str) -> None:
    assert not is_entry(name)


def test_all_beginnings_of_an_assignment() -> None:
    assert list(prefixes(["lab-echo-ann", "lab-echo-anton"])) == ["lab-echo-", "lab-"]
    assert list(prefixes(["ann", "bob"])) == []
    assert list(prefixes([])) == []


def test_names_are_spelled_in_any_order() -> None:
    assert spellings("Smith, Ann") >= {"annsmith", "smithann"}
    assert spellings("Müller-Meier Zoé") == {"müllermeierzoé", "zoémüllermeier"}
    assert spellings(" ") == set()


IDS = st.text(max_size=200).map(identity)


@given(IDS, IDS)
@example("a b", "a%20b")
@example("a/b", "a%2Fb")
@example("a" * 200, "a" * 201)
@example("", "%")
def test_no_two_ids_share_a_safe_name(one: str, other: str) -> None:
    assert (safe_name(one) == safe_name(other)) == (one == other)


@given(st.text(max_size=300))
def test_a_safe_name_is_one(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(os.fsencode(name)) <= 120
    assert not set(name) & set("/\\\0\n<>:\"'| ")
    assert name[0] not in ".-"


def test_plain_ids_stay_as_they_are() -> None:
    assert safe_name("ann.smith-2_x") == "ann.smith-2_x"
    assert safe_name("../a b") == "%2E.%2Fa%20b"
    assert same("Ann ") == same("ann")


# -- in a folder ----------------------------------------------------------------------


def nobody(text: str) -> bool:
    return False


def among(*ids: str) -> Callable[[str], bool]:
    return lambda text: text in ids


def lay(folder: Path, *names: str) -> Path:
    """Empty files, and folders where a name ends in a slash."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.write_text("")
    return folder


def read(
    folder: Path, knows: Callable[[str], bool] = nobody, beside: Collection[str] = ()
) -> dict[str, FolderEntry]:
    """The entries by the ids of their authors."""
    entries, _ = read_entries(folder, knows, beside)
    return {"+".join(author.id for author in entry.authors): entry for entry in entries}


def test_plain_entries(tmp_path: Path) -> None:
    names = ("alice.py", "bob/s.py", "c.zip", ".hidden", "__MACOSX/", "roster.csv", "late/")
    entries = read(lay(tmp_path, *names), beside=["late"])
    assert {who: entry.path for who, entry in entries.items()} == {
        "alice": tmp_path / "alice.py",
        "bob": tmp_path / "bob",
        "c": tmp_path / "c.zip",
    }


def test_a_list_of_the_teacher_is_nobodys_and_told(tmp_path: Path) -> None:
    lay(tmp_path, "points.xlsx", "README.md", "ann.pdf")
    entries, told = read_entries(tmp_path, among("ann"))
    assert [entry.name for entry in entries] == ["ann.pdf"]
    assert told == [
        "README.md is no program and belongs to nobody: left aside",
        "points.xlsx is no program and belongs to nobody: left aside",
    ]


def test_a_folder_with_one_archive_is_that_archive(tmp_path: Path) -> None:
    moodle = "Ann Smith_4711_assignsubmission_file_"
    lay(tmp_path, f"{moodle}/lab.zip", f"{moodle}/report.pdf", "bob/a.zip", "bob/b.zip")
    entries = read(tmp_path)
    assert entries["4711"].path == tmp_path / moodle / "lab.zip"
    assert entries["bob"].path == tmp_path / "bob"


def test_moodles_files_without_folders(tmp_path: Path) -> None:
    start = "Ann Smith_4711_assignsubmission"
    lay(tmp_path, f"{start}_file_server.py", f"{start}_onlinetext_onlinetext.html")
    assert read(tmp_path)["4711"].path == tmp_path / f"{start}_file_server.py"


def test_a_text_alone_is_a_problem(tmp_path: Path) -> None:
    lay(tmp_path, "smithann_LATE_1_text.html", "Bo_2_assignsubmission_onlinetext_/onlinetext.html")
    entries = read(tmp_path)
    assert entries["1"].path is None
    assert entries["1"].problem == "a text was handed in, and no file"
    assert entries["1"].remarks == ("Canvas marks it as late",)
    assert entries["2"].problem == "a text was handed in, and no file"


def test_of_canvas_attempts_the_last_counts(tmp_path: Path) -> None:
    names = ["smithann_1_90_s.py", "smithann_LATE_1_100_s-1.py", "smithann_1_95_s-2.py"]
    entry = read(lay(tmp_path, *names))["1"]
    assert entry.path == tmp_path / names[1]
    assert entry.remarks[1:] == (
        f"3 files are attempts at the same: the last was taken: {names[1]}",
    )


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["a_1_10_Server.java", "a_1_11_Client.java"], None),
        (["a_1_10_Server.java", "a_1_11_lab.zip"], "a_1_11_lab.zip"),
        (["a_1_10_server.py", "a_1_11_report.pdf"], "a_1_10_server.py"),
        (["a_1_10_one.zip", "a_1_11_two.zip"], None),
    ],
)
def test_several_files_of_one_hand_in(names: list[str], chosen: str | None, tmp_path: Path) -> None:
    entry = read(lay(tmp_path, *names))["1"]
    assert entry.path == (tmp_path / chosen if chosen else None)
    if chosen:
        assert entry.remarks == (f"left aside: {next(n for n in names if n != chosen)}",)
    else:
        own = ", ".join(name.split("_")[-1] for name in names)
        assert entry.problem == (
            f"2 files were exported one by one: put {', '.join(names)} into one folder a_1,"
            f" under their own names: {own}"
        )


@pytest.mark.parametrize("names", [["bobbob_12_7_S.java"], ["s.py", "c.py"], ["s.py"]])
def test_the_folder_that_a_teacher_makes_of_them(names: list[str], tmp_path: Path) -> None:
    lay(tmp_path, *(f"bobbob_12/{name}" for name in names), "smithann_13_8_s.py")
    entries = read(tmp_path)
    assert set(entries) == {"12", "13"}
    assert entries["12"].path == tmp_path / "bobbob_12"
    assert entries["12"].authors == (Author("12", "bobbob"),)


def test_moodles_folder_is_named_as_moodle_does(tmp_path: Path) -> None:
    start = "Ann Smith_4711_assignsubmission_file_"
    problem = read(lay(tmp_path, f"{start}A.java", f"{start}B.java"))["4711"].problem
    assert f"into one folder {start}, under their own names: A.java, B.java" in problem


def test_a_folder_with_a_number_is_not_canvas(tmp_path: Path) -> None:
    assert set(read(lay(tmp_path, "team_3/s.py", "team_4/s.py"))) == {"team_3", "team_4"}


def test_a_folder_made_of_canvas_files_alone_is_told_by_them(tmp_path: Path) -> None:
    lay(tmp_path, "bobbob_12/bobbob_12_7_S.java", "team_3/s.java")
    only = tmp_path / "bobbob_12"
    entries, _ = read_entries(tmp_path, nobody)
    assert {entry.path: entry.site for entry in entries}[only] == "Canvas"


# -- what cannot be read --------------------------------------------------------------


@pytest.fixture
def shut(tmp_path: Path) -> Iterator[Path]:
    """A folder of which some entries may be read by nobody, not even by root (who is
    somebody else meanwhile)."""
    with tempfile.TemporaryDirectory() as name:
        folder = lay(Path(name), "ann.py", "bob/s.py", "bob/.git/", "cy.zip", "dan", "eve/in/s.py")
        folder.chmod(0o755)
        closed = [folder / each for each in ("bob", "cy.zip", "dan", "eve/in")]
        for path in closed:
            path.chmod(0)
        root = os.geteuid() == 0
        try:
            if root:
                os.seteuid(65534)
            yield folder
        finally:
            if root:
                os.seteuid(0)
            for path in closed:
                path.chmod(0o700)


def test_what_cannot_be_read_is_a_problem_of_its_author(shut: Path) -> None:
    entries = read(shut)
    told = "{} cannot be read: Permission denied"
    assert {who: (entry.path, entry.problem) for who, entry in entries.items()} == {
        "ann": (shut / "ann.py", ""),
        "bob": (None, told.format("bob")),
        "cy": (None, told.format("cy.zip")),
        "dan": (None, told.format("dan")),
        "eve": (shut / "eve", ""),  # what lies deeper is seen when it is taken in
    }


def test_clones_lose_what_all_begin_with(tmp_path: Path) -> None:
    lay(tmp_path, "lab-echo-ann/.git/", "lab-echo-anton/.git/")
    assert set(read(tmp_path)) == {"ann", "anton"}


def test_plain_folders_keep_what_they_begin_with(tmp_path: Path) -> None:
    assert set(read(lay(tmp_path, "mary-ann/", "mary-lou/"))) == {"mary-ann", "mary-lou"}


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (
            ["lab-echo-annsmith", "lab-echo-bob-the-builder", "lab-echo-jdoe"],
            {"annsmith", "bob-the-builder", "jdoe"},
        ),
        (["lab-echo-ann-jo", "lab-echo-ann-lee"], {"ann-jo", "ann-lee"}),
        (["echo-2026-a", "echo-2026-b", "echo-2026-c"], {"a", "b", "c"}),
        (["bob-1", "bob-2"], {"bob-1", "bob-2"}),
        (["lab-echo-ann"], {"lab-echo-ann"}),
        (["lab-echo-ann", "bob"], {"lab-echo-ann", "bob"}),
    ],
)
def test_plain_folders_lose_what_names_the_lab(
    names: list[str], students: set[str], tmp_path: Path
) -> None:
    lay(tmp_path, *(f"{name}/s.py" for name in names))
    entries, _ = read_entries(tmp_path, nobody, labs=["echo", "streaming-time"])
    assert {author.id for entry in entries for author in entry.authors} == students


def test_the_roster_knows_where_a_clones_name_ends(tmp_path: Path) -> None:
    lay(tmp_path, "lab-echo-ann-lee/", "lab-echo-ann-jo/", "solution/", "lab-echo-eve/")
    entries = read(tmp_path, among("ann-lee", "ann-jo"))
    assert set(entries) == {"ann-lee", "ann-jo", "eve", "solution"}


def test_the_folder_of_an_export_says_how_clones_begin(tmp_path: Path) -> None:
    lay(tmp_path / "lab-echo-submissions", "lab-echo-ann-lee/")
    assert set(read(tmp_path / "lab-echo-submissions")) == {"ann-lee"}


def test_one_stranger_is_not_taken_for_somebody_behind_a_dash(tmp_path: Path) -> None:
    lay(tmp_path, "mary-ann/", "ann/", "x-y/")
    assert set(read(tmp_path, among("ann"))) == {"mary-ann", "ann", "x-y"}


# -- Gradescope -----------------------------------------------------------------------

METADATA = r"""---
submission_1:
  :submitters:
  - :name: "Zo\xEB O'Neil"
    :sid: '0123'
    :email: zoe@example.org
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :score: 2.0
  :results:
    tests:
    - name: x
      output: 'Do not worry
        submission_9:

'
      status: passed
  :history:
  - :id: 7
    :created_at: 2020-01-01 00:00:00.000000000 Z
...
submission_2:
  :submitters:
  - :name: Bob O''Hara
    :sid:
    :email: bob@example.org
  - :name: 'Cy O''Hara'
    :sid: 333
  :created_at: 2026-04-26 19:34:00 +02:00
submission_3:
  :submitters: []
'4.pdf':
  :submitters:
  - :sid: '4'
"""


def test_gradescope_says_who_and_when(tmp_path: Path) -> None:
    lay(tmp_path, "submission_1/s.py", "submission_2/s.py", "submission_3/s.py")
    (tmp_path / "submission_metadata.yml").write_text(METADATA)
    entries, told = read_entries(tmp_path, nobody)
    assert [entry.authors for entry in entries] == [
        (Author("0123", "Zoë O'Neil"),),
        (Author("bob@example.org", "Bob O''Hara"), Author("333", "Cy O'Hara")),
        (),
        (Author("4"),),
    ]
    told_of_the_last = "4.pdf stands in submission_metadata.yml, but there is no such folder"
    assert (entries[3].path, entries[3].problem) == (None, told_of_the_last)
    came = datetime(2026, 4, 26, 17, 34, tzinfo=UTC)
    assert entries[0].submitted == came.replace(microsecond=861687)
    assert entries[1].submitted == came
    assert told == [told_of_the_last]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- a\n- list\n", "line 1"),
        ("submission_1:\n  :submitters:\n  - :sid: '1\n", "line 3"),
        ("submission_1:\n  :submitters:\n  - :sid: |\n", "line 3"),
        ("submission_1:\n  :submitters:\n  - :name: a\n      b\n", "line 4"),
        ("submission_1:\n  :submitters: none\n", "line 2"),
        ("submission_1:\n  :submitters:\n  - :name:\nsubmission_2:\n", "line 4"),
        ("submission_1:\n  :created_at: yesterday\n", "line 2"),
        ("submission_1:\n  :created_at: 2026-13-26 17:34:00 Z\n", "line 2"),
        ("submission_1:\n  ???\n", "line 2"),
        ("submission_1:\nsubmission_1:\n", "line 2"),
        ("submission_1:\n  :submitters:\n  - Bob\n", "line 3"),
        ('submission_1:\n  :submitters:\n  - :sid: "1\n', "line 3"),
        ("---\n", "names no submission"),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1"), "cannot be read"),
    ],
)
def test_metadata_that_is_not_as_expected_is_refused(
    text: str | bytes, line: str, tmp_path: Path
) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "submission_metadata.yml").write_bytes(content)
    with pytest.raises(WrongCall, match=line):
        read_entries(tmp_path, nobody)


# -- several labs ---------------------------------------------------------------------

LABS = ["echo", "streaming-time"]


def test_a_folder_divided_by_labs(tmp_path: Path) -> None:
    ann = lay(tmp_path / "ann", "Echo/s.py", "streaming_time/lab.zip", "README.md")
    assert for_lab(ann, "echo", LABS) == (ann / "Echo", "")
    assert for_lab(ann, "streaming-time", LABS) == (ann / "streaming_time" / "lab.zip", "")


def test_what_a_divided_folder_lacks_was_not_handed_in(tmp_path: Path) -> None:
    assert for_lab(lay(tmp_path / "ann", "echo/s.py"), "streaming-time", LABS) == (None, "")


def test_a_misnamed_part_is_a_problem(tmp_path: Path) -> None:
    path, problem = for_lab(lay(tmp_path / "ann", "echo/", "time/"), "streaming-time", LABS)
    assert path is None
    assert problem == "it cannot be told what in ann is for streaming-time: time"


@pytest.mark.parametrize("names", [["echo/__init__.py", "main.py"], ["src/x.py", "lib/"], ["s.py"]])
def test_a_program_is_judged_for_each_lab(names: list[str], tmp_path: Path) -> None:
    ann = lay(tmp_path / "ann", *names)
    assert for_lab(ann, "echo", LABS) == (ann, "")


ALIKE = {
    "echo": ["echo", "echo-node"],
    "echo-node": ["echo", "echo-node"],
    "streaming-time": ["streaming-time"],
    "presence": ["presence"],
}


@pytest.mark.parametrize(
    ("names", "lab", "part"),
    [
        (["echo/s.py", "streaming_time/s.py"], "echo", "echo"),
        (["Echo/s.py", "Streaming Time/lab.zip", "README.md"], "streaming-time",
         "Streaming Time/lab.zip"),
        (["echo/s.py", "presence/s.py", "photos/x.png"], "presence", "presence"),
        (["echo/s.py", "presence/s.py"], "echo-node", "echo"),
        (["echo/s.py", "echo-node/s.js", "presence/s.py"], "echo-node", "echo-node"),
        (["echo/s.py", "echo-node/s.js"], "echo", "echo"),
        # One student's program, of which a part is called like a lab, is whole.
        (["echo/__main__.py", "lines/__init__.py"], "echo", "."),
        (["echo/s.py", "presence/s.py", "main.py"], "echo", "."),
        (["s.py"], "echo", "."),
    ],
)  # fmt: skip
def test_a_folder_for_several_labs_is_checked_for_one(
    names: list[str], lab: str, part: str, tmp_path: Path
) -> None:
    ann = lay(tmp_path / "ann", *names)
    assert part_for(ann, lab, ALIKE) == ann / part


def test_a_folder_for_other_labs_holds_nothing_for_this_one(tmp_path: Path) -> None:
    ann = lay(tmp_path / "ann", "echo/s.py", "presence/s.py")
    with pytest.raises(WrongCall, match="ann holds nothing for streaming-time: it is divided by"):
        part_for(ann, "streaming-time", ALIKE)


def test_an_archive_is_judged_for_each_lab(tmp_path: Path) -> None:
    path = tmp_path / "ann.zip"
    zipfile.ZipFile(path, "w").close()
    assert for_lab(path, "echo", LABS) == (path, "")


def test_a_folder_is_as_old_as_its_newest_file(tmp_path: Path) -> None:
    lay(tmp_path / "ann", "a.py", "src/b.py", ".git/c", "empty/")
    for name, seconds in (("a.py", 100), ("src/b.py", 200), (".git/c", 300)):
        os.utime(tmp_path / "ann" / name, (seconds, seconds))
    assert modified(tmp_path / "ann") == datetime.fromtimestamp(200, UTC)
    assert modified(tmp_path / "ann" / "empty") is None
