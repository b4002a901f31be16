"""Judges the list of an archive or folder before anything is written. Pure.

No entry may lead out of the top folder or be below a link or a file, and no link may lead out,
whatever other links it follows. Clutter is left behind. Implied folders count like listed ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import islice

from conformance.submissions.intake import clutter
from conformance.submissions.intake.clutter import is_clutter
from conformance.submissions.intake.listing import (
    AIM_BYTES,
    MAX_LISTED,
    Member,
    MemberKind,
    Parts,
    shown,
)
from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

MAX_DEPTH = 100
"""Nested folders. A Java package is ten deep, a node_modules folder thirty."""
NAME_BYTES = 255  # NAME_MAX of Linux
PATH_BYTES = 3_000
"""Bytes of a path. PATH_MAX is 4,096, but includes the folders in which we work."""
MAX_HOPS = 40  # MAXSYMLINKS of Linux
MAX_STEPS = 1_000_000
"""Path parts followed for all links together: twenty links can make a million hops."""
LIBRARIES = "node_modules"
"""A folder in which a tool leaves dangling links, which are skipped."""
NAMES_NOTED = 3
"""How many skipped entries are named, of each kind."""


@dataclass(frozen=True)
class Judged:
    """What is to be made."""

    places: Sequence[Parts | None]
    """For each entry, where it goes if it is a file; None for other entries and what is left
    behind."""
    folders: Sequence[Parts]
    """All folders, each after its parent."""
    links: Sequence[tuple[Parts, str]]
    count: int
    """Files, folders and links, implied ones too."""
    size: int
    """Bytes of the files, as claimed."""
    notes: Sequence[str]
    """Notes on what was skipped, and why, if somebody could miss it."""


@dataclass(eq=False)
class _Node:
    name: str
    parent: _Node | None
    kind: MemberKind
    size: int = 0
    aim: str = ""
    kept: bool = False
    children: dict[str, _Node] = field(default_factory=dict)

    def parts(self) -> Parts:
        names = []
        node = self
        while node.parent is not None:
            names.append(node.name)
            node = node.parent
        return tuple(reversed(names))


class _Way(Enum):
    """Where a link leads."""

    THERE = "there"
    OUT = "out of it"
    ROUND = "to itself, or through too many others"
    NOWHERE = "nowhere"
    LEFT = "to what was left behind"


def judge(entries: Iterable[Member], what: str, *, lenient: bool = False) -> Judged:
    """Decides what to write of the listed entries. `what` names the submission in messages.

    `lenient` is for a folder on a disk: links that lead out, pipes and devices are skipped with a
    note, and links that lead nowhere are kept, since a build may create their targets. Raises
    WrongCall for what no student's archive holds; TooMuch.
    """
    return _Tree(what, lenient=lenient).judged(entries)


class _Tree:
    def __init__(self, what: str, *, lenient: bool) -> None:
        self._what = what
        self._lenient = lenient
        self._top = _Node("", None, MemberKind.FOLDER, kept=True)
        self._listed = 0
        self._steps = 0
        self._left_out: dict[str, list[str]] = {}

    def judged(self, entries: Iterable[Member]) -> Judged:
        nodes: list[_Node] = []
        copies: list[tuple[_Node, _Node]] = []
        for entry in entries:
            original = self._original(entry) if entry.kind is MemberKind.COPY else None
            node = self._add(entry, original)
            nodes.append(node)
            if original is not None:
                copies.append((node, original))
        self._keep()
        for node, original in reversed(copies):  # the original may be a copy itself
            if node.kept and not original.kept and node.kind is MemberKind.FILE:
                _keep_with_folders(original)
        links = list(self._links())
        kept = [node for node in _below(self._top) if node.kept]
        files = [node for node in nodes if node.kept and node.kind is MemberKind.FILE]
        folders = [node.parts() for node in kept if node.kind is MemberKind.FOLDER]
        return Judged(
            places=[n.parts() if n.kept and n.kind is MemberKind.FILE else None for n in nodes],
            folders=folders,
            links=links,
            count=len(files) + len(folders) + len(links),
            size=sum(node.size for node in files),
            notes=self._notes(),
        )

    def _original(self, entry: Member) -> _Node:
        node: _Node | None = self._top
        for part in entry.original:
            node = node.children.get(part) if node is not None else None
        if node is None or node.kind not in (MemberKind.FILE, MemberKind.LINK):
            raise WrongCall(f"{self._what} holds a link to a file outside: {shown(entry.parts)}")
        return node

    def _add(self, entry: Member, original: _Node | None) -> _Node:
        """The entry's node; its folders come with it."""
        kind, size, aim = entry.kind, entry.size, entry.aim
        if original is not None:
            kind, size, aim = original.kind, original.size, original.aim
        if size < 0:
            raise WrongCall(f"{self._what} holds a file of negative size")
        if not entry.parts:
            if kind is MemberKind.FOLDER:
                return self._top
            raise WrongCall(f"{self._what} holds an entry without a name")
        self._measure(entry.parts)
        here = self._top
        for part in entry.parts[:-1]:
            here = self._child(here, part, MemberKind.FOLDER, entry)
        node = self._child(here, entry.parts[-1], kind, entry)
        node.size, node.aim = size, aim
        return node

    def _measure(self, parts: Parts) -> None:
        if len(parts) > MAX_DEPTH:
            raise TooMuch(f"{self._what} holds more than {MAX_DEPTH} folders in one another")
        lengths = [len(part.encode("utf-8", "surrogateescape")) for part in parts]
        if max(lengths) > NAME_BYTES or sum(lengths) + len(lengths) > PATH_BYTES:
            raise TooMuch(f"{self._what} holds a name too long for this machine: {shown(parts)}")

    def _child(self, folder: _Node, name: str, kind: MemberKind, entry: Member) -> _Node:
        node = folder.children.get(name)
        if node is None:
            self._listed += 1
            if self._listed > MAX_LISTED:
                raise TooMuch(f"{self._what} holds more than {MAX_LISTED:,} files and folders")
            node = folder.children[name] = _Node(name, folder, kind)
        elif node.kind is not kind:
            if node.kind is MemberKind.LINK and kind is MemberKind.FOLDER:
                raise WrongCall(f"{self._what} holds an entry below a link: {shown(entry.parts)}")
            both = f"as {node.kind.value} and as {kind.value}"
            raise WrongCall(f"{self._what} holds {shown(node.parts())} twice, {both}")
        return node

    def _keep(self) -> None:
        """Marks what is not left behind."""
        waiting = [self._top]
        while waiting:
            folder = waiting.pop()
            beside = folder.children.keys()
            for node in folder.children.values():
                is_folder = node.kind is MemberKind.FOLDER
                if is_clutter(
                    node.name,
                    folder=is_folder,
                    beside=beside,
                    inside=node.children.keys,
                    is_large=partial(_is_large, node),
                ):
                    continue
                if node.kind is not MemberKind.OTHER:
                    node.kept = True
                elif self._lenient:
                    self._leave_out("{} is no ordinary file and was left out", node)
                else:
                    raise WrongCall(f"{self._what} holds a device or a pipe: {shown(node.parts())}")
                if is_folder:
                    waiting.append(node)

    def _links(self) -> Iterator[tuple[Parts, str]]:
        kept = [node for node in _below(self._top) if node.kept]
        for node in [node for node in kept if node.kind is MemberKind.LINK]:
            way = self._follow(node)
            if way is _Way.THERE or (way is _Way.NOWHERE and self._lenient and node.aim):
                yield node.parts(), node.aim
                continue
            if way is _Way.LEFT:
                self._leave_out("the link {} leads to what was not taken along", node)
            elif self._lenient or LIBRARIES in node.parts():
                leads = "out of the folder" if way is _Way.OUT else way.value
                self._leave_out(f"the link {{}} leads {leads} and was left out", node)
            else:
                where = shown(node.parts())
                empty = "an empty link" if not node.aim else f"a link that leads {way.value}"
                raise WrongCall(f"{self._what} holds {empty}: {where}")

    def _follow(self, link: _Node) -> _Way:
        """Where a link leads, as the kernel would follow it, part by part."""
        waiting = [*reversed(self._aim(link))]
        here = link.parent or self._top
        hops, missing = 1, 0
        way = _Way.NOWHERE if not link.aim else _Way.THERE
        while waiting:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise TooMuch(f"{self._what} holds links that lead through too many others")
            part = waiting.pop()
            if part == "/":
                return _Way.OUT
            if part == ".." and not missing:
                if here.parent is None:
                    return _Way.OUT
                way = way if here.kind is MemberKind.FOLDER else _Way.NOWHERE
                here = here.parent
                continue
            if missing:
                missing += -1 if part == ".." else 1
                continue
            child = here.children.get(part) if here.kind is MemberKind.FOLDER else None
            if child is None:
                way, missing = _Way.NOWHERE, 1
            elif not child.kept:
                return _Way.LEFT
            elif child.kind is MemberKind.LINK:
                hops += 1
                if hops > MAX_HOPS:
                    return _Way.ROUND
                if not child.aim:
                    way = _Way.NOWHERE
                waiting += reversed(self._aim(child))
            else:
                here = child
        return way

    def _aim(self, link: _Node) -> list[str]:
        """The parts of a link's target; the first is "/" if it is absolute."""
        aim = link.aim
        if "\0" in aim:
            raise WrongCall(f"{self._what} holds a link that leads nowhere: {shown(link.parts())}")
        if len(aim) > AIM_BYTES:
            raise TooMuch(f"{self._what} holds too long a link: {shown(link.parts())}")
        parts = [part for part in aim.split("/") if part not in ("", ".")]
        return ["/", *parts] if aim.startswith("/") else parts

    def _leave_out(self, sentence: str, node: _Node) -> None:
        node.kept = False
        self._left_out.setdefault(sentence, []).append("/".join(node.parts()))

    def _notes(self) -> list[str]:
        notes = []
        for sentence, names in self._left_out.items():
            notes += [sentence.format(name) for name in names[:NAMES_NOTED]]
            if len(names) > NAMES_NOTED:
                notes.append(f"and {len(names) - NAMES_NOTED} more like it")
        return notes


def _below(folder: _Node) -> Iterator[_Node]:
    """Everything in a folder, each folder before its contents."""
    waiting = [*reversed(folder.children.values())]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children.values())


def _is_large(folder: _Node) -> bool:
    return next(islice(_below(folder), clutter.MAX_LIBRARIES, None), None) is not None


def _keep_with_folders(file: _Node) -> None:
    """Keeps a file (which a copy refers to) and the folders above it."""
    node: _Node | None = file
    while node is not None:
        node.kept = True
        node = node.parent
