"""Servers that keep the contract in ways of their own: none of them is accused."""

from __future__ import annotations

import pytest

from kit.desk import Desk

# What the peculiarities of these servers could touch; 5.4, 6.5 and the like take long.
CLAUSES = ("--only", "1,2,3,4,5.1,5.2,6.1,6.2,6.3,6.4,6.7")

ONE_ADDRESS = """
    def listen():
        listener = socket.socket(socket.{family}, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("{address}", PORT))
        listener.listen(256)
        return listener
"""

SERVERS = {
    "ends its lines with CR LF": """
        def greet(client):
            client.sendall(b"Welcome.\\r\\n")

        def answer(client, text):
            client.sendall(f"> {text.upper()}\\r\\n".encode())
    """,
    "replies in two segments, 50 ms apart": """
        def answer(client, text):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"> ")
            if len(text) < 20:
                time.sleep(0.05)
            client.sendall(f"{text.upper()}\\n".encode())
    """,
    "listens on both families with one socket": """
        def listen():
            return socket.create_server(
                ("", PORT), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256
            )
    """,
    "logs all that it does": """
        def answer(client, text):
            for _ in range(20):
                print("received", text[:100], file=sys.stderr)
                print("\\x1b[31mlistening on port 2,323\\x1b[0m", flush=True)
            client.sendall(f"> {text.upper()}\\n".encode())
    """,
    "resets instead of closing": """
        def hang_up(client):
            time.sleep(0.05)  # what it has said is to arrive before the reset
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    """,
    "serves with a pool of 64 threads": """
        def accept_from(listener):
            from concurrent.futures import ThreadPoolExecutor
            with ThreadPoolExecutor(64) as pool:
                while True:
                    pool.submit(serve, listener.accept()[0])
    """,
    "greets in pieces": """
        def greet(client):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in (b"Wel", b"come.\\nType", b" BYE to", b" leave.\\n"):
                client.sendall(piece)
                time.sleep(0.1)
    """,
    "greets nobody": """
        def greet(client):
            pass
    """,
}


@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
def test_is_not_accused(desk: Desk, changes: str) -> None:
    checked = desk.check(desk.echo(changes), *CLAUSES)
    assert checked.those("failed") == [], checked.stdout
    assert checked.those("inconclusive") == [], checked.stdout
    assert checked.status == 0


@pytest.mark.parametrize(
    ("family", "address"), [("AF_INET", "127.0.0.1"), ("AF_INET6", "::1"), ("AF_INET", "127.0.0.5")]
)
def test_on_loopback_only_loses_one_clause(desk: Desk, family: str, address: str) -> None:
    server = desk.echo(ONE_ADDRESS.format(family=family, address=address))
    checked = desk.check(server, *CLAUSES)
    assert checked.those("failed") == ["1.2"], checked.stdout
    assert checked.those("inconclusive") == [], checked.stdout
    assert checked.status == 0  # it is a SHOULD


def test_a_greeting_that_comes_late_costs_its_own_clause_only(desk: Desk) -> None:
    # It comes when its client has been silent for a while: on a busy machine, a dialogue may take
    # longer than any fixed delay, and the greeting would come between its replies.
    checked = desk.check(
        desk.echo("""
            waiting, greeted = {}, set()

            def greet(client):
                waiting[client] = threading.Timer(1.3, welcome, [client])
                waiting[client].start()

            def welcome(client):
                greeted.add(client)
                client.sendall(b"Welcome, at last.\\n")

            def answer(client, text):
                waiting[client].cancel()
                client.sendall(f"> {text.upper()}\\n".encode())
                if client not in greeted:
                    greet(client)
        """),
        "--only", "1.1,2.1,3.1,3.3,4.1",
    )  # fmt: skip
    assert set(checked.those("failed")) <= {"2.1"}, checked.stdout


def test_ipv6_only_on_every_address_is_served(desk: Desk) -> None:
    checked = desk.check(
        desk.echo("""
            def listen():
                return socket.create_server(("::", PORT), family=socket.AF_INET6, backlog=256)
        """),
        "--only", "1.1,3.1,4.1",
    )  # fmt: skip
    assert checked.status == 0, checked.stdout


def test_a_slow_start_is_not_accused(desk: Desk) -> None:
    checked = desk.check(
        desk.echo("""
            def listen():
                time.sleep(6)
                return socket.create_server(("", PORT), backlog=256)
        """),
        "--only", "1.1,3.1,6.7",
    )  # fmt: skip
    assert checked.outcomes == {"1.1": "passed", "3.1": "passed", "6.7": "passed"}


def test_a_fault_in_the_form_costs_one_clause(desk: Desk) -> None:
    checked = desk.check(
        desk.echo("""
            def answer(client, text):
                client.sendall(f">{text.upper()}\\n".encode())
        """),
        *CLAUSES,
    )
    assert checked.those("failed") == ["3.1"], checked.stdout
    assert any("Every other clause is judged" in note for note in checked.run["notes"])


def test_a_pool_that_fills_for_300_clients_leaks_nothing(desk: Desk) -> None:
    """As Java's newFixedThreadPool: a thread for each client until it is full."""
    checked = desk.check(desk.echo("""
        def accept_from(listener):
            import queue
            waiting = queue.SimpleQueue()

            def work():
                while True:
                    serve(waiting.get())

            for number in range(1_000_000):
                waiting.put(listener.accept()[0])
                if number < 300:
                    threading.Thread(target=work, daemon=True).start()
    """), "--strict", "--only", "6.5")  # fmt: skip
    assert checked.outcomes["6.5"] == "passed"
