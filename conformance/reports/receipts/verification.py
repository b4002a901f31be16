"""What can be checked of a receipt: that it is whole, that it agrees with itself, that it was made
from a class, and that somebody's work is the one that was judged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.classes.model import TOTAL, HandIn, Override
from conformance.classes.results.basis import AskedFor, asked_for_in
from conformance.classes.results.changes import ResultChange, compare
from conformance.classes.results.corrections import apply_what_fits
from conformance.classes.results.fingerprint import lab_digest, suite_digest, work_digest, work_of
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.on_record import OnRecord, checked, recorded
from conformance.classes.results.record import Damaged
from conformance.contract.catalog import Catalog
from conformance.reports.receipts.bundle import CAPTURES, digest, unpacked
from conformance.reports.receipts.issued import issued
from conformance.reports.receipts.manifest import (
    MANIFEST,
    STUDENT,
    FileDigest,
    ReceiptManifest,
    read,
)
from conformance.reports.receipts.receipt import CONTRACT, RUN, points_of, renderer, reports
from conformance.reports.receipts.work_files import differences, files_of
from conformance.verdict.events import from_lines
from conformance.verdict.model import Run, Verdict, WrongCall, order_of
from conformance.verdict.points import Counting, counted, mark

MAX_TEXTS = 32 * 1024 * 1024
"""Bytes of a receipt without its captures."""


@dataclass(frozen=True)
class Examination:
    """One thing that was checked of a receipt."""

    ok: bool | None
    """None: it could not be checked."""
    told: str


@dataclass(frozen=True)
class Receipt:
    """A receipt that was read."""

    name: str
    members: Mapping[str, bytes]
    manifest: ReceiptManifest
    sha256: str
    """Of the whole bundle."""
    record: OnRecord
    """As judged, without corrections."""

    @property
    def run(self) -> Run:
        assert self.record.run is not None
        return self.record.run

    @property
    def asked_for(self) -> AskedFor:
        """How the run was asked for. Raises WrongCall where the receipt does not say."""
        return asked_for_in(self.manifest.basis)


def opened(path: Path) -> Receipt:
    """Reads a receipt. Raises WrongCall if it is none, is damaged, or was changed."""
    members = unpacked(path)
    manifest = read(members, path.name)
    listed = {each.name: each for each in manifest.members}
    there = {name: FileDigest.of(name, data) for name, data in members.items() if name != MANIFEST}
    for name in sorted({*listed, *there}):
        if listed.get(name) != there.get(name):
            raise WrongCall(f"{path.name} was changed: {name} is not as its {MANIFEST} says")
    if (
        sum(len(data) for name, data in members.items() if not name.startswith(CAPTURES))
        > MAX_TEXTS
    ):
        raise WrongCall(f"{path.name} is too large for a receipt")
    try:
        lines = members[RUN].decode("ascii").splitlines()
        record = checked(recorded([*from_lines(lines)], manifest.whose, RUN), RUN)
    except (KeyError, UnicodeDecodeError, WrongCall, Damaged, RecursionError) as error:
        raise WrongCall(f"{path.name} is no receipt: its {RUN} cannot be read: {error}") from None
    record = replace(record, fingerprint=manifest.fingerprint)
    return Receipt(path.name, members, manifest, digest(path.read_bytes()), record)


def agrees_with_itself(receipt: Receipt, catalog: Catalog) -> Iterator[Examination]:
    """That nothing in the receipt contradicts another part of it."""
    manifest, run = receipt.manifest, receipt.run
    count = len(receipt.members)
    yield Examination(True, f"whole: {count} files, with the digests that its manifest lists")
    facts = {
        "lab": (manifest.lab, run.lab),
        "suite": (manifest.suite, run.suite),
        "tier": (manifest.tier, run.tier),
        "start": (manifest.started, run.started),
        "basis": (manifest.basis, receipt.record.basis),
    }
    if manifest.reader != STUDENT:
        facts["seed"] = (manifest.seed, run.seed)
    wrong = [name for name, (one, other) in facts.items() if one != other]
    told = "manifest and run name the same lab, suite, seed and settings"
    yield Examination(
        not wrong, f"manifest and run disagree: {', '.join(wrong)}" if wrong else told
    )
    yield from _points(receipt)
    yield from _contract(receipt, catalog)
    yield from _reports(receipt)


def _points(receipt: Receipt) -> Iterator[Examination]:
    manifest, run = receipt.manifest, receipt.run
    wrong = [v.clause.number for v in run.verdicts if not _follows(v)]
    if wrong:
        yield Examination(False, f"points that do not follow from outcomes: {', '.join(wrong)}")
    points = points_of(run, manifest.corrections, manifest.lab)
    told = f"{points.earned} of {points.possible} points follow from the verdicts"
    if given := len(manifest.corrections):
        told += f" and {given} correction{'s' * (given > 1)}"
    if points != manifest.points:
        told = f"{told}, but the manifest says {manifest.points.earned}"
    yield Examination(points == manifest.points, told)


def _follows(verdict: Verdict) -> bool:
    """Whether the points are those of the outcome. Of what is hidden they are open."""
    if verdict.is_hidden:
        return verdict.points == (None if verdict.possible else 0)
    counting = Counting(strict=True) if verdict.possible else Counting(among=())
    marked = mark(verdict, counting)
    return (marked.points, marked.possible) == (verdict.points, verdict.possible)


def _contract(receipt: Receipt, catalog: Catalog) -> Iterator[Examination]:
    """The contract in the bundle is compared with the lab's own, and never parsed: it may come from
    anybody."""
    data = receipt.members.get(CONTRACT)
    lab = catalog.labs.get(receipt.manifest.lab)
    if data is None:
        yield Examination(None, "the contract is not in the receipt")
        return
    if lab is None or lab_digest(Path(lab.file)) != receipt.manifest.basis.lab:
        yield Examination(None, "the lab is not the same here: the contract was not compared")
        return
    clauses = {clause.number: clause for clause in lab.contract.clauses}
    wrong = [
        verdict.clause.number
        for verdict in receipt.run.verdicts
        if (known := clauses.get(verdict.clause.number)) is None
        or (known.scenario, known.weight) != (verdict.clause.scenario, verdict.clause.weight)
    ]
    if data != Path(lab.file).with_suffix(".md").read_bytes():
        yield Examination(False, "the contract is not the lab's")
    told = "the clauses are those of the contract"
    yield Examination(not wrong, f"not as in the contract: {', '.join(wrong)}" if wrong else told)


def _reports(receipt: Receipt) -> Iterator[Examination]:
    if receipt.manifest.renderer != renderer():
        told = "the reports were written by another version of the suite: not compared"
        yield Examination(None, told)
        return
    try:
        rendered = reports(receipt.run, receipt.manifest)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        yield Examination(False, f"its run cannot be rendered: {error}")
        return
    for name, data in rendered.items():
        same = receipt.members.get(name) == data
        told = "is what the suite writes of this run" if same else "is not what the suite writes"
        yield Examination(same, f"{name} {told}")


# -- beside other things ----------------------------------------------------------------


def made_from(receipt: Receipt, ledger: Ledger) -> Iterator[Examination]:
    """That it is a receipt of this class, and what the class says today."""
    known = receipt.sha256 in issued(ledger.folder)
    told = "this class has given out this receipt, byte by byte"
    yield Examination(known, told if known else "this class has given out no such receipt")
    hand_in = hand_in_of(receipt, ledger)
    if hand_in is None or not ledger.is_current(hand_in):
        yield Examination(None, "the class has no result of this hand-in today")
        return
    run = ledger.run(hand_in)
    change = differs_from(receipt, OnRecord(*receipt.manifest.whose, run))
    if change is None:
        yield Examination(True, "the class's run of today has the same verdicts")
    else:
        clauses = ", ".join(each.clause for each in change.clauses)
        told = f"the class was graded again since, with other verdicts: {clauses or change.after}"
        yield Examination(None, told)
    if run is not None:
        yield from _corrected_since(receipt, ledger, hand_in, run)


def _corrected_since(
    receipt: Receipt, ledger: Ledger, hand_in: HandIn, run: Run
) -> Iterator[Examination]:
    """What the class's teacher has corrected since, and what the class gives now. Of a clause that
    is hidden from the receipt's reader, nothing is said."""
    hidden = _hidden(receipt.run)
    outdated = ledger.outdated_corrections(hand_in)
    given = [o for o in ledger.given(hand_in) if o not in outdated and o.clause not in hidden]
    before, after = receipt.manifest.corrections, given
    then, now = ({each.clause: each for each in of} for of in (before, after))
    told = []
    for clause in sorted({*then, *now}, key=order_of):
        was, is_now = then.get(clause), now.get(clause)
        if (was and was.points) != (is_now and is_now.points):
            points = (
                _points_given(receipt.run, clause, before, receipt.manifest.lab),
                _points_given(run, clause, after, hand_in.lab),
            )
            told.append(f"{clause or 'the total'} {points[0]} → {points[1]}")
    if not told:
        return
    apart = hidden if TOTAL not in now else set[str]()  # a total does not rest on clauses
    of_today = replace(
        run, verdicts=tuple(v for v in run.verdicts if v.clause.number not in hidden)
    )
    total = points_of(of_today, given, hand_in.lab)
    gives = f"the class now gives {total.earned} of {counted(total.possible)}"
    gives += f" without {', '.join(sorted(apart, key=order_of))}" if apart else ""
    yield Examination(None, f"corrected by hand since: {', '.join(told)}; {gives}")


