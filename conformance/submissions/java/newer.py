"""Whether a Java program fails to compile only because it is written for another Java release.

Every error must be explained by a language feature, type or member in the source that another
release of Java has and this machine's lacks. Else the program is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.submissions.java import javac_output
from conformance.submissions.java.javac_output import JavacError, erased
from conformance.submissions.java.since import Change, table
from conformance.submissions.java.tree import FX, JavaTree, Source

LONG_TERM = (8, 11, 17, 21, 25)
"""The releases that distributions package."""

MAX_ERRORS = 300
"""Errors that are looked at: javac stops at a hundred of each kind."""
REASONS_SHOWN = 3
"""Reasons that a sentence names."""

PARSING = re.compile(
    r"expected\b|^illegal (start of|escape character|character|initializer)|^not a statement"
    r"|^unclosed |^reached end of file|^invalid method declaration|^orphaned|^'\w+' without '"
    r"|^variable declaration not allowed|^unnamed class|^extraneous|not allowed here$"
    r"|^invalid use of a restricted|^repeated modifier|^empty character|^malformed|^unexpected"
    r"|^as of release \d+, '?\w+'? is a restricted"
)
"""javac's errors of syntax. After one of them it does not check the meaning."""
PREVIEW = re.compile(
    r"^(?P<what>.{1,80}) (is|are) a preview (feature|API) and (is|are) disabled by"
)
SOURCE_LEVEL = re.compile(r"not supported in -source (?P<level>\d+)")
HIGHER = re.compile(r"use -source (?P<release>\d+) or higher")
UNDERSCORE = re.compile(r"^as of release \d+, (the underscore keyword )?'_' |^'_' used as an ident")
EARLY = re.compile(r"^call to (super|this) must be first|^explicit constructor invocation may")
SYMBOL = re.compile(r"^cannot find symbol$|^invalid method reference$")
CONVERTED = re.compile(
    r"^(incompatible types: |\s*\()?(?P<is>\S.*) cannot be converted to (?P<wanted>[^()]+)\)?$"
)
UNSUITED = re.compile(
    r"^no suitable (method|constructor) found for (?P<name>\w+)(?:<.*>)?\((?P<given>.*)\)$"
)
MISMATCH = re.compile(
    r"^(method|constructor) (?P<name>\w+) in \w+ (?P<type>\S.*) cannot be applied to"
)
FOUND = re.compile(r"^\s*found:\s+(?P<given>.*)$")
CANDIDATE = re.compile(
    r"^\s*(method|constructor) (?:<.{0,500}> ?)?(?P<type>[\w.$<>,? ]{1,500})\.[^.]{0,200}\("
)
NO_PACKAGE = re.compile(r"^package (?P<package>[\w.]+) does not exist")
STATIC_IMPORT = re.compile(r"^static import only from classes and interfaces")
DECLARED = re.compile(r"@Override\b[^(]{0,300}?(\w{1,200})\s{0,20}\(")
OVERRIDES = re.compile(r"^method does not override or implement a method from a supertype")


@dataclass(frozen=True)
class Reason:
    """Something that another release of Java has."""

    release: int
    what: str
    gone: bool = False
    """Whether it was removed in that release; else it was added."""
    preview: bool = False
    """Whether this machine's release has it as a preview."""


JAVAFX = Reason(0, "JavaFX")
"""JavaFX is part of no release; it is installed separately."""


def explanation(output: str, root: Path, installed: int) -> str:
    """Why this machine's Java cannot compile what is below `root`, as a sentence; "" unless another
    release explains all that javac said."""
    errors = javac_output.read(output)
    if len(errors) > MAX_ERRORS:
        return ""
    judge = Explainer(JavaTree(root), installed)
    reasons = []
    for error in errors:
        reason = judge.reason(error)
        if reason is None:
            return ""
        reasons.append(reason)
    return sentence(reasons, installed) if reasons else ""


