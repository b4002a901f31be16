"""A class as JSON, and back: what reports need of it long after it was graded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conformance.classes.model import (
    Class,
    Grant,
    HandIn,
    LabPlan,
    LatePolicy,
    Reveal,
    Student,
)


def class_to_json(graded: Class) -> dict[str, Any]:
    late = graded.late
    return {
        "title": graded.title,
        "students": [[s.id, s.name, s.group] for s in graded.students],
        "labs": [
            {
                "name": lab.name,
                "weight": lab.weight,
                "settings": dict(lab.settings),
                "counts": list(lab.counts),
                "only": lab.only,
                "deadline": _written(lab.deadline),
                "folder": lab.folder,
                "max_points": lab.max_points,
                "arguments": list(lab.arguments),
            }
            for lab in graded.labs
        ],
        "hand_ins": [
            {
                "author": h.author,
                "lab": h.lab,
                "path": str(h.path) if h.path else None,
                "submitted": _written(h.submitted),
                "problem": h.problem,
                "remarks": list(h.remarks),
                "missing": h.missing,
            }
            for h in graded.hand_ins
        ],
        "late": {
            "per_day": late.per_day, "grace": late.grace.total_seconds(), "most": late.most
        },
        "scale": graded.scale,
        "reveal": graded.reveal.value,
        "warnings": list(graded.warnings),
        "step": graded.step,
        "separator": graded.separator,
        "grants": [[g.student, g.lab, _written(g.until)] for g in graded.grants],
    }  # fmt: skip


def class_from_json(told: Mapping[str, Any]) -> Class:
    """Raises KeyError, TypeError or ValueError where it is none. What an older suite did not
    write is as it was then."""
    late = told["late"]
    return Class(
        title=told["title"],
        students=tuple(Student(*student) for student in told["students"]),
        labs=tuple(
            LabPlan(
                **{
                    **lab,
                    "counts": tuple(lab["counts"]),
                    "deadline": _read(lab["deadline"]),
                    "arguments": tuple(lab.get("arguments", ())),
                }
            )
            for lab in told["labs"]
        ),
        hand_ins=tuple(
            HandIn(
                **{
                    **hand_in,
                    "path": Path(hand_in["path"]) if hand_in["path"] else None,
                    "submitted": _read(hand_in["submitted"]),
                    "remarks": tuple(hand_in["remarks"]),
                }
            )
            for hand_in in told["hand_ins"]
        ),
        late=LatePolicy(late["per_day"], timedelta(seconds=late["grace"]), late["most"]),
        scale=told["scale"],
        reveal=Reveal(told["reveal"]),
        warnings=tuple(told["warnings"]),
        step=told.get("step", ""),
        separator=told.get("separator", ","),
        grants=tuple(
            Grant(student, lab, _read(until)) for student, lab, until in told.get("grants", ())
        ),
    )


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
