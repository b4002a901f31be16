"""Fingerprints of a work: some of the hashes of all its runs of tokens, chosen by winnowing
(Schleimer, Wilkerson and Aiken, 2003). Two works that share a run of GRAM + WINDOW - 1 tokens share
a fingerprint, wherever it stands. Pure."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TypeAlias

from conformance.classes.alike.sources import Sources

GRAM = 18
"""Tokens of a run that is compared: shorter ones are shared by programs that have nothing in common
but their language."""
WINDOW = 6
"""Of so many runs, one after the other, one is a fingerprint."""

NONE = 0
"""Stands for a run that would reach into another file."""

Grams: TypeAlias = "array[int]"
"""For each token, the hash of the run that begins there; NONE where none does."""


def grams_of(work: Sources) -> Grams:
    data, width = work.kinds.tobytes(), work.kinds.itemsize
    grams = array("Q", bytes(8 * len(work.kinds)))
    ends = [*(file.first for file in work.files), len(work.kinds)]
    for file, (first, end) in zip(work.files, pairwise(ends), strict=True):
        salt = file.language.encode()
        for at in range(first, end - GRAM + 1):
            run = data[at * width : (at + GRAM) * width]
            digest = hashlib.blake2b(run, digest_size=8, key=salt).digest()
            grams[at] = int.from_bytes(digest, "big") or 1
    return grams


def fingerprints(grams: Sequence[int], left_out: Collection[int]) -> set[int]:
    """The least of the runs in each window, without those that are left out."""
    kept = [gram for gram in grams if gram != NONE and gram not in left_out]
    if len(kept) <= WINDOW:
        return set(kept)
    return {min(kept[at : at + WINDOW]) for at in range(len(kept) - WINDOW + 1)}


def covered(grams: Sequence[int], wanted: Collection[int]) -> int:
    """How many tokens belong to a run that is wanted."""
    count, until = 0, 0
    for at, gram in enumerate(grams):
        if gram != NONE and gram in wanted:
            count += GRAM - max(0, until - at)
            until = at + GRAM
    return count
