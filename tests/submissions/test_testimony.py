"""Whose words are believed when a build has failed: npm's, pip's and Maven's own, and those of
nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance.submissions import BuildFailed, BuildResult, build, testimony, toolchain
from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Run = Callable[[Sequence[str], Path, float], BuildResult]
Files = dict[str, str]

ADVICE = "it needs its dependencies: run with --fetch-dependencies"


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has every tool."""
    monkeypatch.setattr(toolchain, "on_path", lambda name: [Path("/usr/bin", name)])


def by(*command: str, **files: str) -> Files:
    """A hand-in whose manifest has it built by this command."""
    manifest = f"build = {json.dumps(command)}\ncommand = ['python3', 'x.py']\n"
    return {"submission.toml": manifest, "x.py": ""} | files


def failing(output: str) -> Run:
    return lambda *_: BuildResult(1, output)


def failure_of(submission: Submission, run: Run, *, offline: bool) -> BuildFailed:
    with pytest.raises(BuildFailed) as failure:
        build(submission, run, offline=offline)
    return failure.value


PIP: Files = {
    "main.py": "import unheard_of\n",
    "requirements.txt": "nosuch>=1.0, <2  # a comment\nh11[x]==0.14.0 --hash=sha256:ab\n",
}
NPM = by("npm", "ci")
MVN = by("mvn", "-q", "package", **{"pom.xml": "<project/>"})

WANTS = [
    (PIP, "ERROR: Could not find a version that satisfies the requirement h11 (from versions: )"),
    (PIP, "ERROR: No matching distribution found for h11==0.14.0"),
    (NPM, "npm error code ENOTCACHED\nnpm error request to https://r.example/ms failed: cache mode"
          " is 'only-if-cached' but no cached response is available."),
    (NPM, "npm ERR! code EAI_AGAIN"),
    (NPM, "npm error ssh: Could not resolve hostname github.com: Name or service not known"),
    (MVN, "\x1b[0m[ERROR] Plugin a:b:2.6 or one of its dependencies could not be resolved: Can"
          "not access central (https://repo.maven.apache.org/maven2) in offline mode and the"),
    (MVN, "[ERROR] Non-resolvable parent POM for a:b:1: Could not transfer artifact c:d:pom:1 from"
          "/to central (https://repo.maven.apache.org/maven2): a.b: Unknown host"),
]  # fmt: skip
"""What the three say in a build without a network."""


@pytest.mark.parametrize(("files", "output"), WANTS)
def test_a_build_that_wants_the_network(
    files: Files, output: str, tree: Tree, opened: Opened
) -> None:
    """It costs the student nothing, and the teacher is told."""
    failure = failure_of(opened(tree(files)), failing(output), offline=True)
    assert failure.machine
    first, *others = failure.summary.splitlines()
    assert first == ADVICE
    assert others, "what the tool said"


RETRYING = "WARNING: Retrying (Retry(total=0)) after connection broken by "
TURNED_AWAY = [
    (PIP, f"{RETRYING}'ConnectTimeoutError(<pip._vendor.urllib3>, 'Connection to pypi.example time"
          "d out. (connect timeout=15)')': /x/\nERROR: No matching distribution found for x"),
    (PIP, f"{RETRYING}'ProtocolError('Connection aborted.', RemoteDisconnected('Remote end closed"
          " connection without response'))'\nERROR: No matching distribution found for x"),
    (PIP, f"{RETRYING}'ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 4"
          "03 Forbidden'))': /simple/x/\nERROR: No matching distribution found for x"),
    (PIP, "ERROR: HTTP error 503 while getting https://files.example/x.whl"),
    (PIP, "ERROR: HTTP error 429 while getting https://files.example/x.whl"),
    (PIP, "ERROR: Could not install packages due to an OSError: No space left on device"),
    (NPM, "npm error code ERR_SOCKET_TIMEOUT\nnpm error Socket timeout"),
    (NPM, "npm warn deprecated x@1\nnpm error code ECONNRESET\nnpm error network request to"
          " https://r.example/ms failed, reason: socket hang up"),
    (NPM, "npm error code E429\nnpm error 429 Too Many Requests - GET https://r.example/ms"),
    (NPM, "npm ERR! code E500\nnpm ERR! 500 Internal Server Error - GET https://r.example/ms"),
    (NPM, "npm error code E403\nnpm error 403 403 Forbidden - GET https://evil.example/x.tgz"),
    (NPM, "npm error code ENOSPC\nnpm error syscall write\nnpm error nospc ENOSPC: no space left"),
    (MVN, "[ERROR] Could not transfer artifact a:b:pom:1 from/to jit (https://jitpack.example):"
          " authorization failed for https://jitpack.example/b.pom, status: 403 Forbidden"),
    (MVN, "[ERROR] Could not write x.jar: No space left on device"),
]  # fmt: skip
"""What they say of a registry that breaks off, is away, or may not be asked; and of a full disk."""


