"""Which tools are believed when a failed build blames the network, or this machine.

A Makefile can print anything, and so can every script that npm, pip or Maven run. Only these three
are believed, and only while none of the student's code runs in them. So where npm may fetch, it
first fetches without running scripts. If a build has no network at all, it is enough that the
command is one of the three. The counters of the kernel and of the proxy are always believed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.submissions import compiler_errors, toolchain
from conformance.submissions.java.javac_output import ANSI

DOUBTED = "(what a build says of the network, or of this machine, is no proof against either)"

_FETCHING = frozenset({"ci", "clean-install", "install", "i", "add"})
"""The subcommands of npm that fetch."""
_FETCH_ONLY = ("--ignore-scripts", "--git=git", "--heading=npm", "--loglevel=warn")
"""Settings that a project's .npmrc could change to forge npm's messages."""
_LIFECYCLE = (
    "preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare",
)  # fmt: skip
_OWN_PACKAGES = ('"workspaces"', '"file:', '"link:', "git")
"""Marks packages that are not from a registry and may have unlisted scripts."""
_LONGEST = 300
"""Characters of a requirement."""
_LARGEST = 1 << 20
"""Bytes of a file that is read; a pom or a list of requirements has a hundredth."""

_NPM = re.compile(
    r"EAI_AGAIN|ENOTFOUND|ECONN(REFUSED|RESET|ABORTED)|E?TIMEDOUT|ETIMEDOUT|E(HOST|NET)UNREACH"
    r"|ENOTCACHED|ERR_SOCKET_TIMEOUT|E403|E429|E5\d\d|ENOSPC|EDQUOT|ENOMEM|EMFILE|ENFILE"
)
"""Codes by which npm says that the registry did not answer, or that there was no room."""
_MAVEN = re.compile(
    r"Could not transfer artifact \S+ from/to \S+ \([a-z]+://|: Unknown host |No space left on devi"
    r"|OutOfMemoryError|insufficient memory"
)
"""Maven's messages, each with text that a version or a name in a pom cannot contain."""
_OF_REQUIREMENTS = re.compile(r"^(ERROR: (Could not find a version|No matching|Invalid)|Requirem)")
"""What pip says of a requirement, quoting text that the student may have written."""
_PLAIN = re.compile(
    r"[A-Za-z0-9][\w.-]*(\[[\w., -]*\])?\s*+([<>=!~]=?=?\s*+[\w.*+!-]++\s*+,?\s*+)*+(;.*)?"
)
"""A requirement that comes from a registry: no path, no URL, no option."""
_HASH = re.compile(r" --hash=sha\d+:[0-9a-f]+")

_QUIET_PLUGINS = re.compile(
    r"maven-(compiler|jar|war|shade|assembly|resources|surefire|failsafe|dependency|clean|install"
    r"|deploy|source|javadoc|site|wrapper|release)-plugin|spring-boot-maven-plugin"
    r"|javafx-maven-plugin|versions-maven-plugin"
)
"""Maven plugins that run none of the project's code at this stage."""
_LOUD = ("systempath", "file:", "skiptests", "<!doctype", "<!entity", ":plugin>", "\0",
         "<packaging>maven-plugin", "<extensions>")  # fmt: skip
"""What a pom contains if other code may print in Maven's name."""


@dataclass(frozen=True)
class BuildCommand:
    """A command of a build, and whose output it prints."""

    command: tuple[str, ...]
    tool: str = ""
    """npm, pip or mvn; "" for anything else."""
    own: bool = False
    """Whether none of the submission's code runs in it."""
    fetches_only: bool = False
    """Whether it only fetches; the command itself follows if it has anything left to do."""


def steps(command: tuple[str, ...], root: Path, *, offline: bool) -> Iterator[BuildCommand]:
    """What to run for a command of a build, in order. `offline`: there is no network."""
    tool = _tool(command)
    if tool == "npm" and not offline:
        yield BuildCommand((*command, *_FETCH_ONLY), tool, own=True, fetches_only=True)
        yield BuildCommand(command)
    elif tool == "pip":
        yield BuildCommand(command, tool, own=_is_plain(command, root))
    elif tool == "mvn":
        yield BuildCommand(command, tool, own=_is_quiet(root))
    else:
        yield BuildCommand(command, tool)