def _points_given(run: Run, clause: str, corrections: Sequence[Override], lab: str) -> str:
    """The points of a clause, or of the whole lab, with these corrections."""
    if clause == TOTAL:
        return str(points_of(run, corrections, lab).earned)
    shown, _ = apply_what_fits(run, corrections)
    found = [v.points for v in shown.verdicts if v.clause.number == clause]
    return "open" if not found or found[0] is None else str(found[0])


def _hidden(run: Run) -> set[str]:
    """The clauses that are hidden from the reader of a receipt."""
    return {verdict.clause.number for verdict in run.verdicts if verdict.is_hidden}


def differs_from(receipt: Receipt, now: OnRecord) -> ResultChange | None:
    """What is different in another run of the same lab, corrections aside; None if nothing is. Of
    what is hidden from the receipt's reader, nothing is said."""
    hidden = _hidden(receipt.run)

    def without_hidden(run: Run | None) -> Run | None:
        if run is None or not hidden:
            return run
        return replace(
            run, verdicts=tuple(v for v in run.verdicts if v.clause.number not in hidden)
        )

    before, after = (replace(of, run=without_hidden(of.run)) for of in (receipt.record, now))
    return compare(before, replace(after, author=receipt.manifest.student))


def hand_in_of(receipt: Receipt, ledger: Ledger) -> HandIn | None:
    """The hand-in that a receipt is about, in this class; None if it has none."""
    found = (h for h in ledger.of.hand_ins if (h.author, h.lab) == receipt.manifest.whose)
    return next(found, None)


