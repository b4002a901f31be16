"""From entries and people to hand-ins: one for each author and lab."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import NamedTuple

from conformance.classes.file_names import Author, in_short, squeezed
from conformance.classes.hand_ins.contents import for_lab, is_clone, is_empty, modified, named_labs
from conformance.classes.hand_ins.entries import FolderEntry, left_aside, read_entries
from conformance.classes.hand_ins.ids import bare
from conformance.classes.hand_ins.matching import Match, People
from conformance.classes.hand_ins.sites import CANVAS
from conformance.classes.model import HandIn, LabPlan, Student
from conformance.verdict.model import WrongCall

SIMILAR_NAME = "an entry with a name like theirs belongs to nobody in the roster"
UNCLAIMED = "nothing was found under this name, and there are hand-ins that have no owner"
"""Why it is open whether somebody without an entry handed in anything. It names nobody, since
students read it."""
EMPTY = "the folder that was handed in is empty"
EMPTY_UNCLAIMED = "the folder under this name is empty, and there are hand-ins that have no owner"
NOTES = frozenset({".md", ".txt", ".html"})
CLONED = "a Git clone: its files have the time of cloning, so when it was handed in is not known"


@dataclass(frozen=True)
class Times:
    """Where the times of hand-ins come from."""

    roster: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """(Student's id, lab) -> time; "" is for all labs."""
    by_files: bool = False
    """Whether the files' own times are used if nothing else is known."""

    def of(
        self, members: Sequence[Student], lab: str, entry: FolderEntry, path: Path
    ) -> datetime | None:
        """When it was handed in; None if not known. Raises WrongCall if a group has two times."""
        said = {
            moment
            for member in members
            if (moment := self.roster.get((member.id, lab)) or self.roster.get((member.id, "")))
        }
        if len(said) > 1:
            who = ", ".join(member.id for member in members)
            raise WrongCall(f"{who} hand in together, but the roster has two times for it")
        if said:
            return said.pop()
        if entry.submitted or not self.by_files:
            return entry.submitted
        return None if _cloned(entry, path) else modified(path)


@dataclass
class _ByOwner:
    """The entries in one folder, by their owners."""

    entries: dict[str, list[tuple[FolderEntry, Match]]] = field(default_factory=dict)
    perhaps: dict[str, list[str]] = field(default_factory=dict)
    """Sentences about entries that may be this person's, by id."""
    alike: set[str] = field(default_factory=set)
    """Ids of those whose names resemble that of an entry that is nobody's."""
    unowned: list[Path] = field(default_factory=list)
    """Entries that are nobody's for certain."""
    unclaimed: int = 0
    """Entries without a certain owner. If there are any, nobody certainly handed in nothing."""


class Collected(NamedTuple):
    """What was found in the folder of the submissions."""

    hand_ins: list[HandIn]
    warnings: list[str]
    unowned: list[tuple[str, Path]]
    """Entries without a certain owner: the folder of their labs, and where they are."""


def collect(
    plans: Sequence[LabPlan],
    submissions: Path,
    people: People,
    times: Times,
    same_lab: Callable[[str, str], bool] = lambda one, other: True,
    ignore: Collection[str] = (),
) -> Collected:
    """The hand-ins of all authors, lab by lab as in `plans`, and warnings for the teacher. Names in
    `ignore` are no entries.

    `same_lab` says whether an entry for one lab can be judged as another: it is a variant, or the
    name is of no lab. Raises WrongCall: a missing folder, or no entry in a class without a roster.
    """
    warnings: list[str] = []
    owned: dict[str, _ByOwner] = {}
    labs = [plan.name for plan in plans]
    count = 0
    for folder in dict.fromkeys(plan.folder for plan in plans):
        beside = {PurePath(plan.folder).parts[0] for plan in plans if plan.folder and not folder}
        path = submissions / folder
        if not path.is_dir():
            raise WrongCall(f"there is no folder {path}, which a lab's `folder` names")
        there = [plan.name for plan in plans if plan.folder == folder]
        entries, told = read_entries(path, people.knows, {*beside, *ignore}, there)
        warnings += told
        owned[folder] = _by_owner(entries, people, warnings)
        count += len(entries) if owned[folder].entries else sum(not e.aside for e in entries)
        warnings += filter(None, [_told_unclaimed(owned[folder], people)])
    if not count and not people.closed:
        raise WrongCall("; ".join([f"there are no entries in {submissions}", *warnings[:3]]))
    if not count:
        warnings.append(f"there are no entries in {submissions}")
    hand_ins: list[HandIn] = []
    for plan in plans:
        found = owned[plan.folder]
        others = [p.name for p in plans if p is not plan and p.folder == plan.folder]
        of_the_lab = [
            _hand_in(author, members, plan.name, found, labs, times)
            for author, members in people.members().items()
        ]
        named = named_labs(hand_in.path for hand_in in of_the_lab if hand_in.path)
        for hand_in in of_the_lab:
            meant = _for_its_lab(hand_in, named, same_lab, others, warnings)
            if meant.is_absent and found.unclaimed:
                why = SIMILAR_NAME if meant.author in found.alike else UNCLAIMED
                why = EMPTY_UNCLAIMED if EMPTY in meant.remarks else why
                meant = replace(meant, problem=why, missing=True)
            hand_ins.append(meant)
    unowned = [
        (folder, path.absolute()) for folder, found in owned.items() for path in found.unowned
    ]
    return Collected(hand_ins, warnings, unowned)


def _told_unclaimed(found: _ByOwner, people: People) -> str:
    """A warning about entries without an owner; "" if everybody has an entry."""
    members = people.members()
    without = sum(len(m) for author, m in members.items() if author not in found.entries)
    empty = sum(len(m) for author, m in members.items() if _is_empty(found.entries.get(author, ())))
    if not (without + empty and found.unclaimed):
        return ""
    entries = f"{found.unclaimed} entr{'y has' if found.unclaimed == 1 else 'ies have'} no owner"
    students = f"{without + empty} student{'s' * (without + empty != 1)} without an entry"
    students += ", or with an empty folder," if empty else ""
    return (
        f"while {entries}, it is open whether {students} handed in nothing:"
        f" mend the roster, or the names, or name in `ignore` of class.toml what is nobody's"
    )


def _is_empty(entries: Sequence[tuple[FolderEntry, Match]]) -> bool:
    """Whether somebody has entries, and nothing is in them."""
    paths = [entry.path for entry, _ in entries]
    return bool(paths) and all(path is not None and is_empty(path) for path in paths)


def _by_owner(entries: Sequence[FolderEntry], people: People, warnings: list[str]) -> _ByOwner:
    """The entries of each author. Those without an owner are added to the warnings."""
    found = _ByOwner()
    authors = [author for entry in entries for author in entry.authors]
    names = Counter(squeezed(author.name) for author in authors if author.name)
    numbers = Counter(bare(author.id) for author in authors)
    people.check_numbers({a.id for e in entries if e.site == CANVAS for a in e.authors})
    for entry in sorted(entries, key=lambda each: each.aside):
        if entry.aside and not _is_only_work(entry, people):
            found.unclaimed += people.closed  # it may be somebody's only file
            warnings.append(left_aside(entry.name))
            continue
        owners: set[str] = set()
        for author in entry.authors:
            match = people.match(
                author,
                entry.site,
                namesakes=names[squeezed(author.name)] > 1,
                shared=numbers[bare(author.id)] > 1,
            )
            several = len(entry.authors) > 1
            who = f"{entry.name}, by {author.name or author.id}," if several else entry.name
            if match is None and people.is_test_student(author):
                warnings.append(f"{who} is of the site's test student: left aside")
            elif match is None:
                found.unowned += (
                    [entry.path] if entry.path and entry.path not in found.unowned else []
                )
                warnings.append(_unowned_warning(who, entry, author, people, found))
            elif match.owner not in owners:
                owners.add(match.owner)
                found.entries.setdefault(match.owner, []).append((entry, match))
        if not entry.authors:
            found.unclaimed += 1
            found.unowned += [entry.path] if entry.path else []
            warnings.append(f"{entry.name}: the export names no submitter: not graded")
    return found


def _is_only_work(entry: FolderEntry, people: People) -> bool:
    """Whether an entry that is no program, such as a report or an unknown language, is its author's
    only one, in a class without a roster. Notes are the teacher's."""
    [author] = entry.authors
    notes = PurePath(entry.name).suffix.lower() in NOTES
    return not (people.closed or notes or people.knows(author.id))


def _unowned_warning(
    what: str, entry: FolderEntry, author: Author, people: People, found: _ByOwner
) -> str:
    """The warning about an entry without an owner. Those who may own it are recorded in `found`.

    Students may read what is recorded for them, so it names nobody else.
    """
    doubt = people.doubt(author, entry.site)
    found.unclaimed += doubt is None or not doubt.certain
    if doubt is None:
        alike = people.alike(author)
        found.alike.update(alike)
        perhaps = f" (perhaps to {in_short(alike)}?)" if alike else ""
        return f"{what} belongs to nobody in the roster{perhaps}: not graded"
    for each in doubt.ids:
        told = f"{entry.name} may be theirs: {doubt.told}" if doubt.certain else doubt.told
        found.perhaps.setdefault(each, []).append(told)
    return f"{what}: it cannot be told whose it is, not graded: {doubt.why}"


def _cloned(entry: FolderEntry, path: Path) -> bool:
    return is_clone(path) or (entry.path is not None and is_clone(entry.path))


def _for_its_lab(
    hand_in: HandIn,
    labs: Mapping[Path, str],
    same_lab: Callable[[str, str], bool],
    others: Sequence[str],
    warnings: list[str],
) -> HandIn:
    """The hand-in, unless its manifest (`labs`, by folder) names another lab. If that is one of the
    `others` it is graded for, nothing was handed in for this one; else it is unclear."""
    named = labs.get(hand_in.path) if hand_in.path else None
    if not named or same_lab(named, hand_in.lab):
        return hand_in
    remark = f"its submission.toml names the lab {named}, so that it is none for {hand_in.lab}"
    warnings.append(f"{hand_in.author}: {remark}")
    if any(same_lab(named, other) for other in others):
        return replace(hand_in, path=None, submitted=None, remarks=(*hand_in.remarks, remark))
    return replace(hand_in, path=None, problem=f"{remark}, and it is graded for nothing else")


def _hand_in(
    author: str,
    members: Sequence[Student],
    lab: str,
    owned: _ByOwner,
    labs: Sequence[str],
    times: Times,
) -> HandIn:
    entries = owned.entries.get(author, [])
    if not entries:
        problem = "; ".join(dict.fromkeys(owned.perhaps.get(author, ())))
        return HandIn(author, lab, None, problem=problem, missing=bool(problem))
    if len(entries) > 1:
        several = ", ".join(entry.name for entry, _ in entries)
        problem = f"{len(entries)} entries, and only one can be graded: {several}"
        unclear = tuple(entry.path.absolute() for entry, _ in entries if entry.path)
        return HandIn(author, lab, None, problem=problem, unclear=unclear)
    [(entry, match)] = entries
    remarks = (*entry.remarks, *filter(None, [match.remark]))
    found = HandIn(author, lab, None, remarks=remarks, matched=f"{entry.name}, {match.how}")
    if entry.path is None:
        return replace(found, problem=entry.problem)
    path, problem = for_lab(entry.path, lab, labs) if len(labs) > 1 else (entry.path, "")
    if path is None:
        return replace(found, problem=problem, unclear=(entry.path.absolute(),))
    if is_empty(path):
        return replace(found, remarks=(*remarks, EMPTY))
    moment = times.of(members, lab, entry, path)
    if times.by_files and moment is None and _cloned(entry, path):
        remarks = (*remarks, CLONED)
    return replace(found, path=path.absolute(), submitted=moment, remarks=remarks)
