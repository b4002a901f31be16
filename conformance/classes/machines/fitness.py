"""Whether a machine may grade for another one: it isolates as well, and judges by the same rules.

Results of another suite, or of a lab that was changed there, would have another fingerprint and be
refused one by one; a machine with a lower tier would judge where submissions are in each other's
way.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from conformance.classes.grading.outdated import Terms
from conformance.classes.machines.messages import MachineFacts
from conformance.classes.machines.shard import CommonTerms
from conformance.classes.model import Class
from conformance.classes.results.fingerprint import lab_digest, suite_digest
from conformance.contract.catalog import Catalog
from conformance.sandbox import Isolation, Tier
from conformance.sandbox.measure.slowness import measure

MAX_NAMED = 3
"""Labs that a sentence names."""


def facts_of_this_machine(
    catalog: Catalog, isolation: Isolation, starts: int | None = None
) -> MachineFacts:
    """What this machine is. `catalog`: the labs that are installed on it. `starts`: how many of its
    cores may be used; None: all."""
    return MachineFacts(
        host=platform.node(),
        tier=isolation.tier.value,
        cores=starts or os.cpu_count() or 1,
        memory=psutil.virtual_memory().available,
        suite=suite_digest(),
        labs=installed_labs(catalog),
        slowness=round(measure().factor, 2),
        reason=isolation.reason,
    )


def installed_labs(catalog: Catalog, brought: Sequence[Path] = ()) -> dict[str, str]:
    """The digest of each lab of the catalog, by its name, but those in the folders that are
    `brought` along. Raises OSError."""
    folders = [Path(os.path.realpath(folder)) for folder in brought]
    found = {}
    for name, lab in catalog.labs.items():
        file = Path(os.path.realpath(lab.file))
        if not any(file.is_relative_to(folder) for folder in folders):
            found[name] = lab_digest(Path(lab.file))
    return found


def common_terms(
    graded: Class, catalog: Catalog, terms: Terms, tier: Tier, *, measured: bool
) -> CommonTerms:
    """What all shards of a class have in common. Raises OSError."""
    installed = installed_labs(catalog, terms.labs)
    labs = {plan.name: installed[plan.name] for plan in graded.labs if plan.name in installed}
    return CommonTerms(graded, terms, tier, measured, suite_digest(), labs)


def unfit(facts: MachineFacts, tier: Tier, suite: str, labs: Mapping[str, str]) -> str:
    """Why a machine may not grade, in a few words; "" if it may. `tier`: the lowest that it may
    have; `suite`: the digest of the suite; `labs`: of the labs that it must have itself."""
    order = list(Tier)
    if facts.tier not in order or order.index(Tier(facts.tier)) > order.index(tier):
        why = f" ({facts.reason})" if facts.reason else ""
        return f"its tier is {facts.tier}, and {tier.value} is asked for{why}"
    if facts.suite != suite:
        return "its suite is another version, or was changed"
    missing = sorted(name for name in labs if name not in facts.labs)
    if missing:
        return f"it does not have the lab {', '.join(missing[:MAX_NAMED])}"
    other = sorted(name for name, digest in labs.items() if facts.labs[name] != digest)
    if other:
        return f"it has another version of the lab {', '.join(other[:MAX_NAMED])}"
    return ""
