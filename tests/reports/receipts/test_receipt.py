"""A receipt has all that a result rests on; a student's has what the class reveals."""

from __future__ import annotations

import io
import json
from pathlib import Path

import dpkt
import pytest

from conformance.classes.model import Reveal
from conformance.words import speaking
from golden.rendering import RUNS, copied_results
from kit.receipts import (
    CAPTURED,
    SEED,
    call,
    captures_in,
    graded_class,
    kept_run,
    manifest_of,
    members_of,
)
from kit.small_class import SmallClass


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return graded_class(tmp_path)


def receipt(small: SmallClass, name: str, *options: str) -> Path:
    bundle = small.ledger.folder.parent / name
    done = call("receipt", small.ledger.folder, "ann", "echo", "-o", bundle, *options)
    assert done.exit_code == 0, done.output
    return bundle


def test_it_has_all_that_the_result_rests_on(small: SmallClass) -> None:
    bundle = receipt(small, "r.zip")
    members, manifest = members_of(bundle), manifest_of(bundle)
    captures = {name for name in members if name.startswith("captures/")}
    others = {
        "manifest.json",
        "run.jsonl",
        "report.txt",
        "report.html",
        "contract.md",
        "HOW-TO-CHECK.txt",
    }
    assert members.keys() - captures == others
    events = [json.loads(line) for line in members["run.jsonl"].splitlines()]
    assert {f"captures/{name}" for name in captures_in(events)} == captures
    assert captures
    assert (manifest["student"], manifest["lab"], manifest["seed"]) == ("ann", "echo", SEED)
    assert manifest["notes"] == []
    assert all(manifest["basis"][part] for part in ("work", "lab", "suite", "settings", "machine"))
    (file,) = manifest["submission"]
    assert file["size"] == len("ann")
    assert "> BYE⏎" in members["report.txt"].decode()


def test_the_same_result_makes_the_same_bytes(small: SmallClass) -> None:
    assert receipt(small, "1.zip").read_bytes() == receipt(small, "2.zip").read_bytes()
    noted = (small.ledger.folder / "receipts.jsonl").read_text().splitlines()
    assert len(noted) == 1, "it is one receipt"


def test_its_guide_is_about_what_it_holds_and_what_its_reader_has(tmp_path: Path) -> None:
    """A student has no class, and no captures of what the class does not reveal."""
    small = graded_class(tmp_path, Reveal.POINTS)
    guides = {
        options: members_of(receipt(small, f"{len(options)}.zip", *options))["HOW-TO-CHECK.txt"]
        for options in ((), ("--for-student",))
    }
    assert b"captures/ " in guides[()]
    assert b"--class DIR" in guides[()]
    students = guides[("--for-student",)]
    assert b"captures/" not in students
    assert b"--class" not in students
    for told in (b"report.txt, report.html", b"contract.md", b"verify RECEIPT.zip PATH"):
        assert told in students
    assert call("receipt", kept_run(tmp_path / "kept"), "-o", tmp_path / "run.zip").exit_code == 0
    assert b"--class" not in members_of(tmp_path / "run.zip")["HOW-TO-CHECK.txt"], "it is of none"


def test_it_is_in_english_whatever_is_spoken(tmp_path: Path) -> None:
    """Else it would seem to be changed where another language is."""
    kept, here = kept_run(tmp_path / "kept"), tmp_path / "r.zip"
    call("receipt", kept, "-o", here)
    with speaking("fr"):
        call("receipt", kept, "-o", tmp_path / "fr.zip")
        assert call("verify", here).exit_code == 0
    assert (tmp_path / "fr.zip").read_bytes() == here.read_bytes()


