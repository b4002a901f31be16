"""A class, and a single run, of which receipts can be made without running anything."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from conformance.classes.model import Feedback, Reveal, ShowHidden
from conformance.classes.results.basis import basis_of
from conformance.cli import main
from conformance.reports.receipts.bundle import digest, packed
from conformance.reports.receipts.manifest import MANIFEST, FileDigest
from conformance.run.plan import Request
from conformance.verdict.events import Event, from_lines, to_line
from conformance.wire.packets import Packet, write_pcapng
from golden.rendering import RUNS
from kit.small_class import CATALOG, SmallClass

SEED = 20261130
CAPTURED = b"what crossed the wire"


def run_events(work: str, path: Path | None) -> list[Event]:
    """The stored run of a bad echo server, with what it rests on here."""
    with (RUNS / "echo-bad.jsonl").open(encoding="ascii") as lines:
        began, *others = from_lines(lines)
    request = Request(path, lab="echo", seed=SEED)
    return [began, basis_of(request, CATALOG, began, work).event, *others]


def captures_in(events: list[Event]) -> list[str]:
    """The names of the captures that the events speak of."""
    verdicts = [event for event in events if event["event"] == "verdict"]
    attempts = [attempt for verdict in verdicts for attempt in (verdict, *verdict["earlier"])]
    return sorted({Path(each["capture"]).name for each in attempts if each["capture"]})


def write_capture(path: Path) -> None:
    """A capture that says of itself what those of a session do."""
    packet = Packet(1_000_000_000, len(CAPTURED), CAPTURED)
    about = ["conformance, lab echo", f"seed {SEED}"]
    write_pcapng([packet], path, about=about, comments={0: ["step 1 of 1"]})


def kept_run(folder: Path) -> Path:
    """The folder of `check --keep`, with all captures."""
    folder.mkdir()
    events = run_events("", None)
    (folder / "run.jsonl").write_text("".join(map(to_line, events)))
    for name in captures_in(events):
        write_capture(folder / name)
    return folder


def graded_class(
    folder: Path, reveal: Reveal = Reveal.HINTS, *, hidden: tuple[str, ...] = ()
) -> SmallClass:
    """A class in which ann's echo server is the bad one. `hidden`: clauses that no student ever
    sees."""
    small = SmallClass(folder)
    feedback = Feedback(hidden=hidden, show_hidden=ShowHidden.NEVER)
    small.graded = replace(small.graded, reveal=reveal, feedback=feedback)
    due = next(each for each in small.due() if each.hand_in.author == "ann")
    work, path = due.fingerprint.partition("-")[0], due.hand_in.path
    record = small.ledger.record(due.hand_in, due.fingerprint)
    events = run_events(work, path)
    for name in captures_in(events):
        write_capture(record.evidence / name)
    for event in events:
        record.write(event)
    small.ledger.keep(record)
    return small


def call(*words: object) -> Result:
    """Runs `conformance` with these words."""
    return CliRunner().invoke(main, list(map(str, words)), env={"COLUMNS": "100"})


def members_of(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def manifest_of(bundle: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(members_of(bundle)[MANIFEST])
    return told


def forged(bundle: Path, changes: Mapping[str, bytes], **facts: object) -> None:
    """Changes members of a bundle, and facts of its manifest, and writes all digests anew: what
    somebody would do who knows how they are made."""
    members = {**members_of(bundle), **changes}
    told = {**json.loads(members.pop(MANIFEST)), **facts}
    del told["digest"]
    listed = [FileDigest.of(name, members[name]) for name in sorted(members)]
    told["members"] = [{"name": m.name, "size": m.size, "sha256": m.sha256} for m in listed]

    def text(of: object) -> bytes:
        return (json.dumps(of, indent=1) + "\n").encode("ascii")

    whole = text({**told, "digest": digest(text(told))})
    bundle.write_bytes(packed({**members, MANIFEST: whole}))
