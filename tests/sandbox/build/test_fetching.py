"""A build that may fetch reaches the configured registries, and nothing else."""

from __future__ import annotations

import base64
import os
import select
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conformance.sandbox import CommandResult, Isolation, Tier, run_build
from conformance.sandbox.build import client_hello
from kit.shops import WHEEL, Hosts, Shop, shop
from kit.trials import WITHIN, apart, isolation_of

SECRET = "hunter2"

ASK = """
import socket, sys
with socket.create_connection(("127.0.0.1", 3128), 20) as one:
    one.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin-1"))
    answer = b""
    while more := one.recv(65536):
        answer += more
print(answer.decode())
"""
"""Says something to the proxy and prints the answer."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shop]:
    """The index that this machine is configured for, with a password; no other configuration."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.lower().startswith(("pip_", "npm_config_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with shop() as server:
        url = server.url.replace("//", f"//student:{SECRET}@")
        monkeypatch.setenv("PIP_INDEX_URL", f"{url}/simple/")
        yield server


def ask(words: str, work: Path, isolation: Isolation) -> CommandResult:
    command = ["/usr/bin/python3", "-c", ASK, words.encode("unicode_escape").decode()]
    result = run_build(command, work, WITHIN, isolation=isolation, fetch=True)
    assert result.status == 0, result.output
    return result


def install(work: Path, isolation: Isolation, *, fetch: bool) -> CommandResult:
    words = "-m pip install --quiet --no-input --target . thing"
    command = ["/usr/bin/python3", *words.split()]
    return run_build(command, work, WITHIN, isolation=isolation, fetch=fetch)


