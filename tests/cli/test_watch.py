"""`conformance watch` at a terminal: a change has the submission checked again."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from kit.desk import Desk
from kit.terminal import HIDDEN, SHOWN, at_a_terminal, ended, screen

LOWER = """
    def answer(client, text):
        client.sendall(f"> {text.lower()}\\n".encode())
"""
SILENT = """
    def answer(client, text):
        pass
"""
WAITS = "Waits for a change; Ctrl-C ends."
THREE = ("--lab", "echo", "--only", "1.1,3.1,3.2")


def test_it_checks_again_when_a_file_changes(desk: Desk) -> None:
    server = desk.echo(LOWER)
    report = desk.reports / "run.json"
    with at_a_terminal(desk, "watch", server, *THREE, "--json", report) as child:
        child.expect_exact(WAITS)
        assert '"failed"' in report.read_text()
        desk.echo()
        child.expect("changed: server.py")
        child.expect_exact("✓ 3.1 passes now: sends the line back in upper case")
        child.expect_exact(WAITS)
        desk.program("def x(:")  # saved in the middle of a line
        child.expect_exact("✗ 1.1 fails now: listens")
        child.expect_exact(WAITS)
        desk.echo()
        child.expect_exact("✓ 1.1 passes now: listens")
        child.expect_exact(WAITS)
        child.sendintr()
        assert ended(child) == 0  # that of the last check
    sent = child.logfile_read.text
    assert sent.rindex(SHOWN) > sent.rindex(HIDDEN)
    rows = screen(sent)
    assert rows[0] == "echo · server"
    assert rows.count(WAITS) == 4
    assert "2 clauses are not shown now" in rows
    assert "2 clauses that were not shown pass now" in rows
    assert "SyntaxError" in sent
    sentences = [row for row in rows if not row.startswith(("  see it", "  run it"))]
    assert max(map(len, sentences)) <= 60


def test_a_change_ends_the_check_under_way(desk: Desk) -> None:
    desk.echo(SILENT)
    with at_a_terminal(desk, "watch", desk.folder / "server.py", *THREE) as child:
        child.expect(r"3\.1 · 1 of 3 · \d+ s")
        desk.echo()
        child.expect("changed: server.py")
        child.expect_exact("all that was checked passes")
        child.expect_exact(WAITS)
        child.sendintr()
        assert ended(child) == 0
    assert child.logfile_read.text.count(WAITS) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_in_mid_run_it_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    with at_a_terminal(desk, "watch", desk.echo(SILENT), *THREE) as child:
        child.expect(r"3\.1 · 1 of 3 · \d+ s")
        child.kill(number)
        assert ended(child) == 3  # nothing was judged to the end
    sent = child.logfile_read.text
    assert "Traceback" not in sent
    assert sent.rindex(SHOWN) > sent.rindex(HIDDEN)


def test_what_cannot_be_taken_in_for_a_while(desk: Desk) -> None:
    folder = desk.folder / "work"
    folder.mkdir()
    server: Path = desk.echo(name="work/server.py")
    with at_a_terminal(desk, "watch", folder, "--poll", *THREE) as child:
        child.expect_exact(WAITS)
        server.unlink()
        child.expect("conformance: work: the folder is empty")
        child.expect_exact(WAITS)
        desk.echo(name="work/server.py")
        child.expect_exact("all that was checked passes")
        child.expect_exact(WAITS)
        child.sendintr()
        assert ended(child) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.py"], "there is no file or folder nowhere.py"),
        (["server.py", "--json", "-"], "--json wants a file"),
        (["server.py", "--only", "9"], "the lab echo has no such clause"),
        (["server.py", "--failed"], "no earlier check of"),
        (["server.py", "--must", "--strict"], "give one"),
    ],
)
def test_a_wrong_call_ends_at_once(desk: Desk, arguments: list[str], told: str) -> None:
    server = desk.echo()
    words = [server if word == "server.py" else word for word in arguments]
    refused = desk.call("watch", *words, "--lab", "echo")
    assert refused.status == 2
    assert told in refused.stderr
    assert refused.stdout == ""
