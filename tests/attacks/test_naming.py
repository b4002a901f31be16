"""Hand-ins that name a program, or a file, of this machine, for it to be shown to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.arena import SOME, User
from kit.desk import Desk

SECRET = "the teacher's secret"


@pytest.fixture
def neighbour(desk: Desk) -> Path:
    """Another student's correct server, which everybody on this machine may start, and a
    teacher's file beside it."""
    folder = desk.folder / "bob" / "bin"
    folder.mkdir(parents=True)
    written = desk.echo(name="bob/bin/server")
    written.write_text(f"#!/usr/bin/python3\n{written.read_text()}")
    (folder / "secret.txt").write_text(SECRET)
    for path in (folder.parent, folder, *folder.iterdir()):
        path.chmod(0o755)
    return folder


def manifest(folder: Path, command: list[str], build: str = "") -> None:
    (folder / "submission.toml").write_text(f"{build}command = {json.dumps(command)}\n")


def by_manifest(folder: Path, bob: Path) -> None:
    manifest(folder, [f"{bob}/server"])


def by_proc(folder: Path, bob: Path) -> None:
    manifest(folder, [f"/proc/self/root{bob}/server", f"{bob}/secret.txt"])


def by_arguments(folder: Path, bob: Path) -> None:
    manifest(folder, ["sh", "-c", f"cat {bob}/secret.txt; exec {bob}/server"])


def by_a_first_line(folder: Path, bob: Path) -> None:
    (folder / "start").write_text(f"#!{bob}/server\n")


def by_a_link_of_a_build(folder: Path, bob: Path) -> None:
    manifest(folder, ["./server"], f'build = ["ln", "-s", "{bob}/server", "server"]\n')


def by_a_makefile(folder: Path, bob: Path) -> None:
    (folder / "Makefile").write_text(f"server: ; cat {bob}/secret.txt; cp {bob}/server server\n")


def by_a_start_script(folder: Path, bob: Path) -> None:
    scripts = {"start": f"cat {bob}/secret.txt; exec {bob}/server"}
    (folder / "package.json").write_text(json.dumps({"name": "x", "scripts": scripts}))


IN_THE_SANDBOX = [
    ("root", by_arguments),
    ("root", by_a_link_of_a_build),
    ("an ordinary user", by_a_makefile),
    ("root", by_a_start_script),
]


@pytest.mark.parametrize(
    ("user", "way"),
    IN_THE_SANDBOX,
    indirect=["user"],
    ids=lambda given: getattr(given, "__name__", given),
)
def test_what_is_named_is_not_there(
    desk: Desk, user: User, neighbour: Path, way: Callable[[Path, Path], None]
) -> None:
    folder = desk.folder / "mallory"
    folder.mkdir()
    way(folder, neighbour)
    checked = desk.check(folder, *SOME, command=user.words)
    assert "passed" not in checked.outcomes.values(), checked.stdout
    assert checked.status in (1, 3)
    assert SECRET not in checked.stdout + checked.stderr + json.dumps(checked.run)


@pytest.mark.parametrize(
    "way", [by_manifest, by_proc, by_a_first_line], ids=lambda way: way.__name__
)
def test_it_may_not_be_named_at_all(
    desk: Desk, neighbour: Path, way: Callable[[Path, Path], None]
) -> None:
    folder = desk.folder / "mallory"
    folder.mkdir()
    way(folder, neighbour)
    refused = desk.call("check", folder, "--lab", "echo", *SOME)
    assert refused.status == 2, refused.stdout
    told = ("a command may begin with the name of a program", "which this machine does not have")
    assert any(words in refused.stderr for words in told)
    assert SECRET not in refused.stdout + refused.stderr


def test_the_server_that_is_named_is_a_good_one(desk: Desk, neighbour: Path) -> None:
    """Or the tests before prove nothing."""
    checked = desk.check(neighbour / "server", *SOME)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout
