"""`conformance grade`: a whole class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.language import LANGUAGE, asked_language
from conformance.cli.options import FOLDER, LABS, REQUIRE_TIER, SCALE, SEARCH, budget, count
from conformance.cli.output import new_console, say, speaking_plainly

if TYPE_CHECKING:
    from conformance.classes.model import Class
    from conformance.contract.catalog import Catalog


def _opened(path: Path, labs: Sequence[str], catalog: Catalog) -> tuple[Class, Sequence[str]]:
    """The whole class, and the names of the labs to be graded now (none: all).

    The class always has all its labs, so that those that are not graded now stay on record.
    """
    from conformance.classes.class_file import NAME, open_class

    chosen = open_class(path, labs, catalog)
    if not labs or (path.is_dir() and not (path / NAME).is_file()):
        return chosen, ()
    return open_class(path, (), catalog), [plan.name for plan in chosen.labs]


def _require_apart(path: Path, graded: Class, out: Path, option: str) -> None:
    """Raises WrongCall if the folder that `option` names would lie among the entries, and what is
    written there be taken for one."""
    from conformance.verdict.model import WrongCall

    there = out.resolve()
    entries = [h.path.resolve() for h in graded.hand_ins if h.path is not None]
    if there == path.resolve() or there in {entry.parent for entry in entries}:
        raise WrongCall(f"{option} {out} is the folder of the submissions: choose another")
    for entry in entries:
        if there.is_relative_to(entry):
            raise WrongCall(f"{option} {out} lies in a submission, {entry.name}: choose another")


@click.command()
@click.argument("path", metavar="CLASS", type=click.Path(path_type=Path))
@click.option("--lab", "lab_names", multiple=True, metavar="LAB", help="The lab; may be repeated.")
@click.option("--out", type=FOLDER, metavar="DIR", help="Where results and reports are kept.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Only show whose each entry is, what it was recognised as, and how long it will take.",
)
@click.option(
    "--part",
    metavar="K/N",
    help="Only the K-th of N parts of the class; `conformance merge` puts them together.",
)
@click.option("--again", multiple=True, metavar="STUDENT", help="Also whoever has not changed.")
@count("--starts", "Programs that start at a time (default: one for each core).")
@count("--jobs", "Servers at a time (default: what memory and process limits hold).")
@click.option("--seed", type=int, help="Repeats the payloads of another class.")
@SCALE
@budget("Conversation that each hand-in may take before it is given up (600).")
@SEARCH
@REQUIRE_TIER
@click.option("--keep", type=click.Choice(["all"]), help="Keep the captures of what passed, too.")
@click.option(
    "--fetch-dependencies",
    "fetch",
    is_flag=True,
    help="Builds may reach the registries of Maven, npm and pip, and nothing else.",
)
@click.option(
    "--separator",
    type=click.Choice([",", ";"]),
    help="Between the cells of grades.csv (default: as class.toml says, else a comma).",
)
@click.option(
    "--html",
    "pages",
    type=FOLDER,
    metavar="DIR",
    help="Another folder for the pages: index.html, and students/ with one for each.",
)
@click.option(
    "--on",
    metavar="ENGINE",
    help="On other machines: dask:tls://HOST:PORT, slurm:N; or in processes of this: local:N.",
)
@click.option(
    "--slurm",
    multiple=True,
    metavar="KEY=VALUE",
    help="With --on slurm: an option of sbatch, such as partition=long; may be repeated.",
)
@LABS
@LANGUAGE
def grade(path: Path, lab_names: Sequence[str], out: Path | None, **asked: Any) -> None:
    """Grade a class. CLASS is a folder with an entry for each student, or a class.toml.

    What has been graded into DIR before, and has not changed since, is not run again.
    """
    from conformance.classes.grading.capacity import Pace
    from conformance.classes.grading.check_all import Grading, authors
    from conformance.classes.grading.division import common_seed, divide, read_part
    from conformance.classes.grading.outdated import Terms, Why
    from conformance.classes.machines.coordinator import Coordinator
    from conformance.classes.machines.engines.chosen import engine_for
    from conformance.classes.machines.fitness import common_terms
    from conformance.classes.parts import authors_in, in_parts, told_parts
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.regrading import Regrading
    from conformance.cli.rehearse import rehearse
    from conformance.contract.catalog import load
    from conformance.reports.class_folder import CLASS_PAGE, StudentReports, render
    from conformance.reports.classes.changes import show_grade_changes, show_regraded
    from conformance.reports.classes.progress import progress
    from conformance.reports.classes.summary import render as summarise
    from conformance.run.prepare import network_of, new_seed
    from conformance.sandbox import Tier, preload, probe
    from conformance.sandbox.measure.slowness import chosen_or_measured, why_stretched
    from conformance.verdict.model import WrongCall

    if out is None and not asked["dry_run"]:
        raise click.MissingParameter(param_hint="'--out'", param_type="option")
    with speaking_plainly():
        catalog = load(asked["labs"])
        graded, labs = _opened(path, lab_names, catalog)
        graded = replace(graded, separator=asked["separator"] or graded.separator)
        graded = replace(graded, lang=asked_language() or graded.lang)
        for option, folder in (("--out", out), ("--html", asked["pages"])):
            if folder is not None:
                _require_apart(path, graded, folder, option)
        parts = read_part(asked["part"])
        if out is None or asked["dry_run"]:
            rehearsed = in_parts(graded, parts)
            raise SystemExit(rehearse(rehearsed, labs, catalog, out, asked["starts"]))
        again = authors(graded, asked["again"])
        if unknown := again - {hand_in.author for hand_in in graded.hand_ins}:
            raise WrongCall(f"--again: there is no {', '.join(sorted(unknown))} in this class")
        on = asked["on"]
        if on and (asked["starts"] or asked["jobs"]):
            raise WrongCall("--starts and --jobs are about this machine: not with --on")
        if asked["slurm"] and not on:
            raise WrongCall("--slurm says what Slurm is told: it goes with --on slurm")
        preload()
        if asked["search"]:
            from conformance.session.search.loading import load as load_search

            load_search()
        isolation = probe()
        engine = None
        if on:
            # What this machine lacks, others may have.
            isolation = replace(isolation, tier=Tier(asked["require_tier"] or isolation.tier))
            engine = engine_for(on, isolation.tier, out, asked["slurm"])
        isolation.require(asked["require_tier"])
        for plan in graded.labs:
            network_of(plan.network, isolation)
        ledger = Ledger(out)
        ledger.require_same(graded)
        with ledger.grading():
            seeds = [seed for seed in (asked["seed"], ledger.seed) if seed is not None]
            if parts and not seeds:
                seeds = [common_seed(graded)]
            scale, stretch = chosen_or_measured(asked["scale"])
            terms = Terms(
                seed=seeds[0] if seeds else new_seed(),
                budget=asked["budget"],
                scale=scale,
                stretch=stretch,
                keep_all=asked["keep"] == "all",
                fetch=asked["fetch"],
                labs=asked["labs"],
                search=asked["search"],
            )
            if slow := why_stretched(stretch):
                say(slow)
            published: set[str] = set()
            regrading = Regrading(ledger, datetime.now(UTC).isoformat(timespec="seconds"))
            divide(ledger, parts, terms, isolation.tier)
            shown = ledger.as_shown(graded)
            own = StudentReports(ledger, shown)

            def publish(author: str) -> None:
                own.write(author)
                published.add(author)

            watcher = progress(new_console())
            grading: Grading | Coordinator
            if engine is None:
                pace = Pace.of_this_machine(asked["starts"], asked["jobs"])
                grading = Grading(
                    graded, ledger, catalog, isolation, pace, watcher, terms,
                    noticed=regrading.after, publish=publish, replacing=regrading.before,
                )  # fmt: skip
            else:
                measured = asked["scale"] is None
                common = common_terms(graded, catalog, terms, isolation.tier, measured=measured)
                grading = Coordinator(
                    common, ledger, catalog, engine, watcher,
                    noticed=regrading.after, publish=publish, replacing=regrading.before,
                )  # fmt: skip
            interrupted = False
            try:
                why = grading.plan(again, labs, authors_in(graded, parts) if parts else None)
                before = [each for each in Why if each is not Why.NEW and why.get(each)]
                if before:
                    say(f"to be run again: {', '.join(f'{why[each]} {each}' for each in before)}")
                grading.run()
            except KeyboardInterrupt:
                interrupted = True
            else:
                regrading.settle(shown.hand_ins)
            rendered = render(ledger, but=published, pages=asked["pages"])
            regrading.settle_grades(rendered.graded, rendered.results, rendered.grades)
        summarise(rendered.graded, rendered.results, rendered.grades, console=new_console())
        show_regraded(regrading.changes, regrading.same, console=new_console())
        show_grade_changes(regrading.grade_changes, console=new_console())
        if shown is graded:
            say(f"results and reports: {out}; the page of the class: {out / CLASS_PAGE}")
        else:
            say(f"{told_parts(ledger.parts)}: {out}; next, conformance merge puts parts together")
        if interrupted:
            say("conformance: interrupted; the same call goes on where it stopped")
            raise SystemExit(3)
        raise SystemExit(int(rendered.status))
