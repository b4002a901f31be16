"""What compiled Java classes need and this machine's JVM lacks: a class file version, or types and
members of the library.

A class that a later JDK compiled with `-source 17` but without `--release` starts, and misses a
method only when it calls it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance.submissions.java import newer as java_newer
from conformance.submissions.java import version as java_version
from conformance.submissions.java.newer import Reason
from conformance.submissions.java.since import table
from conformance.submissions.lacking import Lack

MAX_CLASSES = 3_000
"""Classes that are looked at: a server with its libraries has fewer, or the first ones suffice."""
MAX_TOTAL_BYTES = 64 << 20
"""Bytes of all of them."""
MAX_CLASS_BYTES = 1 << 20
"""Bytes of a class that is looked at."""

SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4,
         19: 2, 20: 2}  # fmt: skip
"""Bytes of an entry of the constant pool after its tag (JVMS 4.4); a text states its own length."""
TEXT, CLASS, NAME_AND_TYPE, WIDE = 1, 7, 12, (5, 6)
REFERENCES = (9, 10, 11)
PARAMETER = re.compile(r"\[{0,255}(?:L[^;]{0,1000};|[BCDFIJSZ])")

NOT_LOADED = re.compile(r"(^|/)(META-INF/|module-info\.class$)")
"""Entries of a jar that only later JVMs load, or that no JVM loads as a class."""

WINDOW = re.compile(r"^(java/awt/(?!geom|datatransfer|color|event)|javax/swing/)")
NO_DISPLAY = (
    r"java\.awt\.HeadlessException|java\.awt\.AWTError|libawt_xawt\.so|libfontmanager\.so"
    r"|libfreetype|X11GraphicsEnvironment|Could not initialize class (sun|java)\.awt\."
)
WINDOW_SENTENCE = (
    "it opens a window, and programs are run without a display here (and Java may be a headless"
    " one: default-jre has windows)"
)


@dataclass
class JdkUse:
    """What one class uses of the library."""

    version: int = 0
    types: set[str] = field(default_factory=set)
    members: set[tuple[str, str, int]] = field(default_factory=set)
    """Type, name, number of parameters (-1 for a field)."""


def lacks(root: Path, installed: int) -> list[Lack]:
    """What the classes below `root` may miss in that JVM."""
    newest, reasons, window = 0, set(), False
    for content in _classes(root):
        asked = read(content)
        newest = max(newest, asked.version)
        window = window or any(map(WINDOW.match, asked.types))
        reasons |= set(_newer(asked, installed))
    found = []
    if newest - java_version.FIRST > installed:
        what = f"class files of version {newest}"
        sentence = java_newer.sentence([Reason(newest - java_version.FIRST, what)], installed)
        found.append(Lack(r"java\.lang\.UnsupportedClassVersionError", sentence))
    for said, reason in sorted(reasons, key=str):
        found.append(Lack(said, java_newer.sentence([reason], installed)))
    if window:
        found.append(Lack(NO_DISPLAY, WINDOW_SENTENCE))
    return found


def _newer(asked: JdkUse, installed: int) -> Iterator[tuple[str, Reason]]:
    for binary in asked.types:
        package, _, name = binary.rpartition("/")
        for change in table().type(name.replace("$", "."), package.replace("/", ".")):
            if change.lacks(installed):
                dotted = re.escape(binary).replace("/", r"[./]")
                said = rf"(NoClassDefFoundError|ClassNotFoundException): {dotted}\b"
                yield said, Reason(change.release, binary, gone=change.how == "-")
    for binary, member, count in asked.members:
        package, _, name = binary.rpartition("/")
        owner = name.replace("$", ".")
        for change in table().member(owner, "new" if member == "<init>" else member):
            taken = -1 if change.parameters is None else len(change.parameters)
            here = change.package == package.replace("/", ".")
            if here and taken == count and change.lacks(installed):
                kind = "Field" if count < 0 else "Method"
                said = rf"NoSuch{kind}Error: .*\b{re.escape(member)}\b"
                what = f"{owner}.{member}" + ("" if count < 0 else "()")
                yield said, Reason(change.release, what, gone=change.how == "-")


def _classes(root: Path) -> Iterator[bytes]:
    """The classes below `root`, in folders and in jars."""
    left, room = MAX_CLASSES, MAX_TOTAL_BYTES
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        if path.is_symlink() or path.suffix not in (".class", ".jar"):
            continue
        for content in _in_jar(path) if path.suffix == ".jar" else _alone(path):
            yield content
            left, room = left - 1, room - len(content)
            if left <= 0 or room <= 0:
                return


def _alone(path: Path) -> Iterator[bytes]:
    if path.name != "module-info.class" and path.stat().st_size <= MAX_CLASS_BYTES:
        yield path.read_bytes()


def _in_jar(path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as jar:
            for entry in jar.infolist():
                name = entry.filename
                loaded = name.endswith(".class") and not NOT_LOADED.search(name)
                if loaded and entry.file_size <= MAX_CLASS_BYTES:
                    with jar.open(entry) as reader:
                        yield reader.read(MAX_CLASS_BYTES)
    except java_version.UNREADABLE:
        return


def read(content: bytes) -> JdkUse:
    """What a class file uses; nothing if it is none, or is cut off."""
    if content[:4] != java_version.MAGIC or len(content) < 10:
        return JdkUse()
    asked = JdkUse(version=int.from_bytes(content[6:8], "big"))
    pool = _pool(content)

    def number(at: int, entry: bytes) -> int:
        return int.from_bytes(entry[at : at + 2], "big")

    def text(index: int) -> str:
        tag, entry = pool.get(index, (0, b""))
        return entry.decode("utf-8", "replace") if tag == TEXT else ""

    def named(index: int) -> str:
        tag, entry = pool.get(index, (0, b""))
        return text(number(0, entry)) if tag == CLASS else ""

    for tag, entry in pool.values():
        if tag == CLASS:
            asked.types.add(text(number(0, entry)))
        elif tag in REFERENCES:
            owner = named(number(0, entry))
            kind, pair = pool.get(number(2, entry), (0, b""))
            if kind == NAME_AND_TYPE and owner:
                descriptor = text(number(2, pair))
                count = len(PARAMETER.findall(descriptor.partition(")")[0][1:]))
                field_ = not descriptor.startswith("(")
                asked.members.add((owner, text(number(0, pair)), -1 if field_ else count))
    return asked


def _pool(content: bytes) -> dict[int, tuple[int, bytes]]:
    """The constant pool: the tag and the bytes of each entry."""
    pool: dict[int, tuple[int, bytes]] = {}
    at, index = 10, 1
    while index < int.from_bytes(content[8:10], "big") and at < len(content):
        tag = content[at]
        at += 1
        size = SIZES.get(tag, 0)
        if tag == TEXT:
            size = int.from_bytes(content[at : at + 2], "big")
            at += 2
        elif not size:
            break  # an unknown kind of entry: no valid class file
        pool[index] = (tag, content[at : at + size])
        at += size
        index += 2 if tag in WIDE else 1
    return pool