def test_pip_fetches_from_the_configured_index(
    wired: Isolation, scratch: Path, registry: Shop
) -> None:
    result = install(scratch / "work", wired, fetch=True)
    assert result.status == 0, result.output
    assert result.refused == ()
    assert (scratch / "work/thing.py").read_text() == "NAME = 'the thing'\n"
    assert registry.asked == ["GET /simple/thing/", f"GET /files/{WHEEL}"]


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_asks_the_configured_registry(
    wired: Isolation, scratch: Path, registry: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", f"{registry.url}/npm/")
    command = [str(shutil.which("npm")), "install", "thing"]
    result = run_build(command, scratch / "work", WITHIN, isolation=wired, fetch=True)
    assert "404" in result.output
    assert set(registry.asked) == {"GET /npm/thing"}  # some versions of npm ask twice


POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>a</groupId><artifactId>b</artifactId><version>1</version>
<parent><groupId>c</groupId><artifactId>d</artifactId><version>2</version><relativePath/></parent>
</project>"""


@pytest.mark.skipif(shutil.which("mvn") is None, reason="Maven is not installed")
@pytest.mark.parametrize("fetch", [True, False])
def test_maven_asks_the_configured_mirror(
    wired: Isolation, scratch: Path, registry: Shop, tmp_path: Path, fetch: bool
) -> None:
    (tmp_path / ".m2").mkdir()
    (tmp_path / ".m2/settings.xml").write_text(
        "<settings><mirrors><mirror><id>course</id><mirrorOf>*</mirrorOf>"
        f"<url>{registry.url}/maven</url></mirror></mirrors></settings>"
    )
    (scratch / "work/pom.xml").write_text(POM)
    command = [str(shutil.which("mvn")), "-q", "-B", "package"]
    result = run_build(command, scratch / "work", WITHIN, isolation=wired, fetch=fetch)
    assert "Non-resolvable parent POM" in result.output
    assert registry.asked == (["GET /maven/c/d/2/d-2.pom"] if fetch else [])
    assert ("in offline mode" in result.output) is not fetch


def test_pip_says_that_it_may_not(isolation: Isolation, scratch: Path, registry: Shop) -> None:
    """In every tier: where there is no network of its own, too."""
    result = install(scratch / "work", isolation, fetch=False)
    assert result.status != 0
    assert "ERROR: No matching distribution found for thing" in result.output
    assert registry.asked == []


def test_another_host_is_refused_and_told(wired: Isolation, scratch: Path, registry: Shop) -> None:
    with Hosts("127.0.0.1", everywhere=False) as hosts:
        port = hosts.places[0][1][1]  # type: ignore[index]  # of the pair
        result = ask(f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n", scratch / "work", wired)
        assert hosts.visited() == []
    assert result.output.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert f"127.0.0.1:{port}: not a registry that this machine is configured for" in result.output
    assert result.refused == (f"127.0.0.1:{port}",)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("CONNECT evil.example:443 HTTP/1.1", "evil.example:443"),
        ("CONNECT pypi.org:443 HTTP/1.1", "pypi.org:443"),  # another index is configured
        ("CONNECT registry.npmjs.org:22 HTTP/1.1", "registry.npmjs.org:22"),
        ("CONNECT 127.0.0.1:{port} HTTP/1.1", "127.0.0.1:{port}"),  # is configured without TLS
        ("CONNECT [::1]:443 HTTP/1.1", "::1:443"),
        ("GET http://localhost:{port}/simple/ HTTP/1.1", "localhost:{port}"),
        ("POST http://127.0.0.1:{port}/simple/ HTTP/1.1", "127.0.0.1:{port}"),
        ("GET http://127.0.0.1:{port}@evil.example/ HTTP/1.1", "evil.example:80"),
    ],
)
def test_what_is_refused(
    words: str, refused: str, full: Isolation, scratch: Path, registry: Shop
) -> None:
    port = registry.server_port
    result = ask(f"{words.format(port=port)}\r\n\r\n", scratch / "work", full)
    assert result.output.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert result.refused == (refused.format(port=port),)
    assert registry.asked == []


@pytest.mark.parametrize(
    "words",
    [
        "GET /simple/ HTTP/1.1",
        "GET ftp://127.0.0.1/ HTTP/1.1",
        "HELLO",
        "GET http://127.0.0.1:{port}/simple/ HTTP/1.1\r\nX: 1\nHost: other.example",
        "GET http://127.0.0.1:{port}/simple/ HTTP/1.1\r\nHost: a\r\n other.example",
    ],
)
def test_what_is_no_request(words: str, full: Isolation, scratch: Path, registry: Shop) -> None:
    text = f"{words.format(port=registry.server_port)}\r\n\r\n"
    result = ask(text, scratch / "work", full)
    assert result.output.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert registry.asked == []


def test_one_request_a_connection_with_the_registry_s_own_name(
    full: Isolation, scratch: Path, registry: Shop
) -> None:
    request = f"GET http://127.0.0.1:{registry.server_port}/{{}} HTTP/1.1\r\nHost: other\r\n\r\n"
    result = ask(request.format("one") + request.format("two"), scratch / "work", full)
    assert "nothing here" in result.output
    assert registry.asked == ["GET /one"]
    assert registry.heads[0]["host"] == f"127.0.0.1:{registry.server_port}"


def test_no_more_places_are_told_than_help(full: Isolation, scratch: Path, registry: Shop) -> None:
    source = (
        "import socket\n"
        "for number in range(100):\n"
        "    with socket.create_connection(('127.0.0.1', 3128), 20) as one:\n"
        "        one.sendall(b'CONNECT evil%d.example:443 HTTP/1.1\\r\\n\\r\\n' % number)\n"
        "        one.recv(10)\n"
    )
    command = ["/usr/bin/python3", "-c", source]
    result = run_build(command, scratch / "work", WITHIN, isolation=full, fetch=True)
    assert result.status == 0, result.output
    assert len(result.refused) == 20
    assert result.refused[0] == "evil0.example:443"


# -- tunnels --------------------------------------------------------------------------


def hello(name: str | None) -> bytes:
    """What a TLS client says first."""
    out = ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name).do_handshake()
    return out.read()


def test_a_tunnel_is_for_the_host_that_it_was_made_for(
    full: Isolation, scratch: Path, registry: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same network serves others from the same address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("PIP_INDEX_URL", f"https://localhost:{port}/simple/")
        monkeypatch.setenv("npm_config_registry", f"https://127.0.0.1:{port}/")
        for place, name in ((f"localhost:{port}", "evil.example"), (f"127.0.0.1:{port}", "b.c")):
            words = f"CONNECT {place} HTTP/1.1\r\n\r\n" + hello(name).decode("latin-1")
            result = ask(words, scratch / "work", full)
            assert result.output == "HTTP/1.1 200 Connection established\r\n\r\n\n"
            assert result.refused == (f"{name} (by way of {place})",)
            client, _ = server.accept()
            with client:
                client.settimeout(WITHIN)
                assert client.recv(10) == b"", "something came through"


def test_a_tunnel_carries_what_is_for_its_host(
    full: Isolation, scratch: Path, registry: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    greeting_of_ours = hello(None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("npm_config_registry", f"https://{place}/")
        server.settimeout(WITHIN)

        def work() -> bytes:
            if os.fork() == 0:
                client, _ = server.accept()
                came = b""
                while len(came) < len(greeting_of_ours):
                    came += client.recv(65_536)
                client.sendall(b"as it was" if came == greeting_of_ours else b"changed")
                client.close()
                os._exit(0)
            words = f"CONNECT {place} HTTP/1.1\r\n\r\n" + greeting_of_ours.decode("latin-1")
            return ask(words, scratch / "work", full).output.encode()

        assert apart(work) == b"HTTP/1.1 200 Connection established\r\n\r\nas it was\n"


@pytest.mark.parametrize("name", ["pypi.org", "a.b.example", None])
def test_the_name_in_a_greeting(name: str | None) -> None:
    record = hello(name)
    kind, _, length = client_hello.RECORD.unpack_from(record)
    body = record[client_hello.RECORD.size :]
    assert (kind, length) == (client_hello.HANDSHAKE, len(body))
    assert client_hello.server_name(body) == name
    assert client_hello.asks_for("pypi.org", body) is (name == "pypi.org")
    assert client_hello.asks_for("10.0.0.1", body) is (name is None)
    assert client_hello.asks_for("nexus", body) is (name is None)
    for cut in range(0, len(body), 7):
        with pytest.raises(ValueError, match=r"cut off|no ClientHello"):
            client_hello.server_name(body[:cut][:40])


# -- the machine's own way ------------------------------------------------------------


def test_the_machine_s_own_proxy_is_used(
    full: Isolation, scratch: Path, registry: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://shop.example/simple/")
    monkeypatch.setenv("HTTP_PROXY", registry.url.replace("//", f"//me:{SECRET}@"))
    words = "GET http://shop.example/simple/thing/ HTTP/1.1\r\nProxy-X: y\r\n\r\n"
    result = ask(words, scratch / "work", full)
    assert WHEEL in result.output
    assert registry.asked == ["GET http://shop.example:80/simple/thing/"]
    credentials = base64.b64encode(f"me:{SECRET}".encode()).decode()
    assert registry.heads[0]["proxy-authorization"] == f"Basic {credentials}"
    assert "proxy-x" not in registry.heads[0]


def test_a_registry_that_is_away(
    full: Isolation, scratch: Path, registry: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as away:
        away.bind(("127.0.0.1", 0))  # ours, and nobody listens
        url = f"http://127.0.0.1:{away.getsockname()[1]}/simple/"
        monkeypatch.setenv("PIP_INDEX_URL", url)
        result = ask(f"GET {url} HTTP/1.1\r\n\r\n", scratch / "work", full)
    assert result.output.startswith("HTTP/1.1 502 Bad Gateway\r\n")
    assert result.refused == ()


def test_no_password_of_this_machine_is_shown(
    full: Isolation, scratch: Path, registry: Shop, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / ".npmrc").write_text(
        f"registry=https://me:{SECRET}@npm.example/\n//npm.example/:_authToken={SECRET}\n"
    )
    (tmp_path / ".m2").mkdir()
    (tmp_path / ".m2/settings.xml").write_text(
        f"<settings><servers><server><id>a</id><password>{SECRET}</password></server></servers>"
        "<mirrors><mirror><id>a</id><mirrorOf>*</mirrorOf>"
        f"<url>https://me:{SECRET}@maven.example/</url></mirror></mirrors></settings>"
    )
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@proxy.example:8080")
    script = "env; cat /run/maven/.m2/settings.xml; cat /etc/npmrc /etc/pip.conf /etc/gitconfig"
    command = ["/bin/sh", "-c", script]
    result = run_build(command, scratch / "work", WITHIN, isolation=full, fetch=True)
    for told in ("https://npm.example/", "https://maven.example/", registry.url):
        assert told in result.output
    assert SECRET not in result.output


# -- nothing is left ------------------------------------------------------------------


def test_the_proxy_ends_with_the_build(wired: Isolation, scratch: Path, registry: Shop) -> None:
    def work() -> list[str]:
        ask("CONNECT evil.example:443 HTTP/1.1\r\n\r\n", scratch / "work", wired)
        return [str(child) for child in psutil.Process().children(recursive=True)]

    assert apart(work) == []


def test_nothing_survives_a_kill(wired: Isolation, scratch: Path, registry: Shop) -> None:
    """The build, and with it the proxy, in the middle of which the suite is killed."""
    source = f"""
import socket, time
one = socket.create_connection(("127.0.0.1", 3128), 20)
one.sendall(b"GET http://127.0.0.1:{registry.server_port}/ HTTP/1.1\\r\\n\\r\\n")
one.recv(100)
time.sleep(1000)
"""
    command = ["/usr/bin/python3", "-c", source]
    (scratch / "cache").mkdir()

    def work() -> int:
        victim = os.fork()
        if victim == 0:
            run_build(
                command, scratch / "work", 1000,
                cache=scratch / "cache", isolation=wired, fetch=True,
            )  # fmt: skip
            os._exit(1)
        until = time.monotonic() + WITHIN
        while len(begun := psutil.Process(victim).children(recursive=True)) < 4:
            assert time.monotonic() < until, f"the build did not begin: {begun}"
            select.select([], [], [], 0.01)
        handles = [os.pidfd_open(process.pid) for process in begun]
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        for handle in handles:
            assert select.select([handle], [], [], until - time.monotonic())[0], "one survived"
        return len(handles)

    # The proxy; bubblewrap or the keeper, twice; the program.
    assert apart(work) >= 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("tier", [Tier.FULL, Tier.NETWORK])
def test_an_ordinary_user_fetches_too(tier: Tier, scratch: Path, registry: Shop) -> None:
    isolation = isolation_of(tier)
    if not isolation.user_namespace:
        pytest.skip("this machine gives user namespaces to nobody")

    def work() -> CommandResult:
        from conformance.sandbox import uids

        uids.give(scratch, 30_000)
        uids.become(30_000)
        os.environ["HOME"] = "/nonexistent"
        return install(scratch / "work", isolation, fetch=True)

    result = apart(work)
    assert result.status == 0, result.output
    assert (scratch / "work/thing.py").exists()
