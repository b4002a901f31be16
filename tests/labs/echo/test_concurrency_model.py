"""Clause 5.5: servers that serve in the way that a class asks for, each in its own fashion, are not
accused; and those that contradict it are."""

from __future__ import annotations

import pytest

from kit.desk import Desk

POOL = """
    def accept_from(listener):
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor({size}) as pool:
            while True:
                pool.submit(serve, listener.accept()[0])
"""

LOOP = """
    def accept_from(listener):
        import select
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        clients, rest = {listener.fileno(): listener}, {}
        while True:
            for number, _ in poll.poll():
                client = clients[number]
                if client is listener:
                    client, _ = listener.accept()
                    clients[client.fileno()], rest[client.fileno()] = client, b""
                    poll.register(client, select.POLLIN)
                    greet(client)
                    continue
                data = client.recv(65536)
                *lines, rest[number] = (rest[number] + data).split(b"\\n")
                for line in lines:
                    answer(client, line.decode().removesuffix("\\r"))
                if not data or b"BYE" in lines:
                    poll.unregister(clients.pop(number))
                    client.close()
"""

OWN_TIMEOUTS = """
    def accept_from(listener):
        listener.settimeout(0.2)
        while True:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            client.settimeout(60)
            threading.Thread(target=serve, args=(client,)).start()
"""

SPINS = """
    def accept_from(listener):
        listener.setblocking(False)
        while True:
            try:
                client, _ = listener.accept()
            except BlockingIOError:
                continue
            client.setblocking(True)
            threading.Thread(target=serve, args=(client,), daemon=True).start()
"""

PRE_FORKED = """
    def accept_from(listener):
        for _ in range(24):
            if os.fork() == 0:
                while True:
                    serve(listener.accept()[0])
        os.wait()
"""

PROCESSES = """
    def accept_from(listener):
        import multiprocessing
        while True:
            client, _ = listener.accept()
            multiprocessing.get_context("fork").Process(target=serve, args=(client,)).start()
            client.close()
"""

SHORT_QUEUE = """
    def listen():
        return socket.create_server(("", PORT), backlog=1)

    def accept_from(listener):
        while True:
            serve(listener.accept()[0])
"""

KEEPS = {
    "one at a time, with a short queue": ("sequential", SHORT_QUEUE, "one client at a time"),
    "a pool larger than what was asked for": ("thread-pool", POOL.format(size=64), "20 threads"),
    "a pool with a thread for each": ("thread-per-client", POOL.format(size=64), "20 threads"),
    "sockets with timeouts": ("thread-per-client", OWN_TIMEOUTS, "starts a thread for each client"),
    "poll": ("event-loop", LOOP, "an event loop (poll)"),
    "a process of a library": ("process-per-client", PROCESSES, "a process for each client"),
    "an acceptor that never rests": ("thread-pool", SPINS, "cannot be told"),
}


@pytest.mark.parametrize(("asked", "changes", "words"), KEEPS.values(), ids=KEEPS)
def test_what_keeps_the_model_passes(desk: Desk, asked: str, changes: str, words: str) -> None:
    checked = desk.check(desk.echo(changes), "--only", "5.5", "--set", f"concurrency={asked}")
    verdict = checked.verdicts["5.5"]
    assert verdict["outcome"] == "passed", checked.stdout
    assert words in verdict["notes"][0]


CONTRADICTS = {
    "a thread for each instead of an event loop": ("event-loop", "", "a thread for each client"),
    "an event loop instead of a pool": ("thread-pool", LOOP, "an event loop (poll)"),
    "processes that were there": ("process-per-client", PRE_FORKED, "had started before"),
}


@pytest.mark.parametrize(("asked", "changes", "words"), CONTRADICTS.values(), ids=CONTRADICTS)
def test_what_contradicts_it_fails(desk: Desk, asked: str, changes: str, words: str) -> None:
    checked = desk.check(desk.echo(changes), "--only", "5.5", "--set", f"concurrency={asked}")
    verdict = checked.verdicts["5.5"]
    assert verdict["outcome"] == "failed", checked.stdout
    assert words in verdict["actual"]


def test_where_no_model_is_asked_for_it_is_said_and_costs_nothing(desk: Desk) -> None:
    verdict = desk.check(desk.echo(), "--only", "5.5").verdicts["5.5"]
    assert (verdict["level"], verdict["outcome"], verdict["max_points"]) == ("INFO", "passed", 0)
    assert "20 clients, 21 threads" in verdict["notes"][0]
