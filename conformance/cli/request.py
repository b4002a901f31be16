"""From the options of a command to the request of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.cli.last_time import recall

if TYPE_CHECKING:
    from conformance.contract.catalog import Catalog
    from conformance.run.plan import Request

EVIDENCE = "evidence"
"""The folder of `--keep all`, if none is named."""


def _keep(words: Sequence[str]) -> tuple[Path | None, bool]:
    """The folder for evidence (None: none is kept), and whether passes keep theirs, too."""
    from conformance.verdict.model import WrongCall

    folders = [word for word in words if word != "all"]
    if len(folders) > 1:
        raise WrongCall(f"--keep takes one folder, and the word all; not {' and '.join(folders)}")
    if not words:
        return None, False
    folder = Path(folders[0] if folders else EVIDENCE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongCall(f"cannot make the folder {folder}: {error.strerror}") from None
    return folder, "all" in words


def asked_for(**asked: Any) -> tuple[Request, Catalog]:
    """The request, and the catalog of labs. Raises WrongCall."""
    from conformance.contract.catalog import load
    from conformance.run.prepare import read_request
    from conformance.verdict.model import WrongCall

    if asked["path"] is None and not asked["connect"]:
        raise WrongCall("what is to be checked? Give a PATH, or --connect HOST:PORT")
    if asked["must"] and asked["strict"]:
        raise WrongCall("--strict has SHOULD clauses count, and --must leaves them out: give one")
    for option, name in (("--only", "only"), ("--except", "without")):
        if asked[name] is not None and not asked[name].strip(", "):
            raise WrongCall(f"{option} names no clause")
        asked[name] = asked[name] or ""
    asked["failed"] = recall(asked["path"] or asked["connect"]) if asked["failed"] else None
    asked["keep"], asked["keep_all"] = _keep(asked["keep"])
    request = read_request(**asked)
    catalog = load(request.labs)
    return for_its_lab(request, catalog), catalog


def for_its_lab(request: Request, catalog: Catalog) -> Request:
    """The request. If its folder is divided by labs, the request is for the part of its lab."""
    from dataclasses import replace

    from conformance.classes.hand_ins.contents import part_for
    from conformance.submissions import plain_name

    if request.path is None or request.lab not in catalog.labs or not request.path.is_dir():
        return request
    labs = catalog.labs
    alike = {name: [other for other in labs if labs[other] is labs[name]] for name in labs}
    part = part_for(request.path, request.lab, alike)
    if part == request.path:
        return request
    return replace(request, path=part, name=plain_name(request.path.absolute()))