@pytest.mark.parametrize(("files", "output"), TURNED_AWAY)
def test_a_registry_that_does_not_serve(
    files: Files, output: str, tree: Tree, opened: Opened
) -> None:
    failure = failure_of(opened(tree(files)), failing(output), offline=False)
    assert failure.machine
    assert "--fetch-dependencies" not in failure.summary


NETWORK = "npm error code ENOTFOUND\nnpm error network request to registry failed: No space left"
LOUD_POM = "<project><plugin><artifactId>exec-maven-plugin</artifactId></plugin></project>"
MAVEN_S = "[ERROR] Could not transfer artifact a:b:pom:1 from/to c (https://d): Unknown host d"

OTHERS = [
    (by("make"), NETWORK),
    (by("sh", "-c", "exit 1 # npm ci"), NETWORK),
    (by("./npm", "ci", npm="#!/bin/sh"), NETWORK),
    (by("npm", "run", "build"), NETWORK),
    (by("npm", "test"), NETWORK),
    (by("python3", "-m", "pip", "install", "x"), f"{RETRYING}'NewConnectionError'"),
    (by("python3", "build.py"), f"{RETRYING}'NewConnectionError'"),
    (by("mvnw", "package", mvnw="#!/bin/sh"), MAVEN_S),
    (by("make"), "curl: (6) Could not resolve host: a.example\nmake: *** [Makefile:2: all]"),
    (by("make"), "fatal: unable to access 'https://a.example/': Could not resolve host: a"),
    (by("make"), "java.net.UnknownHostException: services.gradle.org"),
    (by("make"), "gcc: error: No space left on device"),
    (by("make"), "cannot allocate memory"),
    (by("make"), "OpenJDK: there is insufficient memory; can't start new thread"),
    (by("make"), "make: fork: Resource temporarily unavailable"),
]  # fmt: skip


@pytest.mark.parametrize("offline", [True, False])
@pytest.mark.parametrize(("files", "output"), OTHERS)
def test_the_words_of_anybody_else_prove_nothing(
    files: Files, output: str, offline: bool, tree: Tree, opened: Opened
) -> None:
    failure = failure_of(opened(tree(files)), failing(output), offline=offline)
    assert not failure.machine
    assert failure.summary.endswith(testimony.DOUBTED)


SPOKEN_FOR = [
    (by("npm", "ci"), "npm error code 1\nnpm error command sh -c x\nnpm error code ENOTFOUND"),
    (by("npm", "ci"), "npm error Invalid package name: x\nnpm error code ENOTFOUND"),
    (by("npm", "ci"), "npm error code EINVALID\nnpm error Invalid package name ENOTFOUND"),
    (by("npm", "ci"), "x\nnetwork\nnpm error network ENOTFOUND"),
    ({**PIP, "requirements.txt": "ProxyError"}, "ERROR: No matching distribution: ProxyError"),
    ({**PIP, "requirements.txt": "./mine"}, f"{RETRYING}'NewConnectionError'"),
    ({**PIP, "requirements.txt": "h11\n-e ."}, f"{RETRYING}'NewConnectionError'"),
    ({**PIP, "requirements.txt": "x @ file:///home/student/x"}, f"{RETRYING}'NewConnectionError'"),
    ({**PIP, "requirements.txt": "--no-index"}, f"{RETRYING}'NewConnectionError'"),
    ({**PIP, "requirements.txt": "x" + " " * 100_000 + "@"}, f"{RETRYING}'NewConnectionError'"),
    (by("mvn", "package", **{"pom.xml": LOUD_POM}), MAVEN_S),
    (by("mvn", "package", **{"pom.xml": LOUD_POM.replace("exec", "<!-- x -->exec")}), MAVEN_S),
    (by("mvn", "package", **{"pom.xml": LOUD_POM.replace("<plugin>", "<plugin >")}), MAVEN_S),
    (MVN | {".mvn/jvm.config": "-javaagent:x.jar"}, MAVEN_S),
    (MVN | {".mvn/maven.config": "-l=x"}, MAVEN_S),
    (by("mvn", "package", **{"pom.xml": "<systemPath>${basedir}/a.jar</systemPath>"}), MAVEN_S),
    (MVN | {"m/pom.xml": LOUD_POM}, MAVEN_S),
    (MVN, "Could not transfer artifact a:b:pom:1 from/to c (https://d): Unknown host"),
    (MVN, "[ERROR] Could not find artifact a:b:jar:Could not transfer artifact c from/to d in e"),
]  # fmt: skip
"""Somebody else speaks in their name: a script, a name, a project's own code."""


@pytest.mark.parametrize(("files", "output"), SPOKEN_FOR)
def test_who_speaks_in_their_name_is_not_believed(
    files: Files, output: str, tree: Tree, opened: Opened
) -> None:
    """Where the build may fetch, so that it can be known what the network was to blame for."""
    submission = opened(tree(files))
    done = BuildResult(0, "")

    def run(command: Sequence[str], _: Path, __: float) -> BuildResult:
        return done if "venv" in command else BuildResult(1, output)

    assert not failure_of(submission, run, offline=False).machine


