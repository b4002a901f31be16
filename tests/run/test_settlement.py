"""Points only for what was shown: one fault costs its clause and no other, two cost two, and
whoever does less of the protocol never has more of the points."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kit.desk import Checked, Desk

CONVERSED = "1.1,2.1,3.1,3.2,3.3,3.4,3.5,3.6,3.7,3.8,3.9,4,5.1,5.2,6.1"
"""What is held in conversations of a few lines each."""


def check(desk: Desk, changes: str, *more: str, lab: str = "echo") -> Checked:
    return desk.check(desk.echo(changes), "--only", CONVERSED, *more, lab=lab)


def conversation(client_loop: str) -> str:
    """A server that serves a client so, a thread each."""
    return "def serve(client):\n" + dedent(client_loop).replace("\n", "\n    ")


# -- one fault, one clause -----------------------------------------------------------------

REPLIES = {
    "no space behind the prefix": ">{T}\\n",
    "no prefix": "{T}\\n",
    "not in upper case": "> {t}\\n",
    "in quotes": '> \\"{T}\\"\\n',
    "counts its replies": "{n}> {T}\\n",
    "tells the time": "[10:15:{n}] > {T}\\n",
    "an empty line behind each": "> {T}\\n\\n",
    "a line for its author before each": "[DEBUG] received: {t}\\n> {T}\\n",
    "lines before and behind": "got {t}\\n> {T}\\nnext?\\n",
    "two lines before each": "thread 3\\nread {t}\\n> {T}\\n",
    "a line that counts behind each": "> {T}\\nlines so far: {n}\\n",
    "no end of line": "> {T}",
    "CR alone": "> {T}\\r",
    "NUL for an end of line": "> {T}\\0",
    "a space for an end of line": "> {T} ",
    "a semicolon for an end of line": "> {T};",
    "a tail of NULs": "> {T}\\n\\0\\0\\0\\0",
}
"""Of each line: T in upper case, t as it was sent, n the number of the reply."""


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_form_of_a_reply_costs_3_1_only(desk: Desk, reply: str) -> None:
    text = reply.replace("{T}", "{text.upper()}").replace("{t}", "{text}")
    checked = check(desk, f"""
        replies = 0
        def answer(client, text):
            global replies
            replies += 1
            n = replies
            client.sendall(f"{text}".encode())
    """)  # fmt: skip
    assert checked.those("failed") == ["3.1"]
    assert checked.those("passed") == [n for n in checked.outcomes if n != "3.1"]
    assert checked.run["max_points"] - checked.run["points"] == 3
    assert checked.status == 1


WAYS = {
    "answers when the client has said its last": (
        ["3.2"],
        """
        def serve(client):
            with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                greet(client)
                replies = []
                for line in lines:
                    text = line.rstrip("\\r\\n")
                    replies.append(f"> {text.upper()}\\n".encode())
                    if text.upper() == "BYE":
                        break
                client.sendall(b"".join(replies))
                hang_up(client)
        """,
    ),
    "answers a piece of a line": (
        ["3.5"],
        """
        def serve(client):
            with client:
                greet(client)
                while data := client.recv(300_000):
                    if not data.endswith(b"\\n"):
                        data += b"\\n"
                    lines = data.decode(errors="replace").splitlines()
                    for text in lines:
                        answer(client, text)
                    if "BYE" in map(str.upper, lines):
                        break
                hang_up(client)
        """,
    ),
    "never hangs up": (
        ["4.1"],
        """
        def serve(client):
            with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                greet(client)
                for line in lines:
                    answer(client, line.rstrip("\\r\\n"))
        """,
    ),
    "trims": (["3.9"], "def answer(c, text): c.sendall(f'> {text.strip().upper()}\\n'.encode())"),
    "ends with a client that says BYE": (
        ["4.4"],
        """
        def hang_up(client):
            client.shutdown(socket.SHUT_WR)
            os._exit(0)
        """,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_of_its_own_costs_its_clause(desk: Desk, way: str) -> None:
    fails, changes = WAYS[way]
    checked = check(desk, changes)
    assert [n for n in checked.those("failed") if checked.verdicts[n]["max_points"]] == fails
    lost = checked.run["max_points"] - checked.run["points"]
    declared = sum(checked.verdicts[number]["max_points"] for number in fails)
    assert lost - declared <= 4, checked.those("not_run")
    assert all(checked.verdicts[n]["behind"] == fails for n in checked.those("not_run"))
    assert checked.status == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("then", "hidden"),
    [
        ("break", ["3.4", "3.6", "4.1", "4.2", "4.3", "4.5"]),
        ("time.sleep(1000)", ["3.4", "4.3"]),
    ],
    ids=["hangs up", "falls silent"],
)
def test_one_line_of_each_connection_costs_3_3(desk: Desk, then: str, hidden: list[str]) -> None:
    """Who hangs up after any line cannot be seen to do so for BYE."""
    checked = check(desk, f"""
        def serve(client):
            with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                greet(client)
                for line in lines:
                    answer(client, line.rstrip("\\r\\n"))
                    if line.strip().upper() == "BYE":
                        break
                    {then}
                hang_up(client)
    """)  # fmt: skip
    assert checked.those("failed") == ["3.3"]
    assert checked.those("not_run") == hidden
    assert {checked.verdicts[n]["blame"] for n in hidden} == {"program"}


@pytest.mark.parametrize(
    "cheat",
    [
        "import re\nHANGS_UP = lambda text: not re.match(r'\\d+ [a-z]', text)",
        "HANGS_UP = lambda text: len(text) < 20",
        "HANGS_UP = lambda text: ' ' not in text",
    ],
    ids=["but for lines with numbers", "but for long lines", "but for lines of several words"],
)
def test_who_answers_one_line_except_where_that_is_judged_has_it_judged_everywhere(
    desk: Desk, cheat: str
) -> None:
    """What the others are judged through has to be paid for: 3.3 holds here."""
    checked = check(desk, """
        def serve(client):
            with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                greet(client)
                for line in lines:
                    answer(client, line.rstrip("\\r\\n"))
                    if HANGS_UP(line.rstrip("\\r\\n")):
                        break
                hang_up(client)
    """ + "\n        ".join(["", *cheat.splitlines()]))  # fmt: skip
    assert checked.outcomes["3.3"] == "passed"
    assert checked.outcomes["3.1"] == "failed"
    assert checked.run["points"] <= 5


# -- bytes that have no end of line ----------------------------------------------------------

EARLY = {
    "each byte as it comes": "client.sendall(data.upper())",
    "the prefix at the first byte": "client.sendall(b'> ' if data[:1] != b'\\n' else data)",
    "a dot for each piece": "client.sendall(b'.')",
    "a NUL for each piece": "client.sendall(b'\\0')",
    "the piece before the last": "client.sendall(last.upper()); last = data",
}


@pytest.mark.parametrize("early", EARLY.values(), ids=EARLY)
def test_what_comes_before_the_newline_costs_3_5_and_stands_in_the_conversation(
    desk: Desk, early: str
) -> None:
    checked = desk.check(desk.echo(f"""
        PORT = 9907
        def serve(client):
            with client:
                line, last = b"", b""
                while data := client.recv(65536):
                    if not data.endswith(b"\\n"):
                        {early}
                    line += data
                    while b"\\n" in line:
                        text, line = line.split(b"\\n", 1)
                        client.sendall(text.upper() + b"\\n")
    """), "--only", "3.5", lab="echo-node")  # fmt: skip
    verdict = checked.verdicts["3.5"]
    assert verdict["outcome"] == "failed"
    assert "without an end of line" in verdict["actual"]
    said = [entry["what"] for entry in verdict["transcript"] if entry["who"] == "server"]
    assert said
    assert not said[-1].endswith("\n")


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("", "without an end of line"),
        ("\\r", "CR alone"),
        (" ", "without an end of line"),
        ("\\0", "without an end of line"),
        ("\\t", "without an end of line"),
        (";", "without an end of line"),
    ],
)
def test_a_reply_without_an_end_of_line_is_told_as_what_it_is(
    desk: Desk, end: str, told: str
) -> None:
    checked = desk.check(desk.echo(f"""
        def answer(client, text):
            client.sendall(f"> {{text.upper()}}{end}".encode())
    """), "--only", "3.1")  # fmt: skip
    verdict = checked.verdicts["3.1"]
    assert verdict["outcome"] == "failed"
    assert told in verdict["actual"]
    assert verdict["actual"].startswith("> HELLO")


# -- a program that ends by itself -------------------------------------------------------------

CRASHES = {
    "SIGSEGV": "os.kill(os.getpid(), signal.SIGSEGV)",
    "SIGABRT": "os.abort()",
    "SIGPIPE": "os.kill(os.getpid(), signal.SIGPIPE)",
    "an exit of its own": "os._exit(3)",
    "status 0": "os._exit(0)",
}


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
@pytest.mark.parametrize("beside", ["", "3.3,3.7,6.3,"], ids=["alone", "after others"])
def test_what_a_reset_ends_fails_6_2(desk: Desk, crash: str, beside: str) -> None:
    signal_default = "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
    checked = desk.check(desk.echo(signal_default + dedent(f"""
        def serve(client):
            try:
                with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                    greet(client)
                    for line in lines:
                        answer(client, line.rstrip("\\r\\n"))
                        if line.strip().upper() == "BYE":
                            break
                    hang_up(client)
            except ConnectionError:
                {crash}
    """)), "--only", f"1.1,3.1,{beside}6.2")  # fmt: skip
    assert checked.those("failed") == ["6.2"]
    assert "the program has ended" in checked.verdicts["6.2"]["actual"]
    assert checked.status == 0, "a SHOULD, which costs nothing here"


def test_a_crash_that_does_not_show_again_is_proof_all_the_same(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        lines = 0
        def answer(client, text):
            global lines
            lines += 1
            if text == "" and lines > 100:
                os._exit(3)
            client.sendall(f"> {text.upper()}\\n".encode())
    """), "--only", "3.1,3.3,3.7,3.9")  # fmt: skip
    assert checked.those("failed") == ["3.7"]
    verdict = checked.verdicts["3.7"]
    assert "exit status 3" in verdict["actual"]
    assert any("Held on this server before" in note for note in verdict["notes"])


