"""What a course chooses for itself: a server that does so passes, one that does not fails
the clause that asks for it. The whole of a contract is judged under the chosen values."""

from __future__ import annotations

import pytest

from kit.desk import REFERENCES, Checked, Desk

ALL = ("--only", "2,3,4,5.1,5.2,6.1,6.3,6.7")


def chosen(**values: str) -> list[str]:
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


def only_failed(checked: Checked, *clauses: str) -> None:
    assert checked.those("failed") == list(clauses), checked.stdout
    assert not checked.those("inconclusive"), checked.stdout


def explained(desk: Desk, *call: str, **values: str) -> str:
    return desk.call("explain", *call, *chosen(**values)).stdout


ECHOES = {
    "upper": "text.upper()",
    "lower": "text.lower()",
    "same": "text",
    "reversed": "text[::-1]",
}


def echoing(expression: str) -> str:
    return f"""
        def answer(client, text):
            client.sendall(f"> {{{expression}}}\\n".encode())
    """


@pytest.mark.parametrize("transform", ["lower", "same", "reversed"])
def test_a_line_comes_back_as_the_course_wants_it(desk: Desk, transform: str) -> None:
    right = desk.echo(echoing(ECHOES[transform]), name="right.py")
    only_failed(desk.check(right, *ALL, *chosen(transform=transform)))


@pytest.mark.parametrize("transform", ["upper", "lower", "same", "reversed"])
def test_a_line_that_comes_back_otherwise_costs_3_1_and_nothing_else(
    desk: Desk, transform: str
) -> None:
    other = "text.swapcase()"
    only = ("--only", "3,4.1,4.3,6.3")
    checked = desk.check(desk.echo(echoing(other)), *only, *chosen(transform=transform))
    only_failed(checked, "3.1")


@pytest.mark.parametrize("reply", ["silent", "echoed"])
def test_another_word_ends_the_conversation(desk: Desk, reply: str) -> None:
    program = desk.echo(
        """
        def serve(client):
            with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                for line in lines:
                    text = line.rstrip("\\r\\n")
                    if text.upper() == "QUIT" and SILENT:
                        break
                    answer(client, text)
                    if text.upper() == "QUIT":
                        break
                hang_up(client)
    """.replace("SILENT", str(reply == "silent"))
    )
    only_failed(desk.check(program, *ALL, *chosen(goodbye="QUIT", goodbye_reply=reply)))


ENDLESS = """
    def serve(client):
        with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
            for line in lines:
                answer(client, line.rstrip("\\r\\n"))
            hang_up(client)
"""


def test_where_no_word_ends_the_conversation_no_clause_asks_for_it(desk: Desk) -> None:
    checked = desk.check(desk.echo(ENDLESS), *ALL, *chosen(goodbye=""))
    only_failed(checked)
    assert {"4.1", "4.2", "4.3", "4.5"}.isdisjoint(checked.outcomes)
    assert "fter one client has left" in explained(desk, "echo", "4.4", goodbye="")


def test_a_server_without_a_goodbye_serves_one_after_another(desk: Desk) -> None:
    program = desk.echo(ENDLESS.replace("def serve", """def accept_from(listener):
        while True:
            serve(listener.accept()[0])

    def serve"""))  # fmt: skip
    checked = desk.check(program, "--only", "4,5S", *chosen(goodbye="", concurrency="sequential"))
    only_failed(checked)
    assert list(checked.outcomes) == ["4.4", "5S.1"]


# -- streams ------------------------------------------------------------------------------

CLOCK = """
    import socket, threading, time

    def stream(client):
        with client:
            for _ in range(LINES):
                client.sendall(f"{NOW}\\r\\n".encode())
                PAUSE

    server = socket.create_server(("", 2205))
    while True:
        threading.Thread(target=stream, args=(server.accept()[0],)).start()
"""


def clock(lines: int, now: str = "time.ctime()", pause: str = "") -> str:
    words = {"LINES": str(lines), "NOW": now, "PAUSE": pause or "pass"}
    program = CLOCK
    for word, meant in words.items():
        program = program.replace(word, meant)
    return program


