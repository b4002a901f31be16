"""Which registries this machine is configured for, and a build's configuration for them.

It is made from the machine's own: the places of the registries, and their certificates. User names
and passwords are left out, so a registry that asks for them cannot be used.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from conformance.sandbox.build import maven_settings
from conformance.sandbox.build.http_request import Place, bare
from conformance.sandbox.build.maven_settings import Settings
from conformance.sandbox.hosts.loopback import DOOR

PYPI = "https://pypi.org/simple"
FILES_OF = {"pypi.org": "files.pythonhosted.org", "test.pypi.org": "test-files.pythonhosted.org"}
"""Indexes, and the other hosts that serve their files."""
NPM = "https://registry.npmjs.org/"

_CERTIFICATES = ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name a file of certificates. These are no secret."""


@dataclass(frozen=True)
class Registries:
    """The registries of pip, npm and Maven."""

    allowed: frozenset[Place]
    variables: Mapping[str, str]
    """Variables for pip and npm, without those for proxies."""
    maven: Settings
    readable: tuple[Path, ...] = ()
    """Certificates and folders of wheels that the variables name."""

    def environment(self, *, fetch: bool, proxied: bool) -> dict[str, str]:
        """The variables of a build that may `fetch`; `proxied`: through our proxy. In a build that
        may not, they keep its tools from waiting for a network."""
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "npm_config_update_notifier": "false"}
        found = {**self.variables, **quiet}
        if not fetch:
            return found | {"PIP_NO_INDEX": "1", "npm_config_offline": "true"}
        if not proxied:
            return found
        door = f"http://{DOOR[0]}:{DOOR[1]}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "PIP_PROXY")
        npm = {"npm_config_proxy": door, "npm_config_https_proxy": door}
        return found | dict.fromkeys(names, door) | npm


def configured(environ: Mapping[str, str], home: Path, root: Path = Path("/")) -> Registries:
    """The configuration of a user with this environment and home."""
    pip_places, pip_variables, pip_readable = _pip(environ, home, root)
    npm_places, npm_variables, npm_readable = _npm(environ, home, root)
    conf = map(Path.resolve, maven_settings.conf_settings(root))
    settings = maven_settings.read([home / ".m2/settings.xml", *conf])
    variables = {name: environ[name] for name in _CERTIFICATES if environ.get(name)}
    variables |= pip_variables | npm_variables
    files = [*map(Path, (environ.get(n, "") for n in _CERTIFICATES)), *pip_readable, *npm_readable]
    places = {Place.of(url) for url in [*pip_places, *npm_places, *settings.urls()]}
    return Registries(
        allowed=frozenset(place for place in places if place is not None),
        variables=variables,
        maven=settings,
        readable=tuple(
            dict.fromkeys(path for path in files if path.name and os.access(path, os.R_OK))
        ),
    )


Found = tuple[list[str], dict[str, str], list[Path]]
"""URLs of registries, variables for the tool, files that these name."""


def _pip(environ: Mapping[str, str], home: Path, root: Path) -> Found:
    """https://pip.pypa.io/en/stable/topics/configuration/"""
    files = [
        root / "etc/xdg/pip/pip.conf", root / "etc/pip.conf", home / ".pip/pip.conf",
        Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf",
        *map(Path, filter(None, [environ.get("PIP_CONFIG_FILE")])),
    ]  # fmt: skip
    options: dict[str, str] = {}
    for file in files:
        options |= _ini(file)
    for name in ("index_url", "extra_index_url", "find_links", "trusted_host", "cert"):
        value = environ.get(f"PIP_{name.upper()}")
        if value:
            options[name.replace("_", "-")] = value
    index = options.get("index-url", PYPI)
    indexes = [index, *options.get("extra-index-url", "").split()]
    links = options.get("find-links", "").split()
    urls = [*indexes, *(link for link in links if Place.of(link))]
    wheels = [Path(link.removeprefix("file://")) for link in links if not Place.of(link)]
    links = [
        link for link in links if Place.of(link) or os.access(link.removeprefix("file://"), os.R_OK)
    ]
    host = urlsplit(index).hostname or ""
    urls += [f"https://{FILES_OF[host]}"] if host in FILES_OF else []
    variables = {
        "PIP_CONFIG_FILE": os.devnull,  # no other file is read
        "PIP_INDEX_URL": bare(index),
        "PIP_EXTRA_INDEX_URL": " ".join(map(bare, indexes[1:])),
        "PIP_FIND_LINKS": " ".join(map(bare, links)),
        "PIP_TRUSTED_HOST": " ".join(options.get("trusted-host", "").split()),
        "PIP_CERT": options.get("cert", ""),
    }
    files = [*wheels, *map(Path, filter(None, [options.get("cert")]))]
    return urls, {name: value for name, value in variables.items() if value}, files


def _ini(file: Path) -> dict[str, str]:
    """The options of pip.conf that hold for `pip install`; none where it cannot be read."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return {}
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return found


def _npm(environ: Mapping[str, str], home: Path, root: Path) -> Found:
    """https://docs.npmjs.com/cli/using-npm/config: the later ones win."""
    options: dict[str, str] = {}
    for file in _npmrcs(environ, home, root):
        options |= dict(_npmrc(file, environ))
    for name in ("registry", "cafile"):
        for variable in (f"npm_config_{name}", f"NPM_CONFIG_{name.upper()}"):
            if environ.get(variable):
                options[name] = environ[variable]
    registries = {
        key: value for key, value in options.items() if re.fullmatch(r"@[^:]+:registry", key)
    }
    registries["registry"] = options.get("registry") or NPM
    variables = {f"npm_config_{key}": bare(value) for key, value in registries.items()}
    variables["npm_config_globalconfig"] = os.devnull
    cafile = options.get("cafile")
    if cafile:
        variables["npm_config_cafile"] = cafile
    return list(registries.values()), variables, [Path(cafile)] if cafile else []


def _npmrcs(environ: Mapping[str, str], home: Path, root: Path) -> Iterable[Path]:
    npm = shutil.which("npm") if root == Path("/") else None
    if npm is not None:
        yield Path(npm).parent.parent / "etc/npmrc"
    yield root / "usr/etc/npmrc"
    yield root / "etc/npmrc"
    yield Path(environ.get("NPM_CONFIG_USERCONFIG") or home / ".npmrc")


def _npmrc(file: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith((";", "#", "//", "_")):
            value = re.sub(r"\$\{(\w+)\}", lambda m: environ.get(m[1], ""), value)
            yield key.strip(), value.strip().strip("'\"")
