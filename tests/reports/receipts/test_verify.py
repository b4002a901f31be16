"""Whatever is changed in a receipt is told, and what comes from a stranger is refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from golden.rendering import RUNS, copied_results
from kit.receipts import call, forged, graded_class, kept_run, manifest_of, members_of
from kit.small_class import SmallClass


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A receipt of a single run."""
    call("receipt", kept_run(tmp_path / "kept"), "-o", tmp_path / "r.zip")
    return tmp_path / "r.zip"


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    """A class that has given out `ann.zip`, and `ann-s.zip` to the student."""
    small = graded_class(tmp_path)
    for name, options in (("ann.zip", ()), ("ann-s.zip", ("--for-student",))):
        call("receipt", small.ledger.folder, "ann", "echo", "-o", tmp_path / name, *options)
    return small


def test_as_it_was_written_all_of_it_is_well(bundle: Path) -> None:
    done = call("verify", bundle)
    assert done.exit_code == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}
    for told in ("follow from the verdicts", "those of the contract", "what the suite writes"):
        assert told in done.stdout


def test_one_byte_that_is_changed_anywhere_is_told(bundle: Path) -> None:
    data = bundle.read_bytes()
    manifest = data.index(b"manifest.jsonPK") if b"manifest.jsonPK" in data else 0
    for place in [*range(0, len(data), 211), *range(manifest, len(data), 7)]:
        bundle.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        done = call("verify", bundle)
        assert done.exit_code == 2, f"byte {place}"
        assert done.exception is None or isinstance(done.exception, SystemExit), place


@pytest.mark.parametrize("change", [lambda data: data + b"\0", lambda data: data[:-1]])
def test_bytes_that_are_added_or_cut_off_are_told(
    change: Callable[[bytes], bytes], bundle: Path
) -> None:
    bundle.write_bytes(change(bundle.read_bytes()))
    assert call("verify", bundle).exit_code == 2


def run_of(bundle: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in members_of(bundle)["run.jsonl"].splitlines()]


def as_lines(events: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in events).encode()


def test_points_that_do_not_follow_are_told_with_digests_made_anew(bundle: Path) -> None:
    events = run_of(bundle)
    failed = next(event for event in events if event.get("outcome") == "failed")
    failed["points"] = failed["max_points"]
    forged(bundle, {"run.jsonl": as_lines(events)})
    done = call("verify", bundle)
    assert done.exit_code == 1
    assert "points that do not follow from outcomes: 2.1" in done.stdout
    assert "but the manifest says" in done.stdout


def test_an_outcome_that_was_made_better_needs_a_report_that_was(bundle: Path) -> None:
    events = run_of(bundle)
    failed = next(event for event in events if event.get("outcome") == "failed")
    failed["points"], failed["outcome"] = failed["max_points"], "passed"
    points = manifest_of(bundle)["points"]
    more = {**points, "earned": points["earned"] + int(str(failed["points"]))}
    forged(bundle, {"run.jsonl": as_lines(events)}, points=more)
    done = call("verify", bundle)
    assert done.exit_code == 1
    assert "WRONG report.txt is not what the suite writes" in done.stdout


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"seed": 7}, "disagree: seed"),
        ({"lab": "presence"}, "disagree: lab"),
        ({"tier": "none", "suite": "9"}, "disagree: suite, tier"),
        ({"student": "bob"}, "report.txt is not what the suite writes"),
    ],
)
def test_a_manifest_that_says_something_else_is_told(
    facts: dict[str, object], told: str, bundle: Path
) -> None:
    forged(bundle, {}, **facts)
    done = call("verify", bundle)
    assert done.exit_code == 1
    assert told in done.stdout


def test_another_contract_or_heavier_clauses_are_told(bundle: Path) -> None:
    events = run_of(bundle)
    heavy = next(event for event in events if event.get("clause") == "3.1")
    assert isinstance(heavy["requirement"], dict)
    heavy["requirement"]["weight"] = heavy["points"] = heavy["max_points"] = 100
    forged(bundle, {"run.jsonl": as_lines(events), "contract.md": b"# echo: mine"})
    done = call("verify", bundle)
    assert "the contract is not the lab's" in done.stdout
    assert "not as in the contract: 3.1" in done.stdout


def test_its_class_knows_it(small: SmallClass) -> None:
    folder, out = small.ledger.folder.parent, small.ledger.folder
    for name in ("ann.zip", "ann-s.zip"):
        done = call("verify", folder / name, "--class", out)
        assert done.exit_code == 0, done.output
        assert "has given out this receipt, byte by byte" in done.stdout
        assert "has the same verdicts" in done.stdout


