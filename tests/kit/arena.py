"""Checks an attack beside a harmless neighbour, and asserts what must have become of both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.desk import CHECK_SECONDS, ECHO, Checked, Desk

PROGRAMS = Path(__file__).parents[1] / "attacks" / "programs"

OUTSIDE_PORT = 2111
"""Ports on which we listen outside. On the attack's own host they are free, and the kernel assigns
none of these numbers by itself."""

SOME = ("--only", "1.1,3.1,3.2,4.1")
"""Enough clauses to tell a server that serves from one that does not."""

Attacks = Mapping[str, Mapping[str, object]]
"""Names of programs in `programs/`, and the arguments of each."""

_TAIL = """

loot = list(attack())

if "greet" not in GREETS:
    def greet(client):
        client.sendall("".join(["Welcome.\\n", *(f"got: {one}\\n" for one in loot)]).encode())

main()
"""


@dataclass(frozen=True)
class User:
    """Who runs the suite."""

    words: tuple[str, ...] = ()
    """The words before a command that run it as this user."""


def ordinary_user() -> User:
    """A user who is not root: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return User()
    uid = str(30_000 + os.getpid() % 20_000)
    return User(("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs"))


@cache
def can_read_the_suite(user: User) -> bool:
    words = (*user.words, sys.executable, "-c", "import conformance, click, pyroute2")
    root = Path(__file__).resolve().parents[2]
    tried = subprocess.run(words, cwd=root, check=False, capture_output=True, timeout=60)
    return tried.returncode == 0


def submission(desk: Desk, attack: str, **given: object) -> Path:
    """The attack `programs/ATTACK.py` in a correct echo server, with the `given` values."""
    source = (PROGRAMS / f"{attack}.py").read_text(encoding="utf-8")
    greets = "greet" if "\ndef greet(" in source else ""
    text = f"{ECHO}\n\nGIVEN = {given!r}\nGREETS = {greets!r}\n{source}{_TAIL}"
    return desk.program(text, name=f"{attack}.py")


def at_build(desk: Desk, attack: str, **given: object) -> Path:
    """The attack at build time, by a Makefile."""
    return attacks_at_build(desk, {attack: given}, "make")


def attacks_at_build(desk: Desk, attacks: Attacks, way: str) -> Path:
    """Attacks at build time, one after another, by a Makefile, an npm script or an annotation
    processor. The server that is built tells what they got."""
    folder = desk.folder / "attacks"
    folder.mkdir()
    _WAYS[way](folder)
    (folder / "build.txt").write_text(_alone(attacks, "open('loot', 'w').write('\\n'.join(got))"))
    tells = "def attack():\n    return open('loot').read().splitlines()\n"
    (folder / "server.in").write_text(f"{ECHO}\n\nGREETS = ''\n{tells}{_TAIL}")
    return folder


def _alone(attacks: Attacks, end: str) -> str:
    """The attacks as a separate program."""
    parts = ["import os, signal, socket, struct, sys, threading, time", "got = []"]
    for attack, given in attacks.items():
        source = (PROGRAMS / f"{attack}.py").read_text(encoding="utf-8")
        parts += [f"GIVEN = {given!r}", source, "got += attack()"]
    return "\n".join([*parts, end, ""])


def _with_make(folder: Path) -> None:
    run = "python3 build.txt && (echo '#!/usr/bin/python3'; cat server.in) > server"
    (folder / "Makefile").write_text(f"server: server.in\n\t{run}\n\tchmod +x server\n")


def _with_npm(folder: Path) -> None:
    scripts = {"postinstall": "python3 build.txt", "start": "exec python3 server.in"}
    package = {"name": "attack", "version": "1.0.0", "scripts": scripts}
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    # Without these commands, npm would not install what nothing imports.
    (folder / "submission.toml").write_text('build = [["npm", "ci"]]\ncommand = ["npm", "start"]\n')


def _with_processor(folder: Path) -> None:
    """A library on the class path, whose annotation processor javac runs."""
    with zipfile.ZipFile(folder / "library.jar", "w") as jar:
        jar.writestr("META-INF/services/javax.annotation.processing.Processor", "Processing\n")
        jar.writestr("Processing.class", _compiled("Processing"))
    shutil.copy(PROGRAMS / "Server.java", folder)


_WAYS = {"make": _with_make, "npm": _with_npm, "processor": _with_processor}


