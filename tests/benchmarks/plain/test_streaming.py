"""Streaming time, clauses 1 and 2: each stream is read once, and judged for all clauses.

Clause 2.8 wants a stream and a server of its own: it is read at the same time.
"""

import os
import re
import socket
import threading
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from conftest import Server

LINES = int(os.environ.get("LINES", "15"))


def read_stream(server, stream, talk):
    """Fills in what came, and when."""
    with server.connect() as client, client.makefile("rb") as lines:
        stream.connected = time.monotonic()
        client.settimeout(7)
        try:
            for line in lines:
                stream.lines.append(line.decode())
                stream.times.append(time.monotonic())
                stream.dates.append(datetime.now())
                if talk:
                    client.sendall(b"hello\n")
            stream.closed = time.monotonic()
        except ConnectionError:  # it closed while something that we said was unread
            stream.closed = time.monotonic()
        except TimeoutError:
            pass  # it did not hang up


@pytest.fixture(scope="module")
def streams(submission):
    """What a silent client got, and one that talks."""
    with Server(submission) as one, Server(submission) as other:
        both = [
            SimpleNamespace(lines=[], times=[], dates=[], connected=None, closed=None)
            for _ in range(2)
        ]
        threads = [
            threading.Thread(target=read_stream, args=(one, both[0], False)),
            threading.Thread(target=read_stream, args=(other, both[1], True)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with one.connect(socket.gethostbyname(socket.gethostname())):
            both[0].reachable = True
    return both


@pytest.fixture(scope="module")
def stream(streams):
    return streams[0]


def test_1_1_listens(stream):
    assert stream.connected


def test_1_2_reachable_from_other_hosts(stream):
    assert stream.reachable


def test_2_1_speaks_first(stream):
    assert stream.times[0] - stream.connected < 1.5


def test_2_2_form(stream):
    assert all(re.fullmatch(r"\{'time' : '[^']+'\}\r?\n", line) for line in stream.lines)


def test_2_3_cadence(stream):
    gaps = [b - a for a, b in zip(stream.times, stream.times[1:], strict=False)]
    assert all(0.75 <= gap <= 1.25 for gap in gaps), gaps


def test_2_4_drift(stream):
    periods = LINES - 2
    assert abs(stream.times[LINES - 1] - stream.times[1] - periods) < 0.5


def test_2_5_number_of_lines(stream):
    assert len(stream.lines) == LINES


def test_2_6_hangs_up(stream):
    assert stream.closed is not None
    assert stream.closed - stream.times[-1] < 1.5


def test_2_7_right_time(stream):
    for line, now in zip(stream.lines, stream.dates, strict=True):
        hour, minute, second = map(int, re.search(r"(\d\d):(\d\d):(\d\d)", line).groups())
        told = now.replace(hour=hour, minute=minute, second=second)
        off = abs(told - now)
        assert min(off, timedelta(days=1) - off) < timedelta(seconds=2)


def test_2_8_ignores_what_the_client_says(streams):
    assert len(streams[1].lines) == LINES