def sentence(reasons: Sequence[Reason], installed: int) -> str:
    """What is needed, for what, and what to install."""
    if JAVAFX in reasons:
        return "it needs JavaFX, which this machine's Java does not have: install openjfx"
    came = [reason for reason in reasons if not reason.gone and not reason.preview]
    if all(reason.preview for reason in reasons):
        what = ", ".join(dict.fromkeys(reason.what for reason in reasons))
        return (
            f"it needs a preview of Java {installed} ({what}): name the commands that build and"
            " start it, with --enable-preview, in a submission.toml"
        )
    told = list(dict.fromkeys(reason.what for reason in (came or reasons)))
    what = ", ".join(told[:REASONS_SHOWN]) + (", …" if len(told) > REASONS_SHOWN else "")
    if came:
        release = max(reason.release for reason in came)
        install = next((each for each in LONG_TERM if each >= release), release)
        needed = f"Java {release} or later"
    else:
        release = min(reason.release for reason in reasons)
        install = max((each for each in LONG_TERM if each < release), default=LONG_TERM[0])
        needed = f"a Java before {release}"
    return (
        f"it needs {needed} ({what}); this machine has Java {installed}:"
        f" install openjdk-{install}-jdk-headless"
    )


class Explainer:
    """Explains errors by what the sources use and the table of releases knows."""

    def __init__(self, tree: JavaTree, installed: int) -> None:
        self._tree = tree
        self._installed = installed

    def reason(self, error: JavacError) -> Reason | None:
        """What another release has that explains the error; None if nothing does."""
        source = self._tree.source(error.file)
        if source is None:
            return None
        rules: tuple[Callable[[JavacError, Source], Reason | None], ...] = (
            self._of_the_language, self._of_a_symbol, self._of_a_call, self._of_a_conversion,
            self._of_an_import, self._of_an_override,
        )  # fmt: skip
        return next((found for rule in rules if (found := rule(error, source))), None)

    def _of_the_language(self, error: JavacError, source: Source) -> Reason | None:
        newer = source.syntax.newer(self._installed)
        here = [each for each in newer if each.first <= error.line <= each.last]
        if UNDERSCORE.match(error.message):
            named = source.syntax.names_nothing(error.line, source.column(error))
            unnamed = [each for each in here if each.release == 22]
            return Reason(22, unnamed[0].what) if named and unnamed else None
        if EARLY.match(error.message):
            late = source.syntax.begins_late(error.line)
            return Reason(here[0].release, here[0].what) if late and here else None
        if preview := PREVIEW.match(error.message):
            if here:
                return Reason(here[0].release, here[0].what)
            return Reason(self._installed, preview["what"], preview=True)
        if SOURCE_LEVEL.search(error.message):
            told = HIGHER.search(" ".join(error.details))
            release = int(told["release"]) if told else 0
            return Reason(release, error.message) if release > self._installed else None
        if not PARSING.search(error.message) or not source.syntax.right:
            return None
        # A later error may follow from an earlier one.
        before = here or [each for each in newer if each.first <= error.line]
        return Reason(before[0].release, before[0].what) if before else None

    def _of_a_symbol(self, error: JavacError, source: Source) -> Reason | None:
        if error.symbol is None or not SYMBOL.match(error.message):
            return None
        kind, name, count = error.symbol
        within, package = error.location
        if not re.search(rf"\b{re.escape(name)}\b", source.line(error.line)):
            return None
        if package:
            return self._since(table().type(name, package), name)
        if kind in ("class", "variable"):
            nested = [c for o in self._tree.library(within) for c in table().type(f"{o}.{name}")]
            found = self._since(nested, f"{within}.{name}") or self._type(name, source)
            if found:
                return found
        for owner in self._tree.library(within):
            if owner != within and (found := self._type(owner, source)):
                return found  # its supertype is missing, and so all that it inherits
            changes = [
                change
                for change in table().member(owner, name)
                if (change.parameters is None) == (count < 0)
                and (change.takes(count) or "reference" in error.message)
            ]
            if found := self._since(changes, f"{owner}.{name}"):
                return found
        imported = [
            change
            for package, type_, member in source.static_imports()
            if member in (name, "*")
            for change in (*table().type(type_, package), *table().member(type_, name))
        ]
        return self._since(imported, name) if within in self._tree.own or not within else None

    def _type(self, name: str, source: Source) -> Reason | None:
        """Why the type that a source means by a simple name is missing."""
        if name not in self._tree.own and source.from_fx(name):
            return JAVAFX
        return self._since(self._tree.changes_of(name, source), name)

    def _of_a_call(self, error: JavacError, source: Source) -> Reason | None:
        """No method of that name takes these arguments; one that was added later may."""
        told = UNSUITED.match(error.message) or MISMATCH.match(error.message)
        if told is None:
            return None
        named = told.groupdict()
        types = {erased(named["type"])} if "type" in named else set()
        types |= {erased(m["type"]) for line in error.details if (m := CANDIDATE.match(line))}
        found = next((m for line in error.details if (m := FOUND.match(line))), None)
        listed = named.get("given") or (found["given"] if found else "")
        given = javac_output.split("" if listed.strip() == "no arguments" else listed)
        makes = told[1] == "constructor"
        owners = {owner for type_ in types for owner in self._tree.library(type_)}
        for owner in sorted(owners):
            changes = [
                change
                for change in table().member(owner, "new" if makes else told["name"])
                if change.parameters is not None and change.takes(len(given))
            ]
            what = f"new {owner}" if makes else f"{owner}.{told['name']}"
            if reason := self._since(changes, what):
                return reason
        return None

    def _of_a_conversion(self, error: JavacError, source: Source) -> Reason | None:
        """A later release gave the type another supertype, or added a method that takes the
        argument."""
        lines = (error.message, *error.details)
        told = next((m for line in lines if (m := CONVERTED.match(line))), None)
        if told is None or not error.message.startswith("incompatible types"):
            return None
        is_, wanted = erased(told["is"]), erased(told["wanted"])
        for owner in self._tree.library(is_):
            if reason := self._since(table().member(owner, f"<{wanted}"), f"{owner} as {wanted}"):
                return reason
        # If javac knows one method of that name, it reports a wrong call in this way.
        called = source.syntax.called_with(error.line, source.column(error))
        if not called or called in self._tree.methods or called in self._tree.own:
            return None
        changes = [c for c in table().methods(called) if is_ in (c.parameters or ())]
        changes += [c for c in table().member(called, "new") if is_ in (c.parameters or ())]
        return self._since(changes, called)

    def _of_an_import(self, error: JavacError, source: Source) -> Reason | None:
        told = NO_PACKAGE.match(error.message)
        if told and told["package"] in source.line(error.line):
            package = told["package"]
            if f"{package}.".startswith(FX):
                return JAVAFX
            if package[:1].isupper():  # the package is a type, which is missing
                return self._type(package, source)
            changes = [c for each in table().types.values() for c in each
                       if f"{c.package}.".startswith(f"{package}.")]  # fmt: skip
            return self._since(changes, package)
        if STATIC_IMPORT.match(error.message):
            changes = [c for package, type_, _ in source.static_imports()
                       if f"{package}.{type_}" in source.line(error.line)
                       for c in table().type(type_, package)]  # fmt: skip
            return self._since(changes, "import static")
        return None

    def _of_an_override(self, error: JavacError, source: Source) -> Reason | None:
        """An @Override of a method that a later release added to a type of the library."""
        if not OVERRIDES.match(error.message):
            return None
        following = "\n".join(source.lines[error.line - 1 : error.line + 3])
        declared = DECLARED.search(following[source.column(error) :])
        for owner in sorted({each for types in self._tree.own.values() for each in types}):
            if owner in self._tree.own or declared is None:
                continue
            changes = table().member(owner, declared[1])
            reason = self._since(changes, f"{owner}.{declared[1]}") or self._type(owner, source)
            if reason:
                return reason
        return None

    def _since(self, changes: Sequence[Change], what: str) -> Reason | None:
        lacking = [change for change in changes if change.lacks(self._installed)]
        if not lacking:
            return None
        first = min(lacking, key=lambda change: change.release)
        parameters = "" if first.parameters is None else f"({', '.join(first.parameters)})"
        preview = ", a preview" if first.how == "~" else ""
        return Reason(first.release, f"{what}{parameters}{preview}", gone=first.how == "-")