def in_maven(desk: Desk, attacks: Attacks) -> Path:
    """Attacks in a Java agent that the project has Maven itself load, without a plugin. It says
    what they got, and when it is done."""
    folder = desk.folder / "attacks"
    (folder / ".mvn").mkdir(parents=True)
    with zipfile.ZipFile(folder / "agent.jar", "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nPremain-Class: Agent\n")
        jar.writestr("Agent.class", _compiled("Agent"))
    (folder / ".mvn" / "jvm.config").write_text("-javaagent:agent.jar\n")
    end = "[print('got:', one) for one in got]\nprint('attack is over')"
    (folder / "build.txt").write_text(_alone(attacks, end))
    (folder / "pom.xml").write_text(_POM)
    return folder


_POM = """\
<project><modelVersion>4.0.0</modelVersion>
<groupId>attack</groupId><artifactId>attack</artifactId><version>1</version></project>
"""


@cache
def _compiled(name: str) -> bytes:
    """The class in `programs/NAME.java`."""
    with tempfile.TemporaryDirectory() as folder:
        javac = ["javac", "-proc:none", "-d", folder, str(PROGRAMS / f"{name}.java")]
        subprocess.run(javac, check=True, timeout=60)
        return Path(folder, f"{name}.class").read_bytes()


@cache
def compiled_c(name: str) -> str:
    """The compiled program `programs/NAME.c` in hexadecimal digits, for an attack to bring
    along."""
    with tempfile.TemporaryDirectory() as folder:
        gcc = ["gcc", "-O1", "-static", "-o", f"{folder}/{name}", str(PROGRAMS / f"{name}.c")]
        subprocess.run(gcc, check=True, timeout=60)
        return Path(folder, name).read_bytes().hex()


def in_c(desk: Desk, attack: str) -> Path:
    """The attack `programs/ATTACK.c`, with a Makefile."""
    folder = desk.folder / attack
    folder.mkdir()
    shutil.copy(PROGRAMS / f"{attack}.c", folder)
    (folder / "Makefile").write_text(f"server: {attack}.c\n\tcc -o $@ $<\n")
    return folder


def in_java(desk: Desk, attack: str, what: str) -> Path:
    """The attack `programs/ATTACK.java`; `what` tells it what to do."""
    folder = desk.folder / attack
    folder.mkdir()
    source = (PROGRAMS / f"{attack}.java").read_text(encoding="utf-8")
    (folder / f"{attack}.java").write_text(source.replace("@WHAT@", what))
    return folder


def loot(checked: Checked) -> list[str]:
    """What the attack got, as its server told each client."""
    told = [
        entry["what"].strip()
        for verdict in checked.run["verdicts"]
        for entry in verdict["transcript"]
        if entry["who"].startswith("server")
    ]
    assert "Welcome." in told, f"it never served: {checked.stdout}"
    return sorted({line.removeprefix("got: ") for line in told if line.startswith("got: ")})


def unharmed(checked: Checked) -> None:
    """Asserts that the harmless server passed."""
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout
    assert checked.status == 0
    assert checked.stderr == ""


def stopped(checked: Checked, why: str) -> None:
    """Asserts that it was stopped for what it took, which is no fault, and that the report says
    so."""
    verdict = checked.verdicts["1.1"]
    if verdict["outcome"] == "passed":  # it was stopped after it had served
        verdict = next(v for v in checked.verdicts.values() if v["outcome"] == "inconclusive")
    assert verdict["outcome"] == "inconclusive", checked.stdout
    assert why in verdict["reason"], verdict["reason"]
    assert (
        "as one submission may" in verdict["reason"]
        or "that one submission may" in verdict["reason"]
    )
    assert "failed" not in checked.outcomes.values(), checked.stdout
    assert checked.status == 3
    assert why in " ".join(checked.stdout.split())


class Neighbour:
    """A harmless server that is checked while the attack runs."""

    def __init__(self, desk: Desk, user: User) -> None:
        self._report = desk.reports / "neighbour.json"
        server = desk.echo(name="neighbour.py")
        self._process = desk.start(
            "check", server, "--lab", "echo", *SOME, "--json", self._report, command=user.words
        )

    def is_unharmed(self) -> None:
        stdout, stderr = self._process.communicate(timeout=CHECK_SECONDS)
        run = json.loads(self._report.read_text(encoding="utf-8"))
        unharmed(Checked(self._process.returncode, stdout, stderr, run))