@pytest.mark.parametrize(("name", "lab_total"), [("ann.zip", False), ("ann-s.zip", True)])
def test_what_was_corrected_since_is_told(name: str, lab_total: bool, small: SmallClass) -> None:
    folder, out = small.ledger.folder.parent, small.ledger.folder
    points = manifest_of(folder / name)["points"]
    what, given = (("--total",), 3) if lab_total else (("2.1",), 1)
    words = ["--points", given, "--because", "seen", "--out", out]
    assert call("override", "ann", "echo", *what, *words).exit_code == 0
    done = call("verify", folder / name, "--class", out)
    assert done.exit_code == 0
    now = given if lab_total else points["earned"] + given
    change = f"the total {points['earned']} → 3" if lab_total else "2.1 0 → 1"
    told = f"note  corrected by hand since: {change}; the class now gives {now} of"
    assert told in " ".join(done.stdout.split()).replace("note ", "note  ")
    call("receipt", out, "ann", "echo", "-o", folder / "later.zip")
    done = call("verify", folder / "later.zip", "--class", out)
    assert "since" not in done.stdout, "it has the correction"
    assert "follow from the verdicts and 1 correction\n" in done.stdout


def test_a_correction_of_what_a_student_may_not_see_is_not_told(tmp_path: Path) -> None:
    small = graded_class(tmp_path, hidden=("2.1",))
    out = small.ledger.folder
    call("receipt", out, "ann", "echo", "-o", tmp_path / "s.zip", "--for-student")
    words = ["--points", 1, "--because", "seen", "--out", out]
    assert call("override", "ann", "echo", "2.1", *words).exit_code == 0
    assert "since" not in call("verify", tmp_path / "s.zip", "--class", out).stdout
    assert call("override", "ann", "echo", "3.1", *words).exit_code == 0
    told = call("verify", tmp_path / "s.zip", "--class", out).stdout
    assert "corrected by hand since: 3.1" in told
    assert "2.1" not in told.partition("since")[2].partition("without")[0]


def test_one_that_is_forged_from_end_to_end_is_unknown_to_its_class(small: SmallClass) -> None:
    bundle = small.ledger.folder.parent / "ann.zip"
    forged(bundle, {"HOW-TO-CHECK.txt": b"trust me"})
    assert call("verify", bundle).exit_code == 0, "by itself, it proves nothing"
    done = call("verify", bundle, "--class", small.ledger.folder)
    assert done.exit_code == 1
    assert "given out no such receipt" in done.stdout


def test_other_work_is_not_judged_again(small: SmallClass) -> None:
    folder = small.ledger.folder.parent
    (folder / "ann.py").write_text("other")
    for name in ("ann.zip", "ann-s.zip"):
        done = call("verify", folder / name, folder / "ann.py")
        assert done.exit_code == 1
        assert "WRONG ann.py is other work: the file differs" in done.stdout
        assert "not judged again" in done.stderr


def test_what_was_unpacked_is_not_what_was_handed_in(small: SmallClass) -> None:
    folder = small.ledger.folder.parent
    (folder / "unpacked").mkdir()
    told = call("verify", folder / "ann.zip", folder / "unpacked").stdout
    assert "one is a file, the other a folder (it was handed in as ann.py)" in told


def test_of_an_older_suite_it_cannot_be_judged_again(tmp_path: Path) -> None:
    call("receipt", RUNS / "echo-bad.jsonl", "-o", tmp_path / "r.zip")
    (tmp_path / "ann.py").write_text("ann")
    done = call("verify", tmp_path / "r.zip", tmp_path / "ann.py")
    assert done.exit_code == 2
    assert "the receipt does not say what was handed in" in done.stdout
    assert "did not record how the run was asked for" in done.stderr


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"scale": 1e9}, "makes no sense"),
        ({"budget": -1}, "makes no sense"),
        ({"settings": ["port"]}, "cannot be read"),
        ({"arguments": ["a\0b"]}, "no program can be given a NUL"),
        ({"network": "delay forever"}, "forever"),
    ],
)
def test_settings_of_a_stranger_that_make_no_sense_are_a_sentence(
    changed: dict[str, object], told: str, small: SmallClass
) -> None:
    bundle = small.ledger.folder.parent / "ann.zip"
    events = run_of(bundle)
    basis = next(event for event in events if event["event"] == "basis")
    assert isinstance(basis["settings"], dict)
    basis["settings"] |= changed
    facts = {name: value for name, value in basis.items() if name != "event"}
    forged(bundle, {"run.jsonl": as_lines(events)}, basis=facts)
    done = call("verify", bundle, small.entries / "ann.py")
    assert done.exit_code == 2
    assert "is the work that was judged" in done.stdout
    assert told in done.stderr


