"""Unpacking: which forms, what is refused, and what is left where it fails."""

from __future__ import annotations

import errno
import os
import random
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contract.catalog import load
from conformance.run.plan import Request
from conformance.run.prepare import take_in
from conformance.sandbox import Isolation, Tier
from conformance.submissions import TooMuch, open_submission
from conformance.submissions.intake import limits, safe_paths
from conformance.submissions.intake.below import Below
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall
from kit.packing import (
    FORMS,
    SERVER,
    Item,
    blames_the_machine,
    file,
    folder,
    hard_link,
    inside,
    link,
    names,
    refused,
    tarred,
    zipped,
)

Opened = Callable[..., Submission]


@pytest.fixture
def path(given: Path) -> Path:
    return given / "ann.zip"


def refusal_of(opened: Opened, path: Path) -> WrongCall | None:
    """None where it was taken."""
    try:
        opened(path)
    except WrongCall as wrong:
        return wrong
    return None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["ann.zip", "ann.tar.gz", "ann.tar"])
def test_a_form_is_known_by_its_bytes(form: str, name: str, path: Path, opened: Opened) -> None:
    """Browsers unpack what they fetch, and students rename."""
    made = inside([folder("lab"), file("lab/server.py")], form, path.with_name(name))
    assert opened(made).command[-1] == "server.py"


