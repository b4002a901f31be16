"""How parts of a class are graded alike, by machines that do not talk to each other."""

from __future__ import annotations

import contextlib
import hashlib
import json

from conformance.classes.grading.outdated import Terms
from conformance.classes.model import Class
from conformance.classes.parts import PartOfClass
from conformance.classes.results.fingerprint import suite_digest, work_digest
from conformance.classes.results.ledger import Ledger
from conformance.sandbox import Tier
from conformance.verdict.model import WrongCall

SEEDS = range(10_000_000, 100_000_000)
"""As of every run: eight digits that can be typed again."""


def read_part(text: str | None) -> tuple[PartOfClass, ...]:
    """The part that is asked for; () for all of the class. Raises WrongCall."""
    return () if text is None else (PartOfClass.read(text),)


def common_seed(graded: Class) -> int:
    """The seed that every machine finds for this class, by all that was handed in: whoever knows
    their own work alone cannot tell it. Raises WrongCall where all is of one author."""
    works = []
    for hand_in in graded.hand_ins:
        if hand_in.path is None or hand_in.problem:
            continue
        digest = ""
        with contextlib.suppress(OSError, RecursionError):  # then it cannot be read anywhere
            digest = work_digest(hand_in.path)
        works.append((hand_in.author, hand_in.lab, digest))
    if len({author for author, _, _ in works}) == 1:
        raise WrongCall(
            "--part: parts find a common seed in what all have handed in, and here is one author"
            " who could find it, too: give --seed"
        )
    whole = hashlib.sha256(json.dumps(sorted(works)).encode()).digest()
    return SEEDS[int.from_bytes(whole) % len(SEEDS)]


def divide(ledger: Ledger, parts: tuple[PartOfClass, ...], terms: Terms, tier: Tier) -> None:
    """Records that these parts of the class (none: all of it) are graded into this folder, and on
    which terms, so that a merge can tell why parts do not fit. To be called before they are.

    A folder that has results of the whole class keeps them, and is no part.
    """
    if not parts:
        if ledger.parts and not ledger.merged:
            ledger.hold((), merged=False)
    elif ledger.seed is None or (ledger.parts and not ledger.merged):
        judged_by = {
            "the suite": suite_digest(),
            "the tier": tier.value,
            "--timeout-scale": f"{terms.scale:g}",
            "--budget": f"{terms.budget:g}",
        }
        ledger.hold({*ledger.parts, *parts}, merged=False, judged_by=judged_by)
