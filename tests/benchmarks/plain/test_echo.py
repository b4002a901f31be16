"""Echo, the MUST clauses: the same questions, asked of a server that all tests share."""

import select
import string
import time
from contextlib import ExitStack, suppress

import pytest

SHORT = [f"line {number}" for number in range(10)]
LONG = [f"{number}" * 150 for number in range(10, 30)]


class Client:
    def __init__(self, server):
        self.socket = server.connect()
        self.lines = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def read(self):
        """The next reply; a greeting may come before it."""
        while line := self.lines.readline():
            if line.startswith(b">"):
                return line.decode().rstrip("\n")
        return None

    def ask(self, line):
        self.send(f"{line}\n")
        assert self.read() == f"> {line.upper()}"

    def hangs_up(self, within):
        self.socket.settimeout(within)
        while self.lines.readline():
            pass
        return True

    def is_silent(self, seconds):
        """Whether nothing comes for so long, and no close either."""
        return not select.select([self.socket], [], [], seconds)[0]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.lines.close()
        self.socket.close()


@pytest.fixture
def client(server):
    with Client(server) as connected:
        yield connected


def test_1_1_listens(server):
    with server.connect():
        time.sleep(1.0)
        assert server.process.poll() is None


def test_2_1_greets_in_whole_lines(client):
    greeting = b""
    client.socket.settimeout(1.0)
    try:
        while data := client.socket.recv(4096):
            greeting += data
    except TimeoutError:
        pass
    assert greeting == b"" or greeting.endswith(b"\n")


def test_3_1_upper_case(client):
    client.ask("hello")
    for start in range(0, 90, 9):
        client.ask((string.ascii_letters + string.digits + string.punctuation)[start : start + 12])


def test_3_2_answers_at_once(client):
    for word in ("first", "second"):
        began = time.monotonic()
        client.ask(word)
        assert time.monotonic() - began < 1.0


def test_3_3_every_line_in_order(client):
    for number in range(100):
        client.ask(f"line number {number}")


@pytest.mark.parametrize("lines", [SHORT, LONG])
def test_3_4_lines_sent_together(client, lines):
    client.send("".join(f"{line}\n" for line in lines))
    assert [client.read() for _ in lines] == [f"> {line.upper()}" for line in lines]


def test_3_5_waits_for_the_end_of_the_line(client):
    client.ask("hello")
    for letter in "patience":
        client.send(letter)
        assert client.is_silent(0.02)
    assert client.is_silent(0.2)
    client.send("\n")
    assert client.read() == "> PATIENCE"
    assert client.is_silent(0.2)


def test_3_6_telnet_line_ends(client):
    client.send("hello\r\n")
    assert client.read() == "> HELLO"
    client.send("BYE\r\n")
    assert client.hangs_up(5)


def test_3_7_empty_line(client):
    client.ask("before")
    client.send("\n")
    assert client.read().rstrip() == ">"
    client.ask("after")


def test_3_8_accents(client):
    client.ask("héllo ça €")
    whole = "parted ça €\n".encode()
    client.send(whole[:-2])
    time.sleep(0.05)
    client.send(whole[-2:])
    assert client.read().lower() == "> parted ça €"


@pytest.mark.parametrize("line", ["  word", "word  ", "one   two", "\tone\ttwo \t"])
def test_3_9_spaces(client, line):
    client.ask(line)


def test_4_1_hangs_up_after_bye(client):
    client.ask("BYE")
    assert client.hangs_up(1.0)


@pytest.mark.parametrize("goodbye", ["bye", "Bye", "bYE"])
def test_4_2_any_case(client, goodbye):
    client.send(f"{goodbye}\n")
    assert client.hangs_up(5)


def test_4_3_hangs_up_on_bye_only(client):
    for line in (" bye", "bye bye", "goodbye", "BYE!"):
        client.send(f"{line}\n")
        assert client.read().split() == [">", *line.upper().split()]
    assert client.is_silent(0.3)


def test_4_4_next_client(server):
    for _ in range(3):
        with Client(server) as client:
            client.ask("word")
            client.send("BYE\n")
            assert client.hangs_up(5)


def test_5_1_second_client_meanwhile(server):
    with Client(server):
        time.sleep(0.3)
        with Client(server) as second:
            began = time.monotonic()
            second.ask("word")
            assert time.monotonic() - began < 2.0


def test_5_2_twenty_clients_at_once(server):
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(server)) for _ in range(20)]
        for number in range(5):
            words = [f"client{index}word{number}" for index in range(20)]
            for client, word in zip(clients, words, strict=True):
                client.send(word[:5])
            time.sleep(0.05)
            for client, word in zip(clients, words, strict=True):
                client.send(f"{word[5:]}\n")
            assert [client.read() for client in clients] == [f"> {word.upper()}" for word in words]


def test_6_1_survives_a_client_that_leaves(server):
    for word in ("one", "two"):
        with Client(server) as client:
            client.ask(word)
            client.socket.shutdown(1)
            client.socket.settimeout(0.5)
            with suppress(TimeoutError):
                assert len(client.lines.readlines()) <= 1
    assert server.process.poll() is None
    with Client(server) as client:
        client.ask("word")