def is_same_work(receipt: Receipt, path: Path) -> Examination:
    """Whether `path` is what was judged, whatever it is called now. Raises OSError."""
    manifest = receipt.manifest
    work = manifest.basis.work or work_of(manifest.fingerprint)
    with contextlib.suppress(UnicodeEncodeError):  # the name may come from anybody
        if work and work_digest(path.absolute(), manifest.basis.name) == work:
            return Examination(True, f"{path.name} is the work that was judged")
    if manifest.submission:
        found = differences(manifest.submission, files_of(path))
        if not found:
            return Examination(True, f"{path.name} has the same files as the work that was judged")
        told = f"{path.name} is other work: {'; '.join(found)}"
        handed_in = manifest.basis.name
        told += f" (it was handed in as {handed_in})" if handed_in not in ("", path.name) else ""
        return Examination(False, told)
    if work:
        return Examination(False, f"{path.name} is other work than was judged")
    return Examination(None, "the receipt does not say what was handed in")


def judged_alike(receipt: Receipt, catalog: Catalog) -> Iterator[Examination]:
    """Whether this suite and this lab are those that judged it: if not, a verdict may differ."""
    basis = receipt.manifest.basis
    lab = catalog.labs.get(receipt.manifest.lab)
    if not basis.is_known or lab is None:
        yield Examination(None, "whether suite and lab are the same is not known")
        return
    for name, here, there in (
        ("the suite", suite_digest(), basis.suite),
        (f"the lab {receipt.manifest.lab}", lab_digest(Path(lab.file)), basis.lab),
    ):
        same = here == there
        told = "the one that judged it" if same else "another than judged it: verdicts may differ"
        yield Examination(True if same else None, f"{name} is {told}")
