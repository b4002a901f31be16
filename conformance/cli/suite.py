"""`conformance serve`, `samples`, `doctor` and `selfcheck`: for work on labs and machines."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from conformance.cli.options import LABS, NETWORK, REFERENCES, SETTINGS, count
from conformance.cli.output import new_console, require_places, say, speaking_plainly, write_text


@click.command()
@click.argument("lab")
@click.option(
    "--implementation",
    metavar="NAME",
    help="Which of the reference servers, such as java/Nio (default: the first in Python).",
)
@SETTINGS
@LABS
@REFERENCES
def serve(
    lab: str,
    implementation: str | None,
    settings: tuple[str, ...],
    labs: tuple[Path, ...],
    references: Path | None,
) -> None:
    """Run a server to play with, until Ctrl-C. For a lab of servers it is a reference server, for a
    lab of clients one that shows what your client sends, and answers it.
    """
    from conformance.cli.serve import serve as run_reference
    from conformance.cli.serve_clients import serve_clients
    from conformance.contract.catalog import load
    from conformance.run.prepare import new_seed, read_settings
    from conformance.selfcheck.references import read_library, reference_folder
    from conformance.verdict.model import WrongCall

    with speaking_plainly():
        catalog = load(labs)
        if catalog[lab].plays == "client":
            if implementation:
                raise WrongCall(f"the references of {lab} are clients: there is nothing to choose")
            parameters = catalog[lab].resolve(lab, read_settings(settings))
            serve_clients(catalog[lab], parameters, new_seed(), say)
            return
        if settings:
            raise WrongCall(f"--set is for labs of clients: a reference of {lab} is as it is")
        library = read_library(reference_folder(references), catalog, [lab])
        run_reference(lab, implementation, library, catalog, say)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def samples(folder: Path) -> None:
    """Write the hand-ins of a small class into a new folder. They are there to be graded."""
    import shutil

    from conformance.selfcheck.references import sample_class
    from conformance.verdict.model import WrongCall

    with speaking_plainly():
        if folder.exists():
            raise WrongCall(f"{folder} is there already: name a new folder")
        compiled = shutil.ignore_patterns("__pycache__")  # pip makes them
        shutil.copytree(sample_class(), folder, ignore=compiled)
        say(f"{len(list(folder.iterdir()))} hand-ins; most are for echo:")
        out = f"{folder.name}-results"
        say(f"conformance grade {shlex.quote(str(folder))} --lab echo --out {shlex.quote(out)}")


@click.command()
def doctor() -> None:
    """Say what this machine has and lacks. Also how to mend it.

    Exit status: 0 Python submissions can be checked in full isolation; 1 they cannot.
    """
    from conformance.reports.suite.health import show_findings
    from conformance.selfcheck.doctor import examine, is_fit

    with speaking_plainly():
        findings = examine()
        show_findings(findings, new_console())
        raise SystemExit(0 if is_fit(findings) else 1)


@click.command()
@click.argument("names", metavar="[LAB]...", nargs=-1)
@click.option("--mutant", "mutants", multiple=True, metavar="NAME", help="Only this mutant.")
@click.option("--no-mutants", is_flag=True, help="No mutants but those of pairs.")
@click.option("--part", metavar="K/N", help="Only the K-th of N parts of mutants and impostors.")
@click.option(
    "--pairs",
    type=click.IntRange(min=1),
    is_flag=False,
    flag_value=60,
    metavar="[N]",
    help="Also N pairs of mutants, two faults at once, as the seed draws them (default: 60).",
)
@click.option("--impostors", is_flag=True, help="Also the programs that implement nothing.")
@count("--jobs", "Programs at a time (default: four for each core).")
@click.option("--seed", type=int, help="Repeats the payloads, and the pairs, of a former run.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The matrix as JSON; - for stdout.",
)
@NETWORK
@LABS
@REFERENCES
def selfcheck(
    names: tuple[str, ...],
    mutants: tuple[str, ...],
    no_mutants: bool,
    part: str | None,
    pairs: int | None,
    impostors: bool,
    jobs: int | None,
    seed: int | None,
    json_file: Path | None,
    network: str | None,
    labs: tuple[Path, ...],
    references: Path | None,
) -> None:
    """Test the suite itself. It runs the reference servers and their mutants.

    Every reference must pass each MUST and each SHOULD that it does not leave to the
    student; every mutant must fail the clauses that it declares, and no other MUST, and
    lose little beside them. A pair must earn no more than either of its mutants alone; an
    impostor, next to nothing.

    Exit status: 0 so it is; 1 it is not; 3 something could not be judged.
    """
    from conformance.contract.catalog import load
    from conformance.reports.suite import selfcheck as report
    from conformance.run.prepare import new_seed, read_network
    from conformance.sandbox import preload, probe
    from conformance.sandbox.measure.slowness import measure, why_stretched
    from conformance.selfcheck import Account, CheckedPair, crowded, status, uncaught, untried
    from conformance.selfcheck.bench import Bench
    from conformance.selfcheck.choice import Choice
    from conformance.selfcheck.pairs import compared
    from conformance.selfcheck.references import read_library, reference_folder

    with speaking_plainly():
        catalog = load(labs)
        library = read_library(reference_folder(references), catalog, names)
        seed = new_seed() if seed is None else seed
        asked = Choice(mutants, no_mutants, part or "", pairs, impostors)
        chosen, drawn = asked.of(library, catalog, seed)
        preload()
        stretch = measure().stretch
        jobs = jobs or 4 * (os.cpu_count() or 1)
        conditions = read_network(network)
        bench = Bench(catalog, probe(), seed, jobs, labs, stretch, conditions)
        subjects = [*chosen, *map(CheckedPair, drawn)]
        heard: dict[int, Account] = {}

        def told(account: Account, place: int, *, again: bool) -> None:
            heard[place] = account
            if shown := compared(account, heard.values()):
                say(report.progress(shown, place + 1, len(subjects), again=again))

        require_places(json_file)
        more = f" · {len(drawn)} pairs" if drawn else ""
        say(f"{len(chosen)} programs to check{more} · tier {bench.isolation.tier} · seed {seed}")
        if slow := why_stretched(stretch):
            say(slow)
        interrupted = False
        try:
            checked = bench.check(subjects, told)
        except KeyboardInterrupt:
            interrupted = True
            checked = [heard[place] for place in sorted(heard)]
        accounts = [shown for each in checked if (shown := compared(each, checked))]
        left = untried(subjects, checked)
        tried = [account for account in accounts if account.subject.played.group not in left]
        missing = uncaught(tried, catalog) if asked.is_whole else {}
        dear = crowded(tried) if asked.is_whole else {}
        text = report.to_json(accounts, catalog, missing, dear)
        if json_file is not None and not interrupted:
            write_text(text, json_file)
        if str(json_file) != "-":
            options = [word for folder in labs for word in ("--labs", str(folder))]
            options += ["--references", str(references)] if references else []
            options += ["--network", str(conditions)] if conditions else []
            report.show(accounts, catalog, new_console(), missing, dear, options, left)
        if interrupted:
            raise KeyboardInterrupt
        raise SystemExit(int(status(accounts, missing, dear)))
