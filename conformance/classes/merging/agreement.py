"""Whether parts fit together: of one class, of the same hand-ins, judged by the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from conformance.classes.file_names import in_short
from conformance.classes.merging.graded_part import GradedPart, read_parts
from conformance.classes.model import Class
from conformance.classes.results.class_json import class_to_json
from conformance.classes.results.class_log import Key
from conformance.classes.results.fingerprint import work_of
from conformance.verdict.model import WrongCall

OWN = ("title", "warnings", "unowned")
"""What of a class may name places of the machine that graded it: without a title, it has that of
its folder."""

IN_WORDS = {
    "labs": "the labs, or how they are asked for",
    "students": "the students",
    "hand_ins": "the hand-ins",
    "grants": "extensions and waivers",
    "late": "what lateness costs",
}
"""What a class is made of, where its name alone would not say it."""


def read_parts_that_fit(folders: Sequence[Path], out: Path) -> Sequence[GradedPart]:
    """What is in these folders, to be merged into `out`. Raises WrongCall, also where they do not
    fit together."""
    parts = read_parts(folders, out)
    require_agreement(parts)
    return parts


def require_agreement(parts: Sequence[GradedPart]) -> None:
    """Raises WrongCall, with what differs, unless all fit the first."""
    first, *others = parts
    for other in others:
        both = f"{first.folder} and {other.folder}"
        if differs := list(_of_class(first.graded, other.graded)):
            raise WrongCall(
                f"{both} are of different classes, or of different states of one; what differs:"
                f" {in_short(differs)}"
            )
        one, two = first.wanted, other.wanted
        differing = [key for key in one if one[key] != two[key]]
        if works := [_named(key) for key in differing if work_of(one[key]) != work_of(two[key])]:
            raise WrongCall(f"{both} are of different hand-ins: {in_short(works)}")
        if first.seed != other.seed:
            raise WrongCall(
                f"{both} were graded with different seeds: grade one of them anew, both with the"
                " same --seed"
            )
        if differing:
            raise WrongCall(f"{both} were not judged alike: they differ {_why(first, other)}")


def placeless(graded: Class) -> Mapping[str, Any]:
    """The class as JSON, as it is on whichever machine: of places, the names alone."""
    told = class_to_json(graded)
    for hand_in in told["hand_ins"]:
        hand_in["path"] = hand_in["path"] and PurePath(hand_in["path"]).name
        if "unclear" in hand_in:
            hand_in["unclear"] = sorted(PurePath(path).name for path in hand_in["unclear"])
    return {name: value for name, value in told.items() if name not in OWN}


def _of_class(one: Class, other: Class) -> Iterator[str]:
    ours, theirs = placeless(one), placeless(other)
    for name in ours:
        if ours[name] == theirs[name]:
            continue
        if name != "hand_ins":
            yield IN_WORDS.get(name, f"`{name}`")
            continue
        mine, its = ({(h["author"], h["lab"]): h for h in c[name]} for c in (ours, theirs))
        keys = [key for key in {**mine, **its} if mine.get(key) != its.get(key)]
        yield from (_of_hand_in(key, mine.get(key, {}), its.get(key, {})) for key in keys)
        if not keys:
            yield IN_WORDS[name]


def _of_hand_in(key: Key, one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    if one and other and all(one[name] == other[name] for name in one if name != "submitted"):
        return f"when {_named(key)} was handed in"
    return _named(key)


def _named(key: Key) -> str:
    return " ".join(key)


def _why(one: GradedPart, other: GradedPart) -> str:
    """What they were judged by that is another."""
    ours, theirs = one.ledger.judged_by, other.ledger.judged_by
    told = [
        what if what == "the suite" else f"{what} ({ours[what]} and {theirs[what]})"
        for what in ours
        if what in theirs and ours[what] != theirs[what]
    ]
    if not told:
        told = ["the files of a lab"] if ours and theirs else ["the suite, the tier or a lab"]
    return f"by {in_short(told)}"
