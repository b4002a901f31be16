"""Makes a receipt from what is stored: of one hand-in of a class, or of a single run.

manifest.json     whose it is, what the verdicts rest on, and the digests of all members
run.jsonl         the events of the run: every verdict, with its conversations
report.txt        the report, as the suite writes it of this run
contract.md       the lab's contract, as it was when the run was made
captures/         the packets of the conversations that did not pass
HOW-TO-CHECK.txt  what to do with it
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from rich.console import Console

import conformance
from conformance.classes.file_names import safe_name
from conformance.classes.grading.outdated import plan_of
from conformance.classes.model import Class, HandIn, Override, Result, Reveal
from conformance.classes.results.basis import Basis
from conformance.classes.results.corrections import apply_what_fits, total_that_fits
from conformance.classes.results.fingerprint import lab_digest, work_digest, work_of
from conformance.classes.results.ledger import EVIDENCE, Ledger
from conformance.classes.results.on_record import OnRecord, checked, read_events, recorded, run_file
from conformance.classes.results.record import Damaged
from conformance.contract.catalog import Catalog
from conformance.reports.classes.reveal import revealed, rules_of, seen_run
from conformance.reports.pages.environment import render as render_page
from conformance.reports.pages.run_details import run_details
from conformance.reports.receipts.bundle import CAPTURES, packed
from conformance.reports.receipts.bundled_captures import captures_of, placed_in, without_seed
from conformance.reports.receipts.manifest import (
    MANIFEST,
    STUDENT,
    TEACHER,
    FileDigest,
    ReceiptManifest,
    ReceiptPoints,
    written,
)
from conformance.reports.receipts.work_files import files_of
from conformance.reports.run.console import render
from conformance.reports.text.visible import visible
from conformance.verdict.events import judged, run_began, run_ended, searched, to_line
from conformance.verdict.model import UNTOLD_SEED, Run, WrongCall
from conformance.verdict.points import Tally, counted, tally, tally_of
from conformance.words import speaking
from conformance.words.language import ENGLISH

RUN, CONTRACT, GUIDE = "run.jsonl", "contract.md", "HOW-TO-CHECK.txt"
REPORT, PAGE = "report.txt", "report.html"

WIDTH = 100
"""Columns of the report."""

WHAT_IT_HOLDS = (
    (REPORT, f"{REPORT}, {PAGE}", "the report"),
    (RUN, RUN, "every verdict, with its conversations"),
    (CONTRACT, CONTRACT, "what was asked for"),
    (f"{CAPTURES}/", f"{CAPTURES}/", "the packets, for Wireshark"),
)
"""How the names of members begin, what the guide calls them, and what they are."""

CHECKS = (
    ("", "is it whole, and does it agree with itself?"),
    (" PATH", "is PATH the same work? And it is judged again."),
)
OF_CLASS = (" --class DIR", "was it made from this class?")
"""For teachers only: a student does not have the class."""


@dataclass(frozen=True)
class _Source:
    """What a receipt is made of."""

    record: OnRecord
    """As judged, without corrections."""
    corrections: tuple[Override, ...]
    evidence: Path
    """The folder of the captures, which may be missing."""
    work: Path | None
    """What was handed in, if it is known where that is."""
    shown: Run | None = None
    """The run as far as a student may see it; None in a teacher's receipt."""
    captures: bool = True
    """Whether its reader may have them."""


def of_hand_in(
    ledger: Ledger, hand_in: HandIn, catalog: Catalog, now: datetime, *, for_student: bool
) -> bytes:
    """The receipt of a hand-in of a class; `now` decides what is still hidden from students. Raises
    WrongCall if it has no result."""
    file = ledger.file(hand_in)
    if not ledger.is_current(hand_in):
        told = ledger.result(hand_in).told
        raise WrongCall(f"{hand_in.author} has no result for {hand_in.lab}: {told}")
    record = _read(file, (hand_in.author, hand_in.lab))
    outdated = ledger.outdated_corrections(hand_in)
    given = tuple(o for o in ledger.given(hand_in) if o not in outdated)
    folder = ledger.folder / EVIDENCE / safe_name(hand_in.author) / safe_name(hand_in.lab)
    source = _Source(record, given, folder, hand_in.path)
    if for_student:
        source = _as_revealed(source, ledger.of, hand_in, now)
    return _bundle(source, catalog)


