"""Archives that unpack to more than they are, that claim much, or claim little and hold much."""

from __future__ import annotations

import lzma
import os
import random
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import TooMuch
from conformance.submissions.intake import limits, zips
from conformance.submissions.submission import Submission
from kit.packing import FORMS, SERVER, file, hard_link, inside, refused, tarred, zipped

Opened = Callable[..., Submission]


@pytest.fixture
def path(given: Path) -> Path:
    return given / "ann.zip"


@pytest.mark.parametrize("form", FORMS[:3])
def test_folders_without_end(form: str, path: Path, opened: Opened) -> None:
    """A kilobyte that would be a hundred thousand folders."""
    items = [file("server.py"), *(file(f"{n}/" + "d/" * 90 + "f") for n in range(300))]
    made = inside(items, form, path)
    refused(opened, made, r"holds more than 20,000 files and folders", TooMuch)
    deep = inside([file("server.py"), file("d/" * 900 + "f")], form, path)
    refused(opened, deep, r"holds more than 100 folders in one another", TooMuch)


@pytest.mark.parametrize("form", FORMS)
def test_more_than_can_be_taken(
    form: str, path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too big is a limit of ours; what is nothing but big is a bomb."""
    monkeypatch.setattr(limits, "MAX_BYTES", 1 << 20)
    noise = random.Random(7).randbytes(700 * 1024)
    large = inside([file("server.py"), file("a", noise), file("b", noise[::-1])], form, path)
    refused(opened, large, r"ann\.zip holds more than 1 MiB$", TooMuch)
    zeros = [file(f"{number}", bytes(1 << 20)) for number in range(3)]
    bomb = inside([file("server.py"), *zeros], form, path)
    if form:
        refused(opened, bomb, r"holds more than 1 MiB, packed into [\d,]+ bytes: it is a bomb")


def test_an_xz_in_parts(path: Path, opened: Opened) -> None:
    """As `cat` and `pixz` make it, with zeros between the parts."""
    tar = tarred(path, file("server.py"), file("a.txt", os.urandom(50_000)), form="").read_bytes()
    halves = [lzma.compress(tar[:20_000]), lzma.compress(tar[20_000:])]
    path.write_bytes(bytes(8).join(halves) + bytes(4))
    assert (opened(path).root / "a.txt").stat().st_size == 50_000
    path.write_bytes(halves[0] + halves[1][:-500])
    refused(opened, path, r"ann\.zip cannot be unpacked: it ends too early")


def test_an_xz_that_wants_memory(path: Path, opened: Opened) -> None:
    tar = tarred(path, file("server.py"), form="").read_bytes()
    wants = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    path.write_bytes(lzma.compress(tar, filters=wants))
    refused(opened, path, r"ann\.zip: such an \.xz takes too much memory to be unpacked", TooMuch)


def test_hard_links_are_counted(
    path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1 << 20)
    content = random.Random(7).randbytes(100 * 1024)
    links = [hard_link(f"{n}", "a") for n in range(11)]
    refused(opened, tarred(path, file("a", content), *links), r"holds more than 1 MiB$", TooMuch)


def test_a_zip_whose_files_overlap(path: Path, opened: Opened) -> None:
    """Each of many entries names the same bytes."""
    zipped(path, file("a", bytes(1 << 20)), file("b", SERVER))
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(data)
    refused(opened, path, r"ann\.zip holds files that overlap: it is a bomb")


def test_a_zip_that_claims_a_list_without_end(
    path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_LIST_BYTES", 100_000)
    zipped(path, *(file(f"{n}.py", "") for n in range(3_000)), packed=zipfile.ZIP_STORED)
    refused(opened, path, r"ann\.zip has too long a list of what it holds", TooMuch)


def test_a_zip_that_claims_less_than_it_holds(
    path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is unpacked at once than is looked at, and what comes out is counted."""
    monkeypatch.setattr(limits, "MAX_BYTES", 1 << 20)
    for packed in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        zipped(path, file("server.py"), file("zeros", bytes(64 << 20)), packed=packed)
        data = bytearray(path.read_bytes())
        for start, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
            at = data.rindex(start) + place
            data[at : at + 4] = struct.pack("<I", 100)
        path.write_bytes(data)
        tracemalloc.start()
        refused(
            opened, path, r"ann\.zip (cannot be unpacked: Bad CRC-32|holds more than it claims)"
        )
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 16 << 20


def header(kind: bytes, size: int, name: str = "x") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def pax(**values: str) -> bytes:
    return tarfile.TarInfo.create_pax_global_header(values)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (header(tarfile.REGTYPE, 1 << 62), "more than 500 MiB, packed"),
        (header(tarfile.GNUTYPE_LONGNAME, 1 << 62) + bytes(8 << 20), "longer than any header is"),
        (header(tarfile.XHDTYPE, 8 << 20) + bytes(8 << 20), "longer than any header is"),
        (header(tarfile.GNUTYPE_LONGNAME, 512) * 3_000, "cannot be unpacked|than any header is"),
        (pax(path="../x") + header(tarfile.REGTYPE, 0), "would leave it"),
        (pax(size=str(1 << 60)) + header(tarfile.REGTYPE, 0), "more than 500 MiB, packed"),
        (pax(size="-5") + header(tarfile.REGTYPE, 0), "a file of negative size|unpacked"),
        (pax(size="9" * 5_000) + header(tarfile.REGTYPE, 0, "server.py"), ""),
        (pax(mtime="inf") + header(tarfile.REGTYPE, 0, "server.py"), ""),
        (pax(mtime="-1e99") + header(tarfile.REGTYPE, 0, "server.py"), ""),
        (header(tarfile.GNUTYPE_SPARSE, 0)[:482] + b"\1" + bytes(29), "cannot be unpacked"),
        (header(b"V", 0) + header(b"D", 0, "d") + header(tarfile.REGTYPE, 0, "d/s.py"), ""),
    ],
    ids=[str(number) for number in range(12)],
)  # fmt: skip
def test_headers_that_claim_much(data: bytes, why: str, path: Path, opened: Opened) -> None:
    path = path.with_suffix(".tar")
    path.write_bytes(data + bytes(1024))
    if why:
        refused(opened, path, why)
    else:
        assert opened(path).kind == "python"
