"""The libraries of a Node program: which of them it loads, and whether they were handed in.

What nothing loads (a linter, a watcher) is not installed: if it were unavailable, a program that
does not need it would fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.submissions.texts import is_file

BUILT_IN = frozenset({
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto",
    "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https",
    "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode", "querystring",
    "readline", "repl", "stream", "string_decoder", "sys", "test", "timers", "tls", "trace_events",
    "tty", "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
})  # fmt: skip

BY_NAME = re.compile(
    r"""(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*(?:\(\s*)?)(?:"([^"\n]+)"|'([^'\n]+)')"""
)
BY_VALUE = re.compile(r"\b(?:require|import)\s*\(\s*[^\"'\s)]")
"""`require(name)`: the library is known only when it runs."""

MAX_PACKAGES = 3_000
"""Libraries that are looked at; a web framework brings some hundred."""
MAX_JSON = 4 * 1024 * 1024


@dataclass(frozen=True)
class Loaded:
    """The libraries that sources load, by the names under which they are installed."""

    names: frozenset[str]
    unknown: bool = False


def loaded(texts: Iterable[str]) -> Loaded:
    """What these sources load; their comments must be blanked."""
    names: set[str] = set()
    unknown = False
    for text in texts:
        for double, single in BY_NAME.findall(text):
            said = double or single
            if not said.startswith((".", "/", "node:", "#")) and ":" not in said:
                names.add("/".join(said.split("/")[: 2 if said.startswith("@") else 1]))
        unknown = unknown or bool(BY_VALUE.search(text))
    return Loaded(frozenset(names - BUILT_IN), unknown)


def are_whole(root: Path, names: Iterable[str]) -> bool:
    """Whether `root/node_modules` holds all of these libraries and those that they need, none of
    them compiled, perhaps for another machine."""
    queue = [(name, root) for name in names]
    seen: set[Path] = set()
    while queue:
        name, loader = queue.pop()
        package = _found(name, loader, root)
        if package is None:
            return False
        if package in seen:
            continue
        seen.add(package)
        if len(seen) > MAX_PACKAGES or _is_compiled(package):
            return False
        needs = table(_json(package / "package.json"), "dependencies")
        queue += [(each, package) for each in needs]
    return True


def _found(name: str, loader: Path, root: Path) -> Path | None:
    """Where Node finds a library: in the nearest node_modules at or above the loading folder."""
    for folder in (loader, *loader.parents):
        package = folder / "node_modules" / name
        if any(is_file(package / each) for each in ("package.json", "index.js")):
            return package
        if folder == root:
            break
    return None


def _is_compiled(package: Path) -> bool:
    compiled = (path.relative_to(package) for path in package.rglob("*.node"))
    own = any("node_modules" not in path.parts for path in compiled)
    return own or (package / "binding.gyp").is_file()


def _json(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > MAX_JSON:
            return {}
        value = json.loads(file.read_bytes().decode("utf-8-sig", "replace"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def table(package: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What a package.json has under a key; empty if that is no object."""
    value = package.get(key)
    return value if isinstance(value, dict) else {}
