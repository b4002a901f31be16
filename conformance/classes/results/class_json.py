"""A class as JSON, and back: what reports need of it long after it was graded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from conformance.classes.model import Class

_STUDENT = ("id", "name", "group")
_GRANT = ("student", "lab", "until")
"""These two stand as lists of their values: there are many of them."""


def class_to_json(graded: Class) -> dict[str, Any]:
    """By the names of its fields; a `grace` in seconds."""
    told: dict[str, Any] = msgspec.to_builtins(graded, enc_hook=str)  # of a path
    for lab in told["labs"]:
        lab["max_points"] = lab.pop("possible")
    for hand_in in told["hand_ins"]:
        hand_in.pop("matched", None)  # which is looked up, and not kept
    return {
        **told,
        "students": [list(student.values()) for student in told["students"]],
        "late": {**told["late"], "grace": graded.late.grace.total_seconds()},
        "grants": [list(grant.values()) for grant in told["grants"]],
    }


def class_from_json(told: Mapping[str, Any]) -> Class:
    """Raises KeyError, TypeError or ValueError where it is none. What an older suite did not
    write is as it was then."""
    whole = {
        **told,
        "labs": [{**lab, "possible": lab["max_points"]} for lab in told["labs"]],
        "students": [dict(zip(_STUDENT, each, strict=True)) for each in told["students"]],
        "grants": [dict(zip(_GRANT, each, strict=True)) for each in told.get("grants", ())],
    }
    # Not strict: a number of seconds is a `grace`, too.
    return msgspec.convert(whole, Class, strict=False, dec_hook=lambda kind, value: kind(value))
