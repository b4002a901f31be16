"""JUnit XML has no schema that all of its readers share. A report is made in the dialect `common`,
and rewritten here for readers that validate what they are given.

    common   GitLab, CodeGrade and what else reads what pytest writes: the report as it is
    jenkins  junit-10.xsd of Jenkins' xUnit plugin: no properties of a case, no `skipped` of all
    ant      JUnit.xsd of Ant's reports (Windy Road): no attributes of all; of a suite also package,
             id and hostname, and a time without a zone; only one result and no output of a case

What a case may not hold is kept in its suite: its properties, as `4.1.points`, and its attachments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

COMMON = "common"

_OF_THE_RUN = frozenset(("clause", "tier", "lab", "seed"))
"""Properties of a case that its suite has as well, or that are part of the new name."""

_OF_A_JENKINS_CASE = frozenset(("name", "classname", "time", "group"))
_OF_AN_ANT_CASE = frozenset(("name", "classname", "time"))

UNKNOWN_HOST = "localhost"
"""What Ant's schema asks for where the host is not known: a stored run does not name it."""

UNKNOWN_TIME = "1970-01-01T00:00:00"
"""Stands where nothing was run: Ant's schema demands a time."""


def rewrite(root: Element, dialect: str, first: int = 0) -> None:
    """Changes a report in the dialect `common`, or a part of it, to another of `DIALECTS`. `first`:
    how many test suites there were in the parts before."""
    DIALECTS[dialect](root, first)


def _keep(root: Element, first: int) -> None:
    pass


def _jenkins(root: Element, first: int) -> None:
    root.attrib.pop("skipped", None)
    for suite in root:
        _move_properties(suite)
        _keep_attributes(suite, _OF_A_JENKINS_CASE)


def _ant(root: Element, first: int) -> None:
    root.attrib.clear()
    for number, suite in enumerate(root, first):
        package, _, name = suite.get("name", "").partition(".")
        suite.set("package", package)
        suite.set("name", name or package)
        suite.set("id", str(number))
        suite.set("hostname", UNKNOWN_HOST)
        suite.set("timestamp", _without_zone(suite.get("timestamp", "")))
        suite.set("time", _decimal(suite.get("time", "")))
        _move_properties(suite)
        _keep_attributes(suite, _OF_AN_ANT_CASE)
        said = []
        for case in suite.iter("testcase"):
            case.set("time", _decimal(case.get("time", "")))
            for output in case.findall("system-out"):
                said.append(output.text or "")
                case.remove(output)
        SubElement(suite, "system-out").text = "\n".join(said)
        SubElement(suite, "system-err")


DIALECTS: dict[str, Callable[[Element, int], None]] = {
    COMMON: _keep, "jenkins": _jenkins, "ant": _ant
}  # fmt: skip


def _move_properties(suite: Element) -> None:
    """Moves the properties of the cases to their suite, which has a list of them then, as its first
    element."""
    listed = suite.find("properties")
    if listed is None:
        listed = Element("properties")
        suite.insert(0, listed)
    for case in suite.iter("testcase"):
        for own in case.findall("properties"):
            values = {each.get("name", ""): each.get("value", "") for each in own}
            for name, value in values.items():
                if name not in _OF_THE_RUN:
                    moved = {"name": f"{values.get('clause', '')}.{name}", "value": value}
                    SubElement(listed, "property", moved)
            case.remove(own)


def _keep_attributes(suite: Element, names: Collection[str]) -> None:
    for case in suite.iter("testcase"):
        for name in case.attrib.keys() - names:
            del case.attrib[name]


def _without_zone(timestamp: str) -> str:
    """The time of a run, which is UTC, to the second."""
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return UNKNOWN_TIME
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _decimal(seconds: str) -> str:
    """The seconds, as XML Schema writes a decimal: never as `1e-05`."""
    return f"{float(seconds or 0):.3f}"