def test_a_students_has_no_seed_and_nothing_that_it_could_be_found_by(small: SmallClass) -> None:
    """The class's fingerprints are made from the seed, among things that students know."""
    bundle = receipt(small, "s.zip", "--for-student")
    first = (small.ledger.folder / "runs" / "ann" / "echo.jsonl").read_text().splitlines()[0]
    fingerprint = json.loads(first)["fingerprint"]
    assert fingerprint.partition("-")[2].encode() not in bundle.read_bytes()
    assert str(SEED).encode() not in bundle.read_bytes()
    manifest = manifest_of(bundle)
    assert manifest["seed"] is None
    assert manifest["fingerprint"] == ""
    assert "seed" not in manifest["basis"]["settings"]
    assert str(small.ledger.folder.parent).encode() not in bundle.read_bytes()
    for report in ("report.txt", "report.html"):
        assert b"seed" not in members_of(bundle)[report].lower(), report


@pytest.mark.parametrize(
    ("reveal", "evidence", "hints"),
    [(Reveal.POINTS, False, False), (Reveal.EVIDENCE, True, False), (Reveal.HINTS, True, True)],
)
def test_a_students_has_what_the_class_reveals(
    reveal: Reveal, evidence: bool, hints: bool, tmp_path: Path
) -> None:
    members = members_of(receipt(graded_class(tmp_path, reveal), "s.zip", "--for-student"))
    captures = [name for name in members if name.startswith("captures/")]
    assert bool(captures) is evidence
    assert not [name for name in captures if CAPTURED not in members[name]]
    assert (b"and flush" in members["run.jsonl"]) is hints
    assert (b'"what":"BYE' in members["run.jsonl"]) is evidence


def test_a_students_captures_are_still_captures(small: SmallClass) -> None:
    """They are without what is said of the whole file, where the seed is."""
    for name, options, seeds in (("r.zip", (), 1), ("s.zip", ("--for-student",), 0)):
        members = members_of(receipt(small, name, *options))
        capture = next(members[name] for name in members if name.startswith("captures/"))
        assert capture.count(str(SEED).encode()) == seeds
        assert b"step 1 of 1" in capture
        packets = [data for _, data in dpkt.pcapng.Reader(io.BytesIO(capture))]
        assert packets == [CAPTURED]


def test_a_capture_that_cannot_be_told_apart_is_in_no_students(small: SmallClass) -> None:
    evidence = small.ledger.folder / "evidence" / "ann" / "echo"
    unlike = [b"", b"no capture", b"\x0a\x0d\x0d\x0a" + b"\xff" * 40]
    for file, data in zip(sorted(evidence.iterdir()), unlike, strict=False):
        file.write_bytes(data)
    kept = [n for n in members_of(receipt(small, "r.zip")) if n.startswith("captures/")]
    theirs = members_of(receipt(small, "s.zip", "--for-student"))
    assert len([n for n in theirs if n.startswith("captures/")]) == len(kept) - len(unlike)


def test_what_the_class_hides_is_in_no_students(tmp_path: Path) -> None:
    """Nor is a correction of it, or a capture, in which other conversations may be."""
    small = graded_class(tmp_path, hidden=("4.1",))
    out = small.ledger.folder
    words = ["override", "ann", "echo", "4.1", "--points", 2, "--because", "a secret", "--out"]
    assert call(*words, out).exit_code == 0
    bundle = receipt(small, "s.zip", "--for-student")
    members = members_of(bundle)
    verdicts = [json.loads(line) for line in members["run.jsonl"].splitlines()]
    (hidden,) = [each for each in verdicts if each.get("clause") == "4.1"]
    assert (hidden["blame"], hidden["points"], hidden["transcript"]) == ("hidden", None, [])
    assert b"a secret" not in bundle.read_bytes()
    assert not [name for name in members if name.startswith("captures/")]
    assert manifest_of(bundle)["points"]["provisional"]
    done = call("verify", bundle, "--class", out)
    assert done.exit_code == 0, done.output
    assert "has the same verdicts" in done.stdout


