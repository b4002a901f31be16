"""Brings the catalogue of translations up to date: sources → .po → .mo.

A message that no source holds any more keeps its translation: runs that were stored a year ago may
hold it. With `--missing`, lists what has no translation; with `--check`, what is not as
it should be; with `--merge FILE`, takes the translations of another .po for messages that have
none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from conformance.words.extraction import Message, messages
from conformance.words.single import WORDS
from conformance.words.template import names_in

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "conformance" / "words" / "locale" / "fr" / "LC_MESSAGES"
PO, MO = FOLDER / "conformance.po", FOLDER / "conformance.mo"

READ_BY_STUDENTS = (
    "verdict", "session", "wire", "run", "submissions", "sandbox", "contract", "labs",
    "classes/model.py", "classes/results/lateness.py", "classes/results/corrections.py",
    "classes/grading/check_all.py", "classes/merging/merge.py", "classes/parts.py",
    "classes/machines/coordinator.py", "classes/machines/giving_out.py",
    "reports/suite/explain.py", "reports/suite/labs.py",
    "reports/platforms", "reports/ci", "reports/text", "reports/run",
    "reports/classes", "reports/pages",
)  # fmt: skip
"""Folders and files of what students read."""

FOR_TEACHERS = (
    "reports/classes/alike.py", "reports/classes/changes.py", "reports/classes/figures.py",
    "reports/classes/gradebook.py", "reports/classes/moodle_feedback.py",
    "reports/platforms/github_classroom.py", "reports/ci/tap.py",
    "reports/pages/alike.py", "reports/pages/class_page.py",
    "reports/pages/heat_map.py", "reports/pages/histogram.py", "reports/pages/provenance.py",
    "reports/classes/class_junit.py", "reports/classes/grades_csv.py",
    "reports/classes/progress.py", "reports/classes/rehearsal.py", "reports/classes/summary.py",
    "sandbox/probe.py", "sandbox/uids.py", "sandbox/hosts", "sandbox/kernel.py",
    "sandbox/bubblewrap.py", "sandbox/limits.py", "contract/catalog.py", "contract/markdown.py",
    "contract/lab.py", "contract/stumble.py", "contract/state_model.py", "contract/scenario.py",
    "contract/translation.py", "verdict/thrown/java.py", "verdict/thrown/native.py",
    "verdict/thrown/node.py", "verdict/thrown/python.py",
)  # fmt: skip
"""What of these is read by teachers, administrators and lab authors."""

WIDTH = 100
"""Columns of the .po."""


NOT_TOLD = ROOT / "ci" / "words.not-told"
"""Texts of the sources that nobody reads: as `repr` writes them, one a line."""


def said_in_sources() -> Iterator[Message]:
    """All messages that students may read."""
    left_out = set(NOT_TOLD.read_text(encoding="utf-8").splitlines())
    yield from (Message(word, "", "conformance/words/single.py:1") for word in WORDS)
    yield from (each for each in _extracted() if repr(each.msgid) not in left_out)


def _extracted() -> Iterator[Message]:
    package = ROOT / "conformance"
    left_out = [package / each for each in FOR_TEACHERS]
    for template in ("base.html", "parts.html", "student.html", "run.html"):
        with (package / "reports/pages/templates" / template).open("rb") as file:
            for _line, _call, told, _comments in babel_extract(file, ["_"], [], {}):
                yield Message(str(told), "", f"conformance/reports/pages/templates/{template}:1")
    for folder in READ_BY_STUDENTS:
        place = package / folder
        files = [place] if place.is_file() else sorted(place.rglob("*.py"))
        kept = [f for f in files if not any(f.is_relative_to(each) for each in left_out)]
        yield from messages(ROOT, kept)


def updated(former: Catalog, found: Sequence[Message]) -> Catalog:
    """The catalogue of what the sources hold, with the translations there are; then what only
    stored runs may still hold."""
    catalog = _empty()
    for each in found:
        key = (each.msgid, each.plural) if each.plural else each.msgid
        had = former.get(each.msgid)
        file = each.place.partition(":")[0]
        names = names_in(each.msgid)
        flags = ["python-brace-format"] if names and all(map(str.isidentifier, names)) else []
        untold = ("", "", "") if each.plural else ""
        told = had.string if had is not None and _is_translated(had.string) else untold
        added = catalog.add(key, told if isinstance(told, type(untold)) else untold, [(file, 0)])
        added.flags = set(flags)
    for message in former:
        if message.id and message.id not in catalog and _is_translated(message.string):
            catalog.add(message.id, message.string, user_comments=["held by stored runs only"])
    return catalog


def _empty() -> Catalog:
    year = datetime(2026, 1, 1, tzinfo=UTC)
    return Catalog(
        locale="fr", domain="conformance", project="conformance", version="0", charset="utf-8",
        creation_date=year, revision_date=year, fuzzy=False, header_comment="# French",
        copyright_holder="", msgid_bugs_address="", language_team="fr",
        last_translator="The course <course@localhost>",
    )  # fmt: skip


def _is_translated(told: str | Sequence[str] | None) -> bool:
    return bool(told) and (isinstance(told, str) or all(told or ()))


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def read(path: Path) -> Catalog:
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale="fr")


def wrong(catalog: Catalog) -> Iterator[str]:
    """What is wrong with the files, and with translations, in words."""
    if PO.read_bytes() != written(catalog) or MO.read_bytes() != compiled(catalog):
        yield "the catalogue is not that of the sources: call ci/words"
    for message in catalog:
        texts = [message.id] if isinstance(message.id, str) else list(message.id)
        told = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if not texts[0]:
            continue
        if not all(told):
            yield f"without a translation: {texts[0]!r}"
        for each in filter(None, told):
            if names_in(each) != names_in(texts[-1]):
                yield f"the translation of {texts[0]!r} has other values"
            edges = [text[: len(text) - len(text.lstrip())] for text in (each, texts[0])]
            if edges[0] != edges[1]:
                yield f"the translation of {texts[0]!r} begins with other spaces"


def written(catalog: Catalog) -> bytes:
    """The .po of a catalogue."""
    file = BytesIO()
    write_po(file, catalog, width=WIDTH, include_lineno=False)
    return file.getvalue()


def main(words: Sequence[str]) -> int:
    former = read(PO)
    if words[:1] == ["--merge"]:
        for each in read(Path(words[1])):
            ours = former.get(each.id if isinstance(each.id, str) else each.id[0])
            if ours is None:
                former.add(each.id, each.string)
            elif not _is_translated(ours.string):
                ours.string = each.string
    catalog = updated(former, list(said_in_sources()))
    missing = [message for message in catalog if message.id and not _is_translated(message.string)]
    if words[:1] == ["--check"]:
        found = list(wrong(catalog))
        print(*found, sep="\n", end="\n" if found else "")
        return int(bool(found))
    if words[:1] == ["--missing"]:
        for message in missing:
            print(f"{message.locations[0][0]}: {message.id!r}")
        return int(bool(missing))
    FOLDER.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(written(catalog))
    MO.write_bytes(compiled(catalog))
    print(f"{len(catalog)} messages, {len(missing)} of them without a translation")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
