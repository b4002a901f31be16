"""Two faults at once, and programs that implement nothing: with a small lab, through the
command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WITHIN = 300.0
"""Seconds for whatever a test awaits: a bound; the longest takes ten on an idle machine."""

CONTRACT = """\
# same: a TCP server that sends numbers back

## Parameters

| name | default | meaning |
|---|---|---|
| `port` | 2727 | TCP port that the server listens on |

## 1 Listening
- **1.1** MUST (1) `listens`: the server listens.

## 2 Numbers
- **2.1** MUST (5) `sends_it_back`: each number comes back.
- **2.2** MUST (5) `says_so`: what is no number is answered with `no number`.
"""
SCENARIOS = """\
from conformance import Lab, Parameter, Violation

same = Lab("same", __file__, parameters=[Parameter("port", 2727, "TCP port")], see="nc {port}")


@same.scenario("1.1")
async def listens(server):
    \"\"\"The server listens.\"\"\"
    await server.expect_listening()


async def ask(server, line, answer):
    async with server.connect() as client:
        await client.send_line(line)
        got = await client.read_line()
        if got.text != answer:
            raise Violation(answer, got.text)


@same.scenario("2.1")
async def sends_it_back(server):
    \"\"\"Each number comes back.\"\"\"
    number = str(server.draw.number(1000, 9999))
    await ask(server, number, number)


@same.scenario("2.2")
async def says_so(server):
    \"\"\"What is no number is answered so.\"\"\"
    await ask(server, server.draw.word(), "no number")
"""
REFERENCE = '''\
"""Sends numbers back.

Lab: same
Leaves to the student: nothing
"""
import socketserver

SHIFT = 0


class Same(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line.strip().isdigit():
                number = int(line) + SHIFT
                self.wfile.write(b"%d\\n" % number)
            else:
                self.wfile.write(b"no number\\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", 2727), Same).serve_forever()
'''
MUTANTS = """\
[[mutant]]
name = "one-too-many"
file = "python/same.py"
old = "SHIFT = 0"
new = "SHIFT = 1"
fails = ["2.1"]
idea = "Programs count from nought, people from one."

[[mutant]]
name = "one-too-few"
file = "python/same.py"
old = "% number"
new = "% (number - 1)"
fails = ["2.1"]
idea = "People count from one, programs from nought."

[[mutant]]
name = "says-nan"
file = "python/same.py"
old = "no number"
new = "NaN"
fails = ["2.2"]
idea = "It is what other programs say."
"""
CANCELS = """
[[cancels]]
pair = ["one-too-few", "{other}"]
why = "One more and one less is none."
"""
ASKS_BACK = """\
# Lab: same
# Pretends: that it has not understood, whatever it was.
import socketserver


class AsksBack(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"what?\\n")
        self.rfile.read()


socketserver.ThreadingTCPServer(("", 2727), AsksBack).serve_forever()
"""
GRUMBLER = ASKS_BACK.replace("what?", "no number")
"""Says the same to everybody: one clause asks for no more."""


@pytest.fixture
def lab() -> Iterator[Path]:
    """A folder of labs, and one of references. Not pytest's own folder, which is closed to
    others: root's sessions run as another user."""
    with tempfile.TemporaryDirectory(prefix="selfcheck-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        files = {
            "labs/same.md": CONTRACT,
            "labs/same.py": SCENARIOS,
            "references/same/python/same.py": REFERENCE,
            "references/same/mutants.toml": MUTANTS,
            "references/same/impostors/asks_back.py": ASKS_BACK,
        }
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        yield folder


def selfcheck(lab: Path, *words: str) -> tuple[int, str, dict[str, Any]]:
    """Exit status, what is printed, and what the JSON says of the lab."""
    file = lab / "matrix.json"
    folders = ["--labs", str(lab / "labs"), "--references", str(lab / "references")]
    call = [sys.executable, "-m", "conformance", "selfcheck", "same", *folders, *words]
    done = subprocess.run(
        [*call, "--json", str(file)],
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )
    said = json.loads(file.read_text())["labs"]["same"] if file.exists() else {}
    return done.returncode, done.stdout + done.stderr, said