def _as_revealed(source: _Source, graded: Class, hand_in: HandIn, now: datetime) -> _Source:
    """The source of a student's receipt. While a clause is hidden, so are a correction of it and
    all captures, in which other conversations with the same server may be."""
    assert source.record.run is not None
    rules = rules_of(graded, plan_of(graded, hand_in))
    run = seen_run(source.record.run, rules, now)
    hidden = {verdict.clause.number for verdict in run.verdicts if verdict.is_hidden}
    shown = revealed(Result(hand_in, run), graded.reveal).run
    assert shown is not None
    return replace(
        source,
        corrections=tuple(o for o in source.corrections if o.clause not in hidden),
        shown=replace(shown, seed=UNTOLD_SEED),
        captures=not hidden and graded.reveal is not Reveal.POINTS,
    )


def of_run(path: Path, catalog: Catalog) -> bytes:
    """The receipt of a single run: its run.jsonl, or the folder that it was kept in. Raises
    WrongCall if there is none."""
    file = run_file(path)
    return _bundle(_Source(_read(file), (), file.parent, None), catalog)


def _read(file: Path, whose: tuple[str, str] | None = None) -> OnRecord:
    try:
        return checked(recorded(read_events(file), whose, str(file)), str(file))
    except FileNotFoundError:
        raise WrongCall(f"there is no run: {file} is missing") from None
    except Damaged as damage:
        raise WrongCall(str(damage)) from None


def _bundle(source: _Source, catalog: Catalog) -> bytes:
    record, notes = source.record, []
    assert record.run is not None
    captures, told = captures_of(record.run, source.evidence) if source.captures else ({}, [])
    notes += told
    if source.shown is not None:
        captures = without_seed(captures, record.run.seed)
    run, captures = placed_in(record.run, source.shown or record.run, captures)
    contract, told = _contract(record, catalog)
    notes += told
    files, told = _files(source)
    notes += told
    for_student = source.shown is not None
    manifest = ReceiptManifest(
        reader=STUDENT if for_student else TEACHER,
        student=record.author,
        lab=record.lab,
        suite=run.suite,
        tier=run.tier,
        started=run.started,
        points=points_of(run, source.corrections, record.lab),
        basis=_without_seed(record.basis) if for_student else record.basis,
        renderer=renderer(),
        seed=None if for_student else run.seed,
        fingerprint="" if for_student else record.fingerprint,
        corrections=source.corrections,
        submission=files,
        notes=tuple(notes),
    )
    members = {
        **captures,
        **contract,
        RUN: "".join(_lines(run, manifest.basis)).encode("ascii"),
        **reports(run, manifest),
    }
    members[GUIDE] = _guide(members, manifest).encode("ascii")
    return packed({**members, MANIFEST: written(manifest, members)})


def reports(run: Run, manifest: ReceiptManifest) -> Mapping[str, bytes]:
    """The reports of a receipt, from its run as judged: in English, whatever is spoken here."""
    shown, _ = apply_what_fits(run, manifest.corrections)
    with speaking(ENGLISH):
        seed = manifest.reader != STUDENT
        page = render_page("run.html", run=run_details(shown, seed=seed))
        told = {REPORT: _as_text(shown, manifest), PAGE: page}
    return {name: text.encode("utf-8", "backslashreplace") for name, text in told.items()}


def _as_text(shown: Run, manifest: ReceiptManifest) -> str:
    text = io.StringIO()
    # Nothing of this environment decides how it looks.
    console = Console(
        file=text, width=WIDTH, no_color=True, force_terminal=False, highlight=False,
        markup=False, emoji=False, _environ={},
    )  # fmt: skip
    points = manifest.points
    earned = f"{points.earned} of {points.possible} points"
    total = tally_of(shown)
    if points.provisional and (total.open or shown.interrupted):
        earned += " so far, something is open"
    if points.provisional and total.hidden:
        earned += f"; {counted(total.hidden)} hidden"
    text.write(f"Receipt: {visible(manifest.student)}, {visible(manifest.lab)}: {earned}\n")
    for each in manifest.corrections:
        text.write(f"By hand, {visible(each.of)}: {each.points}, because {visible(each.because)}\n")
    for note in manifest.notes:
        text.write(f"Not here: {visible(note)}\n")
    text.write("\n")
    render(shown, verbose=True, console=console)
    return text.getvalue()