def is_done(root: Path) -> bool:
    """Whether npm, which has fetched without running scripts, has none to run."""
    fetched = _text(root / "node_modules" / ".package-lock.json")
    package = _text(root / "package.json")
    if not fetched or not package or os.path.lexists(root / "binding.gyp"):
        return False
    own = any(word in package for word in _OWN_PACKAGES)
    asked = own or any(f'"{name}"' in package for name in _LIFECYCLE)
    return not asked and "hasInstallScript" not in fetched


def blames_machine(step: BuildCommand, output: str, *, offline: bool) -> bool:
    """Whether a failed build says, in words that are believed, that it lacked network or room."""
    if offline and step.tool and compiler_errors.is_network(output, offline=True):
        return True
    return step.own and not compiler_errors.is_source(output) and _says_so(step.tool, output)


def claims(output: str, *, offline: bool) -> bool:
    """Whether a failed build's output says so, whatever tool printed it."""
    return compiler_errors.is_network(output, offline=offline) or compiler_errors.is_machine(output)


def _says_so(tool: str, output: str) -> bool:
    lines = ANSI.sub("", output).replace("\r", "").split("\n")
    if tool == "npm":  # its first word is a code; the rest may quote a package.json
        first = next((re.split(r"^npm (?:ERR!|error) ", each) for each in lines
                      if re.match(r"npm (ERR!|error) ", each)), ["", ""])  # fmt: skip
        words = first[1].split()
        return len(words) == 2 and words[0] == "code" and bool(_NPM.fullmatch(words[1]))
    if tool == "mvn":
        return any(_MAVEN.search(each) for each in lines if each.startswith("[ERROR] "))
    told = "\n".join(each for each in lines if not _OF_REQUIREMENTS.match(each))
    return claims(told, offline=False)


def _tool(command: Sequence[str]) -> str:
    """Which of the three tools a command runs, if it is the one that this suite has found."""
    first, *words = command
    if first in (f"{each}python" for each in toolchain.VENV_PROGRAMS) or (
        os.path.isabs(first) and os.path.basename(first).startswith("python")
    ):
        said = [word for word in words if word != "-I"]
        return "pip" if said[:2] in (["-m", "pip"], ["-m", "venv"]) and "-I" in words[:1] else ""
    name = os.path.basename(first)
    if toolchain.installed(first) is None or name not in ("npm", "mvn"):
        return ""
    return name if name == "mvn" or (words and words[0] in _FETCHING) else ""


def _is_plain(command: Sequence[str], root: Path) -> bool:
    """Whether pip only installs from a registry; anything else runs the student's code."""
    words = [word for word in command if not word.startswith("-")]
    if "venv" in words:
        return True
    wanted = words[words.index("install") + 1 :] if "install" in words else [""]
    if "-r" in command:
        wanted = _text(root / wanted[-1]).split("\n")
    lines = [_HASH.sub("", line.partition(" #")[0]).strip() for line in wanted]
    return all(
        len(line) < _LONGEST and _PLAIN.fullmatch(line)
        for line in lines
        if line and not line.startswith("#")
    )


def _is_quiet(root: Path) -> bool:
    """Whether none of the project's own code runs in Maven during the build."""
    settings = ("jvm.config", "maven.config", "extensions.xml")
    processors = "META-INF/services/javax.annotation.processing.Processor"
    try:
        if any(os.path.lexists(root / ".mvn" / name) for name in settings):
            return False
        poms = root.rglob("pom.xml")
        return not any(root.rglob(processors)) and all(_is_quiet_pom(_text(pom)) for pom in poms)
    except (OSError, RecursionError):  # folders nested deeper than a path may be long
        return False


def _is_quiet_pom(text: str) -> bool:
    low = text.lower()
    if not text or any(word in low for word in _LOUD) or re.search(r"<plugin\s", low):
        return False
    for plugin in text.split("<plugin>")[1:]:
        names = re.findall(r"<artifactId>([^<]*)<", plugin.partition("</plugin>")[0])
        if not names or not all(_QUIET_PLUGINS.fullmatch(name.strip()) for name in names):
            return False
    return True


def _text(path: Path) -> str:
    """The text of a file of the hand-in; "" if it is a link or too large."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
