"""Archives: what is in them, and what must not get out of them."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.intake import limits
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Opened = Callable[..., Submission]
Says = Callable[[Path], str]

SERVER = "print('server')\n"


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def zipped_entry(path: Path, name: str, mode: int, content: str = "") -> Path:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("server.py", SERVER)
        archive.writestr(info, content)
    return path


def tarred(path: Path, *entries: tarfile.TarInfo, content: bytes = SERVER.encode()) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for entry in entries:
            entry.size = len(content) if entry.isfile() else 0
            archive.addfile(entry, io.BytesIO(content))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def refused(opened: Opened, path: Path, reason: str) -> None:
    """The call is refused with one sentence, and nothing got out of the scratch folder."""
    before = sorted(path.parent.parent.iterdir())
    with pytest.raises(WrongCall, match=reason) as refusal:
        opened(path)
    assert "\n" not in str(refusal.value)
    after = sorted(path.parent.parent.iterdir())
    assert [p for p in after if p.name != "scratch"] == [p for p in before if p.name != "scratch"]


def test_a_zip_of_a_folder(given: Path, opened: Opened, says: Says) -> None:
    files: dict[str, str | bytes] = {
        "lab1/server.py": SERVER,
        "lab1/README.md": "",
        "__MACOSX/lab1/._server.py": b"\0",
        ".DS_Store": b"\0",
    }
    path = zipped(given / "chloe.zip", files)
    submission = opened(path)
    assert (submission.name, submission.root.name) == ("chloe", "lab1")
    assert says(path) == "server"


@pytest.mark.parametrize("ending", [".tar.gz", ".tgz", ".tar"])
def test_a_tar(ending: str, given: Path, opened: Opened, says: Says) -> None:
    path = tarred(given / f"dan.lab1{ending}", entry("lab1", tarfile.DIRTYPE), entry("lab1/a.py"))
    assert opened(path).name == "dan.lab1"
    assert says(path) == "server"


def test_a_course_site_s_folder_around_an_archive(given: Path, says: Says) -> None:
    folder = given / "Emma Roy_4711_assignsubmission_file"
    folder.mkdir()
    inner = zipped(folder / "lab.zip", {"lab/server.py": SERVER})
    assert says(folder) == "server"
    outer = zipped(given / "all.zip", {"Emma/lab.zip": inner.read_bytes(), "Emma/report.pdf": b""})
    with zipfile.ZipFile(outer) as archive:
        assert len(archive.namelist()) == 2
    (given.parent / "launched").rename(given.parent / "launched-before")
    assert says(outer) == "server"


def test_a_course_site_s_folder_around_a_file(given: Path, opened: Opened) -> None:
    folder = given / "Finn"
    folder.mkdir()
    (folder / "anything.py").write_text(SERVER)
    assert opened(folder).command[1] == "anything.py"


def test_a_lost_x_bit_is_found_again(given: Path, says: Says) -> None:
    assert says(zipped(given / "a.zip", {"start": "#!/bin/sh\necho started\n"})) == "started"


def test_backslashes_are_folders(given: Path, opened: Opened) -> None:
    assert opened(zipped(given / "a.zip", {"lab\\main.py": SERVER})).root.name == "lab"


def test_odd_names_are_names(given: Path, opened: Opened) -> None:
    path = tarred(given / "a.tar", entry("server.py"), entry(os.fsdecode(b"caf\xe9 \x01.txt")))
    assert os.fsdecode(b"caf\xe9 \x01.txt") in os.listdir(opened(path).root)


@pytest.mark.parametrize("name", ["../out.py", "a/../../out.py", "/out.py", "C:\\out.py", "..\\o"])
def test_no_path_leaves_a_zip(name: str, given: Path, opened: Opened) -> None:
    refused(opened, zipped(given / "a.zip", {name: SERVER}), r"a\.zip holds an entry that would")


@pytest.mark.parametrize("name", ["../out.py", "a/../../out.py", "/tmp/out.py"])
def test_no_path_leaves_a_tar(name: str, given: Path, opened: Opened) -> None:
    refused(opened, tarred(given / "a.tgz", entry(name)), r"a\.tgz holds an entry that would")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside", "a/../../.."])
def test_no_link_leaves_an_archive(target: str, given: Path, opened: Opened) -> None:
    leading_out = r"holds a link that leads out of it: 'link'"
    refused(opened, tarred(given / "a.tar", entry("link", tarfile.SYMTYPE, target)), leading_out)
    path = zipped_entry(given / "b.zip", "link", stat.S_IFLNK | 0o777, target)
    refused(opened, path, leading_out)


def test_two_links_that_lead_out_together(given: Path, opened: Opened) -> None:
    links = [entry("d/up", tarfile.SYMTYPE, ".."), entry("out", tarfile.SYMTYPE, "d/up/..")]
    refused(opened, tarred(given / "a.tar", entry("d/a.py"), *links), r"leads out of it: 'out'")


def test_nothing_is_written_through_a_link(given: Path, opened: Opened) -> None:
    through = [entry("d", tarfile.SYMTYPE, "../../.."), entry("d/out.py")]
    refused(opened, tarred(given / "a.tar", *through), r"a\.tar")


def test_no_hard_link_leaves_a_tar(given: Path, opened: Opened) -> None:
    path = tarred(given / "a.tar", entry("x", tarfile.LNKTYPE, "etc/passwd"))
    refused(opened, path, "holds a link to a file outside: 'x'")


def test_links_inside_are_kept(given: Path, says: Says) -> None:
    links = [entry("s.py", tarfile.SYMTYPE, "a.py"), entry("h.py", tarfile.LNKTYPE, "a.py")]
    path = tarred(given / "a.tar", entry("a.py"), *links, entry("main.py"))
    assert says(path) == "server"


def test_no_device_is_made(given: Path, opened: Opened) -> None:
    for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
        refused(opened, tarred(given / "a.tar", entry("x", kind)), "holds a device or a pipe: 'x'")
    refused(opened, zipped_entry(given / "b.zip", "x", stat.S_IFIFO | 0o644), "a device or a pipe")


def test_the_bytes_that_come_out_are_limited(
    given: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1 << 20)
    bomb = b"\0" * (2 << 20)
    path = zipped(given / "bomb.zip", {"a": bomb})
    assert path.stat().st_size < 10_000
    refused(opened, path, r"bomb\.zip holds more than 1 MiB")
    path = tarred(given / "bomb.tgz", entry("a"), content=bomb)
    refused(opened, path, r"bomb\.tgz holds more than 1 MiB")


def test_what_a_header_hides_is_limited_too(
    given: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1 << 20)
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8 << 20
    path = given / "bomb.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf() + b"\0" * (8 << 20)))
    refused(opened, path, r"bomb\.tar\.gz holds a header that is longer than any header is")


def test_the_number_of_files_is_limited(
    given: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 10)
    path = zipped(given / "many.zip", {f"{n}.py": "" for n in range(11)})
    refused(opened, path, r"many\.zip holds more than 10 files and folders")


def test_bad_archives(given: Path, opened: Opened) -> None:
    whole = zipped(given / "a.zip", {"a.py": SERVER * 100}).read_bytes()
    for name, content in {
        "none.zip": b"this is no zip",
        "cut.zip": whole[: len(whole) // 2],
        "none.tar.gz": b"this is no tar",
        "empty.tar": b"",
        "cut.tgz": gzip.compress(b"\1" * 5000)[:30],
    }.items():
        (given / name).write_bytes(content)
        refused(opened, given / name, rf"{name} cannot be unpacked: ")


def test_a_damaged_entry(given: Path, opened: Opened) -> None:
    path = zipped(given / "a.zip", {"a.py": os.urandom(5000)})
    path.write_bytes(path.read_bytes()[:100] + b"oops" + path.read_bytes()[104:])
    refused(opened, path, r"a\.zip cannot be unpacked: ")


def test_an_encrypted_zip(given: Path, opened: Opened) -> None:
    path = zipped(given / "a.zip", {"a.py": SERVER})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag, in the central directory
    data[data.index(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(data)
    refused(opened, path, r"a\.zip is encrypted")


def test_archives_of_another_kind(given: Path, opened: Opened) -> None:
    (given / "a.rar").write_bytes(b"Rar!")
    refused(opened, given / "a.rar", r"a\.rar: such an archive cannot be opened here")


def test_an_empty_archive(given: Path, opened: Opened) -> None:
    refused(opened, zipped(given / "a.zip", {}), r"a\.zip: the submission is empty")


def test_archives_without_end(given: Path, opened: Opened) -> None:
    content: str | bytes = SERVER
    name = "server.py"
    for level in range(8):
        content = zipped(given / "x.zip", {name: content}).read_bytes()
        name = f"{level}.zip"
    refused(opened, given / "x.zip", "wrapped in one another")