@pytest.mark.parametrize(
    ("start", "kind"), [(b"Rar!\x1a\7\1\0", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z")]
)
def test_another_form_by_the_name_of_a_zip(
    start: bytes, kind: str, path: Path, opened: Opened
) -> None:
    path.write_bytes(start + bytes(600))
    refused(opened, path, rf"ann\.zip is a \.{kind}, which cannot be opened here: hand in a \.zip")


NAMES = st.sampled_from(["a", "B", "src", "été", "my lab (2)", "-x", "1: one", "_._", "..b", "~"])


@settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
@given(
    files=st.dictionaries(st.lists(NAMES, max_size=4).map(tuple), st.binary(max_size=99)),
    form=st.sampled_from(FORMS),
)
def test_what_is_put_in_comes_out(files: dict[tuple[str, ...], bytes], form: str) -> None:
    named = {"/".join((*place, "f.txt")): content for place, content in files.items()}
    with tempfile.TemporaryDirectory() as folder:
        items = [file("server.py"), *(file(name, content) for name, content in named.items())]
        made = inside(items, form, Path(folder, "ann.zip"))
        root = open_submission(made, Path(folder, "scratch")).root
        assert {
            name: (root / name).read_bytes() for name in names(root) if "f.txt" in name
        } == named


OUT = [
    ([link("a", "/tmp"), link("a/x", "/any"), file("a/y")], "an entry below a link: 'a/x'"),
    ([link("a", "/tmp"), folder("a/new/folder")], "an entry below a link: 'a/new/folder'"),
    ([link("a", "b"), link("b", "../../.."), file("c")], "a link that leads out of it: 'a'"),
    ([link("a/b", "../.."), file("server.py")], "a link that leads out of it: 'a/b'"),
    ([file("server.py"), link("l", "")], "an empty link: 'l'"),
    ([file("server.py"), link("l", "gone")], "a link that leads nowhere: 'l'"),
    ([link("l", "m"), link("m", "l")], "a link that leads to itself"),
    ([file("x/../../y")], "an entry that would leave it"),
    ([file("a"), file("a/b")], "'a' twice, as a file and as a folder"),
    ([folder("a"), link("a", "/tmp"), file("a/b")], "'a' twice, as a folder and as a link"),
    ([file("server.py"), Item("p", "pipe")], "a device or a pipe: 'p'"),
]


@pytest.mark.parametrize("form", FORMS[:3])
@pytest.mark.parametrize(("items", "why"), OUT)
def test_nothing_is_made_before_all_is_judged(
    items: list[Item], why: str, form: str, path: Path, opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for make in ("make_folder", "make_file", "make_link"):
        monkeypatch.setattr(Below, make, lambda *_: pytest.fail("something was made"))
    refused(opened, inside(items, form, path), f"holds {why}")


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_that_is_packed_otherwise(packed: int, path: Path, opened: Opened) -> None:
    content = "\n".join(f"x{number} = {number}" for number in range(5_000))
    root = opened(zipped(path, file("server.py", content), packed=packed)).root
    assert (root / "server.py").read_text() == content


def test_a_zip_that_is_packed_in_an_unknown_way(path: Path, opened: Opened) -> None:
    """That we cannot unpack it proves nothing."""
    zipped(path, file("server.py"), packed=zipfile.ZIP_LZMA)
    refused(opened, path, r"ann\.zip is packed in a way that is not known here: method 14", TooMuch)
    zipped(path, file("server.py"))
    data = bytearray(path.read_bytes())
    for start, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = data.index(start) + place
        data[at : at + 2] = struct.pack("<H", 9)  # Deflate64
    path.write_bytes(data)
    refused(opened, path, r"ann\.zip is packed in a way that is not known here", TooMuch)


def test_no_special_bit_is_kept(path: Path, opened: Opened) -> None:
    modes = {"server.py": 0o6777, "none.py": 0, "plain.py": 0o1644}
    root = opened(tarred(path, *(file(name, mode=mode) for name, mode in modes.items()))).root
    assert {path.name: oct(path.stat().st_mode & 0o7777) for path in root.iterdir()} == {
        "server.py": "0o755", "none.py": "0o644", "plain.py": "0o644",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["zip", "gz"])
def test_of_two_files_of_one_name_the_last_counts(form: str, path: Path, opened: Opened) -> None:
    """As with every other program: a tar is added to by appending."""
    items = [file("a.py", "1"), hard_link("b.py", "a.py"), file("a.py", SERVER), file("A.py", "3")]
    root = opened(inside([file("server.py"), *items], form, path)).root
    found = {path.name: path.read_text() for path in root.iterdir()}
    assert found["a.py"] == SERVER
    assert found["A.py"] == "3"
    assert found.get("b.py", "1") == "1"


def test_nothing_is_left_of_what_turns_out_bad(path: Path, opened: Opened) -> None:
    zipped(path, file("a.py"), file("b.py", os.urandom(5_000)), packed=zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data[:2_000] + b"oops" + data[2_004:])
    refused(opened, path, r"ann\.zip cannot be unpacked: Bad CRC-32")


def test_an_archive_that_changes_while_it_is_read(
    path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what was judged is made."""
    tarred(path, file("a.py"), form="")
    judge = safe_paths.judge

    def swapping(*words: object) -> object:
        judged = judge(*words)  # type: ignore[arg-type]
        tarred(path, file("b.py"), form="")
        return judged

    monkeypatch.setattr("conformance.submissions.intake.archive.judge", swapping)
    refused(opened, path, r"ann\.zip changed while it was read")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_what_the_machine_refuses_is_the_machines(
    number: int, path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Below, "make_file", refuse)
    with pytest.raises(WrongCall, match=os.strerror(number)) as refusal:
        opened(zipped(path, file("server.py")))
    assert blames_the_machine(refusal.value)


@pytest.mark.parametrize("error", [MemoryError, RecursionError, struct.error, IndexError])
def test_whatever_the_reader_raises(
    error: type[Exception], path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error("no such thing")

    zipped(path, file("server.py"))
    monkeypatch.setattr(zipfile.ZipFile, "__init__", fail)
    kind = TooMuch if error is MemoryError else WrongCall
    refused(opened, path, r"ann\.zip (cannot be unpacked: no such thing|takes more memory)", kind)


def test_taking_in_ends(path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TAKING_IN_WITHIN", -1.0)
    for form in FORMS:
        made = inside([file("server.py")], form, path)
        refused(opened, made, r"ann\.zip was not taken in after -1 s", TooMuch)


def test_a_limit_of_ours_leaves_a_class_open(path: Path, tmp_path: Path) -> None:
    """Nobody sits before the screen; what is too deep is no failed gate for all that."""
    deep = zipped(path, file("d/" * 100 + "server.py"))
    request = Request(path=deep, lab="echo", name="ann", unattended=True)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(TooMuch, match=r"^ann\.zip holds more than 100 folders in one another$"):
        take_in(request, load(), Isolation(Tier.NONE), tmp_path / "scratch")


@pytest.mark.parametrize("form", FORMS)
def test_no_bytes_make_it_fail(form: str, path: Path, opened: Opened) -> None:
    """Whatever they are, it is a submission or a sentence."""
    draw = random.Random(form)
    items = [folder("d"), file("d/a.py", "x = 1\n" * 200), link("l", "d/a.py"), file("server.py")]
    whole = inside([*items, hard_link("h", "server.py")], form, path).read_bytes()
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 2, 30])):
            at = draw.randrange(len(data))
            change = draw.choice(["flip", "cut", "insert"])
            if change == "flip":
                data[at] = draw.randrange(256)
            elif change == "cut":
                del data[at : at + draw.randrange(1, 9)]
            else:
                data[at:at] = draw.randbytes(draw.randrange(1, 600))
        path.write_bytes(data)
        refusal = refusal_of(opened, path)
        assert refusal is None or "\n" not in str(refusal)
        assert refusal is None or not blames_the_machine(refusal)