def test_two_faults_that_undo_each_other_are_an_error(lab: Path) -> None:
    status, out, said = selfcheck(lab, "--no-mutants", "--pairs", "--seed", "5")
    assert status == 1, out
    assert "one-too-many + one-too-few" in out
    assert "It earns 11 points, and one-too-many alone 6: 2.1 are paid for." in out
    assert "It passes 2.1, which one-too-few fails alone." in out
    folders = f"--labs {lab / 'labs'} --references {lab / 'references'}"
    again = f"--mutant one-too-many --mutant one-too-few {folders} --pairs 1 --seed 5"
    assert f"conformance selfcheck same {again}" in out
    found = {pair["name"]: pair for pair in said["pairs"]}
    assert len(found) == 3, "every two of three mutants"
    assert {mutant["name"] for mutant in said["mutants"]} == {
        "one-too-many", "one-too-few", "says-nan",
    }, "what they earn alone is found out in the same run"  # fmt: skip
    honest = found["one-too-few + says-nan"]
    assert (honest["status"], honest["points"]) == ("passed", 1)
    assert honest["alone"] == {"one-too-few": 6, "says-nan": 6}
    assert found["one-too-many + one-too-few"]["status"] == "failed"


def test_a_pair_that_is_listed_may_undo_itself(lab: Path) -> None:
    with (lab / "references/same/mutants.toml").open("a") as file:
        file.write(CANCELS.format(other="one-too-many"))
    status, out, said = selfcheck(lab, "--no-mutants", "--pairs", "1")
    assert status == 0, out
    assert "One more and one less is none." in out
    assert len(said["pairs"]) == 2, "the one that is drawn, and the one that is listed"


def test_a_pair_that_is_listed_for_no_reason_is_an_error(lab: Path) -> None:
    with (lab / "references/same/mutants.toml").open("a") as file:
        file.write(CANCELS.format(other="says-nan"))
    named = ["--mutant", "one-too-few", "--mutant", "says-nan"]
    status, out, said = selfcheck(lab, *named, "--pairs", "1")
    assert status == 1, out
    assert "listed among those that cancel each other out, and they do not" in out
    assert len(said["pairs"]) == 1
    assert said["references"] == []


def test_an_impostor_gets_next_to_nothing(lab: Path) -> None:
    status, out, said = selfcheck(lab, "--no-mutants", "--impostors")
    assert status == 0, out
    [found] = said["impostors"]
    assert (found["name"], found["points"], found["worth"]) == ("asks_back", 1, 11)
    assert found["pretends"] == "that it has not understood, whatever it was."
    assert "1 reference, 1 impostor: all as they should be" in out


def test_an_impostor_that_gets_more_is_an_error(lab: Path) -> None:
    (lab / "references/same/impostors/grumbler.py").write_text(GRUMBLER)
    status, out, _ = selfcheck(lab, "--no-mutants", "--impostors")
    assert status == 1, out
    assert "It gets 6 of 11 points without --strict (55%), for 1.1, 2.2; at most 15%." in out
    assert "1 reference, 2 impostors: 1 not as they should be" in out


def test_an_impostor_that_conforms_has_the_wrong_exit_status(lab: Path) -> None:
    header = '# Lab: same\n# Pretends: nothing.\n\n"""'
    real = REFERENCE.replace('"""Sends numbers back.\n', header)
    (lab / "references/same/impostors/real.py").write_text(real)
    status, out, _ = selfcheck(lab, "--no-mutants", "--impostors")
    assert status == 1, out
    assert "Its exit status is 0 with --strict, not 1." in out
    assert "Its exit status is 0 without --strict, not 1." in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--pairs", "0"], "0 is not in the range"),
        (["--mutant", "says-nan", "--pairs", "1"], "there are no two mutants of one file"),
        (["--mutant", "one-too-few", "--no-mutants"], "exclude each other"),
        (["--part", "1/2", "--no-mutants"], "exclude each other"),
    ],
)
def test_what_cannot_be_asked_for(lab: Path, words: list[str], told: str) -> None:
    status, out, _ = selfcheck(lab, *words)
    assert status == 2
    assert told in out


def test_impostors_that_there_are_not(lab: Path) -> None:
    (lab / "references/same/impostors/asks_back.py").unlink()
    status, out, _ = selfcheck(lab, "--impostors")
    assert status == 2
    assert "there are no impostors" in out
