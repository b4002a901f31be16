"""Maven's settings, without the secrets in them.

https://maven.apache.org/settings.html: mirrors, and the repositories of active profiles.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from conformance.sandbox.build.http_request import bare
from conformance.sandbox.hosts.loopback import DOOR

CENTRAL = ("https://repo.maven.apache.org/maven2", "https://repo1.maven.org/maven2")


@dataclass(frozen=True)
class Settings:
    """Where this machine's Maven fetches from."""

    mirrors: tuple[Element, ...] = ()
    repositories: tuple[Element, ...] = ()
    plugin_repositories: tuple[Element, ...] = ()

    def urls(self) -> list[str]:
        """All that may be fetched from, Maven Central included unless a mirror replaces it."""
        found = [*self.mirrors, *self.repositories, *self.plugin_repositories]
        open_ = [each for each in found if each.findtext("blocked") != "true"]
        urls = [each.findtext("url", "").strip() for each in open_]
        return urls if any(map(_is_for_central, self.mirrors)) else [*urls, *CENTRAL]

    def to_xml(self, *, fetch: bool, proxied: bool) -> bytes:
        """A settings.xml for a build that may `fetch`; `proxied`: through our proxy."""
        root = ElementTree.Element("settings")
        _add(root, "interactiveMode", "false")
        _add(root, "offline", "false" if fetch else "true")
        if proxied:
            proxies = ElementTree.SubElement(root, "proxies")
            for protocol in ("http", "https"):
                proxy = ElementTree.SubElement(proxies, "proxy")
                for name, text in (
                    ("id", protocol), ("active", "true"), ("protocol", protocol),
                    ("host", DOOR[0]), ("port", str(DOOR[1])),
                ):  # fmt: skip
                    _add(proxy, name, text)
        ElementTree.SubElement(root, "mirrors").extend(self.mirrors)
        profile = ElementTree.SubElement(ElementTree.SubElement(root, "profiles"), "profile")
        _add(profile, "id", "of-this-machine")
        ElementTree.SubElement(profile, "repositories").extend(self.repositories)
        ElementTree.SubElement(profile, "pluginRepositories").extend(self.plugin_repositories)
        active = ElementTree.SubElement(root, "activeProfiles")
        _add(active, "activeProfile", "of-this-machine")
        return bytes(ElementTree.tostring(root, encoding="utf-8"))


def _add(parent: Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _is_for_central(mirror: Element) -> bool:
    names = [name.strip() for name in mirror.findtext("mirrorOf", "").split(",")]
    return "!central" not in names and not {"*", "external:*", "central"}.isdisjoint(names)


def conf_settings(root: Path = Path("/")) -> list[Path]:
    """The settings of the installation, which all users of this machine share."""
    mvn = shutil.which("mvn") if root == Path("/") else None
    own = [Path(mvn).resolve().parent.parent / "conf/settings.xml"] if mvn is not None else []
    found = [*own, root / "etc/maven/settings.xml"]
    return [path for path in dict.fromkeys(found) if os.path.isfile(path)]


def read(files: Iterable[Path]) -> Settings:
    """The settings of these files together, the user's first: of two mirrors for one repository,
    Maven uses the first. Files that are missing or no XML are skipped."""
    mirrors: dict[str, Element] = {}
    repositories: list[Element] = []
    plugins: list[Element] = []
    for file in dict.fromkeys(files):
        root = _parsed(file)
        if root is None:
            continue
        for mirror in root.iterfind("mirrors/mirror"):
            # Of two mirrors with the same id, the user's own applies.
            names = ("id", "mirrorOf", "url", "blocked")
            mirrors.setdefault(mirror.findtext("id", ""), _copied(mirror, names))
        active = {each.text for each in root.iterfind("activeProfiles/activeProfile")}
        for profile in root.iterfind("profiles/profile"):
            by_default = profile.findtext("activation/activeByDefault") == "true"
            if by_default or profile.findtext("id") in active:
                repositories += _repositories(profile.iterfind("repositories/repository"))
                plugins += _repositories(profile.iterfind("pluginRepositories/pluginRepository"))
    return Settings(tuple(mirrors.values()), tuple(repositories), tuple(plugins))


def _repositories(found: Iterable[Element]) -> list[Element]:
    return [_copied(each, ("id", "url", "releases", "snapshots", "layout")) for each in found]


def _copied(element: Element, names: Sequence[str]) -> Element:
    """A copy with these children only, and without passwords in URLs."""
    made = ElementTree.Element(element.tag)
    for child in element:
        if child.tag == "url":
            _add(made, "url", bare((child.text or "").strip()))
        elif child.tag in names:
            made.append(child)
    return made


def _parsed(file: Path) -> Element | None:
    try:
        text = file.read_text(encoding="utf-8")
        # Namespaces are removed, so that tags are found by their plain names.
        return ElementTree.fromstring(
            re.sub(r"\sxmlns(:\w+)?=\"[^\"]*\"|\sxsi:\w+=\"[^\"]*\"", "", text)
        )
    except (OSError, ValueError, ElementTree.ParseError):
        return None
