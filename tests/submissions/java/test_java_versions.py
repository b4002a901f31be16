"""Programs that are compiled for a newer Java than this machine has: nobody's fault."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance.submissions import BuildFailed, BuildResult, Program, build, toolchain
from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

FOR_21 = b"\xca\xfe\xba\xbe\0\0\0\x41"
FOR_17 = b"\xca\xfe\xba\xbe\0\0\0\x3d"
FOR_8 = b"\xca\xfe\xba\xbe\0\0\0\x34"
CLASS_PATH = "'-Xmx9m', '-cp', 'lib/*:classes', 'ch.Server'"


@pytest.fixture
def jdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """An installation of Java that says that it is of some version; its `java`, which this
    machine finds."""

    def install(release: str) -> Path:
        home = tmp_path / "jdk"
        (home / "bin").mkdir(parents=True)
        (home / "bin/java").touch(mode=0o755)
        if release:
            (home / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{release}"\n')
        link = tmp_path / "alternative" / "java"
        link.parent.mkdir()
        link.symlink_to(home / "bin/java")
        monkeypatch.setattr(toolchain, "on_path", lambda name: [link] * (name == "java"))
        return link

    return install


def nothing(_: Sequence[str], __: Path, ___: float) -> BuildResult:
    return BuildResult(0, "")


def jar(root: Path, start: bytes, name: str = "app.jar") -> Path:
    with zipfile.ZipFile(root / name, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: ch.Server\n")
        archive.writestr("ch/Server.class", start + b"\0\0")
    return root


def started(java: object, words: str, root: Path, opened: Opened) -> Program:
    (root / "submission.toml").write_text(f"command = ['{java}', {words}]\n")
    return build(opened(root), nothing)


@pytest.mark.parametrize("release", ["17.0.13", "17", "17-ea", "1.8.0_392", "20.0.2"])
def test_a_jar_for_a_newer_java(
    release: str, tree: Tree, opened: Opened, jdk: Callable[[str], Path]
) -> None:
    with pytest.raises(BuildFailed) as failure:
        started(jdk(release), "'-jar', 'app.jar'", jar(tree({}), FOR_21), opened)
    assert failure.value.machine
    has = {"1.8.0_392": "8"}.get(release, release[:2])
    assert failure.value.summary == (
        f"it needs Java 21 (class files of version 65); this machine has Java {has}"
    )


@pytest.mark.parametrize(
    ("release", "start"),
    [
        ("17.0.13", FOR_17),
        ("17.0.13", FOR_8),
        ("21", FOR_21),
        ("25.0.1", FOR_21),
        ("", FOR_21),
        ("17", b"no class file"),
        ("17", b"\xca\xfe"),
    ],
)
def test_a_jar_that_this_java_may_start(
    release: str, start: bytes, tree: Tree, opened: Opened, jdk: Callable[[str], Path]
) -> None:
    """Also where the version of either is not known."""
    assert started(jdk(release), "'-jar', 'app.jar'", jar(tree({}), start), opened).command


def test_classes_for_a_newer_java(tree: Tree, opened: Opened, jdk: Callable[[str], Path]) -> None:
    root = tree({"classes/ch/Server.class": FOR_21, "lib/notes.txt": ""})
    with pytest.raises(BuildFailed, match=r"it needs Java 21 .* has Java 17") as failure:
        started(jdk("17.0.13"), CLASS_PATH, root, opened)
    assert failure.value.machine


@pytest.mark.needs("java")
def test_a_jar_is_looked_into_as_it_is_handed_in(
    tree: Tree, opened: Opened, jdk: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    java = jdk("17.0.13")
    monkeypatch.setattr(toolchain, "on_path", lambda _: [java])
    root = jar(tree({}), FOR_21)
    for path in (root, root / "app.jar"):
        with pytest.raises(BuildFailed, match=r"it needs Java 21 .* has Java 17"):
            build(opened(path), nothing)


@pytest.mark.parametrize(
    "words",
    [
        "'-jar', '/dev/zero'",
        "'-jar', 'pipe'",
        "'-jar', 'link.jar'",
        "'-jar', 'nosuch.jar'",
        "'-jar'",
        "'-cp'",
        "'-cp', '/dev:/:..', 'zero'",
        "'-m', 'app/ch.Server'",
        "'@arguments'",
        "'Server.java'",
    ],
)
def test_only_what_was_handed_in_is_looked_into(
    words: str, tmp_path: Path, tree: Tree, opened: Opened, jdk: Callable[[str], Path]
) -> None:
    java = jdk("17.0.13")
    root = tree({"notes.txt": ""})
    jar(tmp_path, FOR_21, "outside.jar")
    (root / "submission.toml").write_text(f"command = ['{java}', {words}]\n")
    submission = opened(root)
    os.mkfifo(submission.root / "pipe")
    (submission.root / "link.jar").symlink_to(tmp_path / "outside.jar")
    assert build(submission, nothing).command


def test_a_program_of_their_own_that_is_called_java(tree: Tree, opened: Opened) -> None:
    root = jar(tree({"java": "#!/bin/sh\n"}), FOR_21)
    assert started("./java", "'-jar', 'app.jar'", root, opened).command[0] == "./java"
