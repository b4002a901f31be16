"""class.toml: a class, and how it is to be graded.

    title = "Network programming 2026"
    submissions = "submissions"     # folder of the entries, relative to here; default: this folder
    roster = "roster.csv"           # CSV, relative to here; default: everybody who handed in
    reveal = "hints"                # what students may read: points, evidence or hints
    scale = "linear 1..6"           # or "percent", or "A 90, B 80, C 70, D 60, F 0"
    step = 0.5                      # grades are rounded to this, halves up; default: tenths
    submitted = "mtime"             # the files' own times say when they were handed in
    separator = ";"                 # between the cells of grades.csv; default: ","
    junit = "jenkins"               # the dialect of JUnit XML: common (default), jenkins or ant
    lang = "fr"                     # what students read is in French; or "en"
    ignore = ["handout.pdf"]        # files among the entries that are nobody's

    [feedback]
    hidden = ["4.2", "5"]           # clauses or sections whose verdicts students do not see
    show_hidden = "deadline"        # until when: deadline, published or never
    cooldown = "10m"                # on a platform: from one try to the next
    attempts_per_day = 6            # on a platform: tries within 24 hours

    [late]
    per_day = 10                    # percent of the points earned, for each day begun
    grace_minutes = 15              # not late yet; after it, days are counted from the deadline
    most = 50                       # percent that lateness costs at most

    [extensions]                    # for a student or a group: a time, or more days; for all labs
    ann = 2026-11-27T23:59:00+01:00
    zoe = { echo = 3 }              # for this lab only

    [waivers]                       # lateness costs them nothing; "all" for all labs
    bob = ["echo"]

    [groups]                        # or the column `group` of the roster
    g1 = ["ann", "bob"]             # one hand-in, named after any of them or g1

    [[lab]]                         # one for each
    name = "echo"                   # a lab, or a variant
    weight = 2                      # its weight in the grade, relative to the other labs
    parameters = { prefix = "> " }  # as with --set
    counts = ["5.3"]                # SHOULD clauses that count; ["all"] for every one
    only = ""                       # clauses or sections, as with --only
    arguments = ["{port}"]          # what all programs are started with; default: nothing
    network = "delay 50ms"          # what the wire does to packets, as with --network
    deadline = 2026-11-20T23:59:00+01:00
    folder = "echo"                 # its entries, below submissions; default: all in one
    hidden = ["3.3"]                # of this lab, also hidden

All keys may be left out, except one [[lab]] with a name. The time of a hand-in is that in the
roster's column `submitted`; else that in Gradescope's metadata; else, with `submitted = "mtime"`,
that of its newest file, except for Git clones, whose files are as old as the clone. Canvas' LATE is
only a remark. If the time is not known, lateness costs nothing.

With a roster, authors who are not in it are reported, and not graded. Students in it without an
entry have a hand-in without a path, which is open while there are entries without an owner. Two
entries of one author are reported as a problem. An entry is judged for each lab, unless it is a
folder divided by labs (see `contents.for_lab`), or its submission.toml names another lab.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from conformance.classes.feedback import read_reveal, read_table, require_clauses
from conformance.classes.hand_ins.collect import Times, collect
from conformance.classes.hand_ins.matching import People
from conformance.classes.hand_ins.roster import read_roster
from conformance.classes.model import Class, Feedback, LabPlan, LatePolicy, Reveal
from conformance.classes.results.granted import Asked, granted, read_grants
from conformance.classes.results.scale import read_scale
from conformance.classes.tables import Table, as_words
from conformance.contract.catalog import Catalog
from conformance.run.chosen import choose
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.verdict.model import Level, WrongCall
from conformance.verdict.points import ALL, Counting
from conformance.words import LANGUAGES

NAME = "class.toml"
KEYS = (
    *("title", "submissions", "roster", "reveal", "scale", "step", "submitted", "separator"),
    *("junit", "lang", "ignore", "feedback", "late", "extensions", "waivers", "groups", "lab"),
)
SEPARATORS = (",", ";")
JUNIT_DIALECTS = ("common", "jenkins", "ant")
LATE_KEYS = ("per_day", "grace_minutes", "most")
LAB_KEYS = (
    *("name", "weight", "parameters", "counts", "only", "deadline", "folder", "arguments"),
    *("network", "hidden"),
)


def open_class(path: Path, labs: Sequence[str], catalog: Catalog) -> Class:
    """The class at `path`: a class.toml, a folder that holds one, or a folder with an entry for
    each student, which is graded for `labs`.

    With a class.toml, `labs` choose some of its labs (none: all). Raises WrongCall.
    """
    if path.is_dir() and not (path / NAME).is_file():
        return _plain_class(path, labs, catalog)
    if not path.exists():
        raise WrongCall(f"there is no file or folder {path}")
    if not path.is_dir() and path.suffix != ".toml":
        raise WrongCall(f"{path} is neither a folder of submissions nor a {NAME}")
    whole = read_class(path / NAME if path.is_dir() else path, catalog)
    there = [plan.name for plan in whole.labs]
    for lab in labs:
        if lab not in there:
            raise WrongCall(f"the class is not graded for {lab!r}; {NAME} has {', '.join(there)}")
    return whole.for_labs(labs) if labs else whole


def _plain_class(folder: Path, labs: Sequence[str], catalog: Catalog) -> Class:
    if not labs:
        there = ", ".join(sorted(catalog.labs))
        raise WrongCall(
            f"which lab is {folder} graded for? Name it with --lab, or write a {NAME} there;"
            f" there are {there}"
        )
    folder = folder.resolve()
    plans = [_planned(LabPlan(name), catalog, f"--lab {name}") for name in dict.fromkeys(labs)]
    empty = Class(folder.name, students=(), labs=tuple(plans), hand_ins=())
    return _filled(empty, folder, People(None, {}), Times(), catalog)


def read_class(path: Path, catalog: Catalog) -> Class:
    """The class in a file. Raises WrongCall: not TOML, a wrong key, type or lab, a missing file."""
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise WrongCall(f"{path} cannot be read: {error.strerror or error}") from None
    except RecursionError:
        raise WrongCall(f"{path} is nested too deeply") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongCall(f"{path} is not TOML: {error}") from None
    except ValueError:
        raise WrongCall(f"{path} has a number of thousands of digits") from None
    here = path.resolve().parent
    table = Table(values, path.name, KEYS)
    plans = _labs(table, catalog)
    step = _step(table)
    feedback, reveal = _feedback(table, plans, catalog)
    empty = Class(
        title=table.text("title") or here.name,
        students=(),
        labs=tuple(plans),
        hand_ins=(),
        late=_late(table),
        scale=_scale(table, step),
        reveal=reveal,
        feedback=feedback,
        step=step,
        separator=table.choice("separator", ",", SEPARATORS),
        junit_dialect=table.choice("junit", "common", JUNIT_DIALECTS),
        lang=table.choice("lang", "", (*LANGUAGES, "")),
    )
    ignore, asked = table.words("ignore"), read_grants(table, plans)
    groups = {
        name: as_words(members, table, f"groups.{name}")
        for name, members in table.table("groups", 'g1 = ["ann", "bob"]').items()
    }
    by_files = table.choice("submitted", "", ("mtime", "")) == "mtime"
    submissions = here / table.text("submissions")
    if not submissions.is_dir():
        what = "is a file, not a folder" if submissions.exists() else "there is no such folder"
        raise WrongCall(f"{path.name}: `submissions` means {submissions}: {what}")
    roster = None
    if name := table.text("roster"):
        roster = read_roster(here / name, [plan.name for plan in plans])
    people = People(roster, groups)
    times = Times(roster.submitted if roster else {}, by_files)
    return _filled(empty, submissions, people, times, catalog, asked, ignore)


def _filled(
    empty: Class,
    submissions: Path,
    people: People,
    times: Times,
    catalog: Catalog,
    asked: Sequence[Asked] = (),
    ignore: Sequence[str] = (),
) -> Class:
    """The class, completed by its students, their hand-ins and their grants."""

    def same_lab(named: str, lab: str) -> bool:
        return named not in catalog.labs or catalog.labs[named] is catalog.labs[lab]

    hand_ins, warnings, unowned = collect(empty.labs, submissions, people, times, same_lab, ignore)
    grants, told = granted(asked, people.students, closed=people.closed)
    warnings += told
    for plan in empty.labs:
        count = sum(
            hand_in.lab == plan.name and hand_in.path is not None and hand_in.submitted is None
            for hand_in in hand_ins
        )
        if plan.deadline and empty.late.per_day and count:
            warnings.append(
                f"{plan.name}: for {count} it is not known when they were handed in: lateness costs"
                " them nothing"
            )
    return replace(
        empty,
        students=people.students,
        hand_ins=tuple(hand_ins),
        warnings=tuple(warnings),
        grants=grants,
        unowned=tuple(unowned),
    )


def _scale(table: Table, step: str) -> str:
    text = table.text("scale", "percent")
    for key, words in (("scale", (text,)), ("step", (text, step))):
        try:
            read_scale(*words)
        except WrongCall as error:
            raise WrongCall(f"{table.where}: `{key}`: {error}") from None
    return text


def _step(table: Table) -> str:
    """The step as it was written: a binary fraction would not be exact."""
    value = table.get("step")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise table.wrong("step", "a number like 0.5", value)
    return str(value)


def _feedback(table: Table, plans: Sequence[LabPlan], catalog: Catalog) -> tuple[Feedback, Reveal]:
    """What students may see. `reveal` may stand at the top, as in older class files."""
    former = read_reveal(table)
    feedback, reveal = read_table(table.get("feedback", {}), f"{table.where}, [feedback]")
    if former and reveal:
        raise WrongCall(f"{table.where}: `reveal` stands there twice: leave it in [feedback]")
    clauses = [s.clause for plan in plans for s in catalog[plan.name].scenarios]
    require_clauses(feedback.hidden, clauses, f"{table.where}, [feedback]")
    return feedback, reveal or former or Reveal.HINTS


def _late(table: Table) -> LatePolicy:
    late = Table(table.get("late", {}), f"{table.where}, [late]", LATE_KEYS)
    return LatePolicy(
        per_day=late.number("per_day", 0, 100),
        grace=timedelta(minutes=late.number("grace_minutes", 0, 1_000_000)),
        most=late.number("most", 100, 100),
    )


def _labs(table: Table, catalog: Catalog) -> list[LabPlan]:
    value = table.get("lab")
    if not isinstance(value, list) or not value:
        raise table.wrong("lab", 'one or more tables: [[lab]] with name = "echo"', value)
    plans = [_lab(each, table.where, catalog) for each in value]
    names = [plan.name for plan in plans]
    for name in names:
        if names.count(name) > 1:
            raise WrongCall(f"{table.where}: there are two [[lab]] with the name {name}")
    if not any(plan.weight for plan in plans):
        raise WrongCall(f"{table.where}: no lab has a weight above 0")
    return plans


def _lab(value: Any, where: str, catalog: Catalog) -> LabPlan:
    table = Table(value, f"{where}, [[lab]]", LAB_KEYS)
    name = table.text("name")
    if not name:
        raise table.wrong("name", f"one of {', '.join(sorted(catalog.labs))}")
    table.where = f"{where}, lab {name}"
    plan = LabPlan(
        name,
        weight=table.number("weight", 1),
        settings=table.settings("parameters"),
        counts=(ALL,) if table.get("counts") == ALL else table.words("counts"),
        only=table.text("only"),
        deadline=table.time("deadline"),
        folder=table.text("folder").strip("/"),
        arguments=_arguments(table),
        network=_network(table),
        hidden=table.words("hidden"),
    )
    return _planned(plan, catalog, table.where)


def _arguments(table: Table) -> tuple[str, ...]:
    value = table.get("arguments", [])
    if not isinstance(value, list) or not all(isinstance(w, str) and "\0" not in w for w in value):
        raise table.wrong("arguments", 'a list of words like ["{port}"]', value)
    return tuple(value)


def _network(table: Table) -> NetworkConditions:
    text = table.text("network")
    try:
        return NetworkConditions.read(text) if text else NetworkConditions()
    except WrongCall as error:
        raise WrongCall(f"{table.where}: {error}") from None


def _planned(plan: LabPlan, catalog: Catalog, where: str) -> LabPlan:
    """The plan, completed by the points that it is worth. Raises WrongCall: an unknown lab,
    parameter or clause, or a clause in `counts` that is no SHOULD."""
    try:
        lab = catalog[plan.name]
        parameters = lab.resolve(plan.name, plan.settings)
        chosen = choose(lab, lab.scenarios_for(parameters), plan.only)
    except WrongCall as error:
        raise WrongCall(f"{where}: {str(error).removeprefix('--')}") from None
    require_clauses(plan.hidden, [s.clause for s in lab.scenarios], where)
    levels = {s.clause.number: s.level(parameters) for s in lab.scenarios_for(parameters)}
    optional = [number for number, level in levels.items() if level is Level.SHOULD]
    for number in plan.counts:
        if number != ALL and number not in optional:
            raise WrongCall(
                f"{where}: `counts` names SHOULD clauses, and {number!r} is none; there are"
                f" {', '.join(optional) or 'none'} (or {ALL})"
            )
    judged = ((each.clause, levels[each.clause.number]) for each in chosen)
    return replace(plan, possible=Counting(counts=plan.counts).worth_together(judged))