# -- two faults ----------------------------------------------------------------------------------

SHOUTS_NOT = "def answer(client, text): client.sendall(f'> {text}\\n'.encode())"
NO_SPACES = "def answer(client, text): client.sendall(f'> {text.upper().strip()}\\n'.encode())"
ENDS = "        for line in f:\n            last = line\n"


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        ("> {text}\\n", "3.1"),
        (">{text.upper()}\\n", "3.1"),
        ("> {text.upper()}\\n\\n", "3.1"),
        ("> {text.upper()}", "3.1"),
        ("> {text.strip().upper()}\\n", "3.9"),
        ("> {text.upper().encode('ascii', 'replace').decode()}\\n", "3.8"),
    ],
)
def test_two_faults_cost_two_clauses(desk: Desk, answers: str, first: str) -> None:
    """The second: it ends when a client leaves without BYE."""
    checked = desk.check(desk.echo(f"""
        def answer(client, text):
            client.sendall(f"{answers}".encode())

        def serve(client):
            with client, client.makefile("r", encoding="utf-8", newline="\\n") as lines:
                greet(client)
                for line in lines:
                    answer(client, line.rstrip("\\r\\n"))
                    if line.strip().upper() == "BYE":
                        break
                else:
                    os._exit(1)
                hang_up(client)
    """), "--only", "1.1,3.1,3.2,3.3,3.4,3.6,3.7,3.8,3.9,4.1,6.1")  # fmt: skip
    assert checked.those("failed") == [first, "6.1"]
    assert checked.those("not_run") == []


