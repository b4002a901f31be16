"""Programs that misbehave: each gets a clear verdict, and nothing of it is left running.

What is asserted of the reports is what a student reads; that nothing is left, the
fixture `desk` asserts after each test.
"""

from __future__ import annotations

import json

import pytest

from kit.desk import SHORT, Checked, Desk

QUICK = ("--timeout-scale", SHORT)
"""For programs of which something is awaited in vain: a third of each deadline."""

PATIENT = ("--timeout-scale", "4")
"""For programs whose end is to be told: the news of it may be late on a busy machine."""


def gate(checked: Checked) -> str:
    """What the report says about a gate that does not hold; all else was not run."""
    assert checked.status == 1
    assert checked.outcomes["1.1"] == "failed"
    for number, verdict in checked.verdicts.items():
        if number != "1.1":
            assert verdict["outcome"] == "not_run"
            assert "behind clause 1.1" in verdict["reason"]
    assert checked.run["points"] == 0
    assert checked.stderr == ""
    return str(checked.verdicts["1.1"]["actual"])


def passed(checked: Checked) -> None:
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout
    assert checked.status == 0


# -- programs that never get so far ---------------------------------------------------


def test_exits_at_once_with_status_0(desk: Desk) -> None:
    checked = desk.check(desk.program("print('TODO: write the server')\n"))
    assert "the program has ended: exit status 0" in gate(checked)
    assert "before it listened" in gate(checked)
    assert checked.verdicts["1.1"]["output"] == "TODO: write the server"
    assert "TODO: write the server" in checked.stdout


def test_breaks_down_at_once(desk: Desk) -> None:
    checked = desk.check(desk.program("import socket\nsocket.create_server(('', 23z23))\n"))
    assert "the program has ended: exit status 1" in gate(checked)
    assert "SyntaxError" in checked.verdicts["1.1"]["output"]


def test_reads_its_input_before_it_listens(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        PORT = int(input("Port? ") or 2323)
    """), *QUICK)  # fmt: skip
    assert "no port was opened within" in gate(checked)
    assert "still running" in gate(checked)
    assert "It asks for input before it listens" in checked.verdicts["1.1"]["hint"]
    assert checked.verdicts["1.1"]["output"].strip() == "Port?"


@pytest.mark.parametrize("afterwards", ["pass", "time.sleep(1000)"])
def test_the_port_opens_for_an_instant(desk: Desk, afterwards: str) -> None:
    checked = desk.check(desk.echo(f"""
        def main():
            listen().close()
            {afterwards}
    """), *QUICK)  # fmt: skip
    told = gate(checked)
    ended = "the program has ended: exit status 0"
    alive = ("no port was opened", "the program is running, but its port is closed", "refused")
    assert any(words in told for words in ([ended] if afterwards == "pass" else alive)), told


def test_the_port_is_open_and_the_program_ends(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def main():
            listener = listen()
            time.sleep(0.2)
            print("that was it")
    """), *QUICK)  # fmt: skip
    assert "the program has ended: exit status 0" in gate(checked)
    assert checked.verdicts["1.1"]["output"] == "that was it"


def test_the_thread_that_accepts_is_dead(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def accept_from(listener):
            threading.Thread(target=lambda: 1 / 0).start()
            time.sleep(1000)
    """), *QUICK)  # fmt: skip
    assert "its port is open, but after" in gate(checked)
    assert "still waits to be accepted" in gate(checked)
    assert "accept()" in checked.verdicts["1.1"]["hint"]
    assert "ZeroDivisionError" in checked.verdicts["1.1"]["output"]


def test_udp_instead_of_tcp(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def main():
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind(("", PORT))
            server.recv(1000)
    """), *QUICK)  # fmt: skip
    assert gate(checked) == "it listens on UDP 2323, but the lab asks for TCP 2323"


def test_cannot_bind_the_address_of_its_authors_home(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def listen():
            return socket.create_server(("192.168.1.17", PORT))
    """), *QUICK)  # fmt: skip
    assert "the program has ended: exit status 1" in gate(checked)
    assert "Cannot assign requested address" in checked.verdicts["1.1"]["output"]


def test_takes_more_memory_than_there_is_for_one(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def main():
            hoard = []
            while True:
                hoard.append(bytes(2**24))
    """), *QUICK)  # fmt: skip
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] in ("failed", "inconclusive")
    told = verdict["actual"] + verdict["reason"] + verdict["output"]
    assert "memory" in told.lower()
    assert checked.status == {"failed": 1, "inconclusive": 3}[verdict["outcome"]]


# -- programs that serve, and misbehave besides ---------------------------------------

SOME = ("--only", "1.1,3.1,3.2,4.1")


def test_ignores_sigterm(desk: Desk) -> None:
    passed(desk.check(desk.echo("""
        def main():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            accept_from(listen())
    """), *SOME))  # fmt: skip


def test_leaves_children_in_sessions_of_their_own(desk: Desk) -> None:
    passed(desk.check(desk.echo("""
        def main():
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        signal.signal(signal.SIGTERM, signal.SIG_IGN)
                        time.sleep(1000)
                    os._exit(0)
            accept_from(listen())
    """), *SOME))  # fmt: skip


@pytest.mark.parametrize("end", [b"\n", b""], ids=["and then ends", "without an end"])
def test_answers_with_megabytes(desk: Desk, end: bytes) -> None:
    """Whoever hears of a session hears of many: what it tells of a flood is short."""
    checked = desk.check(desk.echo(f"""
        def answer(client, text):
            client.sendall(b"> " + bytes([255]) * 3_000_000 + {end!r})
    """), *QUICK, "--only", "3.1,3.3")  # fmt: skip
    assert checked.outcomes["3.1"] == "failed"
    assert "characters)…" in str(checked.verdicts["3.1"])
    assert len(json.dumps(checked.run)) < 400_000


@pytest.mark.parametrize(
    ("clause", "each_read"),
    [
        ("3.5", "lines = text.splitlines()"),
        ("3.8", "*lines, rest = (rest + text).split(chr(10))"),
    ],
    ids=["answers what it has read", "decodes what it has read"],
)
def test_what_it_makes_of_pieces_shows_however_late_it_reads(
    desk: Desk, clause: str, each_read: str
) -> None:
    """It is kept from reading for longer than a scenario waits between two pieces."""
    checked = desk.check(desk.echo(f"""
        def serve(client):
            with client:
                greet(client)
                rest = ""
                while True:
                    time.sleep(0.6)
                    data = client.recv(65536)
                    if not data:
                        break
                    text = data.decode(errors="replace")
                    {each_read}
                    for line in lines:
                        answer(client, line)
    """), "--only", clause)  # fmt: skip
    assert checked.outcomes[clause] == "failed"


@pytest.mark.slow
def test_a_stream_that_ends_in_megabytes_without_a_newline(desk: Desk) -> None:
    """Each clause is judged all the same: nothing of it is the suite's trouble."""
    checked = desk.check(
        desk.program("""
            import socket, time
            with socket.create_server(("", 2205)) as listener:
                while True:
                    client, _ = listener.accept()
                    for _ in range(2):
                        client.sendall(time.strftime("{'time' : '%F %T'}\\n").encode())
                        time.sleep(1)
                    client.sendall(b"{'time' : '" + b"x" * 5_000_000 + b"'}")
                    client.close()
        """),
        "--set", "lines=3", "--only", "2.1,2.2,2.5,2.6,2.7", lab="streaming-time",
    )  # fmt: skip
    assert checked.those("failed") == ["2.2", "2.7"]
    for number in ("2.1", "2.5", "2.6"):
        verdict = checked.verdicts[number]
        by_the_machine = verdict["outcome"] == "inconclusive" and "machine" in verdict["reason"]
        assert verdict["outcome"] == "passed" or by_the_machine, verdict
    assert len(json.dumps(checked.run)) < 400_000


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_floods_its_output(desk: Desk, stream: str) -> None:
    passed(desk.check(desk.echo(f"""
        def flood():
            while True:
                sys.{stream}.write("I am alive! " * 1000)

        def main():
            threading.Thread(target=flood, daemon=True).start()
            accept_from(listen())
    """), *SOME))  # fmt: skip