def test_another_suite_or_lab_is_told(small: SmallClass) -> None:
    bundle = small.ledger.folder.parent / "ann.zip"
    events = run_of(bundle)
    basis = next(event for event in events if event["event"] == "basis")
    basis |= {"suite": "0" * 32, "lab": "0" * 32, "settings": {"scale": 0}}
    facts = {name: value for name, value in basis.items() if name != "event"}
    forged(bundle, {"run.jsonl": as_lines(events)}, basis=facts, renderer="0")
    told = call("verify", bundle, small.entries / "ann.py").stdout
    for words in (
        "note  the suite is another than judged it",
        "note  the lab echo is another than judged it",
        "the reports were written by another version of the suite",
        "the contract was not compared",
    ):
        assert words in told


def test_a_name_that_no_file_can_have_is_other_work(small: SmallClass) -> None:
    bundle = small.ledger.folder.parent / "ann.zip"
    events = run_of(bundle)
    basis = next(event for event in events if event["event"] == "basis")
    basis["name"] = "\ud800"
    facts = {name: value for name, value in basis.items() if name != "event"}
    forged(bundle, {"run.jsonl": as_lines(events)}, basis=facts, submission=[])
    done = call("verify", bundle, small.entries / "ann.py")
    assert done.exit_code == 1
    assert "ann.py is other work than was judged" in done.stdout


def test_a_class_without_the_hand_in_says_so(small: SmallClass, tmp_path: Path) -> None:
    other = copied_results(tmp_path / "other")
    done = call("verify", tmp_path / "ann.zip", "--class", other)
    assert done.exit_code == 1
    assert "given out no such receipt" in done.stdout
    (small.entries / "ann.py").write_text("later")
    small.due()
    done = call("verify", tmp_path / "ann.zip", "--class", small.ledger.folder)
    assert done.exit_code == 0
    assert "no result of this hand-in today" in done.stdout


# -- strangers --------------------------------------------------------------------------


def zipped(*members: tuple[str, bytes, int], method: int = zipfile.ZIP_STORED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.compress_type = 3, method
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return raw.getvalue()


PLAIN = stat.S_IFREG | 0o644


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "cannot be read as a receipt"),
        (b"no zip", "cannot be read as a receipt"),
        (zipped(("../out.txt", b"x", PLAIN)), "would leave it"),
        (zipped(("/etc/passwd", b"x", PLAIN)), "would leave it"),
        (zipped(("a/b/c.txt", b"x", PLAIN)), "is no receipt"),
        (zipped(("report.txt", b"/etc/passwd", stat.S_IFLNK | 0o777)), "link"),
        (zipped(("captures/x.pcap", b"", stat.S_IFIFO | 0o644)), "is no receipt|a device"),
        (zipped(("captures/", b"", stat.S_IFDIR | 0o755)), "it holds a folder"),
        (zipped(("run.jsonl", b"\0" * 200_000_000, PLAIN), method=zipfile.ZIP_DEFLATED), "a bomb"),
        (zipped(("run.jsonl", b"x", PLAIN), method=zipfile.ZIP_DEFLATED), "was changed"),
        (zipped(("run.jsonl", b"x", 0o644)), "it holds no manifest.json"),
        (zipped(("manifest.json", b"[" * 100_000, 0o644)), "cannot be read|no receipt"),
        (zipped(("manifest.json", b"[]", 0o644)), "cannot be read"),
        (zipped(("manifest.json", b'{"schema":"other/1"}', 0o644)), "this suite reads"),
    ],
    ids=str,
)
def test_what_is_no_receipt_is_refused(data: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "r.zip").write_bytes(data)
    done = call("verify", tmp_path / "r.zip")
    assert done.exit_code == 2
    assert any(word in done.stderr for word in told.split("|")), done.stderr
    assert not [path for path in tmp_path.iterdir() if path.name != "r.zip"]


HOSTILE = ["\x1b[2J::error::x", 10**30, -1, 1e308, None, [], {"a": 1}, True, "9" * 400]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:12].strip("\x1b"))
def test_hostile_values_end_in_a_sentence(value: object, bundle: Path) -> None:
    """Each field of a verdict and of the run, with all digests made anew."""
    plain = bundle.read_bytes()
    events = run_of(bundle)
    failed = next(event for event in events if event.get("outcome") == "failed")
    for event in (events[0], failed):
        for field in event:
            former, event[field] = event[field], value
            forged(bundle, {"run.jsonl": as_lines(events)})
            done = call("verify", bundle)
            assert done.exit_code in (0, 1, 2), field
            assert isinstance(done.exception, SystemExit | None), (field, done.exception)
            assert "\x1b" not in done.output
            event[field] = former
            bundle.write_bytes(plain)