QUIET_POMS = [
    "<project/>",
    "<plugin><artifactId>maven-jar-plugin</artifactId><configuration/></plugin>",
    "<plugin>\n<groupId>org.apache.maven.plugins</groupId>\n<artifactId> maven-shade-plugin "
    "</artifactId></plugin><plugin><artifactId>maven-compiler-plugin</artifactId></plugin>",
]


@pytest.mark.parametrize("pom", QUIET_POMS)
def test_an_ordinary_pom_speaks_by_nobody_else(pom: str, tree: Tree, opened: Opened) -> None:
    submission = opened(tree(by("mvn", "package", **{"pom.xml": pom})))
    assert failure_of(submission, failing(MAVEN_S), offline=False).machine


class Npm:
    """An npm that fetches, and whose scripts then say what they like."""

    def __init__(self, fetched: str | None, scripts: BuildResult) -> None:
        self.commands: list[tuple[str, ...]] = []
        self._fetched = fetched
        self._scripts = scripts

    def __call__(self, command: Sequence[str], root: Path, _: float) -> BuildResult:
        self.commands.append(tuple(command))
        if "--ignore-scripts" not in command:
            return self._scripts
        if self._fetched is None:
            return BuildResult(1, "npm error code E404\nnpm error 404 Not Found")
        (root / "node_modules").mkdir(exist_ok=True)
        (root / "node_modules" / ".package-lock.json").write_text(self._fetched)
        return BuildResult(0, "")


def npm_project(**package: object) -> Files:
    return by(
        "npm", "ci", **{"package.json": json.dumps({"name": "x", "version": "1.0.0", **package})}
    )


FORGED = BuildResult(1, NETWORK)


def test_scripts_run_when_all_is_fetched_and_are_not_believed(tree: Tree, opened: Opened) -> None:
    npm = Npm("{}", FORGED)
    files = npm_project(scripts={"postinstall": "echo npm error code ENOTFOUND; exit 1"})
    failure = failure_of(opened(tree(files)), npm, offline=False)
    assert not failure.machine
    assert ["--ignore-scripts" in command for command in npm.commands] == [True, False]
    assert npm.commands[0][: len(npm.commands[1])] == npm.commands[1]


def test_scripts_of_what_was_fetched_run_too(tree: Tree, opened: Opened) -> None:
    npm = Npm('{"packages": {"node_modules/x": {"hasInstallScript": true}}}', BuildResult(0, ""))
    build(opened(tree(npm_project())), npm, offline=False)
    assert len(npm.commands) == 2


def test_scripts_of_the_project_s_own_packages_run_too(tree: Tree, opened: Opened) -> None:
    for package in ({"workspaces": ["a"]}, {"dependencies": {"a": "file:./a"}}):
        npm = Npm('{"packages": {}}', BuildResult(0, ""))
        build(opened(tree(npm_project(**package))), npm, offline=False)
        assert len(npm.commands) == 2


def test_npm_runs_once_where_there_are_no_scripts(tree: Tree, opened: Opened) -> None:
    npm = Npm('{"packages": {}}', FORGED)
    build(opened(tree(npm_project(scripts={"start": "node server.js"}))), npm, offline=False)
    assert len(npm.commands) == 1


def test_npm_runs_once_where_it_may_not_fetch(tree: Tree, opened: Opened) -> None:
    npm = Npm("{}", BuildResult(0, ""))
    build(opened(tree(npm_project())), npm, offline=True)
    assert ["--ignore-scripts" in command for command in npm.commands] == [False]


def test_what_npm_finds_wrong_is_told_by_the_command_itself(tree: Tree, opened: Opened) -> None:
    """Also where a list of what was fetched has been handed in."""
    npm = Npm(None, BuildResult(1, "npm error code E404\nnpm error 404 Not Found - GET x"))
    root = tree({**npm_project(), "node_modules/.package-lock.json": "{}"})
    failure = failure_of(opened(root), npm, offline=False)
    assert not failure.machine
    assert len(npm.commands) == 2
    assert "404 Not Found - GET x" in failure.summary


def test_what_the_proxy_has_seen_needs_no_words(tree: Tree, opened: Opened) -> None:
    result = BuildResult(1, "it did not work", unreached=("registry.example:443",))
    failure = failure_of(opened(tree(by("make"))), lambda *_: result, offline=False)
    assert failure.machine


def test_what_was_counted_needs_no_words(tree: Tree, opened: Opened) -> None:
    result = BuildResult(1, "", exceeded="the machine's disk was full meanwhile")
    failure = failure_of(opened(tree(by("make"))), lambda *_: result, offline=True)
    assert (failure.machine, failure.summary) == (True, "the machine's disk was full meanwhile")
