"""What a Java source says of itself: its package, its types, their main methods and sockets.

This is no parser: comments and literals are blanked, the rest is cut into words, and braces are
counted. That is enough to find the class that is started, those that open a socket, and those that
lead to these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.submissions import texts
from conformance.submissions.entry import Opens, Unit

BLANKED = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\\?)'  # a text block
    r'|"(?:[^"\\\n]|\\.)*+["\\]?'
    r"|'(?:[^'\\\n]|\\.)*+['\\]?"
    r"|//[^\n]*"
    r"|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
"""An unterminated one runs to the end of its line, or of the source, so that the search stays
linear."""
WORD = re.compile(r"\w+|->|::|\.\.\.|[^\s\w]")

LISTENING_CLASSES = frozenset({"ServerSocket", "ServerBootstrap"})
LISTENING_FACTORIES = frozenset({
    "ServerSocketChannel", "AsynchronousServerSocketChannel", "HttpServer", "HttpsServer",
})  # fmt: skip
DATAGRAM_CLASSES = frozenset({"DatagramSocket", "MulticastSocket"})
TYPE_WORDS = frozenset({"class", "interface", "enum", "record"})


@dataclass
class JavaType:
    """A top-level type, from which a unit is made."""

    name: str
    main: str | None = None
    """The class to start, itself or one nested in it (`Outer$Inner`)."""
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class JavaSource:
    """One source file, understood as far as needed."""

    path: Path
    package: str
    imports: tuple[str, ...]
    types: tuple[JavaType, ...]
    public_type: str | None
    is_test: bool

    def qualified(self, name: str) -> str:
        return f"{self.package}.{name}" if self.package else name

    @property
    def source_root(self) -> Path | None:
        """The folder in which its packages start; None if it is not where its package says."""
        parts = tuple(self.package.split(".")) if self.package else ()
        folder = self.path.parent
        above = len(folder.parts) - len(parts)
        return Path(*folder.parts[:above]) if folder.parts[above:] == parts else None


def read(path: Path) -> JavaSource:
    text = re.sub(r"\r\n?", "\n", texts.source(path))
    # A literal becomes an empty one, since it may be an argument; a comment becomes a space.
    text = BLANKED.sub(lambda match: " " if match[0].startswith("/") else '""', text)
    qualified = re.findall(r"\bnew\s+((?:\w+\.)+[A-Z]\w*)", text)
    text = re.sub(r"\bnew\s+(?:\w+\.)+(?=[A-Z])", "new ", text)
    package = re.search(r"\bpackage\s+([\w.]+)\s*;", text)
    imports = re.findall(r"\bimport\s+(?:static\s+)?([\w.]+(?:\.\*)?)\s*;", text)
    public = re.search(
        r"\bpublic\s+(?:(?:final|abstract|sealed|strictfp)\s+)*"
        r"(?:class|@?interface|enum|record)\s+(\w+)",
        text,
    )
    words = WORD.findall(text)
    types = list(_types(words))
    if not types and re.search(r"\bvoid\s+main\s*\(", text):
        types = [JavaType(path.stem, words=words)]  # without a class around it, for Java 25
    return JavaSource(
        path=path,
        package=package.group(1) if package else "",
        imports=(*imports, *qualified),
        types=tuple(types),
        public_type=public.group(1) if public else None,
        is_test=any(name.startswith(("org.junit", "org.testng", "junit.")) for name in imports),
    )


def _types(words: Sequence[str]) -> Iterator[JavaType]:
    """The top-level types of a source, in order."""
    current: JavaType | None = None
    opened: list[str] = []  # for each open brace, the name of the type it belongs to, or ""
    unnamed = 0  # how many of them belong to no type
    pending = ""  # a type whose brace has not come yet
    static, before = False, ""  # since the last ; { or }: whether `static` came, and the last word
    for index, word in enumerate(words):
        follower = words[index + 1] if index + 1 < len(words) else ""
        if _declares_type(words, index, follower):
            pending = follower
            if not opened:
                current = JavaType(follower)
        if current is not None:
            current.words.append(word)
        if current is not None and current.main is None and word == "main" and not unnamed:
            # Ten words are enough for a main method's parameters, even annotated and final.
            starts = static and before == "void" and _is_main(words[index + 1 : index + 11])
            current.main = "$".join(opened) if starts else None
        if word == "{":
            opened.append(pending)
            unnamed += not pending
            pending = ""
        elif word == "}" and opened:
            unnamed -= not opened.pop()
            if not opened and current is not None:
                yield current
                current = None
        ended = word in ";{}"
        static, before = not ended and (static or word == "static"), "" if ended else word


def _declares_type(words: Sequence[str], index: int, follower: str) -> bool:
    """`class Name`, but not `Name.class`, nor a variable that is called record."""
    if words[index] not in TYPE_WORDS or not re.fullmatch(r"[^\W\d]\w*", follower):
        return False
    if index and words[index - 1] == ".":
        return False
    after = words[index + 2] if index + 2 < len(words) else ""
    return words[index] != "record" or after in ("(", "<")


def _is_main(after: Sequence[str]) -> bool:
    """`public static void main(String[] args)`, in any of its spellings, from its name on."""
    return after[:1] == ["("] and "String" in after


def units(sources: Sequence[JavaSource]) -> list[Unit]:
    """The top-level types of a tree, with what they open and use."""
    tree: dict[str, list[JavaSource]] = {}
    for source in sources:
        for kind in source.types:
            tree.setdefault(kind.name, []).append(source)
    found = []
    for source in sources:
        for kind in source.types:
            own = source.qualified(kind.name)
            used = frozenset(
                owner.qualified(name)
                for name in _used(kind.words) & tree.keys()
                for owner in tree[name]
                if _sees(source, owner, name)
            )
            starts = kind.main is not None
            found.append(Unit(own, source.path, starts, _opens(kind.words), used - {own}))
    return found


def main_class(sources: Sequence[JavaSource], unit: Unit) -> str:
    """The name that the JVM is given to start this unit."""
    for source in sources:
        for kind in source.types:
            if source.path == unit.path and source.qualified(kind.name) == unit.name:
                return source.qualified(kind.main or kind.name)
    raise LookupError(unit.name)


def _sees(source: JavaSource, owner: JavaSource, name: str) -> bool:
    """Whether the simple `name` in `source` can mean the type that `owner` declares."""
    if source.package == owner.package:
        return True
    full = owner.qualified(name)
    return any(
        wanted in (full, f"{owner.package}.*") or wanted.startswith(f"{full}.")
        for wanted in source.imports
    )


def _used(words: Sequence[str]) -> set[str]:
    """Names that are constructed, called or extended here; reading a constant (`Server.PORT`) does
    not count."""
    used = set()
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        after = list(words[index + 1 : index + 4])
        called = after[:1] == ["."] and after[2:3] == ["("]
        if called or before in ("new", "extends") or after[:1] == ["::"]:
            used.add(word)
    return used


def _opens(words: Sequence[str]) -> Opens:
    """The sockets that a type opens; naming one in an import or a field opens nothing."""
    best = Opens.NOTHING
    binds = "bind" in words
    for index, word in enumerate(words):
        made = index > 0 and words[index - 1] == "new"
        after = list(words[index + 1 : index + 4])
        opened = after[:1] == ["."] and after[1:2] in (["open"], ["create"])
        if (made and word in LISTENING_CLASSES) or (opened and word in LISTENING_FACTORIES):
            return Opens.LISTENING
        if word == "createServerSocket" and after[:1] == ["("]:
            return Opens.LISTENING
        if made and word in DATAGRAM_CLASSES:
            if after[:2] != ["(", ")"]:
                return Opens.LISTENING
            best = Opens.ANY
        if opened and word == "DatagramChannel":
            if binds:
                return Opens.LISTENING
            best = Opens.ANY
    return best
