"""What a run says of the exceptions that a program prints while it is checked."""

from __future__ import annotations

from typing import Any

from kit.desk import SHORT, Checked, Desk

THROWS = """
    def answer(client, text):
        client.sendall(f"> {text.uper()}\\n".encode())
"""


def thrown(checked: Checked, clause: str) -> dict[str, Any]:
    verdict = checked.verdicts[clause]
    assert verdict["outcome"] == "failed", verdict
    told: dict[str, Any] = verdict["thrown"]
    return told


def line_of(program: str, part: str) -> int:
    return next(n for n, line in enumerate(program.splitlines(), 1) if part in line)


def test_the_exception_of_a_thread_is_the_hint(desk: Desk) -> None:
    program = desk.echo(THROWS)
    checked = desk.check(program, "--only", "3.1")
    line = line_of(program.read_text(), "text.uper()")
    told = thrown(checked, "3.1")
    assert (told["name"], told["file"], told["line"]) == ("AttributeError", "server.py", line)
    verdict = checked.verdicts["3.1"]
    assert verdict["hint"] == (
        "Your program printed an exception while this was tried: AttributeError at"
        f" server.py:{line} (see its own output)."
    )
    assert f'  ▶ │   File "server.py", line {line}, in answer' in checked.stdout
    assert "/home/student" not in verdict["output"]


def test_what_ends_it_before_it_listens_is_told(desk: Desk) -> None:
    checked = desk.check(desk.program("import sys\nsys.argv.pop(7)\n"), "--only", "1.1")
    told = thrown(checked, "1.1")
    assert (told["name"], told["file"], told["line"]) == ("IndexError", "server.py", 2)
    assert "server.py:2" in checked.verdicts["1.1"]["hint"]


def test_what_only_the_leaving_of_a_client_provokes_is_no_hint(desk: Desk) -> None:
    program = desk.echo(
        """
        def serve(client):
            with client, client.makefile("r", newline="\\n") as file:
                while True:
                    line = file.readline()
                    if not line:
                        raise ValueError("no line")
        """
    )
    checked = desk.check(program, "--only", "3.1", "--timeout-scale", SHORT)
    told = thrown(checked, "3.1")
    assert (told["name"], told["after"]) == ("ValueError", True)
    verdict = checked.verdicts["3.1"]
    assert "ValueError" not in verdict["hint"]
    assert any("Later, when the client had ended" in note for note in verdict["notes"])


def test_an_exception_of_its_start_is_told_as_older(desk: Desk) -> None:
    program = desk.echo(
        """
        def greet(client):
            pass

        def serve(client):
            time.sleep(60)

        threading.Thread(target=lambda: 1 / 0).start()
        """
    )
    told = thrown(desk.check(program, "--only", "3.1", "--timeout-scale", SHORT), "3.1")
    assert (told["name"], told["before"]) == ("ZeroDivisionError", True)


def test_what_a_busy_program_prints_after_the_close_is_told(desk: Desk) -> None:
    """It closes the connection, and has much to do before it prints why."""
    program = desk.echo(
        """
        def answer(client, text):
            client.sendall(f"> {text.uper()}\\n".encode())

        def hook(told, usual=threading.excepthook):
            for number in range(20_000_000):
                number * number
            usual(told)

        threading.excepthook = hook
        """
    )
    checked = desk.check(program, "--only", "3.1")
    assert thrown(checked, "3.1")["name"] == "AttributeError"
    assert "AttributeError" in checked.verdicts["3.1"]["hint"]
