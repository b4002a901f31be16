"""How a student sees that a server does not listen, or does not build."""

from __future__ import annotations

from kit.desk import Desk


def test_a_program_that_ends_at_its_start_is_seen_by_its_start(desk: Desk) -> None:
    verdict = desk.check(desk.program("raise SystemExit(1)"), "--only", "1.1").verdicts["1.1"]
    assert verdict["outcome"] == "failed"
    assert verdict["reproduce"] == "python3 server.py   # must go on running"


def test_a_build_that_fails_is_seen_by_its_command(desk: Desk) -> None:
    server = desk.program(
        "public class E2 { public static void main(String[] words) { int x = } }", name="E2.java"
    )
    verdict = desk.check(server, "--only", "1.1").verdicts["1.1"]
    assert verdict["outcome"] == "failed"
    tool, *_, source = verdict["reproduce"].split()
    assert (tool, source) == ("javac", "./E2.java")