DAYTIME = chosen(lines="1", form="<date>")


@pytest.mark.parametrize("now", ["time.ctime()", "time.strftime('%Y-%m-%d %H:%M:%S%z')"])
def test_the_time_once(desk: Desk, now: str) -> None:
    checked = desk.check(desk.program(clock(1, now)), *DAYTIME, lab="streaming-time")
    only_failed(checked)
    assert {"2.3", "2.4"}.isdisjoint(checked.outcomes)
    assert checked.run["points"] == checked.run["max_points"] == 13


@pytest.mark.parametrize(
    ("lines", "now", "fails"),
    [
        (2, "time.ctime()", ["2.5"]),
        (1, "time.ctime(time.time() - 3600)", ["2.7"]),
        (1, "time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(time.time() + 86400))", ["2.7"]),
        (1, "'hello'", ["2.5", "2.7"]),
    ],
)
def test_not_the_time_once(desk: Desk, lines: int, now: str, fails: list[str]) -> None:
    only = ("--only", "1,2.1,2.2,2.5,2.6,2.7")
    program = desk.program(clock(lines, now))
    only_failed(desk.check(program, *DAYTIME, *only, lab="streaming-time"), *fails)


@pytest.mark.parametrize(
    "pause", ["", "time.sleep(0.3)", "time.sleep(__import__('random').random())"]
)
def test_lines_without_a_rhythm(desk: Desk, pause: str) -> None:
    settings = chosen(lines="4", period="0", form="<date>")
    checked = desk.check(desk.program(clock(4, pause=pause)), *settings, lab="streaming-time")
    only_failed(checked)
    assert {"2.3", "2.4"}.isdisjoint(checked.outcomes)


def test_too_few_lines_without_a_rhythm(desk: Desk) -> None:
    settings = chosen(lines="4", period="0", form="<date>")
    program = desk.program(clock(3))
    only_failed(desk.check(program, *settings, "--only", "2", lab="streaming-time"), "2.5")


# -- a room -------------------------------------------------------------------------------

WORDS = {"HELLO": "JOIN", "SAY": "/say", "WHO": "Names", "BYE": "quit", "KILL": "HALT"}


def room(**edits: str) -> str:
    """The reference, edited: each `edits` name is a function that is written anew."""
    source = (REFERENCES / "presence" / "python" / "threads.py").read_text(encoding="utf-8")
    for former, new in edits.items():
        assert former in source
        source = source.replace(former, new)
    return source


def test_commands_of_other_words(desk: Desk) -> None:
    source = room(**{word: other.upper() for word, other in WORDS.items()})
    settings = chosen(**{word.lower(): other for word, other in WORDS.items()})
    checked = desk.check(desk.program(source), *settings, "--only", "1,2,3,4", lab="presence")
    only_failed(checked)
    assert "`JOIN Ann`" in explained(desk, "presence", "2.1", hello="JOIN")


TELL = {
    "def tell(self, line):": "def tell(self, line, but=None):",
    "            for person in self.names:\n                person.send(line)": (
        "            for person in self.names:\n"
        "                if person is not but:\n"
        "                    person.send(line)"
    ),
    'is in the room.")': 'is in the room.", but=person)',
    'says: {rest}")': 'says: {rest}", but=person)',
}
"""Edits after which nobody is told of what they do themselves."""


@pytest.mark.parametrize("speaker", ["left out", "any"])
def test_a_room_that_tells_the_others_only(desk: Desk, speaker: str) -> None:
    program = desk.program(room(**TELL))
    settings = chosen(speaker=speaker)
    only_failed(desk.check(program, *settings, "--only", "2,3,4.2,5.1", lab="presence"))


@pytest.mark.parametrize(("speaker", "fails"), [("left out", ["2.1", "2.2"]), ("any", [])])
def test_a_room_that_tells_everybody(desk: Desk, speaker: str, fails: list[str]) -> None:
    program = desk.program(room())
    settings = chosen(speaker=speaker)
    checked = desk.check(program, *settings, "--only", "2,3.1,5.1", lab="presence")
    only_failed(checked, *fails)