# -- less of the protocol, no more of the points ---------------------------------------------------

NAIVE = """
def serve(client):
    global clients
    clients += 1
    with client:
        while data := client.recv(1024):
            text = data.decode("latin-1").strip().upper()
            %s
            client.sendall(b"> " + text.encode("latin-1", "replace") + b"\\n")

clients = 0
"""
"""Knows no BYE, no accents, no spaces, no second line in a read."""

WORSE = {
    "one client is sent away": "if clients == 4: break",
    "every third client is sent away": "if clients % 3 == 0: break",
    "one client is not answered": "if clients == 5: continue",
    "one line of each connection": "client.sendall(b'> ' + text.encode() + b'\\n'); break",
    "late once": "time.sleep(1.5 if clients == 3 else 0)",
    "another form now and then": "text = text if clients % 4 else text + '!'",
}


@pytest.mark.slow
@pytest.mark.parametrize("worse", WORSE.values(), ids=WORSE)
def test_one_more_fault_never_raises_the_points(desk: Desk, worse: str) -> None:
    some = ("--only", "1.1,2.1,3.1,3.2,3.3,3.4,3.8,3.9,4.1,4.3")
    honest = desk.check(desk.echo(NAIVE % "pass", name="honest.py"), *some)
    cheat = desk.check(desk.echo(NAIVE % worse, name="cheat.py"), *some)
    assert cheat.run["max_points"] == honest.run["max_points"]
    assert cheat.run["points"] <= honest.run["points"]
    assert (honest.status, cheat.status) == (1, 1)


def test_another_port_at_each_start_costs_1_1_only(desk: Desk) -> None:
    checked = desk.check(desk.echo("PORT = 0"), "--only", "1.1,3.1,3.3,6.7")
    assert checked.those("failed") == ["1.1"]
    assert checked.those("passed") == ["3.1", "3.3", "6.7"]
    assert "(another at each start)" in checked.verdicts["1.1"]["actual"]


# -- a budget --------------------------------------------------------------------------------


def test_who_lets_its_clients_wait_uses_its_own_budget_up(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def answer(client, text):
            time.sleep(1.5)
            client.sendall(f"> {text.upper()}\\n".encode())
    """), "--budget", "30", "--only", "1.1,3.1,3.2,3.3,3.4")  # fmt: skip
    left = checked.those("not_run")
    assert left
    assert {checked.verdicts[number]["blame"] for number in left} == {"program"}
    assert checked.status == 1


def test_who_is_in_time_loses_nothing_by_a_budget_that_is_too_small(desk: Desk) -> None:
    checked = desk.check(desk.echo(), "--budget", "1", "--only", "1.1,3,4")
    left = checked.those("not_run")
    assert left
    assert checked.those("failed") == []
    assert {checked.verdicts[number]["blame"] for number in left} == {"suite"}
    assert {checked.verdicts[n]["points"] for n in left if checked.verdicts[n]["max_points"]} == {
        None
    }
    assert checked.status == 3
