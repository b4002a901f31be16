"""The reference servers, mutants of them, and impostors: what the suite itself is tested with.

`reference_servers/<lab>/<language>/<entry>`: an entry is a source file, or a folder of
them. Its first comment says what it is, in lines that are read here::

    Lab: echo
    Leaves to the student: 5.4 (a pool of ten cannot serve two hundred at once)
    Parameters: concurrency=thread-pool

`reference_servers/<lab>/mutants.toml` lists edits of them, the clauses that each
must fail, and the pairs that undo each other. `reference_servers/<lab>/impostors/`
holds programs, a file each, that implement nothing of the lab::

    Lab: echo
    Pretends: to listen. It accepts every client, and never says a word.

The installed package contains all of it, and the sample class.

All errors in it are reported at once, in one WrongCall.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from conformance.contract.catalog import Catalog
from conformance.selfcheck.references.headers import impostors, is_visible_folder, references
from conformance.selfcheck.references.library import Library
from conformance.selfcheck.references.mutants_toml import cancelling, mutants, read_mutants
from conformance.verdict.model import WrongCall

VARIABLE = "CONFORMANCE_REFERENCES"
"""Environment variable with the folder of reference servers, if --references does not name it."""

FOLDER = "reference_servers"

SAMPLES = "student_submissions"
"""The folder with the hand-ins of a small class, to try the suite with."""


def reference_folder(given: Path | None = None) -> Path:
    """The folder of reference servers. Raises WrongCall if it does not exist."""
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    folder = named or _supplied(FOLDER)
    if not folder.is_dir():
        advice = f"name it with --references DIR, or in {VARIABLE}"
        raise WrongCall(f"there is no folder {folder}" + ("" if named else f"; {advice}"))
    return folder


def sample_class() -> Path:
    """The folder of the sample class. Raises WrongCall if it does not exist."""
    folder = _supplied(SAMPLES)
    if not folder.is_dir():
        raise WrongCall(f"there is no folder {folder}: the installation is incomplete")
    return folder


def _supplied(name: str) -> Path:
    """A folder that comes with the suite: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def read_library(folder: Path, catalog: Catalog, labs: Sequence[str] = ()) -> Library:
    """The references, mutants and impostors of these labs or variants (none: of all).

    Raises WrongCall, with all errors.
    """
    wanted = {catalog[name].name for name in labs}
    library, complaints = Library(), list[str]()
    for group in sorted(path for path in folder.iterdir() if is_visible_folder(path)):
        if wanted and group.name not in wanted:
            continue
        if group.name not in catalog.labs:
            complaints.append(f"{group.name}: there is no lab of that name")
            continue
        _read_group(group, catalog, library, complaints)
    if complaints:
        told = "\n  ".join(["", *complaints]) if len(complaints) > 1 else complaints[0]
        raise WrongCall(f"the reference servers in {folder} are not in order: {told}")
    if labs:
        _keep_asked(library, labs, catalog)
    if not library.references:
        of = f" for {' or '.join(labs)}" if labs else ""
        raise WrongCall(f"{folder} holds no reference server{of}")
    return library


def _read_group(group: Path, catalog: Catalog, library: Library, complaints: list[str]) -> None:
    before = len(complaints)
    library.impostors += impostors(group, catalog, complaints)
    found = list(references(group, catalog, complaints))
    if len(complaints) > before:
        return  # errors of its mutants would only follow
    library.references += found
    said = read_mutants(group, complaints)
    edits = list(mutants(said, group, found, catalog, complaints))
    library.mutants += edits
    if len(complaints) == before:
        library.cancels.update(cancelling(said, group, edits, complaints))


def _keep_asked(library: Library, labs: Sequence[str], catalog: Catalog) -> None:
    """Keeps only what was asked for. A lab's name includes its variants, a variant's only
    itself."""

    def is_asked(variant: str) -> bool:
        return bool({variant, catalog[variant].name} & set(labs))

    library.references = [r for r in library.references if is_asked(r.variant)]
    library.mutants = [m for m in library.mutants if is_asked(m.reference.variant)]
    library.impostors = [i for i in library.impostors if is_asked(i.variant)]
