"""`conformance verify`: what can be checked of a receipt."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import FOLDER, LABS
from conformance.cli.output import new_console, say, speaking_plainly
from conformance.cli.request import for_its_lab

if TYPE_CHECKING:
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.on_record import OnRecord
    from conformance.contract.catalog import Catalog
    from conformance.reports.receipts.verification import Examination, Receipt
    from conformance.run.plan import Request

MAX_NOTES = 20
"""Notes of a receipt that are printed; ours have three at most."""

WORDS = {True: "ok", False: "WRONG", None: "note"}


@click.command()
@click.argument("bundle", metavar="RECEIPT", type=click.Path(exists=True, path_type=Path))
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--class",
    "class_folder",
    type=FOLDER,
    metavar="DIR",
    help="The class that it is said to be from (grade --out).",
)
@click.option("--keep", type=FOLDER, metavar="DIR", help="Keep the new run and its captures.")
@click.option(
    "--fetch-dependencies",
    "fetch",
    is_flag=True,
    help="The build may reach the registries of Maven, npm and pip.",
)
@LABS
def verify(
    bundle: Path,
    path: Path | None,
    class_folder: Path | None,
    keep: Path | None,
    fetch: bool,
    labs: tuple[Path, ...],
) -> None:
    """Check a receipt of a result, offline, and the work that it is about.

    RECEIPT is what `conformance receipt` has written. Whether a byte of it was changed, whether
    its report is what the suite writes of its run, and whether its points follow from its
    verdicts: a line each, with ok, WRONG, or note, where it cannot be checked here.

    With PATH, also whether that is the work that was judged; if so, it is judged again, with the
    same lab, parameters and seed, and what comes out differently is printed, with what has
    changed in between.

    Whoever changes a receipt and all its digests alike is found out only with --class: the class
    knows each receipt that it has given out. It also knows the seed, which a student's receipt
    does not have; without it, another one is drawn.

    \b
    An appeal: a student sends a receipt, and the program that was handed in.
      conformance verify ann.zip --class results          is it ours, and unchanged?
      conformance verify ann.zip ann.py --class results   then judge the program again

    Exit status: 0 all is well, and the verdicts are the same; 1 something is wrong, or differs;
    2 the call was wrong, or RECEIPT is damaged, changed, or none; 3 something that counts could
    not be judged again.
    """
    from conformance.contract.catalog import load
    from conformance.reports.receipts.verification import (
        agrees_with_itself,
        is_same_work,
        judged_alike,
        made_from,
        opened,
    )
    from conformance.run.plan import Request

    with speaking_plainly():
        ledger = _ledger(class_folder)
        catalog = load(labs)
        receipt = opened(bundle)
        _tell_what_it_is(receipt)
        fine = _told(agrees_with_itself(receipt, catalog))
        if ledger is not None:
            fine = _told(made_from(receipt, ledger)) and fine
        if path is None:
            raise SystemExit(0 if fine else 1)
        part = Request(path=path, lab=receipt.manifest.lab)
        path = for_its_lab(part, catalog).path or path
        same = _told([is_same_work(receipt, path)])
        _told(judged_alike(receipt, catalog))
        if not same:
            say("not judged again: it is other work")
            raise SystemExit(1)
        request = _request(receipt, path, ledger.seed if ledger else None, labs, keep, fetch=fetch)
        status = _differences(receipt, _judged_again(request, catalog))
        raise SystemExit(status if fine else 1)


def _tell_what_it_is(receipt: Receipt) -> None:
    from conformance.reports.receipts.manifest import STUDENT

    manifest = receipt.manifest
    points = f"{manifest.points.earned} of {manifest.points.possible} points"
    reader = "for a student" if manifest.reader == STUDENT else "for teachers"
    say(f"{manifest.student}, {manifest.lab}: {points}, judged on {manifest.started}; {reader}")
    for note in manifest.notes[:MAX_NOTES]:
        say(f"not in it: {note}")


def _told(examined: Iterable[Examination]) -> bool:
    """Prints each, and returns whether none is wrong."""
    from conformance.reports.text.page import Page, show

    console, fine = new_console(), True
    page = Page.on(console)
    for each in examined:
        fine = fine and each.ok is not False
        first, *more = page.prose(each.told, "", "")
        show(console, page.line(f"{WORDS[each.ok]:<6}", first.plain))
        show(console, *(page.line(" " * 6, row.plain) for row in more))
    return fine


def _ledger(folder: Path | None) -> Ledger | None:
    """Raises WrongCall if the folder holds no class."""
    from conformance.classes.results.ledger import Ledger

    if folder is None:
        return None
    ledger = Ledger(folder)
    _ = ledger.of
    return ledger


def _request(
    receipt: Receipt,
    path: Path,
    seed: int | None,
    labs: tuple[Path, ...],
    keep: Path | None,
    *,
    fetch: bool,
) -> Request:
    """The request that judges the same work in the same way. Raises WrongCall."""
    from conformance.run.prepare import read_request, written_arguments

    asked = receipt.asked_for
    if asked.seed is None and seed is None:
        say("the seed is not in the receipt, and no --class is named: another one is drawn")
    if asked.fetch and not fetch:
        say("then, the build could reach the registries: --fetch-dependencies lets it")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    return read_request(
        path=path,
        lab=receipt.manifest.lab,
        settings=[f"{name}={value}" for name, value in asked.settings.items()],
        arguments=written_arguments(asked.arguments),
        network=asked.network or None,
        only=asked.only,
        without=asked.without,
        failed=asked.failed,
        must=asked.must,
        strict=asked.strict,
        counts=asked.counts,
        seed=asked.seed if asked.seed is not None else seed,
        scale=None if asked.scale == 1.0 else asked.scale,
        budget=asked.budget,
        unattended=asked.unattended,
        jobs=None,
        labs=labs,
        keep=keep,
        fetch=fetch,
    )


def _judged_again(request: Request, catalog: Catalog) -> OnRecord:
    """The run, and what it rests on. Raises WrongCall, SandboxError, OSError."""
    from typing import Any

    from conformance.classes.results.basis import basis_of, work_of_request
    from conformance.classes.results.on_record import recorded
    from conformance.cli.report_files import event_writer
    from conformance.reports.run.progress import progress_line
    from conformance.run.check import check
    from conformance.sandbox import preload, probe
    from conformance.session.forked import terminable

    events: list[dict[str, Any]] = []
    work = work_of_request(request)
    with contextlib.ExitStack() as stack:
        write = event_writer(request, catalog, None, stack)
        stack.enter_context(terminable())
        preload()
        isolation = probe()

        def take(event: dict[str, Any]) -> None:
            write(event)
            events.append(event)
            if event["event"] == "run":
                events.append(basis_of(request, catalog, event, work).event)

        turned = stack.enter_context(progress_line(new_console()))
        check(request, catalog, isolation, events=take, turned=turned)
    return recorded(events)


def _differences(receipt: Receipt, again: OnRecord) -> int:
    """Prints what came out differently. Returns the exit status."""
    from conformance.reports.classes.changes import show_changes
    from conformance.reports.receipts.verification import differs_from
    from conformance.verdict.points import Status, status

    assert again.run is not None
    console = new_console()
    change = differs_from(receipt, again)
    if change is None:
        console.print("Judged again: the verdicts are the same.")
    else:
        console.print("Judged again, and not the same:")
        show_changes([change], console=console)
    if status(again.run) is Status.NOT_JUDGED:
        return int(Status.NOT_JUDGED)
    return int(change is not None)
