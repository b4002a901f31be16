"""The run as one JSON document, schema conformance.run/1 (run-1.schema.json).

JSON allows lone surrogates, but half of its readers refuse them. So bytes that are not
UTF-8 are written as \\xNN in all texts. An entry of a transcript that holds such bytes has
them as `base64`, too, so that nothing is lost.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import msgspec

from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import visible
from conformance.verdict.events import search_to_json, verdict_to_json
from conformance.verdict.model import Run
from conformance.verdict.points import tally_of
from conformance.verdict.transcript import as_bytes

SCHEMA = "conformance.run/1"

_SURROGATES = re.compile("[\ud800-\udfff]+")
_NEVER_BYTES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that stand for no byte: no server can have sent them."""


def to_json(run: Run) -> dict[str, Any]:
    """The document, as values for `json`."""
    total = tally_of(run)
    document = {
        "schema": SCHEMA,
        "suite": run.suite,
        "tier": run.tier,
        "lab": run.lab,
        "title": run.title,
        "parameters": dict(run.parameters),
        **({"network": run.network} if run.network else {}),
        "submission": run.submission,
        "seed": run.seed,
        "strict": run.strict,
        "points": total.points,
        "max_points": total.possible,
        "not_shown": total.not_shown,
        "provisional": total.provisional or run.interrupted,
        "interrupted": run.interrupted,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "notes": list(run.notes),
        "command": list(run.command),
        "folder": run.folder,
        "doubt": run.doubt,
        "common": msgspec.to_builtins(run.common),
        **({"search": search_to_json(run.search)} if run.search else {}),
        "verdicts": [verdict_to_json(verdict) for verdict in run.verdicts],
    }
    told: dict[str, Any] = _scalars_only(document)
    return told


def to_text(run: Run) -> str:
    """The document, indented. It is ASCII, which survives any terminal and any mail."""
    return json.dumps(to_json(run), ensure_ascii=True, indent=1) + "\n"


def write(run: Run, path: Path) -> None:
    """Writes the document to `path`. Raises WrongCall if that fails."""
    put_in_place(path, to_text(run))


def _scalars_only(value: Any) -> Any:
    """`value` without lone surrogates, at any depth."""
    if isinstance(value, str):
        return _SURROGATES.sub(lambda match: visible(match[0]), value)
    if isinstance(value, list):
        return [_scalars_only(item) for item in value]
    if isinstance(value, dict):
        clean = {_scalars_only(key): _scalars_only(item) for key, item in value.items()}
        what = value.get("what")  # the text of an entry of a transcript
        if isinstance(what, str) and clean["what"] != what:
            data = as_bytes(_NEVER_BYTES.sub("\ufffd", what))
            clean["base64"] = base64.b64encode(data).decode("ascii")
        return clean
    return value