def test_two_servers_in_one_process(desk: Desk) -> None:
    passed(desk.check(desk.echo("""
        def main():
            other = socket.create_server(("", 2424))
            threading.Thread(target=accept_from, args=(other,), daemon=True).start()
            accept_from(listen())
    """), *SOME))  # fmt: skip


def test_clients_of_its_own_in_the_process(desk: Desk) -> None:
    passed(desk.check(desk.echo("""
        def main():
            listener = listen()
            clients = [socket.create_connection(("localhost", PORT)) for _ in range(5)]
            accept_from(listener)
    """), *SOME))  # fmt: skip


def test_another_port_costs_the_gate_only(desk: Desk) -> None:
    checked = desk.check(desk.echo("PORT = 2324"), "--only", "1,3.1,3.2,4.1", *QUICK)
    assert checked.those("failed") == ["1.1"]
    assert checked.those("not_run") == []
    told = checked.verdicts["1.1"]["actual"]
    assert told == "it listens on TCP 2324, but the lab asks for TCP 2323"
    assert checked.run["points"] > 0
    assert checked.status == 1


def test_several_other_ports_are_no_door(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        PORT = 2324
        def main():
            other = socket.create_server(("", 2325))
            accept_from(listen())
    """), "--only", "1.1,3.1", *QUICK)  # fmt: skip
    assert "it listens on TCP 2324 and TCP 2325" in gate(checked)


def test_dies_in_mid_conversation(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        lines = 0
        def answer(client, text):
            global lines
            lines += 1
            if lines == 50:
                print("fatal: too many lines", file=sys.stderr, flush=True)
                os._exit(3)
            client.sendall(f"> {text.upper()}\\n".encode())
    """), *PATIENT, "--only", "1.1,3.1,3.3,4.1")  # fmt: skip
    assert checked.those("failed") == ["3.3"]
    assert checked.status == 1
    verdict = checked.verdicts["3.3"]
    assert "connection (the program has ended: exit status 3)" in verdict["actual"]
    assert verdict["output"] == "fatal: too many lines"
    assert "fatal: too many lines" in checked.stdout


def test_terminal_escapes_and_commands_for_ci_are_made_harmless(desk: Desk) -> None:
    nasty = r"\x1b[2J\x1b]0;owned\x07\r::error file=a.py::owned\n##[group]owned\n"
    junit = desk.folder / "junit.xml"
    checked = desk.check(desk.echo(f"""
        def answer(client, text):
            print("{nasty}", flush=True)
            client.sendall("> {nasty}".encode())
    """), "--only", "1.1,3.1", "--junit", junit, *QUICK)  # fmt: skip
    assert checked.outcomes["3.1"] == "failed"
    for text in (checked.stdout, checked.stderr, junit.read_text()):
        assert "\x1b" not in text
        assert "\x07" not in text
        assert not [line for line in text.splitlines() if line.startswith(("::", "##["))]
    assert "owned" in checked.stdout  # made visible, not hidden


def test_what_the_program_says_is_never_on_our_stdout(desk: Desk) -> None:
    checked = desk.check(desk.echo("""
        def main():
            print("<testsuite/>", flush=True)
            accept_from(listen())
    """), *SOME)  # fmt: skip
    passed(checked)
    assert "<testsuite/>" not in checked.stdout


def test_writes_into_its_own_folder_not_into_the_students(desk: Desk) -> None:
    folder = desk.folder / "handed-in"
    folder.mkdir()
    desk.echo("""
        def main():
            open("server.log", "w").write("started")
            open(__file__, "a").write("# changed")
            accept_from(listen())
    """, name="handed-in/server.py")  # fmt: skip
    before = (folder / "server.py").read_bytes()
    passed(desk.check(folder, *SOME))
    assert [path.name for path in folder.iterdir()] == ["server.py"]
    assert (folder / "server.py").read_bytes() == before
