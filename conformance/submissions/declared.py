"""The tool versions that a submission declares, compared with this machine's.

`uv` and `npm` write them by themselves, and most programs run with others, so a mismatch does not
stop us from trying. But if a build or a start fails, it is a likely cause.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import nodesemver
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conformance.submissions import texts, toolchain
from conformance.submissions.java.version import of_java

MAX_FILE_BYTES = 256 * 1024
"""Bytes of a file that is read."""
MAX_FILES = 20
"""Files of one name that are read: a project's modules."""
ASK_SECONDS = 10.0
"""Seconds for a tool to print its version; most take a tenth, Maven one."""

NUMBER = re.compile(r"\d+(?:\.\d+)*")
SCRIPT = re.compile(r'^#\s*requires-python\s*=\s*"([^"]+)"', re.MULTILINE)
POM = re.compile(
    r"<(?:maven\.compiler\.(?:release|source|target)|java\.version|release|source)>\s*(?:1\.)?(\d+)\s*<"
    r"|<jdk>\s*<version>\s*[\[(]?(?:1\.)?(\d+)"
)
WRAPPER = re.compile(r"apache-maven[/-](\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class Declared:
    """A declared version that this machine's tool does not match."""

    tool: str
    """Python, Node, Java or Maven."""
    wanted: str
    where: str
    """The file that says so."""
    installed: str

    def __str__(self) -> str:
        return (
            f"{self.where} asks for {self.tool} {self.wanted}; this machine has {self.tool}"
            f" {self.installed}"
        )


def mismatches(root: Path) -> list[Declared]:
    """The versions that files below `root` ask for and this machine does not have."""
    found: list[Declared] = []
    for tool, asked, installed in (
        ("Python", _python, python_version),
        ("Node", _node, node_version),
        ("Java", _java, java_version),
        ("Maven", _maven, maven_version),
    ):
        wanted = list(dict.fromkeys(asked(root)))
        has = installed() if wanted else ""
        found += [
            Declared(tool, version, where, has)
            for version, where in wanted
            if has and not _fits(tool, has, version)
        ]
    return found


def _files(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """The texts of the files of that name that are the student's own, and where they lie."""
    for path in texts.own_files(root, name)[:MAX_FILES]:
        if path.stat().st_size <= MAX_FILE_BYTES:
            text = path.read_bytes().decode("utf-8-sig", "replace")
            yield text, path.relative_to(root).as_posix()


def _python(root: Path) -> Iterator[tuple[str, str]]:
    for text, where in _files(root, "pyproject.toml"):
        try:
            read = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        wanted = _at(read, "project", "requires-python")
        poetry = _at(read, "tool", "poetry", "dependencies", "python")
        if isinstance(wanted, str):
            yield wanted, where
        elif isinstance(poetry, str):
            yield re.sub(r"\^", ">=", poetry), where
    for name in (".python-version", "runtime.txt"):
        for text, where in _files(root, name):
            if re.match(r"\s*(python-|cpython-)?3\.\d", text) and (found := NUMBER.search(text)):
                yield f">={found[0]}", where
    for text, where in _files(root, "*.py"):
        if script := SCRIPT.search(text):
            yield script[1], where


def _node(root: Path) -> Iterator[tuple[str, str]]:
    for text, where in (*_files(root, "package.json"), *_files(root, "package-lock.json")):
        read = _json(text)
        packages = read.get("packages")
        for each in (read, *(packages.values() if isinstance(packages, dict) else ())):
            wanted = _at(each, "engines", "node")
            if isinstance(wanted, str):
                yield wanted, where
    for name in (".nvmrc", ".node-version"):
        for text, where in _files(root, name):
            if found := re.match(r"\s*v?(\d+(?:\.\d+)*)\s*$", text):
                yield f">={found[1]}", where


def _java(root: Path) -> Iterator[tuple[str, str]]:
    for text, where in _files(root, "pom.xml"):
        for found in POM.finditer(text):
            yield found[1] or found[2], where
    for text, where in (*_files(root, ".java-version"), *_files(root, ".sdkmanrc")):
        named = re.search(r"^(?:java\s*=\s*)?(?:\w+-)?(?:1\.)?(\d+)", text, re.MULTILINE)
        if named:
            yield named[1], where


def _maven(root: Path) -> Iterator[tuple[str, str]]:
    for text, where in _files(root, "maven-wrapper.properties"):
        if found := WRAPPER.search(text):
            yield found[1], where


def _at(read: Any, *keys: str) -> Any:
    for key in keys:
        read = read.get(key) if isinstance(read, dict) else None
    return read


def _json(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _fits(tool: str, installed: str, wanted: str) -> bool:
    """Whether a tool's version is one that is asked for; True also if that is unclear."""
    try:
        if tool == "Python":
            return SpecifierSet(wanted).contains(installed, prereleases=True)
        if tool == "Node":  # nvm's "lts/iron" is no range of versions
            return "lts" in wanted or bool(nodesemver.satisfies(installed, wanted, loose=True))
        return Version(installed) >= Version(wanted)
    except Exception:  # nodesemver does not document what it raises for an invalid range
        return True


@cache
def _told(command: tuple[str, ...]) -> str:
    """The first version that a tool prints; "" if none."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ASK_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d{1,9}\.\d{1,9}(\.\d{1,9})?", done.stdout)
    return found[0] if found else ""


def python_version(interpreter: str = "") -> str:
    """3.11.2, of the interpreter for submissions or another one."""
    return _told((interpreter or toolchain.python(), "-I", "--version"))


def _of(name: str) -> str:
    found = toolchain.installed(name)
    return _told((str(found), "--version")) if found else ""


def ask_tools() -> None:
    """Asks the tools that most submissions need for their versions. What is forked from here then
    need not ask again, for each submission: to start Node takes longer than to read a source."""
    toolchain.python()
    python_version()
    node_version()
    toolchain.readable(("java",))


node_version = partial(_of, "node")
maven_version = partial(_of, "mvn")


def java_version() -> str:
    version = of_java("java")
    return str(version) if version else ""
