"""What a report says was expected and what came is about the line that was answered wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from kit.desk import Desk

STRIPS = """
    def serve(client):
        with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
            client.sendall(b"Welcome.\\n")
            for line in lines:
                text = line.strip().upper()
                client.sendall(f"> {text}\\n".encode())
                if text in ("", "BYE"):
                    break
"""

TAKES_A_READ_FOR_A_LINE = """
    def serve(client):
        with client:
            client.sendall(b"Welcome.\\n")
            while chunk := client.recv(65536):
                text = chunk.decode("utf-8", "replace").removesuffix("\\n")
                client.sendall(f"> {text.upper()}\\n".encode())
                if text.upper() == "BYE":
                    break
"""


def told(verdict: dict[str, Any]) -> tuple[str, str]:
    assert verdict["outcome"] == "failed"
    return verdict["expected"], verdict["actual"]


def test_a_close_behind_a_reply_is_told_of_the_line_that_was_answered(desk: Desk) -> None:
    verdicts = desk.check(desk.echo(STRIPS), "--only", "3.7,4.3").verdicts
    assert told(verdicts["3.7"]) == (
        "after the empty line: its reply, and the connection stays open",
        "`> `, then the server closed the connection",
    )
    assert told(verdicts["4.3"]) == (
        "after `␣bye`: its reply, and the connection stays open",
        "`> BYE`, then the server closed the connection",
    )


def test_chunks_are_told_without_times_and_with_where_the_prefix_went(desk: Desk) -> None:
    verdicts = desk.check(desk.echo(TAKES_A_READ_FOR_A_LINE), "--only", "3.4,3.5").verdicts
    assert "came back without a prefix of its own" in verdicts["3.4"]["hint"]
    expected, actual = told(verdicts["3.5"])
    assert expected == "nothing before the newline"
    assert actual.startswith("> ")


@pytest.mark.parametrize(
    ("ends", "seen"),
    [
        ("client.close()", "the server closed the connection"),
        ("client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))",
         "the server reset the connection"),
    ],
)  # fmt: skip
def test_a_server_that_hangs_up_on_the_first_word_was_not_waited_for(
    desk: Desk, ends: str, seen: str
) -> None:
    checked = desk.check(
        desk.echo(f"""
        def serve(client):
            with client:
                greet(client)
                client.recv(65536)
                {ends}
        """),
        "--only", "3.1",
    )  # fmt: skip
    verdict = checked.verdicts["3.1"]
    expected, actual = told(verdict)
    assert expected.startswith("> HELLO")
    assert actual.startswith(seen)
    assert "buffer" not in verdict["hint"], "what is not flushed would be awaited in vain"