def test_corrections_are_in_it(small: SmallClass) -> None:
    out = small.ledger.folder
    words = ["override", "ann", "echo", "4.1", "--points", 2, "--because", "it is right", "--out"]
    assert call(*words, out).exit_code == 0
    small.ledger.refresh()
    bundle = receipt(small, "r.zip")
    manifest = manifest_of(bundle)
    assert manifest["corrections"][0]["because"] == "it is right"
    assert manifest["points"]["earned"] == 6
    assert b"it is right" in members_of(bundle)["report.txt"]
    done = call("verify", bundle)
    assert done.exit_code == 0, done.output


def test_what_is_not_in_it_is_said(small: SmallClass) -> None:
    (small.entries / "ann.py").write_text("another")
    evidence = small.ledger.folder / "evidence" / "ann" / "echo"
    next(iter(sorted(evidence.iterdir()))).unlink()
    told = " ".join(manifest_of(receipt(small, "r.zip"))["notes"])
    assert "1 of " in told
    assert "they have changed since" in told


def test_of_a_single_run_it_says_why_no_files_are_listed(tmp_path: Path) -> None:
    call("receipt", kept_run(tmp_path / "kept"), "-o", tmp_path / "r.zip")
    told = "a list of the submission's files (a single run does not say where they are)"
    assert f"not in it: {told}" in " ".join(call("verify", tmp_path / "r.zip").stderr.split())


def test_of_a_capture_that_is_a_link_nothing_is_read(tmp_path: Path) -> None:
    """The folder of a single run may come from anybody."""
    kept = kept_run(tmp_path / "kept")
    (tmp_path / "secret").write_text("secret")
    link = next(kept.glob("*.pcap"))
    link.unlink()
    link.symlink_to(tmp_path / "secret")
    assert call("receipt", kept, "-o", tmp_path / "r.zip").exit_code == 0
    assert b"secret" not in (tmp_path / "r.zip").read_bytes()


@pytest.mark.parametrize("run", sorted(path.name for path in RUNS.glob("*.jsonl")))
def test_every_stored_run_makes_one_that_can_be_checked(run: str, tmp_path: Path) -> None:
    """Of an older suite, which did not record what a run rests on: interrupted, or not judged."""
    bundle = tmp_path / "r.zip"
    assert call("receipt", RUNS / run, "-o", bundle).exit_code == 0
    done = call("verify", bundle)
    assert done.exit_code == 0, done.output


def test_an_empty_run_makes_one(tmp_path: Path) -> None:
    began = (RUNS / "echo-good.jsonl").read_text().splitlines()[0]
    (tmp_path / "run.jsonl").write_text(f"{began}\n")
    assert call("receipt", tmp_path, "-o", tmp_path / "r.zip").exit_code == 0
    assert call("verify", tmp_path / "r.zip").exit_code == 0


def test_a_member_of_a_group_is_named_as_well(tmp_path: Path) -> None:
    results = copied_results(tmp_path)
    done = call("receipt", results, "finn", "echo", "-o", tmp_path / "r.zip")
    assert done.exit_code == 0, done.output
    assert manifest_of(tmp_path / "r.zip")["student"] == "duo"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("CLASS",), "name a STUDENT and a LAB"),
        (("CLASS", "nobody", "echo"), "there is no nobody"),
        (("CLASS", "bob", "echo"), "bob has no result for echo: not graded yet"),
        (("KEPT", "ann", "echo"), "holds no class"),
        (("KEPT", "--for-student"), "is for a class"),
        (("NOTHING",), "there is no run"),
    ],
)
def test_what_cannot_be_given_is_a_sentence(
    words: tuple[str, ...], told: str, small: SmallClass, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    places = {
        "CLASS": small.ledger.folder,
        "KEPT": kept_run(tmp_path / "kept"),
        "NOTHING": tmp_path / "nothing",
    }
    done = call("receipt", *(places.get(w, w) for w in words), "-o", tmp_path / "r.zip")
    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "r.zip").exists()
