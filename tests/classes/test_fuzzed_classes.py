"""Whatever stands in a class's files and folders, the class is opened, or a sentence says why
not: never a traceback.

`CONFORMANCE_FUZZ=10` tries ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from conformance.classes import class_file
from conformance.classes.file_names import METADATA
from conformance.classes.hand_ins.gradescope import read_metadata
from conformance.classes.hand_ins.roster import read_roster
from conformance.classes.hand_ins.sites import read_name
from conformance.contract.catalog import load
from conformance.submissions.apart import Enter, Raised, Step, each_apart
from conformance.verdict.model import WrongCall
from kit.mutations import mutations

CATALOG = load()
TOGETHER = Step("they could not be read", within=60.0)

CLASSES = [
    b"""title = "Networks"
submissions = ""
roster = "roster.csv"
reveal = "hints"
scale = "linear 1..6"
submitted = "mtime"
[late]
per_day = 10
grace_minutes = 15
most = 50
[groups]
g1 = ["ann", "bob"]
[[lab]]
name = "echo"
weight = 2
parameters = { prefix = "> " }
counts = ["5.3"]
only = ""
deadline = 2026-11-20T23:59:00+01:00
""",
    b'scale = "A 90, B 80, F 0"\n[[lab]]\nname = "presence"\ndeadline = 2026-11-20T23:59:00Z\n'
    b'[[lab]]\nname = "echo"\nonly = "3"\ncounts = ["all"]\n',
]
ROSTERS = [
    b"id,name,group,submitted\nann,Ann Smith,g1,2026-11-20T10:00:00Z\nbob,Bob Fox,g1,\n",
    'Matrikelnummer;Vorname;Nachname\n00123;Jürg;Müller\n4711;"Zoë";Fox\n'.encode("utf-8-sig"),
    b'Student\tID\tSIS Login ID\n"Smith, Ann"\t4711\tann@a.b\n    Points Possible\t\t\n',
]
METADATAS = [
    b"""---
submission_123:
  :submitters:
  - :name: Ann Smith
    :sid: '47''11'
    :email: "ann\\x40example.org"
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :results:
    output: |
      anything
submission_124:
  :submitters: []
""",
]
NAMES = [
    b"Ann Smith_4711_assignsubmission_file_", b"Ann Smith_4711_assignsubmission_file_a.zip",
    b"smithann_LATE_1001_20001_server-1.py", b"LATE_anon_a1B2_77_x.tar.gz", b"submission_123",
    "Müller Zoë_12_assignsubmission_onlinetext_".encode(), b"echo-ann-smith", b"ann.py",
]  # fmt: skip


def read_class(folder: Path, content: bytes, enter: Enter) -> None:
    (folder / "roster.csv").write_bytes(b"id\nann\nbob\n")
    (folder / "class.toml").write_bytes(content)
    class_file.read_class(folder / "class.toml", CATALOG)


def read_students(folder: Path, content: bytes, enter: Enter) -> None:
    (folder / "roster.csv").write_bytes(content)
    read_roster(folder / "roster.csv", ["echo"])


def read_export(folder: Path, content: bytes, enter: Enter) -> None:
    (folder / METADATA).write_bytes(content)
    read_metadata(folder)


def read_the_name(folder: Path, content: bytes, enter: Enter) -> None:
    for name in content[:255].decode("utf-8", "surrogateescape").split("/"):
        read_name(name)
        read_name(name, folder=True)


Read = Callable[[Path, bytes, Enter], None]
KINDS: dict[str, tuple[Sequence[bytes], Read, int]] = {
    "class files": (CLASSES, read_class, 400),
    "rosters": (ROSTERS, read_students, 800),
    "metadata": (METADATAS, read_export, 500),
    "names": (NAMES, read_the_name, 500),
}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_in_it(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seeds, read, count = KINDS[kind]
    contents = list(mutations(seeds, count))
    record_property("fuzzed", len(contents))
    outcomes = each_apart([partial(read, tmp_path, content) for content in contents], TOGETHER)
    for content, outcome in zip(contents, outcomes, strict=True):
        if isinstance(outcome, Raised):
            assert type(outcome.error).__name__ == "WrongCall", (content, str(outcome.error))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = " + "[" * 5000, "is nested too deeply"),
        ("a = " + "9" * 5000, "has a number of thousands of digits"),
        ("reveal = 0x" + "f" * 5000, "`reveal` must be one of .*, not a number of thousands of"),
        ("[late]\nmost = 1" + "0" * 400, "`most` must be a number from 0 to 100, not 1000"),
        ("[late]\ngrace_minutes = nan", "`grace_minutes` must be a number from 0 to 1e"),
        ("title = " + "[" * 50 + "]" * 50, r"`title` must be a text, not \[\[\[\["),
        ('reveal = "' + "x" * 5000 + '"', "`reveal` must be one of .*, not 'xxx"),
    ],
    ids=lambda text: text[:20],
)
def test_a_class_file_that_is_none(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "class.toml").write_text(f'{text}\n[[lab]]\nname = "echo"\n')
    with pytest.raises(WrongCall, match=sentence) as refusal:
        class_file.read_class(tmp_path / "class.toml", CATALOG)
    assert len(str(refusal.value)) < 1000
