"""What a teacher needs to test a folder of servers with pytest alone.

SUBMISSIONS names the folder. Each server takes its port from PORT, and each test is run for
each submission; the tests of one submission share a server, and stay on one worker.
"""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

START = 10.0
LAUNCH = {
    ".py": [sys.executable, "-u"],
    ".jar": ["java", "-jar"],
    ".js": ["node"],
}


def submissions():
    files = sorted(Path(os.environ["SUBMISSIONS"]).iterdir())
    return [pytest.param(file, id=file.stem) for file in files if file.suffix in LAUNCH]


class BySubmission(LoadScopeScheduling):
    """All tests of a submission on one worker."""

    def _split_scope(self, nodeid):
        return re.search(r"s\d{4}", nodeid)[0]


def pytest_xdist_make_scheduler(config, log):
    return BySubmission(config, log)


@pytest.fixture(scope="module", params=submissions())
def submission(request):
    return request.param


class Server:
    """A submission on a port of its own."""

    def __init__(self, file):
        with socket.create_server(("", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [*LAUNCH[file.suffix], str(file)],
            env={**os.environ, "PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def connect(self, host="localhost"):
        """A connection, as soon as the server listens."""
        until = time.monotonic() + START
        while True:
            try:
                return socket.create_connection((host, self.port), timeout=5)
            except OSError:
                assert time.monotonic() < until, f"nothing listens on port {self.port}"
                assert self.process.poll() is None, "the program has ended"
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def server(submission):
    with Server(submission) as running:
        yield running