def points_of(run: Run, corrections: Sequence[Override], lab: str) -> ReceiptPoints:
    """What the run earned, with these corrections."""
    shown, _ = apply_what_fits(run, corrections)
    total, _ = total_that_fits(corrections, tally(run.verdicts).possible, lab)
    found = Tally(total.points, total.possible, provisional=False) if total else tally_of(shown)
    return ReceiptPoints(found.points, found.possible, found.provisional)


@lru_cache(maxsize=1)
def renderer() -> str:
    """A digest of all sources that decide how a report looks."""
    package = Path(conformance.__file__).parent
    found = sha256()
    for file in sorted(package.rglob("*")):
        below = file.relative_to(package).parts
        if file.is_file() and "__pycache__" not in below and below[0] != "labs":
            found.update(file.read_bytes())
    return found.hexdigest()[:32]


def _guide(members: Collection[str], manifest: ReceiptManifest) -> str:
    """What the bundle of these members holds, and what its reader can do with it."""
    there = [
        (called, what)
        for begin, called, what in WHAT_IT_HOLDS
        if any(name.startswith(begin) for name in members)
    ]
    there.append((MANIFEST, "what all of this rests on, and the SHA-256 of each file"))
    checks = (*CHECKS, OF_CLASS) if manifest.fingerprint else CHECKS
    if manifest.reader == STUDENT:
        last = "Whether it was made from the class as it is, your teacher can check."
    elif manifest.fingerprint:
        last = "Whoever changes a file and all digests alike is found out by the last one only."
    else:
        last = "Whoever changes a file and all digests alike is not found out: it is of no class."
    lines = [
        "This is the receipt of one result.",
        "",
        *(f"    {called:<25}  {what}" for called, what in there),
        "",
        *(f"    {f'conformance verify RECEIPT.zip{more}':<42}    {what}" for more, what in checks),
        "",
        last,
    ]
    return "\n".join(lines) + "\n"


# -- its parts --------------------------------------------------------------------------


def _lines(run: Run, basis: Basis) -> Iterator[str]:
    """The events of a run, as they were written when it was made."""
    yield to_line(run_began(run))
    if basis.is_known:
        yield to_line(basis.event)
    for verdict in run.verdicts:
        yield to_line(judged(verdict))
    if run.search is not None:
        yield to_line(searched(run.search))
    yield to_line(run_ended(run.seconds, interrupted=run.interrupted, common=run.common))


def _contract(record: OnRecord, catalog: Catalog) -> tuple[Mapping[str, bytes], list[str]]:
    """The lab's contract, if it is still the one that the run was judged by."""
    lab = catalog.labs.get(record.lab)
    if lab is None:
        return {}, [f"the contract of {record.lab}: the lab is not known here (--labs)"]
    file = Path(lab.file)
    try:
        if record.basis.lab != lab_digest(file):
            return {}, [f"the contract of {record.lab}: the lab has changed since, or may have"]
        return {CONTRACT: file.with_suffix(".md").read_bytes()}, []
    except OSError as error:
        return {}, [f"the contract of {record.lab}: {error.strerror}"]


def _files(source: _Source) -> tuple[tuple[FileDigest, ...], list[str]]:
    """The files of what was handed in, if they are still those that were judged."""
    work = source.record.basis.work or work_of(source.record.fingerprint)
    if source.work is None:
        return (), ["a list of the submission's files (a single run does not say where they are)"]
    if not work:
        return (), ["a list of the submission's files (an older suite did not say which it judged)"]
    try:
        if work_digest(source.work) != work:
            return (), ["a list of the submission's files (they have changed since it was judged)"]
        return files_of(source.work), []
    except (OSError, RecursionError):
        return (), ["a list of the submission's files (they cannot be read any more)"]


def _without_seed(basis: Basis) -> Basis:
    others = {name: value for name, value in basis.settings.items() if name != "seed"}
    return replace(basis, settings=others)
