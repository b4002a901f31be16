"""Which hand-ins of a class are due to be judged, why, and with which request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from conformance.classes.model import Class, HandIn, LabPlan
from conformance.classes.results.class_log import Key
from conformance.classes.results.corrections import total_of
from conformance.classes.results.fingerprint import fingerprint
from conformance.classes.results.ledger import Ledger
from conformance.contract.budget import BUDGET
from conformance.contract.catalog import Catalog
from conformance.run.plan import Request
from conformance.sandbox import Tier

SESSIONS_EACH = 4
"""Sessions at a time of one hand-in. More would not make it end sooner."""


@dataclass(frozen=True)
class Terms:
    """Settings for all hand-ins."""

    seed: int
    """The seed of all payloads of the class."""
    scale: float = 1.0
    budget: float = BUDGET
    """Seconds of conversation that each hand-in may take."""
    stretch: float = 1.0
    """See `Request`. It is not part of the fingerprint: it is measured anew each time, and does not
    make former results doubtful."""
    keep_all: bool = False
    fetch: bool = False
    """Not part of the fingerprint: without it, what needs it could not be judged, and is run again
    anyway; the rest would not change."""
    labs: tuple[Path, ...] = ()
    search: float = 0.0
    """Seconds of the search in each hand-in whose lab has a model. Not part of the fingerprint:
    it changes no points."""


class Why(StrEnum):
    """Why a hand-in is run."""

    NEW = "new"
    CHANGED = "changed"
    """The hand-in has changed, or how it is judged; or its run cannot be read."""
    OPEN = "was open"
    """Something that counts could not be judged last time."""
    ASKED = "asked for"


@dataclass(frozen=True)
class Due:
    """One hand-in that is to be run."""

    hand_in: HandIn
    fingerprint: str
    why: Why
    again: bool = False
    """Whether it is run for the second time, since the suite failed."""


def what_is_wanted(
    graded: Class, catalog: Catalog, terms: Terms, tier: Tier
) -> tuple[dict[Key, str], dict[Key, str]]:
    """The fingerprint that each hand-in's run must have; if "", the reason why, too."""
    wanted: dict[Key, str] = {}
    troubles: dict[Key, str] = {}
    for hand_in in graded.hand_ins:
        if hand_in.path is None or hand_in.problem:
            continue
        key = (hand_in.author, hand_in.lab)
        plan = plan_of(graded, hand_in)
        settings: dict[str, object] = {
            "lab": hand_in.lab,
            "settings": dict(plan.settings),
            "counts": plan.counts,
            "only": plan.only,
            "arguments": plan.arguments,
            "scale": terms.scale,
            "budget": terms.budget,
            "seed": terms.seed,
            "tier": tier.value,
        }
        if plan.network:
            settings["network"] = str(plan.network)
        try:
            lab = Path(catalog[hand_in.lab].file)
            wanted[key] = fingerprint(hand_in.path, lab, settings)
        except (OSError, RecursionError) as error:
            wanted[key], troubles[key] = "", _cannot_be_read(hand_in.path, error)
    return wanted, troubles


def _cannot_be_read(path: Path, error: OSError | RecursionError) -> str:
    if not isinstance(error, OSError):
        return f"{path.name} cannot be read: too many folders in one another"
    name = path.name
    if error.filename and Path(str(error.filename)).is_relative_to(path):
        name = str(Path(str(error.filename)).relative_to(path.parent))
    return f"{name} cannot be read: {(error.strerror or str(error)).lower()}"


def what_is_due(
    graded: Class,
    ledger: Ledger,
    wanted: Mapping[Key, str],
    *,
    again: Collection[str],
    labs: Collection[str],
    of: Collection[str] | None = None,
) -> list[Due]:
    """The hand-ins for these labs (none: all) that have no result or an open one, and those of the
    authors in `again`, in the order of the class. `of`: only those of these authors."""
    due = []
    for hand_in in graded.hand_ins:
        rests_on = wanted.get((hand_in.author, hand_in.lab), "")
        if not rests_on or (labs and hand_in.lab not in labs):
            continue
        if of is not None and hand_in.author not in of:
            continue
        if why := _why(ledger, hand_in, again):
            due.append(Due(hand_in, rests_on, why))
    return due


def _why(ledger: Ledger, hand_in: HandIn, again: Collection[str]) -> Why | None:
    result = ledger.outline(hand_in)
    if result.run is None:
        return Why.CHANGED if ledger.file(hand_in).exists() else Why.NEW
    if total_of(result).provisional:
        return Why.OPEN
    return Why.ASKED if hand_in.author in again else None


@dataclass(frozen=True)
class Planned:
    """What a grading has to do."""

    due: list[Due]
    """In the order of the class."""
    current: int
    """The number of hand-ins whose former results still hold."""
    why: Mapping[Why, int]
    """How many are run for each reason."""


class Remaining:
    """What is still to end of each author's."""

    def __init__(self, due: Iterable[Due] = ()) -> None:
        self._left = Counter(each.hand_in.author for each in due)

    def end(self, hand_in: HandIn) -> bool:
        """Call it once for each that has ended; returns whether it was its author's last."""
        self._left[hand_in.author] -= 1
        return not self._left[hand_in.author]


def planned(
    graded: Class,
    ledger: Ledger,
    catalog: Catalog,
    terms: Terms,
    tier: Tier,
    *,
    again: Collection[str],
    labs: Collection[str],
    of: Collection[str] | None = None,
) -> Planned:
    """Finds out which hand-ins of these labs (none: all) are due, including those of the authors in
    `again`, and of the authors in `of` alone, if it is given; and records in the ledger what is
    wanted. Only to be called within `grading`."""
    ledger.sweep()
    wanted, troubles = what_is_wanted(graded, catalog, terms, tier)
    ledger.begin(graded, terms.seed, wanted)
    for hand_in in graded.hand_ins:
        if told := troubles.get((hand_in.author, hand_in.lab)):
            ledger.trouble(hand_in, told, refused=True)
    due = what_is_due(graded, ledger, wanted, again=again, labs=labs, of=of)
    asked = sum(
        bool(rests_on) and (not labs or lab in labs) and (of is None or author in of)
        for (author, lab), rests_on in wanted.items()
    )
    return Planned(due, asked - len(due), Counter(each.why for each in due))


def request(
    graded: Class,
    hand_in: HandIn,
    terms: Terms,
    keep: Path,
    *,
    searchable: bool = False,
    called: Path | None = None,
) -> Request:
    """The request for a hand-in, with its evidence in the folder `keep`. `searchable`: its lab has
    a model. `called`: how reports name what was handed in."""
    plan = plan_of(graded, hand_in)
    return Request(
        path=hand_in.path,
        lab=hand_in.lab,
        only=plan.only,
        settings=plan.settings,
        counts=plan.counts,
        arguments=plan.arguments,
        network=plan.network,
        seed=terms.seed,
        scale=terms.scale,
        budget=terms.budget,
        stretch=terms.stretch,
        jobs=SESSIONS_EACH,
        keep=keep,
        keep_all=terms.keep_all,
        fetch=terms.fetch,
        labs=terms.labs,
        search=terms.search if searchable else 0.0,
        name=hand_in.author,
        called=called,
        unattended=True,
    )


def plan_of(graded: Class, hand_in: HandIn) -> LabPlan:
    """The plan of the lab that something was handed in for."""
    return next(lab for lab in graded.labs if lab.name == hand_in.lab)
