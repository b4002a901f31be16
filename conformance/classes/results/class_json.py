"""A class as JSON, and back, for reports long after it was graded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from conformance.classes.model import Class

_STUDENT = ("id", "name", "group", "aliases")
_GRANT = ("student", "lab", "until")
"""Students and grants are lists of values: there are many."""


def class_to_json(graded: Class) -> dict[str, Any]:
    """The class as JSON, by the names of its fields; `grace` is in seconds."""
    told: dict[str, Any] = msgspec.to_builtins(graded, enc_hook=str)  # of a path
    for lab in told["labs"]:
        lab["max_points"] = lab.pop("possible")
    for hand_in in told["hand_ins"]:
        hand_in.pop("matched", None)  # it is found anew each time
        if not hand_in.get("unclear"):  # which is not there where the class was read from JSON
            hand_in.pop("unclear", None)  # as with nearly all
    return {
        **told,
        "students": [list(student.values()) for student in told["students"]],
        "late": {**told["late"], "grace": graded.late.grace.total_seconds()},
        "grants": [list(grant.values()) for grant in told["grants"]],
    }


def class_from_json(told: Mapping[str, Any]) -> Class:
    """The class. Fields that an older suite did not write get their defaults. Raises KeyError,
    TypeError or ValueError if it is none."""
    whole = {
        **told,
        "labs": [{**lab, "possible": lab["max_points"]} for lab in told["labs"]],
        # An older suite did not write the last of a student's values.
        "students": [dict(zip(_STUDENT, each, strict=False)) for each in told["students"]],
        "grants": [dict(zip(_GRANT, each, strict=True)) for each in told.get("grants", ())],
    }
    # Not strict, so that a number of seconds is accepted as `grace`.
    return msgspec.convert(whole, Class, strict=False, dec_hook=lambda kind, value: kind(value))
