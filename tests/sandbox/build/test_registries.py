"""What the configuration of a machine says about its registries, and what a build is told."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.sandbox.build import registries
from conformance.sandbox.build.http_request import Place
from conformance.sandbox.build.registries import Registries

SECRET = "hunter2"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty machine, with the home of a user in it."""
    for folder in ("etc/maven", "home/.config/pip", "home/.m2"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def configured(root: Path, **environ: str) -> Registries:
    return registries.configured(environ, root / "home", root)


def hosts(found: Registries) -> set[str]:
    return {f"{place.host}:{place.port}" for place in found.allowed}


def test_a_machine_without_configuration(root: Path) -> None:
    assert configured(root).allowed == {
        Place("https", "pypi.org", 443),
        Place("https", "files.pythonhosted.org", 443),
        Place("https", "registry.npmjs.org", 443),
        Place("https", "repo.maven.apache.org", 443),
        Place("https", "repo1.maven.org", 443),
    }


def test_pip(root: Path) -> None:
    (root / "etc/pip.conf").write_text("[global]\nindex-url = https://machine.example/simple\n")
    (root / "home/.config/pip/pip.conf").write_text(
        f"[install]\nindex_url = https://me:{SECRET}@Mirror.example:8443/simple\n"
        "extra-index-url =\n  https://one.example/simple\n  http://two.example/simple\n"
    )
    found = configured(root, PIP_EXTRA_INDEX_URL="")
    assert {"mirror.example:8443", "one.example:443", "two.example:80"} <= hosts(found)
    assert not {"pypi.org:443", "machine.example:443"} & hosts(found)
    assert found.variables["PIP_INDEX_URL"] == "https://Mirror.example:8443/simple"
    extra = found.variables["PIP_EXTRA_INDEX_URL"]
    assert extra == "https://one.example/simple http://two.example/simple"
    assert SECRET not in str(found)


def test_the_environment_has_the_last_word(root: Path) -> None:
    (root / "etc/pip.conf").write_text("[global]\nindex-url = https://machine.example/simple\n")
    (root / "home/.npmrc").write_text("registry = https://home.example/\n")
    words = {"PIP_INDEX_URL": "https://a.example/", "npm_config_registry": "https://b.example/"}
    found = configured(root, **words)
    assert {"a.example:443", "b.example:443"} <= hosts(found)
    assert not {"machine.example:443", "home.example:443"} & hosts(found)


def test_certificates_and_wheels_of_the_machine(root: Path) -> None:
    wheels, roots = root / "wheels", root / "roots.pem"
    wheels.mkdir()
    roots.touch()
    (root / "etc/pip.conf").write_text(
        f"[global]\ncert = {roots}\nfind-links = {wheels} {root}/none https://links.example/a\n"
    )
    found = configured(root, NODE_EXTRA_CA_CERTS=str(roots))
    assert found.readable == (roots, wheels)
    assert found.variables["PIP_CERT"] == found.variables["NODE_EXTRA_CA_CERTS"] == str(roots)
    assert found.variables["PIP_FIND_LINKS"] == f"{wheels} https://links.example/a"
    assert "links.example:443" in hosts(found)


def test_npm(root: Path) -> None:
    (root / "home/.npmrc").write_text(
        f"; a comment\nregistry=https://${{HOST}}.example/npm/\n//npm.example/:_authToken={SECRET}\n"
        f"_auth={SECRET}\n@course:registry=http://me:{SECRET}@course.example:4873/\n"
    )
    found = configured(root, HOST="npm")
    assert {"npm.example:443", "course.example:4873"} <= hosts(found)
    assert found.variables["npm_config_registry"] == "https://npm.example/npm/"
    assert found.variables["npm_config_@course:registry"] == "http://course.example:4873/"
    assert SECRET not in str(found.variables)


SETTINGS = f"""<?xml version="1.0"?>
<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b">
  <servers><server><id>m</id><username>me</username><password>{SECRET}</password></server></servers>
  <mirrors>
    <mirror><id>m</id><mirrorOf>MIRRORED</mirrorOf><url>https://me:{SECRET}@mirror.example/</url></mirror>
    <mirror><id>blocker</id><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url>
      <blocked>true</blocked></mirror>
  </mirrors>
  <profiles>
    <profile><id>on</id><repositories><repository><id>r</id><url>http://on.example/r</url>
      </repository></repositories></profile>
    <profile><id>off</id><repositories><repository><id>s</id><url>http://off.example/s</url>
      </repository></repositories></profile>
  </profiles>
  <activeProfiles><activeProfile>on</activeProfile></activeProfiles>
</settings>
"""


@pytest.mark.parametrize(
    ("mirrored", "central"), [("*", False), ("central", False), ("*,!central", True), ("x", True)]
)
def test_maven(mirrored: str, central: bool, root: Path) -> None:
    (root / "home/.m2/settings.xml").write_text(SETTINGS.replace("MIRRORED", mirrored))
    found = configured(root)
    assert {"mirror.example:443", "on.example:80"} <= hosts(found)
    assert ("repo.maven.apache.org:443" in hosts(found)) is central
    assert not {"off.example:80", "0.0.0.0:80"} & hosts(found)
    text = found.maven.to_xml(fetch=True, proxied=True).decode()
    assert SECRET not in text
    told = ElementTree.fromstring(text)
    assert told.findtext("mirrors/mirror[id='m']/url") == "https://mirror.example/"
    assert told.findtext("profiles/profile/repositories/repository/url") == "http://on.example/r"
    assert [each.findtext("port") for each in told.iterfind("proxies/proxy")] == ["3128", "3128"]


@pytest.mark.parametrize("words", ["no XML", "<settings><mirrors>", "\xff"])
def test_settings_that_cannot_be_read(words: str, root: Path) -> None:
    (root / "home/.m2/settings.xml").write_bytes(words.encode("latin-1"))
    (root / "etc/pip.conf").write_bytes(words.encode("latin-1"))
    (root / "home/.npmrc").write_bytes(words.encode("latin-1"))
    assert configured(root).allowed == configured(root / "nowhere").allowed


def test_tools_that_may_not_fetch_do_not_try(root: Path) -> None:
    found = configured(root)
    told = found.environment(fetch=False, proxied=False)
    assert (told["PIP_NO_INDEX"], told["npm_config_offline"]) == ("1", "true")
    assert "HTTPS_PROXY" not in told
    settings = ElementTree.fromstring(found.maven.to_xml(fetch=False, proxied=False))
    assert settings.findtext("offline") == "true"
    assert settings.find("proxies") is None
